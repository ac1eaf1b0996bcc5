"""Pages of studies of every shape: one rule of what is shown, and no text about what is not there."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from pages import Page, unpacked
from panels import random_returns, study

from eventstudy.report import report
from eventstudy.report.anchors import anchors
from eventstudy.report.layout import MOST_CARDS

#: Events, and tickers of each.
SHAPES = {"1x1": (1, 1), "1x60": (1, 60), "2x2": (2, 2), "30x1": (30, 1), "26x3": (26, 3)}
#: A chart, and words that only a page with that chart may have.
TOLD = {
    "heat-map": "Each cell is",
    "spread": "in each half standard error",
    "residuals": "Residuals of the estimation window by session",
    "timeline": "day 0 marked|mark for the day 0",
    "compare-events": "Choose two tickers",
    "mean": "cumulated from the start of the event window",
}


@cache
def written(shape: str) -> str:
    events, tickers = SHAPES[shape]
    names = tuple(f"T{n}" for n in range(tickers))
    rows = [(f"event {n}", ticker, 300 + 9 * n) for n in range(events) for ticker in names]
    rows.append(("early", names[0], 10))  # is skipped
    return report(study(random_returns(np.random.default_rng(5), names, n=330 + 9 * events), rows))


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_speaks_of_a_chart_that_is_not_there(shape: str) -> None:
    text = written(shape)
    shown = re.sub("<[^>]*>", " ", text.partition('<script id="report-library"')[0])
    charts = Page(text).data["charts"]
    for name, words in TOLD.items():
        assert (name in charts) == bool(re.search(words, shown)), (shape, name)


@pytest.mark.parametrize("shape", SHAPES)
def test_events_have_cards_or_a_list_and_never_disappear(shape: str) -> None:
    events, tickers = SHAPES[shape]
    page = Page(written(shape))
    cards = [a for tag, a in page.tags if tag == "article"]
    if events <= MOST_CARDS:
        assert len(cards) == events == len(page.data["paths"]["places"]) and not page.data["lists"]
        assert (
            sum(a.get("class", "").startswith("panel ") for tag, a in page.tags if tag == "div")
            == events * tickers
        )
        return
    (listed,) = page.data["lists"].values()
    assert not cards and len(listed["cards"]) == events == len(page.data["paths"]["places"])
    for row, card in zip(unpacked(listed["rows"]), listed["cards"], strict=True):
        assert f'<article class="card" id="{row["target"]}"' in card
        assert row["car_text"] in card


@pytest.mark.parametrize("shape", SHAPES)
def test_singular_and_plural_are_right(shape: str) -> None:
    shown = re.sub("<[^>]*>", " ", written(shape).partition('<script id="report-library"')[0])
    assert re.findall(r"\b1 (?:events|tickers|dates|sessions|firm-days|firm-events|pairs)\b", shown) == []
    assert re.findall(r"\b(?:[02-9]|\d\d+) (?:event|ticker|date|session|firm-day|pair)\b[^-]", shown) == []


def test_an_anchor_is_unique_and_never_one_of_the_page_s_own(rng: np.random.Generator) -> None:
    names = ["Answer", "answer", "a b", "a-b", "A_B", "---", "", "methods", "사건 하나"]
    found: Any = anchors(dict.fromkeys(names), ("answer", "methods"))
    assert len(set(found.values())) == len(names)
    assert not {"answer", "methods"} & set(found.values())
    assert all(re.fullmatch(r"[\w-]+", anchor) for anchor in found.values())
    assert found == anchors(dict.fromkeys(names), ("answer", "methods"))
