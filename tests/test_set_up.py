"""The script behind `make run` and `make test`, on machines that lack one thing or another."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = ("sh", "cat", "cksum", "cut", "dirname", "mkdir", "rm", "ln")
SHIM = "exit 127"
HERE = shlex.quote(sys.executable)
PYTHON = f'exec {HERE} "$@"'
WITHOUT_ENSUREPIP = f"""
case "$*" in
    *ensurepip*) exit 1 ;;
    *sys.executable*) echo "$0" ;;
    *) exec {HERE} "$@" ;;
esac
"""
UV = f"""
echo "$1" >>log
case "$1" in
    venv) mkdir -p .venv/bin; ln -s {HERE} .venv/bin/python; : >.venv/pyvenv.cfg ;;
    pip) if [ -e interrupt ]; then kill -KILL $PPID; fi; [ ! -e fail ] ;;
esac
"""
Machine = Callable[..., dict[str, str]]  # makes the environment of a machine out of its programs
WHOLE, ADDED = ["venv", "pip", "pip"], ["pip", "pip"]


@pytest.fixture
def checkout(repo: Path, tmp_path: Path) -> Path:
    """Return a folder like the repository, as far as setting up looks at it."""
    folder = tmp_path / "checkout"
    shutil.copytree(repo / "requirements", folder / "requirements")
    shutil.copy(repo / "pyproject.toml", folder)
    (folder / "eventstudy").mkdir()
    shutil.copy(repo / "eventstudy" / "__init__.py", folder / "eventstudy")
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Make a PATH that holds a handful of tools and the programs given, each as a shell script."""

    def assemble(**programs: str) -> dict[str, str]:
        folder = tmp_path / "-".join(["bin", *programs])
        folder.mkdir()
        for tool in TOOLS:
            (folder / tool).symlink_to(str(shutil.which(tool)))
        for name, script in programs.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        return {"PATH": str(folder)}

    return assemble


def install(checkout: Path, env: dict[str, str], wanted: str = "run") -> subprocess.CompletedProcess[str]:
    """Ask for a list, on a machine."""
    command = [checkout / "requirements/install", ".venv", wanted]
    return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, timeout=60)


def steps(checkout: Path) -> list[str]:
    """Return what uv was asked for since the last time."""
    log = checkout / "log"
    asked = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return asked


def test_no_python_is_said(checkout: Path, machine: Machine) -> None:
    done = install(checkout, machine(python3=SHIM))
    assert done.returncode == 1
    assert done.stderr.startswith("No Python 3.11 or newer among: ")
    assert "make run PYTHON=" in done.stderr


def test_a_named_python_is_the_only_one_tried(checkout: Path, machine: Machine) -> None:
    done = install(checkout, machine(python3=PYTHON, uv=UV) | {"PYTHON": "python2"})
    assert done.returncode == 1
    assert "among: python2." in done.stderr


def test_a_missing_ensurepip_names_the_system_package(checkout: Path, machine: Machine) -> None:
    done = install(checkout, machine(python3=WITHOUT_ENSUREPIP))
    assert done.returncode == 1
    assert f"apt install python3.{sys.version_info.minor}-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_pip_is_tried_where_uv_fails(checkout: Path, machine: Machine) -> None:
    (checkout / "fail").touch()
    done = install(checkout, machine(python3=WITHOUT_ENSUREPIP, uv=UV))
    assert steps(checkout) == ["venv", "pip"]
    assert done.returncode == 1
    assert "ensurepip" in done.stderr  # which uv does not need


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path, machine: Machine) -> None:
    letters = checkout / ".venv/letters"
    letters.parent.mkdir()
    letters.write_text("keep")
    assert install(checkout, machine(python3=PYTHON, uv=UV)).returncode == 1
    assert letters.read_text() == "keep"


def test_setting_up_happens_once(checkout: Path, machine: Machine) -> None:
    env = machine(python3=PYTHON, uv=UV)
    for wanted, asked in (("run", WHOLE), ("run", []), ("dev", ADDED), ("dev", []), ("run", [])):
        assert install(checkout, env, wanted).returncode == 0
        assert steps(checkout) == asked
    for wanted, asked in (("engines", ADDED), ("engines", [])):
        assert install(checkout, env, wanted).returncode == 0
        assert steps(checkout) == asked


def test_a_new_list_or_version_is_installed_and_a_moved_folder_set_up_anew(
    checkout: Path, machine: Machine
) -> None:
    env = machine(python3=PYTHON, uv=UV)
    install(checkout, env)
    with (checkout / "requirements/run.txt").open("a") as locked:
        locked.write("# changed\n")
    steps(checkout)
    assert install(checkout, env).returncode == 0
    assert steps(checkout) == ADDED
    with (checkout / "eventstudy/__init__.py").open("a") as package:
        package.write('__version__ = "9.9.9"\n')
    assert install(checkout, env).returncode == 0
    assert steps(checkout) == ADDED
    moved = checkout.rename(checkout.with_name("moved"))
    assert install(moved, env).returncode == 0
    assert steps(moved) == WHOLE


@pytest.mark.parametrize("wanted", ["run", "dev"])
def test_what_an_interruption_left_is_made_anew(checkout: Path, machine: Machine, wanted: str) -> None:
    env = machine(python3=PYTHON, uv=UV)
    if wanted == "dev":
        assert install(checkout, env, "run").returncode == 0
    (checkout / "interrupt").touch()
    assert install(checkout, env, wanted).returncode < 0
    (checkout / "interrupt").unlink()
    steps(checkout)
    assert install(checkout, env, wanted).returncode == 0
    assert steps(checkout) == WHOLE
