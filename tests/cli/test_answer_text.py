"""What `run` prints by default: the answer first, few lines, nothing broken, colour for what is named."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import example, said
from named import with_named
from panels import bundled, random_returns, study

from eventstudy.cli.answer_text import ANSWER, answer_text
from eventstudy.cli.call import DOWN, UP, Call, Line, _styled
from eventstudy.cli.columns import wrapped
from eventstudy.cli.run_text import run_text
from eventstudy.study_result import EventStudyResult

UP_NAMED, DOWN_NAMED = ("oracle-300b-report", "ORCL"), ("deepseek-selloff", "NVDA")
MOST_LINES = 60  #: a terminal's page or two, whatever the size of the study
WIDTHS = (60, 80, 120)


def lines(result: EventStudyResult, width: int = 80) -> list[Line]:
    view = result.view()
    return list(answer_text(view, view.rows("claims"), width))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_answer_comes_first_in_three_lines(width: int) -> None:
    result = bundled()
    shown = [line.text for line in lines(result, width)]
    first, *others = result.headline()["sentences"]
    answer = shown[: shown.index("")]
    assert len(answer) <= ANSWER and " ".join(answer).startswith(first)
    text = " ".join(" ".join(shown).split())
    assert all(" ".join(sentence.split()) in text for sentence in others)
    assert shown[shown.index("") + 1].startswith("At one glance")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    named = with_named({UP_NAMED: 0.001, DOWN_NAMED: 0.02}, {UP_NAMED: 0.04})
    for result in (bundled(), named, with_named({})):
        assert max(len(line.text) for line in lines(result, width)) <= width
        assert max(len(line.text) for line in run_text(result.view(), [], width)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_and_no_percentage_is_broken(width: int) -> None:
    view = bundled().view()
    for shown in (lines(bundled(), width), list(run_text(view, [], width))):
        assert not [line.text for line in shown if line.text.strip().startswith("%")]
        broken = " ".join(line.text.strip() for line in shown).split()
        assert {word for sentence in view.headline["sentences"] for word in sentence.split()} <= set(broken)


def test_a_large_study_stays_short() -> None:
    rng = np.random.default_rng(5)
    days = rng.integers(300, 390, 700)
    result = study(random_returns(rng, ("A",)), [(f"e{at}", "A", int(day)) for at, day in enumerate(days)])
    for width in WIDTHS:
        assert len(lines(result, width)) <= MOST_LINES


def test_named_figures_alone_have_a_colour() -> None:
    result = with_named({UP_NAMED: 0.001, DOWN_NAMED: 0.02}, {UP_NAMED: 0.04})
    for width in WIDTHS:
        spans = [
            (line.text[start:end], style) for line in lines(result, width) for start, end, style in line.spans
        ]
        figures = [(text.split()[0].rstrip("*"), style) for text, style in spans if "%" in text]
        assert sorted(figures) == [("+35.47%", UP), ("-13.42%", DOWN)]


def test_of_a_long_list_the_named_come_first() -> None:
    result = with_named({("altman-chip-fund", "MSFT"): 0.01})  # a small figure, far from the largest t
    shown = [line.text for line in lines(result, 60)]
    start = next(at for at, text in enumerate(shown) if text.startswith("At one glance"))
    rows = [text for text in shown[start:] if text.startswith("  ") and "%" in text][:12]
    assert rows[0].split()[:2] == ["altman-chip-fund", "MSFT"] and " * " in f"{rows[0]} "


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(text: list[Line]) -> str:
    out = Terminal()
    _styled(text, out, force=True)
    return out.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    text = [Line("NVDA -13.42%*", spans=((5, 13, DOWN),))]
    assert "\x1b[1;38;5;166m-13.42%*" in terminal(text)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1m-13.42%*" in terminal(text)


def test_a_dumb_terminal_gets_no_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    assert terminal([Line("NVDA -13.42%*", "bold", spans=((5, 13, DOWN),))]) == "NVDA -13.42%*\n"


def test_a_span_with_a_control_character_stays_harmless() -> None:
    assert "\\u001b[2J" in terminal([Line("a\x1b[2Jb", spans=((1, 5, UP),))])


def test_a_pipe_has_no_colour_and_details_are_on_request(tmp_path: Path) -> None:
    folder = example(tmp_path / "study")
    short, long = said("run", cwd=folder), said("run", "--details", cwd=folder)
    assert "\x1b" not in short.out + long.out
    assert "day 0: 2025-02-06" in long.out and "day 0: 2025-02-06" not in short.out
    assert "run --details" in " ".join(short.out.split()) and len(short.out) < len(long.out)
    assert short.out.splitlines()[0] == wrapped(long.out.splitlines()[0], 80)[0]


@pytest.mark.parametrize(("rows", "paged"), [(10, False), (100, True)])
def test_a_long_list_is_paged_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, rows: int, paged: bool
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("pydoc.pager", shown.append)
    monkeypatch.setenv("LINES", "24")
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    Call().say([f"row {at}" for at in range(rows)], paged=True)
    assert out.getvalue().count("\n") == rows and not shown
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    Call().say([f"row {at}" for at in range(rows)], paged=True)
    assert bool(shown) == paged
    assert (shown[0] if paged else out.getvalue()).count("row") == rows
