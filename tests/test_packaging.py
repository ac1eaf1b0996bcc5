"""What a user installs: the wheel and the locked lists."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import eventstudy

Pins = dict[str, set[str]]
LISTS = ("run", "dev", "engines")  # each contains those before it


def run(
    *command: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it said, whatever came of it."""
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="module")
def project(repo: Path) -> dict[str, Any]:
    return tomllib.loads((repo / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def dist(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what `make dist` does, into a folder of the test."""
    folder = tmp_path_factory.mktemp("dist")
    build = "import sys; from flit_core.buildapi import *; build_sdist(sys.argv[1]); build_wheel(sys.argv[1])"
    built = run(sys.executable, "-c", build, folder, cwd=repo)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


def test_the_source_archive_holds_the_tests_and_the_documentation(repo: Path, dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    tracked = run("git", "ls-files", cwd=repo)
    if tracked.returncode != 0:
        pytest.skip("only a clone knows which files are its own")
    assert set(tracked.stdout.split()) - {".gitignore"} <= held
    assert not [name for name in held if "__pycache__" in name or name.startswith(("site/", "results"))]


def test_the_wheel_holds_the_package_whole_and_nothing_else(repo: Path, wheel: Path) -> None:
    files = {path.relative_to(repo).as_posix() for path in (repo / "eventstudy").rglob("*") if path.is_file()}
    wanted = {name for name in files if "__pycache__" not in name}
    assert "eventstudy/py.typed" in wanted
    assert {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name} == wanted


def test_the_wheel_says_what_it_is(wheel: Path, project: dict[str, Any]) -> None:
    archive = zipfile.ZipFile(wheel)
    about = wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"
    metadata = email.message_from_bytes(archive.read(f"{about}/METADATA"))
    assert metadata["Name"] == "eventstudy-impact"
    assert metadata["Version"] == eventstudy.__version__
    assert project["project"]["dynamic"] == ["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert b"Apache License" in archive.read(f"{about}/licenses/LICENSE")
    assert "eventstudy=eventstudy.cli:main" in archive.read(f"{about}/entry_points.txt").decode()


def pins(path: Path) -> Pins:
    """Read a locked list: each name with its versions (more than one where Python versions differ)."""
    found: Pins = {}
    for entry in path.read_text("utf-8").replace("\\\n", " ").splitlines():
        if not entry.startswith("#"):
            requirement, *hashes = entry.split(" --hash=sha256:")
            assert hashes and all(re.fullmatch(r"[0-9a-f]{64}", digest.strip()) for digest in hashes), entry
            parsed = Requirement(requirement)
            found.setdefault(canonicalize_name(parsed.name), set()).add(str(parsed.specifier))
    return found


def test_the_locked_lists_serve_the_ranges_and_agree(repo: Path, project: dict[str, Any]) -> None:
    lists = {name: pins(repo / f"requirements/{name}.txt") for name in LISTS}
    assert lists["run"].items() <= lists["dev"].items() <= lists["engines"].items()
    groups = project["dependency-groups"]
    direct = {
        "run": project["project"]["dependencies"] + groups["build"],
        "dev": groups["dev"][1:],
        "engines": groups["engines"][1:],
    }
    for name, text in ((name, text) for name, texts in direct.items() for text in texts):
        wanted = Requirement(text)
        versions = lists[name][canonicalize_name(wanted.name)]
        assert all(wanted.specifier.contains(pin.removeprefix("==")) for pin in versions), (
            f"{text}: make lock"
        )


@pytest.mark.parametrize("name", LISTS)
def test_the_locked_lists_hold_pins_and_hashes_only(repo: Path, name: str) -> None:
    lines = (repo / f"requirements/{name}.txt").read_text("utf-8").splitlines()
    shape = re.compile(r"#.*|[a-z0-9-]+==[\w.]+( ; [\w.'<>=! ]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert not [line for line in lines if not shape.fullmatch(line) or "/" in line]


@pytest.mark.packaging
def test_the_wheel_runs_its_example_in_an_empty_environment(
    repo: Path, wheel: Path, tmp_path: Path, open_environment: dict[str, str]
) -> None:
    environment = tmp_path / "environment"
    if shutil.which("uv"):
        run("uv", "venv", "--python", sys.executable, environment, cwd=tmp_path, env=open_environment)
        pip: list[str | Path] = ["uv", "pip", "install", "--python", environment]
    else:
        run(sys.executable, "-m", "venv", environment, cwd=tmp_path)
        pip = [environment / "bin/python", "-m", "pip", "install", "--no-input"]
    for what in (["--require-hashes", "-r", repo / "requirements/run.txt"], ["--no-deps", wheel]):
        installed = run(*pip, *what, cwd=tmp_path, env=open_environment)
        assert installed.returncode == 0, installed.stderr
    program = environment / "bin/eventstudy"
    for words, folder in ((["init", "study"], tmp_path), (["run"], tmp_path / "study")):
        said = run(program, *words, cwd=folder, env=dict(os.environ))
        assert said.returncode == 0, said.stderr
    assert (tmp_path / "study/results/manifest.json").is_file()
