"""Standard output that cannot be written is said, once; JSON is one document, whatever happens."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import example, said
from processes import ENVIRONMENT, posix

import eventstudy as es
from eventstudy.cli import main
from eventstudy.cli.call import Call

PROGRAM = [sys.executable, "-m", "eventstudy"]


def to_shell(words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the shell, in which PROGRAM is the program."""
    line = words.replace("PROGRAM", " ".join(PROGRAM))
    return subprocess.run(
        line, shell=True, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


@posix
@pytest.mark.parametrize("form", ["", " --json"])
@pytest.mark.parametrize("stream", ["> /dev/full", ">&-"])
def test_a_stream_that_cannot_be_written_is_exit_6_and_the_results_are_there(
    tmp_path: Path, stream: str, form: str
) -> None:
    study = example(tmp_path / "study")
    done = to_shell(f"PROGRAM run --out fresh{form} {stream}", study)
    assert done.returncode == 6
    (line,) = [each for each in done.stderr.splitlines() if not each.startswith("The tables are in")]
    assert line.startswith("error: standard output: could not be written: ")
    assert ("No space left on device" if "full" in stream else "closed") in line
    assert len(es.load(study / "fresh").cars) > 0


@posix
@pytest.mark.process
@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "--help",
        "run --help",
        "events schema",
        "events list",
        "prices status",
        "compare --kind x",
    ],
)
def test_of_every_kind_of_output(tmp_path: Path, words: str) -> None:
    study = example(tmp_path / "study")
    done = to_shell(f"PROGRAM {words} > /dev/full", study)
    assert (done.returncode, len(done.stderr.splitlines())) == (2 if "compare" in words else 6, 1), done


@posix
@pytest.mark.process
def test_a_reader_that_has_had_enough_is_no_error(tmp_path: Path) -> None:
    study = example(tmp_path / "study")
    done = to_shell("PROGRAM run --json | head -c 10; exit ${PIPESTATUS:-0}", study)
    assert (done.returncode, done.stderr.count("rror")) == (0, 0)


@posix
@pytest.mark.process
def test_a_full_standard_error_does_not_matter(tmp_path: Path) -> None:
    study = example(tmp_path / "study")
    done = to_shell("PROGRAM compare --event nosuch 2> /dev/full", study)
    assert (done.returncode, done.stdout) == (2, "")


def test_output_of_a_closed_stream_within_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, err = io.StringIO(), io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["events", "schema"]) == 6
    assert err.getvalue().count("\n") == 1 and "standard output" in err.getvalue()


def test_a_failure_after_the_result_is_in_the_same_document(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "AAA.csv").write_text("Date,Close\n2024-01-02,10\n2024-01-03,11\n")
    (tmp_path / "p" / "BBB.csv").write_text("Date,Close\nnever,10\n")
    done = said("prices", "import", "p", "--cache", "cache", "--json", cwd=tmp_path)
    assert done.code == 4
    document = json.loads(done.out)
    assert document["imported"] == ["AAA"] and document["error"]["exit_code"] == 4


@pytest.mark.parametrize(
    "words",
    [
        ("run", "nosuch.yaml", "--json"),
        ("--json", "nosuch"),
        ("run", "--model", "nosuch", "--json"),
        ("run", "--window", "a:b", "--json"),
        ("report", "--out", "x.xlsx", "--json"),
        ("export", "--format", "csv", "--out", "results", "--json"),
        ("events", "check", "nosuch.yaml", "--json"),
    ],
)
def test_every_failure_is_one_document(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = said(*words, cwd=example(tmp_path / "study"))
    assert done.code not in (0, 1)
    assert done.document["error"]["exit_code"] == done.code


def test_a_bug_while_the_document_is_made_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ZeroDivisionError

    call, dumps = Call(json=True), json.dumps
    call.document({"a": 1})
    monkeypatch.setattr(json, "dumps", broken)
    with pytest.raises(ZeroDivisionError):
        call.finish()
    monkeypatch.setattr(json, "dumps", dumps)
    call.finish()
    assert capsys.readouterr().out == ""
