"""Cycles of objects are looked for seldom while a command runs, and not when the process ends with it."""

from __future__ import annotations

import gc
import sys

import pytest

from eventstudy.cli import main


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: calls.append("freeze"))
    return calls


def test_a_command_leaves_the_collector_as_it_was(frozen: list[str]) -> None:
    before = gc.get_threshold()
    assert main(["--version"]) == 0
    assert gc.get_threshold() == before
    assert not frozen


@pytest.mark.parametrize("word", ["--version", "--no-such-option"])
def test_what_is_left_is_not_gone_through_when_the_process_ends(
    frozen: list[str], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["eventstudy", word])
    main()
    assert frozen == ["freeze"]
