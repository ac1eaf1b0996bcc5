"""How the command line behaves, whatever the command: streams, JSON, help, failures, interruption."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Said, example, said

from eventstudy.cli.app import command

COMMANDS = (
    "run",
    "compare",
    "regress",
    "robustness",
    "claims",
    "events list",
    "events check",
    "events import",
    "events schema",
    "prices status",
    "prices fetch",
    "prices import",
    "prices clear",
    "prices verify",
    "export",
    "report",
    "long-run",
    "large",
    "merge",
    "simulate",
    "init",
)
EACH = pytest.mark.parametrize("words", COMMANDS)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("cli") / "study")


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk down from a group to its commands."""
    for name, child in getattr(node, "commands", {}).items():
        yield from leaves(child, f"{path} {name}".strip())
    if not hasattr(node, "commands"):
        yield path, node


def test_the_commands_are_those_of_the_contract() -> None:
    assert {name for name, _ in leaves(command())} == set(COMMANDS)


@EACH
def test_every_option_has_a_description_and_the_common_ones_are_there(words: str) -> None:
    node = dict(leaves(command()))[words]
    assert node.help.rstrip().endswith(".") or node.help.rstrip().endswith(")")
    undescribed = [param.name for param in node.params if not (param.help or "").strip()]
    assert not undescribed
    assert {"json", "quiet", "offline", "debug"} <= {param.name for param in node.params}


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("--car 0:1 --mask-events --out=x", {"events", "car_windows", "mask_events", "out"}),
        ("--no-mask-events other.yaml", {"events", "mask_events"}),
        ("", {"events"}),
    ],
)
def test_options_that_are_not_given_are_not_made(words: str, made: set[str]) -> None:
    assert {param.name for param in command(["run", *words.split()]).commands["run"].params} == made


@pytest.mark.parametrize("word", ["--help", "-h", "--tikers", "-x", "--"])
def test_all_options_are_made_where_a_word_names_none(word: str) -> None:
    whole = {param.name for param in command().commands["run"].params}
    found = {param.name for param in command(["run", "--out", "x", word]).commands["run"].params}
    assert found == whole
    assert len(whole) > 50


@EACH
def test_help_goes_to_stdout_and_fits_eighty_columns(words: str, tmp_path: Path) -> None:
    done = said(*words.split(), "--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert f"eventstudy {words}" in done.out.splitlines()[0]
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "expected"), [((), "claims"), (("events",), "schema"), (("prices",), "fetch")]
)
def test_a_bare_group_shows_its_commands(words: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    done = said(*words, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert re.search(rf"^  {expected} ", done.out, re.MULTILINE)


def test_version(tmp_path: Path) -> None:
    done = said("--version", cwd=tmp_path)
    assert done.code == 0
    assert re.fullmatch(r"eventstudy \d+\.\d+\.\d+\n", done.out)


READING = (
    ("compare", "--event", "product-recall"),
    ("claims",),
    ("events", "list"),
    ("events", "check"),
    ("prices", "status"),
    ("run", "--dry-run"),
    ("run", "--out", "again"),
)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_json_is_one_document_on_stdout(words: tuple[str, ...], study: Path) -> None:
    done = said(*words, "--json", cwd=study)
    assert done.code == 0, done.err
    assert isinstance(done.document, dict)
    assert "error" not in done.document


@pytest.mark.parametrize(
    "words", [*READING[:-1], pytest.param(READING[-1], marks=pytest.mark.more)], ids=" ".join
)
def test_common_options_stand_before_or_after_the_command(words: tuple[str, ...], study: Path) -> None:
    assert said("--json", *words, cwd=study).document == said(*words, "--json", cwd=study).document
    assert said("--quiet", *words, cwd=study) == said(*words, "--quiet", cwd=study) == Said(0, "", "")


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (("run", "nowhere.yaml"), 3, "EventsFileError"),
        (("run", "--model", "nonsense"), 2, "UnknownNameError"),
        (("run", "--nonsense"), 2, "UsageError"),
        (("nonsense",), 2, "UsageError"),
        (("run", "--estimation=-260:0"), 3, "DesignError"),
        (("run", "--offline", "--benchmark", "NONE"), 4, "PriceDataError"),
        (("run", "--strict", "--min-estimation", "999", "--max-loss", "1"), 5, "MaxLossError"),
        (("compare", "nowhere", "--kind", "deal"), 6, "OutputError"),
    ],
)
def test_json_on_failure_is_an_error_document(
    words: tuple[str, ...], code: int, kind: str, study: Path
) -> None:
    done = said(*words, "--json", cwd=study)
    error = done.document["error"]
    assert (done.code, error["exit_code"], error["kind"]) == (code, code, kind)
    assert error["message"] == done.err.rstrip("\n")


def test_several_mistakes_are_all_in_the_document(study: Path, tmp_path: Path) -> None:
    text = (study / "events.yaml").read_text("utf-8")
    (tmp_path / "events.yaml").write_text(text.replace("kind: deal", "knd: deal").replace("-18", "-38"))
    for words in (("run",), ("events", "check")):
        problems = said(*words, "--json", cwd=tmp_path).document["error"]["problems"]
        assert [problem.split(":")[0] for problem in problems] == ["events.yaml"] * 2


def test_answers_go_to_stdout_and_remarks_to_stderr(study: Path) -> None:
    done = said("run", "--out", "again", cwd=study)
    assert "product-recall" in done.out
    assert "eventstudy compare" in done.err
    assert "eventstudy compare" not in done.out


def test_a_bug_is_one_line_and_debug_shows_the_trace(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("eventstudy.study.run_study", broken)
    plain = said("run", cwd=study)
    assert (plain.code, plain.out, plain.err.count("\n")) == (1, "", 1)
    assert "ZeroDivisionError: a bug" in plain.err
    assert "--debug" in plain.err
    for words in (("run", "--debug"), ("--debug", "run")):
        traced = said(*words, cwd=study)
        assert (traced.code, traced.out) == (1, "")
        assert "Traceback" in traced.err and traced.err.endswith(plain.err)


def test_an_interruption_ends_with_130_and_leaves_results_alone(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    manifest = (study / "results/manifest.json").read_bytes()
    monkeypatch.setattr("eventstudy.study.run_study", interrupted)
    done = said("run", "--json", cwd=study)
    assert (done.code, done.err.count("\n")) == (130, 1)
    assert done.document["error"]["kind"] == "Interrupted"
    assert (study / "results/manifest.json").read_bytes() == manifest


def test_text_is_whole_in_a_narrow_terminal(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    narrow = said("run", "--details", "--out", "again", cwd=study).out
    monkeypatch.setenv("COLUMNS", "80")
    wide = said("run", "--details", "--out", "again", cwd=study).out
    numbers = re.findall(r"[+-]\d+\.\d\d%", wide)
    assert set(re.findall(r"[+-]\d+\.\d\d%", narrow)) <= set(numbers)
    assert "…" not in (narrow + wide).replace("% … ", "")  # but between the ends of an interval
    assert max(map(len, wide.splitlines())) <= 80
    prose = [line for line in narrow.splitlines() if "recalls" in line or "forecast" in line]
    assert max(map(len, prose)) <= 40


def shell(line: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `eventstudy` is this package."""
    program = f'eventstudy() {{ "{sys.executable}" -m eventstudy "$@"; }}; set -o pipefail; '
    root = str(Path(__file__).resolve().parents[2])
    env = {**os.environ, "PYTHONPATH": root, **environment}
    return subprocess.run(
        ["bash", "-c", program + line], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )


def test_a_pipe_gets_plain_text_without_control_characters(study: Path) -> None:
    done = shell("eventstudy events list | cat", study, FORCE_COLOR="", TERM="xterm-256color")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "product-recall" in done.stdout


@pytest.mark.process
def test_a_reader_that_leaves_early_hears_nothing(study: Path) -> None:
    done = shell("eventstudy run --out again | head -c 1 > /dev/null", study)
    assert "Traceback" not in done.stderr and "Broken" not in done.stderr
    assert done.returncode == 0
    assert (study / "again/manifest.json").is_file()


def script(lines: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run lines of Python in an interpreter of their own, where nothing listens to warnings and logs."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.run(
        [sys.executable, "-c", lines], cwd=cwd, env=env, capture_output=True, text=True, timeout=120
    )


@pytest.mark.process
def test_ctrl_c_from_outside_ends_with_130(study: Path) -> None:
    done = script(
        "import os, signal, eventstudy.study as steps\n"
        "from eventstudy.cli import main\n"
        "steps.run_study = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n"
        "raise SystemExit(main(['run']))",
        study,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.process
def test_what_libraries_warn_of_never_reaches_the_user(study: Path) -> None:
    done = script(
        "import logging, warnings, eventstudy.study as steps\n"
        "from eventstudy.cli import main\n"
        "estimated = steps.estimate\n"
        "def noisy(*arguments, **options):\n"
        "    warnings.warn('a library worries')\n"
        "    logging.getLogger('yfinance').error('a library complains')\n"
        "    return estimated(*arguments, **options)\n"
        "steps.estimate = noisy\n"
        "raise SystemExit(main(['run', '--out', 'again']))",
        study,
    )
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "library" not in done.stdout + done.stderr


@pytest.mark.process
def test_a_terminal_that_knows_no_such_letters_gets_question_marks(study: Path, tmp_path: Path) -> None:
    text = (study / "events.yaml").read_text("utf-8").replace("A rumour", "소문")
    (tmp_path / "events.yaml").write_text(text, encoding="utf-8")
    done = shell("eventstudy events list", tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "?? on Good Friday" in done.stdout


@pytest.mark.process
def test_completion_offers_models(study: Path) -> None:
    words = {
        "_EVENTSTUDY_COMPLETE": "complete_bash",
        "COMP_WORDS": "eventstudy run --model m",
        "COMP_CWORD": "3",
    }
    done = shell("eventstudy", study, **words)
    assert {"market", "mean"} <= set(done.stdout.split())


def test_the_schema_is_json_with_or_without_the_option(tmp_path: Path) -> None:
    plain, asked = said("events", "schema", cwd=tmp_path), said("events", "schema", "--json", cwd=tmp_path)
    assert plain.document == asked.document
    kept = Path(__file__).resolve().parents[2] / "eventstudy/events/events.schema.json"
    assert plain.document == json.loads(kept.read_text("utf-8"))
