"""The report in a real browser: it draws, obeys its controls, saves what it shows, and fits every screen."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import ALL_OPEN, Opened, opened, saved
from panels import BUNDLED, bundled, random_returns, study
from tools import tool

from eventstudy.report import report
from eventstudy.words.formatting import Figures

pytestmark = pytest.mark.browser
WIDTHS = (360, 768, 1440)
MOST_PAGES = 14  #: of A4, for the bundled study
EVENTS, TICKERS = 23, len(BUNDLED)
HOSTILE = "</script><script>alert(1)</script></style>\"onload='alert(2)' =cmd()\u202e <b>&amp;"
#: Elements wider than their box that neither scroll nor lie in something that scrolls.
CUT = """() => [...document.querySelectorAll("main *, nav *, header *")].filter((each) => {
  const left = ".scroll, svg, select, .vega-bindings, .unseen, .ranked .what";
  if (each.closest(left) || !each.clientWidth) return false;
  return each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible"
    && !["auto", "scroll"].includes(getComputedStyle(each).overflowX);
}).map((each) => each.outerHTML.slice(0, 120))"""
#: Text of a chart outside its drawing; what an axis hides, since it has no room, stays in the page unseen.
OUTSIDE = """() => [...document.querySelectorAll(".chart svg")].flatMap((svg) => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const { left, right, width } = text.getBoundingClientRect();
    return width && text.getAttribute("opacity") !== "0" && (left < box.left - 1 || right > box.right + 1);
  }).map((text) => `${svg.parentElement.id}: ${text.textContent}`);
})"""

CONTROLS = """[...document.querySelectorAll("a[href], button, select, summary, [tabindex='0']")]
  .filter((each) => each.checkVisibility())"""
FOCUSED = """(() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  focused.dataset.seen = 1;
  return getComputedStyle(focused).outlineStyle;
})()"""


def page_percent(value: float) -> str:
    return Figures(digits=1, typographic=True).effect(value)


def texts(page: Opened, selector: str) -> list[str]:
    return page.evaluate(
        "(each) => [...document.querySelectorAll(each)].map((one) => one.textContent)", selector
    )


def test_it_opens_from_a_file_asks_for_nothing_and_complains_of_nothing(
    browser: Any, report_file: Path
) -> None:
    with opened(browser, report_file) as page:
        assert page.requests == [report_file.as_uri()]
        assert page.complaints == []
        assert page.evaluate("document.documentElement.lang") == "en"


def test_every_chart_is_drawn_with_its_marks(report_page: Opened) -> None:
    places = report_page.evaluate("document.querySelectorAll('[data-chart]').length")
    assert report_page.evaluate("document.querySelectorAll('[data-chart] svg').length") == places > EVENTS
    count = "(selector) => document.querySelectorAll(selector).length"
    assert report_page.evaluate(count, "#chart-heat-map .mark-text.role-mark text") == EVENTS * TICKERS
    assert (
        report_page.evaluate(count, "#chart-altman-chip-fund--forest .mark-symbol.role-mark path")
        == TICKERS + 1
    )
    assert report_page.evaluate(count, ".panel svg .band[d^=M]") == EVENTS * TICKERS
    assert report_page.evaluate(count, "#chart-compare-events .mark-symbol.role-mark path") == 2 * EVENTS
    assert report_page.evaluate(count, "#chart-power .mark-symbol.role-mark path") == EVENTS * TICKERS
    assert report_page.evaluate(count, "#chart-residuals .mark-symbol.role-mark path") > 200
    unnamed = (
        "document.querySelectorAll('[data-chart]:not([aria-label]), [data-chart][aria-label=\"\"]').length"
    )
    assert report_page.evaluate(unnamed) == 0


def test_the_chosen_window_is_the_table_s(browser: Any, report_file: Path) -> None:
    cars = bundled().tables["cars"].to_pylist()
    with opened(browser, report_file) as page:
        chooser = page.tab.locator("#chart-heat-map select").first
        labels = chooser.locator("option").all_text_contents()
        for place, label in enumerate(labels):
            chooser.select_option(label)
            shown = texts(page, "#chart-heat-map .mark-text.role-mark text")
            assert sorted(shown) == sorted(page_percent(row["car"]) for row in cars[place :: len(labels)]), (
                label
            )
        page.tab.locator("#chart-heat-map select").nth(1).select_option("NVDA")
        assert len(texts(page, "#chart-heat-map .mark-text.role-mark text")) == EVENTS


def test_a_tooltip_says_the_figure_of_its_cell(report_page: Opened) -> None:
    report_page.tab.locator("#chart-heat-map").scroll_into_view_if_needed()
    report_page.tab.locator(
        "#chart-heat-map .mark-text.role-mark text", has_text="\N{MINUS SIGN}13.4%"
    ).hover()
    tooltip = report_page.tab.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    for part in ("NVDA", "deepseek-selloff", "\N{MINUS SIGN}13.4%", "-5.58"):
        assert part in tooltip.inner_text()


def test_two_tickers_and_a_firm_event_are_chosen(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        page.evaluate(ALL_OPEN)
        first, second = (page.tab.locator(f'select[data-side="{side}"]') for side in ("first", "second"))
        first.select_option("GOOGL")
        second.select_option("MSFT")
        rows = page.tab.locator("#table-compare-events tbody tr:visible").all_inner_texts()
        assert len(rows) == EVENTS
        assert all("GOOGL" in row and "MSFT" in row for row in rows)
        page.tab.wait_for_function(
            "document.querySelector('#chart-compare-events').textContent.includes('GOOGL')"
        )
        second.select_option("GOOGL")
        assert page.tab.locator("form.pair .none").is_visible()
        assert not page.tab.locator("#chart-compare-events").is_visible()
        chooser = page.tab.locator('select[data-for="residuals"]')
        event, ticker = chooser.locator("option").nth(3).inner_text().split(" · ")
        chooser.select_option(f"{event} · {ticker}")
        header, listed = saved(page, "residuals")
        assert header == ["tau", "session", "residual"]
        expected = [
            [str(row["tau"]), str(row["session"]), row["residual"]]
            for row in bundled().tables["residuals"].to_pylist()
            if (row["event_id"], row["ticker"]) == (event, ticker)
        ]
        assert [[*row[:2], float(row[2])] for row in listed] == expected
        assert len(texts(page, "#table-residuals tbody tr")) == len(expected)


@pytest.mark.parametrize(("table", "source"), [("cars", "cars"), ("firm-events", "events")])
def test_a_download_is_the_table(report_page: Opened, table: str, source: str) -> None:
    header, rows = saved(report_page, table)
    stored = bundled().tables[source]
    assert header == stored.column_names
    for texts_, row in zip(rows, stored.to_pylist(), strict=True):
        for text, value in zip(texts_, row.values(), strict=True):
            if isinstance(value, bool):
                assert text == str(value).lower()
            elif isinstance(value, float):
                assert float(text) == value
            else:
                assert text.removeprefix("'") == ("" if value is None else str(value))


def test_the_keyboard_reaches_every_control(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        total = page.evaluate(f"{CONTROLS}.length")
        for _ in range(total + 5):
            page.tab.keyboard.press("Tab")
            outline = page.evaluate(FOCUSED)
            if outline is None:
                break
            assert outline != "none"
        missed = (
            f"{CONTROLS}.filter((each) => !each.dataset.seen).map((each) => each.outerHTML.slice(0, 100))"
        )
        assert page.evaluate(missed) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_it_fits_the_screen(browser: Any, report_file: Path, width: int, mode: str) -> None:
    with opened(browser, report_file, width, color_scheme=mode) as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.evaluate(CUT) == []
        assert page.evaluate(OUTSIDE) == []


def test_print_has_no_empty_page(browser: Any, report_file: Path, tmp_path: Path) -> None:
    reader = tool("POPPLER", "pdftotext")
    with opened(browser, report_file) as page:
        page.tab.pdf(path=tmp_path / "page.pdf", format="A4")
    done = subprocess.run(
        [reader, "-layout", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True
    )
    pages = done.stdout.split("\f")[:-1]
    assert 6 < len(pages) <= MOST_PAGES
    assert [number for number, text in enumerate(pages, start=1) if len(text.split()) < 5] == []


@pytest.mark.parametrize("width", [360, 1440])
def test_hostile_texts_are_texts(browser: Any, tmp_path: Path, width: int) -> None:
    rng = np.random.default_rng(20240208)
    rows = [(name, ticker, day) for name, day in (("e", 300), ("x" * 100, 340)) for ticker in ("A", "B")]
    titles = [HOSTILE, HOSTILE, HOSTILE + "x" * 10_000, HOSTILE]
    result = study(random_returns(rng, ("A", "B"), n=400), rows, columns={"title": titles})
    file = tmp_path / "report.html"
    file.write_text(report(result), encoding="utf-8")
    with opened(browser, file, width) as page:
        assert page.complaints == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == []
        assert HOSTILE.replace("\u202e", "") in page.evaluate("document.body.textContent").replace(
            "\u202e", ""
        )
        header, rows_ = saved(page, "cars")
        assert {row[header.index("ticker")] for row in rows_} == {"A", "B"}
