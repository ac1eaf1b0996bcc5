"""The report in a browser: addresses and what is kept in them, the list of many events, saved drawings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import Opened, opened
from panels import random_returns, study

from eventstudy.report import report

pytestmark = pytest.mark.browser
MANY = 60  #: events, of which a list shows the first fifty
SCREENS = 12  #: of 1440 by 900 pixels, for the bundled study with its details closed
HEIGHT = 900


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of sixty events of one ticker each."""
    rng = np.random.default_rng(20240208)
    rows = [(f"event {n}", "AB"[n % 2], 300 + 5 * n) for n in range(MANY)]
    columns = {"title": [f"News n{n}x <b>&amp;</b>" for n in range(MANY)]}
    file = tmp_path_factory.mktemp("listed") / "report.html"
    file.write_text(report(study(random_returns(rng, ("A", "B"), n=700), rows, columns=columns)), "utf-8")
    return file


@pytest.fixture(scope="module")
def many(browser: Any, listed: Path) -> Iterator[Opened]:
    with opened(browser, listed) as page:
        yield page


def test_the_page_is_short_and_its_answer_is_on_the_first_screen_of_a_telephone(
    browser: Any, report_file: Path
) -> None:
    with opened(browser, report_file) as page:
        assert page.evaluate("document.scrollingElement.scrollHeight") <= SCREENS * HEIGHT
    with opened(browser, report_file, 390) as page:
        for part in ("h1", ".ranked tbody tr"):
            assert page.tab.locator(part).first.bounding_box()["y"] < HEIGHT
        assert not page.tab.locator("#contents ol").is_visible()


def test_an_address_leads_to_its_event_and_opens_what_it_lies_in(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        for anchor in ("deepseek-selloff", "deepseek-selloff--tests", "methods"):
            page.evaluate("(anchor) => { location.hash = anchor; }", anchor)
            page.tab.wait_for_timeout(300)
            place = page.tab.locator(f"[id='{anchor}']" if "--" not in anchor else f"#table-{anchor}")
            if "--" not in anchor:
                assert 0 <= place.bounding_box()["y"] < HEIGHT
        assert page.tab.locator("#methods dl").first.is_visible()
        assert page.tab.locator("#contents a[aria-current]").count() >= 1


def test_what_is_chosen_is_kept_in_the_address(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        page.tab.locator("#chart-heat-map select").first.select_option("CAR[0,+5]")
        address = page.evaluate("location.href")
        page.tab.goto("about:blank")
        page.tab.goto(address)
        page.evaluate("drawAll()")
        page.tab.wait_for_timeout(500)
        assert page.tab.locator("#chart-heat-map select").first.input_value() == "CAR[0,+5]"


def test_a_list_is_searched_sorted_and_opened(many: Opened) -> None:
    rows = many.tab.locator("[data-listing] > tbody > tr")
    assert rows.count() == 50
    many.tab.locator(".further").click()
    assert rows.count() == MANY
    head = many.tab.locator("th[data-by='car']")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    shown = [float(text.rstrip("%").replace("\N{MINUS SIGN}", "-")) for text in
             many.tab.locator("[data-listing] > tbody > tr > td:nth-child(5)").all_inner_texts()]  # fmt: skip
    assert shown == sorted(shown) and shown[0] < 0 < shown[-1]
    many.tab.locator(".search input").fill("n17x")
    assert rows.count() == 1 and "1 of 60" in many.tab.locator(".found").inner_text()
    rows.locator("a").first.click()
    card = many.tab.locator(".opened .card")
    assert card.locator("h3").inner_text() == "News n17x <b>&amp;</b>"
    many.tab.wait_for_function("document.querySelector('.opened .panel svg')")
    assert many.evaluate("location.hash").startswith("#event-17;event-list.sort=car")
    rows.locator("a").first.click()
    assert card.count() == 0
    assert many.complaints == []


def test_an_address_opens_the_card_of_a_list(browser: Any, listed: Path) -> None:
    with opened(browser, listed) as page:
        page.evaluate("location.hash = 'event-3'")
        page.tab.locator(".opened .card#event-3").wait_for()


def test_headings_of_tables_sort_figures_by_size(browser: Any, report_file: Path) -> None:
    with opened(browser, report_file) as page:
        page.tab.locator("#cars details summary").first.click()
        head = page.tab.locator("#table-cars th[data-how='percent']")
        for way, sign in (("ascending", 1), ("descending", -1)):
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == way
            cells = page.tab.locator("#table-cars tbody td:nth-child(4)").all_inner_texts()
            shown = [sign * float(text.rstrip("%").replace("\N{MINUS SIGN}", "-")) for text in cells]
            assert shown == sorted(shown)


@pytest.mark.parametrize(("button", "name"), [
    ('[data-card="deepseek-selloff"]', "deepseek-selloff"), ('[data-of="heat-map"]', "heat-map"),
])  # fmt: skip
def test_drawings_are_saved(browser: Any, report_file: Path, button: str, name: str) -> None:
    starts = {"png": b"\x89PNG", "svg": b"<svg", "csv": b"ticker," if name != "heat-map" else b"event,"}
    with opened(browser, report_file) as page:
        for form, start in starts.items():
            with page.tab.expect_download() as download:
                page.tab.locator(f'{button} > [data-save="{form}"]').click()
            assert download.value.suggested_filename == f"{name}.{form}"
            assert Path(download.value.path()).read_bytes().startswith(start)
        assert page.complaints == []
