"""Whether the verdict on an event depends on the benchmark, in the terminal and on the page."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pytest
from panels import random_returns, study

from eventstudy.cli.benchmarks_text import benchmarks_text, held_text
from eventstudy.report import report
from eventstudy.results.benchmark_verdicts import benchmark_verdict
from eventstudy.results.view import ResultView
from eventstudy.study_result import EventStudyResult

WIDTH = 200


@pytest.fixture(scope="module")
def result() -> EventStudyResult:
    """Return a study in which B's verdict depends on the benchmark: the index falls with A's event."""
    table = random_returns(np.random.default_rng(5), tickers=("A", "B", "C", "D"))
    table["REST"] = table["MKT"]
    table["MKT"] = 0.4 * table["A"] + 0.6 * table["REST"]
    day = table.index[300]
    table.loc[day, "A"] -= 0.30
    table.loc[day, "B"] -= 0.02
    table.loc[day, "MKT"] = 0.4 * table.loc[day, "A"] + 0.6 * table.loc[day, "REST"]
    weights: dict[str, Any] = {"A": 0.4, "B": 0.0, "C": 0.0}
    index = {"ticker": "MKT", "exclude": "event", "weights": weights, "drift": False}
    rows = [("e", "A", 300), ("e", "B", 300), ("f", "C", 340)]
    return study(table, rows, benchmark="MKT", benchmarks=[index, "REST"], car_windows=((0, 0),))


def test_the_verdict_counts_signs_and_small_p_values(result: EventStudyResult) -> None:
    verdict = benchmark_verdict(result.view(), "e")
    assert verdict is not None
    rows = result.benchmarks[result.benchmarks["event_id"] == "e"]
    given = rows[rows["given"]].set_index("ticker")["car"] > 0
    same = (rows["car"] > 0).to_numpy() == given.loc[rows["ticker"].astype(str)].to_numpy()
    assert (verdict.figures, verdict.agree) == (len(rows), same.sum())
    assert verdict.small == (rows["pvalue"] < 0.05).sum()
    (span,) = verdict.depends
    own = rows[rows["ticker"] == "B"]["car"]
    assert (span.ticker, span.low, span.high) == ("B", own.min(), own.max())


def test_a_sign_without_significance_is_no_verdict(result: EventStudyResult) -> None:
    table = result.tables["benchmarks"]
    plain = table.set_column(table.column_names.index("pvalue"), "pvalue", [np.full(table.num_rows, 0.5)])
    verdict = benchmark_verdict(ResultView({**result.tables, "benchmarks": plain}, result.manifest), "e")
    assert verdict is not None
    assert verdict.depends == ()


def test_the_terminal_names_the_events_that_depend_on_it(result: EventStudyResult) -> None:
    view = result.view()
    lines = [line.text for line in benchmarks_text(view, WIDTH)]
    assert lines[0] == "AR[0] against other benchmarks"
    assert any(line.startswith("  e: sign agrees in") and ": B " in line for line in lines)
    assert not any(line.startswith("  f:") for line in lines)
    held = " ".join(line.text for line in held_text(view, WIDTH))
    assert held.startswith("Benchmark MKT: it holds A 40.0%")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_has_a_table_per_event(result: EventStudyResult, lang: str) -> None:
    page, view = report(result, lang), result.view(lang)
    verdict = benchmark_verdict(view, "e")
    assert verdict is not None
    counts = {"agree": verdict.agree, "small": verdict.small, "of": verdict.figures}
    assert html.escape(view.words.say("benchmarks.line", **counts)) in page
    assert view.words.say("benchmarks.caption", group="e", window="AR[0]") in page
    assert "MKT ex event" in page
    assert view.words.say("design.benchmarks") in page


def test_large_events_are_named_as_left_out(rng: np.random.Generator) -> None:
    names = [f"S{number}" for number in range(13)]
    view = study(random_returns(rng, tickers=names), [("e", name, 300) for name in names]).view()
    (line,) = [line.text for line in benchmarks_text(view, WIDTH) if line.text]
    assert line.strip().startswith("Not compared with other benchmarks: 1 event.")
