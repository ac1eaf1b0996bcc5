"""What any test may use: the repository, the reference figures, a generator; and no network."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from once import RUN

REPOSITORY = Path(__file__).resolve().parents[1]
# Tests start many processes, each of which would compile all that it imports if it could not keep it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
ENVIRONMENT = dict(os.environ)  # as it was before the guard below

hypothesis.settings.register_profile("default", deadline=None, derandomize=True, max_examples=20)
hypothesis.settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=100)
hypothesis.settings.load_profile("default")  # --hypothesis-profile=thorough replaces it


@pytest.fixture(scope="session")
def repo() -> Path:
    """Return the root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference figures beside the repository; skip, or fail, where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        reason = f"the reference figures are read from {folder}, which is not there"
        if os.environ.get("EVENTSTUDY_REQUIRE_SHARED") == "1":
            pytest.fail(f"{reason} (EVENTSTUDY_REQUIRE_SHARED=1)")
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def calendars(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the calendars that the code as it is has built, in this run or an earlier one."""
    from eventstudy.sessions import hours

    code = hashlib.sha256(Path(hours.__file__).read_bytes()).hexdigest()[:12]
    if (kept := getattr(pytestconfig, "cache", None)) is None:  # pytest was told to keep nothing
        return tmp_path_factory.mktemp("calendars")
    return Path(kept.mkdir(f"calendars-{code}"))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, calendars: Path) -> Iterator[Path]:
    """Give the tests, and what they start, a user's cache folder of their own."""
    own = tmp_path_factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("user-cache")
        (folder / "eventstudy").mkdir()
        (folder / "eventstudy/calendars").symlink_to(calendars)
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setenv(RUN, str(run))
        yield folder


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator of random numbers that starts the same in every test."""
    return np.random.default_rng(20240208)


@pytest.fixture(scope="session")
def open_environment() -> dict[str, str]:
    """Return the environment without the guard, for a child process that has to reach the package index."""
    return dict(ENVIRONMENT)


def is_loopback(host: object) -> bool:
    """Tell whether an address stays on this machine; None and "" are this machine's own names."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def refusing(original: Callable[..., Any], host_of: Callable[..., object]) -> Callable[..., Any]:
    """Wrap a function of `socket` so that it raises for any host but this machine."""

    def guarded(*args: Any, **kwargs: Any) -> Any:
        host = host_of(*args, **kwargs)
        if not is_loopback(host):
            raise RuntimeError(f"a test reached for the network: {host!r}; serve it on 127.0.0.1 instead")
        return original(*args, **kwargs)

    return guarded


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse names and connections beyond this machine, in this process and, by a dead proxy, in others.

    The proxy also stops libcurl, which yfinance uses and which never passes through Python's sockets.
    """

    def peer(_: socket.socket, address: Any) -> object:
        return address[0] if isinstance(address, tuple) else None  # a path is a Unix socket

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, refusing(getattr(socket.socket, name), peer))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, name, refusing(getattr(socket, name), lambda host, *_, **__: host))
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
            patch.setenv(name.upper(), "http://127.0.0.1:9")
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "localhost,127.0.0.1,::1")
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return the system's browser, started once; skip where there is none."""
    from browsing import started

    with started() as running:
        yield running


@pytest.fixture(scope="session")
def report_file() -> Path:
    """Return the report of the bundled study as a file."""
    from pages import bundled_page

    return bundled_page()


@pytest.fixture(scope="module")
def report_page(browser: Any, report_file: Path) -> Iterator[Any]:
    """Return the report of the bundled study in a tab that the tests of a module share."""
    from browsing import opened

    with opened(browser, report_file) as found:
        yield found
