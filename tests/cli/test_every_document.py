"""`--json` is one document for every command of the command line, whatever happens."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import provider
import pytest
from commands import Said, example, said
from processes import posix

from eventstudy.cli import main
from eventstudy.cli.app import command as command_line
from eventstudy.cli.call import Call

#: Words that make each command succeed in the example study, and words that make it fail.
COMMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "run": (("--out", "new"), ("nosuch.yaml",)),
    "compare": (("--event", "product-recall"), ("--event", "nosuch")),
    "regress": (("car ~ sigma",), ("car ~ nosuch",)),
    "claims": ((), ("nosuch.yaml",)),
    "export": (("--format", "csv", "--out", "out"), ("--format", "nosuch", "--out", "out")),
    "report": (("--out", "page.html"), ("nosuch",)),
    "robustness": (("--out", "curves"), ("--model", "nosuch")),
    "long-run": (
        ("list.csv", "--returns", "monthly.csv", "--control", "INTC"),
        ("list.csv", "--returns", "nosuch.csv"),
    ),
    "large": (
        (
            *("list.csv", "--returns", "daily.csv", "--benchmark", "INTC", "--estimation=-60:-11"),
            *("--window=-1:1", "--car=0:0", "--min-estimation", "20"),
        ),
        ("list.csv", "--returns", "nosuch.csv"),
    ),
    "merge": (("done",), ("nosuch",)),
    "simulate": (
        ("--synthetic", "--firm-events", "5", "--replications", "2", "--effect", "0"),
        ("--effect", "much"),
    ),
    "init": (("new",), ("events.yaml",)),
    "events schema": ((), ("more",)),
    "events list": ((), ("nosuch.yaml",)),
    "events check": ((), ("nosuch.yaml",)),
    "events import": (("list.csv", "--out", "own.csv"), ("nosuch.csv",)),
    "prices verify": ((), ("--tolerance", "much")),
    "prices status": ((), ("--nosuch",)),
    "prices fetch": ((), ("--factors", "nosuch")),
    "prices import": (("prices.csv", "--cache", "own"), ("nosuch", "--cache", "own")),
    "prices clear": ((), ("--cache", "cache/snapshot")),
}
INTERRUPTED, BUG, OUTPUT = 130, 1, 6


def commands(group: Any = None, words: tuple[str, ...] = ()) -> Iterator[str]:
    for name, each in (group or command_line()).commands.items():
        yield from commands(each, (*words, name)) if hasattr(each, "commands") else [" ".join((*words, name))]


def test_every_command_is_tried() -> None:
    assert set(commands()) == COMMANDS.keys()


def of(command: str, *, good: bool = True) -> tuple[str, ...]:
    return (*command.split(), *COMMANDS[command][0 if good else 1], "--json")


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    provider.play(monkeypatch)
    copied = example(tmp_path / "study")
    (copied / "list.csv").write_text("ticker,date\nNVDA,2025-01-27\n", encoding="utf-8")
    months = "".join(
        f"20{year}-{month:02d}-28,0.0{month},0.01\n" for year in (24, 25) for month in range(1, 13)
    )
    days = "".join(
        f"{day},{0.01 * (at % 3)},{0.01 * (at % 5)}\n"
        for at, day in enumerate(np.busday_offset("2024-10-01", np.arange(120)))
    )
    (copied / "daily.csv").write_text(f"date,NVDA,INTC\n{days}", encoding="utf-8")
    if not (done := said(*of("large"), "--out", "done", cwd=copied)).code == 0:
        raise AssertionError(done.err)
    (copied / "monthly.csv").write_text(f"date,NVDA,INTC\n{months}", encoding="utf-8")
    return copied


def one_document(done: Said) -> Any:
    assert done.out.endswith("\n") and done.out.count("\n}\n") <= 1
    return done.document


@pytest.mark.parametrize("command", COMMANDS)
def test_when_it_works_and_when_it_does_not(command: str, study: Path) -> None:
    done = said(*of(command), cwd=study)
    assert done.code == 0 and "error" not in one_document(done), done
    failed = said(*of(command, good=False), cwd=study)
    assert failed.code not in (0, BUG, INTERRUPTED)
    assert one_document(failed)["error"]["exit_code"] == failed.code
    assert failed.err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (KeyboardInterrupt, INTERRUPTED),
        pytest.param(ZeroDivisionError, BUG, marks=pytest.mark.more),
        pytest.param(MemoryError, BUG, marks=pytest.mark.more),
    ],
)
def test_when_it_is_interrupted_or_breaks(
    command: str, raised: type[BaseException], code: int, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, calls = Call.document, iter(range(9))

    def broken(call: Call, held: Any) -> None:
        document(call, held)
        if next(calls) == 0:
            raise raised

    monkeypatch.setattr(Call, "document", broken)
    done = said(*of(command), cwd=study)
    assert done.code == code
    assert one_document(done)["error"]["exit_code"] == code
    assert len([line for line in done.err.splitlines() if line.startswith(("error", "interrupted"))]) == 1


@posix
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("good", [True, pytest.param(False, marks=pytest.mark.more)])
@pytest.mark.parametrize(
    "stream",
    ["full", pytest.param("closed", marks=pytest.mark.more), pytest.param("none", marks=pytest.mark.more)],
)
def test_when_it_cannot_be_written(
    command: str, good: bool, stream: str, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of its own goes before that of standard output: its exit code tells more."""
    out = {"none": lambda: None, "full": Path("/dev/full").open, "closed": io.StringIO}[stream](
        *(["w"] if stream == "full" else [])
    )
    if stream == "closed" and out is not None:
        out.close()
    err = io.StringIO()
    monkeypatch.chdir(study)
    monkeypatch.setattr(sys, "stdout", out)
    with contextlib.redirect_stderr(err):
        code = main(list(of(command, good=good)))
    if good:
        assert code == OUTPUT
        assert err.getvalue().count("error: standard output: could not be written") == 1, err.getvalue()
    else:
        assert code not in (0, BUG) and err.getvalue().count("\n") == 1
    if stream == "full" and out is not None:
        with contextlib.suppress(OSError):
            out.close()


@posix
@pytest.mark.process
def test_a_full_disk_is_in_the_document(study: Path) -> None:
    for words in (("report", "--out", "/dev/full"), (*of("simulate")[:-1], "--out", "/dev/full")):
        done = said(*words, "--json", cwd=study)
        assert done.code == OUTPUT and "No space left" in json.loads(done.out)["error"]["message"]
