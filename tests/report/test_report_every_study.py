"""Pages of studies of other shapes than the bundled one: title, benchmarks, caveats, figures."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

import pytest
from pages import bundled_page
from panels import bundled
from report_studies import confounded, shaped

from eventstudy.report import report
from eventstudy.results.benchmark_verdicts import HOLDS_TREATED, held_tickers
from eventstudy.study_result import EventStudyResult
from eventstudy.words.formatting import Figures

TITLE = r'<p class="title"><bdi>(.*?)</bdi></p>'
ROW = r'<tr class="(?:up|down) (\w+)">\s*<th scope="row">(.*?)</th>.*?title="(.*?)".*?class="value">([^<]*)<'


@cache
def study_of(shape: str) -> EventStudyResult:
    events, tickers = map(int, shape.split("x"))
    return shaped(events, tickers)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> EventStudyResult:
    return confounded(tmp_path_factory.mktemp("confounded"))


def shown(page: str) -> str:
    """Return the text of a page, without its data."""
    text = page.partition("<body>")[2].partition('<script id="report-library"')[0]
    return html.unescape(re.sub("<[^>]*>", " ", re.sub("</?(?:bdi|strong)[^>]*>", "", text)))


@pytest.mark.parametrize(("lang", "title"), [("en", "Three firms and a recall"), ("ko", "세 기업과 리콜")])
def test_the_title_of_the_study_stands_above_the_finding(
    mixed: EventStudyResult, lang: str, title: str
) -> None:
    page = report(mixed, lang, sections=("answer",))
    assert re.findall(TITLE, page) == [title]
    assert page.index('<p class="title">') < page.index("<h1>")
    assert f"<title>{title}</title>" in page
    assert re.findall(TITLE, report(mixed, lang, title="Another", sections=("answer",))) == ["Another"]
    assert re.findall(TITLE, report(study_of("1x1"), lang, sections=("answer",))) == []


def test_benchmarks_without_a_figure_are_no_comparison(mixed: EventStudyResult) -> None:
    """The basket holds two of the three tickers and has no figure for any event of all three."""
    assert len(set(mixed.benchmarks["benchmark"])) == 2
    assert mixed.benchmarks["car"].notna().groupby(mixed.benchmarks["benchmark"]).any().sum() == 1
    text = shown(report(mixed, sections=("answer",)))
    assert "against each benchmark" not in text and "depends on the benchmark" not in text


def test_confounders_overlaps_and_what_was_skipped_are_said(mixed: EventStudyResult) -> None:
    text = " ".join(shown(report(mixed)).split())
    for part in (
        "A reports its third quarter (A, 2 sessions after)",
        "B changes its chief executive (B,",
        "Overlapping events: Workers of C strike (3 sessions after).",
        "Skipped firm-events",
    ):
        assert part in text, part


def test_cards_name_the_tickers_that_the_benchmark_holds() -> None:
    (finding,) = (row for row in bundled().tables["findings"].to_pylist() if row["rule"] == HOLDS_TREATED)
    tickers = set(bundled().events["ticker"])
    assert {ticker for ticker in tickers if f"{ticker} " in finding["detail"]} == tickers
    view = bundled().view()
    for event in view.event_ids:
        assert held_tickers(view, event) == {"SPY": [row["ticker"] for row in view.rows("events", event)]}
    cards = re.findall(r"<article.*?</article>", bundled_page().read_text("utf-8"), re.DOTALL)
    assert len(cards) == len(view.event_ids)
    assert all("The benchmark <bdi>SPY</bdi> holds <bdi>NVDA</bdi>, " in card for card in cards)
    assert held_tickers(study_of("1x1").view(), "event-0") == {}


def test_one_firm_day_is_spoken_of_as_one() -> None:
    text = " ".join(shown(report(study_of("1x1"), sections=("answer", "events"))).split())
    assert "The only firm-day of the study is named: T0" in text
    assert "1 of 1" not in text


def ends(row: dict[str, Any]) -> tuple[float, float]:
    return row["conformal_low"], row["conformal_high"]


@pytest.mark.parametrize("shape", ["1x1", "2x2", "1x60", "30x1"])
def test_every_ranked_figure_is_the_table_s_and_a_named_one_is_off_zero(shape: str) -> None:
    result, figures = study_of(shape), Figures(digits=1, typographic=True)
    cars = [row for row in result.tables["cars"].to_pylist() if (row["start"], row["end"]) == (0, 0)]
    written = {
        (row["ticker"], figures.effect(row["car"]), figures.interval(*ends(row))): row
        for row in cars
        if row["car"] is not None
    }
    found = re.findall(ROW, report(result, sections=("answer",)), re.DOTALL)
    assert len(found) == min(12, len(cars))
    for verdict, ticker, interval, value in found:
        low, high = ends(written[ticker, value, interval])
        assert verdict == "not_named" or low > 0 or high < 0, (ticker, value)
