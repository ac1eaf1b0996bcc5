"""The workflows: actions pinned by commit, the least rights, and publishing apart from building."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[1] / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def jobs(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    assert loaded["permissions"] == {}, "every job asks for what it needs"
    return loaded["jobs"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_action_is_pinned_by_commit(file: Path) -> None:
    used = re.findall(r"uses:\s*(.+)", file.read_text("utf-8"))
    assert used
    assert not [action for action in used if not PINNED.fullmatch(action.strip())]


def test_an_action_has_one_pin_everywhere() -> None:
    used = {pin for file in FILES for pin in re.findall(r"uses:\s*(.+)", file.read_text("utf-8"))}
    assert len({pin.partition("@")[0] for pin in used}) == len(used), sorted(used)


def test_only_publishing_may_ask_for_a_token_and_it_runs_nothing_of_the_project() -> None:
    publish = jobs("publish.yml")
    asking = [name for name, job in publish.items() if "id-token" in job["permissions"]]
    assert asking == ["publish"]
    assert publish["publish"]["permissions"] == {"id-token": "write"}
    assert publish["publish"]["environment"] == "pypi"
    assert not [step for step in publish["publish"]["steps"] if "run" in step]
    assert all(job["permissions"] == {"contents": "read"} for job in jobs("check.yml").values())


def test_the_jobs_call_targets_that_the_makefile_has(repo: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (repo / "Makefile").read_text("utf-8"), flags=re.M))
    called = {found for file in FILES for found in re.findall(r"make ([a-z-]+)", file.read_text("utf-8"))}
    assert called
    assert called <= targets
