"""The report in a browser: keys, legends, redrawing, small screens, print, what is saved."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import ALL_OPEN, OPENED, Opened, opened, saved
from panels import BUNDLED, bundled, random_returns, study
from tools import tool

from eventstudy.report import report

pytestmark = pytest.mark.browser
EVENTS = 23
HOSTILE = (
    "</script><script>alert(1)</script></style><img src=x onerror=alert(2)><b id=owned>\"onload='x' &amp;"
)
WINDOW = "#chart-heat-map select >> nth=0"
TOOLTIP = "#vg-tooltip-element.visible"
#: Names of a chart that it has no room to write out.
SHORTENED = """() => [...document.querySelectorAll(".chart svg text")]
  .filter((text) => text.textContent.endsWith("…"))
  .map((text) => `${text.closest(".chart").id}: ${text.textContent}`)"""
#: Charts that have to be scrolled sideways.
WIDER = """() => [...document.querySelectorAll(".chart")]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.id}: ${each.scrollWidth} px in ${each.clientWidth}`)"""
#: Rows and parts are alike for axe, which takes minutes over all of them.
SHORT = """() => {
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  document.querySelectorAll("tbody tr:nth-child(n + 3)").forEach((each) => each.remove());
  const more = "#events > .card:nth-of-type(n + 3), #tickers section:not(#ticker-1)";
  document.querySelectorAll(more).forEach((each) => each.remove());
}"""
OPACITIES = """(selector) => [...document.querySelectorAll(selector)]
  .map((each) => Number(each.getAttribute("opacity") ?? 1))"""


@pytest.fixture(scope="module")
def phone(browser: Any, report_file: Path) -> Iterator[Opened]:
    with opened(browser, report_file, 360) as found:
        yield found


def assert_same(rows: list[list[str]], stored: list[list[Any]]) -> None:
    """Assert that saved texts are the stored values, figures to the last bit."""
    assert len(rows) == len(stored) > 0
    for row, values in zip(rows, stored, strict=True):
        for text, value in zip(row, values, strict=True):
            if isinstance(value, float):
                assert float(text) == value
            elif isinstance(value, bool):
                assert text == str(value).lower()
            else:
                assert text == ("" if value is None else str(value))


def point(page: Opened, mark: str) -> Any:
    """Put the pointer on the middle of a mark and return the tooltip."""
    page.evaluate(OPENED, mark.partition(" ")[0].removeprefix("#"))
    place = page.tab.locator(mark)
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    for step in (1, 0):
        page.tab.mouse.move(box["x"] + box["width"] / 2 - step, box["y"] + box["height"] / 2)
    tooltip = page.tab.locator(TOOLTIP)
    tooltip.wait_for()
    return tooltip


def test_headings_descend_one_rank_at_a_time_and_each_chart_is_told_in_words(report_page: Opened) -> None:
    ranks = report_page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((each) => +each.tagName[1])"
    )
    assert ranks.count(1) == 1 and ranks[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    charts = report_page.evaluate("""[...document.querySelectorAll("[data-chart]")].map((each) => [
      each.id, each.getAttribute("aria-label"),
      each.closest("figure").querySelector("figcaption").textContent])""")
    assert len(charts) > EVENTS
    for name, description, caption in charts:
        assert len(description) > 20, name
        assert caption.strip(), name


def test_the_timeline_has_a_line_per_ticker_and_a_bar_per_event(report_page: Opened) -> None:
    assert len(report_page.evaluate(OPACITIES, "#chart-timeline .mark-line.role-mark path")) == len(BUNDLED)
    # the shade over the paths, the bar below them and its day 0
    assert len(report_page.evaluate(OPACITIES, "#chart-timeline .mark-rect.role-mark path")) == 3 * EVENTS


@pytest.mark.parametrize(("chart", "alone"), [("timeline", 1), ("power", EVENTS + 1)])  # and the diagonal
def test_a_click_in_the_legend_shows_one_ticker_alone(report_page: Opened, chart: str, alone: int) -> None:
    marks = f"#chart-{chart} :is(.mark-line, .mark-symbol).role-mark path"
    report_page.evaluate(ALL_OPEN)
    before = report_page.evaluate(OPACITIES, marks)
    assert set(before) == {1}
    report_page.tab.locator(f"#chart-{chart} .role-legend-label text", has_text="NVDA").click()
    after = report_page.evaluate(OPACITIES, marks)
    assert (len(after), after.count(1)) == (len(before), alone)


@pytest.mark.parametrize(("chart", "left"), [("timeline", 1), ("power", EVENTS + 1)])  # and the diagonal
def test_keys_show_one_ticker_alone(browser: Any, report_file: Path, chart: str, left: int) -> None:
    with opened(browser, report_file) as page:
        page.evaluate(ALL_OPEN)
        page.tab.locator(f"#chart-{chart} select").press("ArrowDown")
        marks = f"#chart-{chart} :is(.mark-line, .mark-symbol).role-mark path"
        page.tab.wait_for_timeout(300)
        assert len(page.evaluate(OPACITIES, marks)) == left


@pytest.mark.parametrize(
    ("mark", "parts"),
    [
        ("#chart-altman-chip-fund--forest .mark-symbol.role-mark path >> nth=0", ("NVDA", "+2.1%")),
        ("#chart-power .mark-symbol.role-mark path >> nth=-1", ("openai-reasoning-model", "MSFT")),
        ("#chart-heat-map .mark-rect.role-mark path >> nth=0", ("NVDA", "altman-chip-fund", "+2.1%")),
    ],
)
def test_a_mark_says_its_figures(report_page: Opened, mark: str, parts: tuple[str, ...]) -> None:
    said = point(report_page, mark).inner_text()
    for part in parts:
        assert part in said
    report_page.tab.mouse.move(0, 0)


@pytest.mark.parametrize(
    "mark",
    [
        "#chart-heat-map .mark-rect.role-mark path >> nth=0",
        "#chart-altman-chip-fund--forest .mark-symbol path >> nth=0",
    ],
)
def test_a_tooltip_lies_on_a_small_screen(phone: Opened, mark: str) -> None:
    box = point(phone, mark).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    phone.tab.mouse.move(0, 0)


def test_everything_is_done_with_keys(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        page.tab.locator("#cars details summary").first.press("Enter")
        assert page.evaluate("document.querySelector('#cars details').open")
        page.tab.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "download"
        page.tab.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        _, rows = saved(page, "cars", key="Enter")
        assert len(rows) == bundled().tables["cars"].num_rows
        region = page.tab.locator(".scroll", has=page.tab.locator("#table-cars"))
        region.press("ArrowDown")
        page.tab.wait_for_timeout(300)
        assert region.evaluate("(each) => each.scrollTop") > 0
        chooser = page.tab.locator(WINDOW)
        chooser.press("ArrowDown")
        assert chooser.input_value() == chooser.locator("option").nth(1).inner_text()


@pytest.mark.parametrize("change", ["darkness", "width"])
def test_what_was_chosen_stays_chosen_when_drawn_anew(browser: Any, report_file: Path, change: str) -> None:
    with opened(browser, report_file) as page:
        page.tab.locator(WINDOW).focus()
        page.tab.locator(WINDOW).select_option("CAR[0,+5]")
        page.evaluate("document.querySelector('#chart-heat-map svg').dataset.before = 1")
        if change == "darkness":
            page.tab.emulate_media(color_scheme="dark")
        else:
            page.tab.set_viewport_size({"width": 360, "height": 800})
        page.tab.locator("#chart-heat-map svg:not([data-before])").wait_for()
        page.evaluate("drawAll()")
        assert page.tab.locator(WINDOW).input_value() == "CAR[0,+5]"
        assert page.evaluate("document.activeElement.tagName") == "SELECT"
        assert page.complaints == []


@pytest.mark.parametrize(
    ("table", "source", "only"),
    [
        ("altman-chip-fund--paths", "abnormal_returns", {"event_id": "altman-chip-fund"}),
        ("compare-events", "comparisons", {"level": "event", "start": 0, "end": 0}),
        ("ticker-1-cars", "cars", {"ticker": "NVDA", "start": 0, "end": 0}),
    ],
)
def test_what_is_saved_is_the_result_s(
    report_page: Opened, table: str, source: str, only: dict[str, Any]
) -> None:
    header, rows = saved(report_page, table)
    stored = bundled().tables[source]
    assert header == stored.column_names
    chosen = [row for row in stored.to_pylist() if all(row[name] == value for name, value in only.items())]
    assert_same(rows, [list(row.values()) for row in chosen])


def test_the_design_is_saved_as_it_is_shown(report_page: Opened) -> None:
    _, rows = saved(report_page, "design")
    shown = report_page.evaluate("""[...document.querySelectorAll("#table-design tbody tr")]
      .map((row) => [...row.cells].map((each) => each.textContent))""")
    assert rows == [[f"'{text}" if text[:1] in tuple("=+-@") else text for text in row] for row in shown]


@pytest.mark.parametrize(("wish", "behaviour"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_nothing_moves_where_the_reader_wants_it_still(
    report_page: Opened, wish: str, behaviour: str
) -> None:
    report_page.tab.emulate_media(reduced_motion=wish)
    try:
        assert report_page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behaviour
    finally:
        report_page.tab.emulate_media(reduced_motion="reduce")


def test_a_small_screen_has_every_name_whole(phone: Opened) -> None:
    assert phone.evaluate(SHORTENED) == []


def test_a_small_screen_has_no_chart_wider_than_itself(phone: Opened) -> None:
    assert phone.evaluate(WIDER) == []


@pytest.mark.parametrize(("width", "mode"), [(360, "light"), (1280, "dark")])
def test_open_tables_raise_no_barrier(browser: Any, report_file: Path, width: int, mode: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, report_file, width, color_scheme=mode, bypass_csp=True) as page:
        page.evaluate(SHORT)
        found = Axe().run(page.tab).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert [(each["id"], each["nodes"][0]["html"][:150]) for each in serious] == []


@pytest.mark.parametrize(("width", "mode"), [(1440, "light"), (360, "dark")])
def test_no_printed_page_is_blank(
    browser: Any, report_file: Path, tmp_path: Path, width: int, mode: str
) -> None:
    painter, reader = tool("POPPLER", "pdftoppm"), tool("POPPLER", "pdftotext")
    pdf = tmp_path / "page.pdf"
    with opened(browser, report_file, width, color_scheme=mode) as page:
        page.tab.pdf(path=pdf, format="A4")
    subprocess.run([painter, "-r", "20", "-gray", pdf, tmp_path / "p"], check=True)
    inked = []
    for image in sorted(tmp_path.glob("p-*.pgm")):
        pixels = np.frombuffer(image.read_bytes().split(b"\n", 3)[3], dtype=np.uint8)
        inked.append(float((pixels < 200).mean()))
    assert [place for place, share in enumerate(inked, start=1) if share < 0.003] == []
    text = subprocess.run([reader, pdf, "-"], capture_output=True, text=True, check=True).stdout
    for part in ("\N{MINUS SIGN}13.4%", "deepseek-selloff", *BUNDLED):
        assert part in text


def test_hostile_text_stays_text_in_tooltips_and_is_saved_as_no_formula(browser: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(20240208)
    rows = [(name, ticker, day) for name, day in (("e", 300), ("f", 340)) for ticker in ("A", "^B")]
    titles = [f"{HOSTILE}{'x' * 10_000}", "=cmd()", "+1", "@x"]
    result = study(random_returns(rng, ("A", "^B"), n=400), rows, columns={"title": titles})
    hostile = tmp_path / "report.html"
    hostile.write_text(report(result), encoding="utf-8")
    with opened(browser, hostile) as page:
        said = point(page, "#chart-e--forest .mark-symbol.role-mark path >> nth=0").inner_text()
        assert HOSTILE[:60] in said
        assert page.evaluate("document.querySelectorAll('#owned, img').length") == 0
        assert page.complaints == []
        header, listed = saved(page, "firm-events")
        assert [row[header.index("title")] for row in listed] == [titles[0], "'=cmd()", "'+1", "'@x"]
