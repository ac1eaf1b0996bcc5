"""Every figure of the report against the result table that it comes from."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from pages import bundled_page, unpacked
from pages import page_of_the_bundled_study as page
from panels import bundled

from eventstudy.results.firm_day import ENDS

LEAST = 1e-12  #: of rounding a figure to its last shown digit, beyond half a unit of that digit
TABLES = 100  #: the bundled study has more tables with a source than this
THRESHOLDS = (0.01, 0.05, 0.1)


@cache
def stored(source: str) -> set[tuple[Any, ...]]:
    """Return every row of a result table, as JSON writes it."""
    return {tuple(map(_plain, row.values())) for row in bundled().tables[source].to_pylist()}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def rounded(text: str, value: float, unit: float = 1.0) -> bool:
    """Tell whether a text is a figure rounded to the digits that it shows."""
    digits = len(text.partition(".")[2])
    return abs(float(text.replace(",", "")) - value * unit) <= 0.5 * 10.0**-digits + LEAST


def is_percent(text: str, value: float | None) -> bool:
    if value is None:
        return text == "-"
    return text.endswith("%") and rounded(text[:-1], value, 100) and not text.startswith("-0.00")


def is_p(text: str, value: float | None) -> bool:
    if value is None:
        return text == "-"
    if text == "<0.001":
        return value < 0.001
    shown = float(text)
    same_side = all(
        ((shown > edge) - (shown < edge)) == ((value > edge) - (value < edge)) for edge in THRESHOLDS
    )
    return rounded(text, value) and same_side and value >= 0.001


def is_ratio(text: str, value: float | None) -> bool:
    return text == "-" if value is None else rounded(text, value)


def is_interval(text: str, low: float | None, high: float | None) -> bool:
    if low is None:
        return text == "-"
    ends = text.split(" … ")
    return len(ends) == 2 and is_percent(ends[0], low) and is_percent(ends[1], high)


def is_first_interval(text: str, *ends: float | None) -> bool:
    """The conformal interval, or that of t with its mark."""
    if ends[0] is not None or ends[2] is None:
        return is_interval(text, *ends[:2])
    return text.endswith(" (t)") and is_interval(text.removesuffix(" (t)"), *ends[2:])


def is_placebo(text: str, value: float | None, note: str | None) -> bool:
    return is_p(text, None if note else value)


def is_window(text: str, start: int, end: int) -> bool:
    inside = re.fullmatch(r"(AR|CAR)\[(.*)\]", text)
    ends = [int(each) for each in inside[2].split(",")] if inside else []
    return ends == ([start] if start == end else [start, end])


def is_freedom(text: str, df: float | None, df2: float | None) -> bool:
    known = [each for each in (df, df2) if each is not None]
    shown = [] if text == "-" else [float(each) for each in text.split(", ")]
    return len(shown) == len(known) and all(
        abs(a - b) <= 5e-4 * abs(b) + LEAST for a, b in zip(shown, known, strict=True)
    )


def is_stated(text: str, value: float | None) -> bool:
    if value is None:
        return text == "-"
    return (
        is_percent(text, value)
        if text.endswith("%")
        else abs(float(text.replace(",", "")) / value - 1) < 5e-4
    )


CHECKS: dict[str, Callable[..., bool]] = {
    "text": lambda text, value: text == ("" if value is None else str(value)),
    "yes": lambda text, value: bool(text) == bool(value),
    "percent": is_percent,
    "size": is_percent,
    "ratio": is_ratio,
    "p": is_p,
    "count": lambda text, value: text == ("-" if value is None else f"{value:,.0f}"),
    "interval": is_interval,
    "first_interval": is_first_interval,
    "placebo": is_placebo,
    "window": is_window,
    "freedom": is_freedom,
    "stated": is_stated,
}


def test_every_downloaded_row_is_a_row_of_its_table() -> None:
    checked = 0
    for name, table in page().tables.items():
        if table.source:
            header, rows = page().download(name)
            assert header == bundled().tables[table.source].column_names, name
            assert {tuple(row) for row in rows} <= stored(table.source), name
            checked += 1
    assert checked > TABLES


def test_the_whole_tables_are_whole() -> None:
    """The tables that the page promises in full have every row of the result."""
    for name, source in (("cars", "cars"), ("events", "events"), ("power", "cars")):
        _, rows = page().download(name)
        assert len(rows) == len(bundled().tables[source]), name
    _, rows = page().download("findings") if "findings" in page().tables else ([], [])
    assert len(rows) == len(bundled().tables["findings"])


def test_every_cell_is_the_figure_of_its_row() -> None:
    checked = 0
    for name, table in page().tables.items():
        if name not in page().data["tables"] or "at" not in page().data["tables"][name]:
            continue
        header, rows = page().download(name)
        assert len(rows) == len(table.rows), name
        for values, texts in zip(rows, table.rows, strict=True):
            row = dict(zip(header, values, strict=True))
            for heading, text in zip(table.headings, texts, strict=True):
                fields = str(heading["data-fields"]).split(",")
                how = str(heading["data-how"])
                assert CHECKS[how](text, *(row[each] for each in fields)), (name, heading, text, row)
                checked += 1
    assert checked > 50_000


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [("0.0502", 0.0502, True), ("0.050", 0.0502, False), ("<0.001", 0.0009, True), ("0.050", 0.05, True),
     ("0.051", 0.0502, False), ("<0.001", 0.001, False)],
)  # fmt: skip
def test_the_check_of_p_values_itself(text: str, value: float, right: bool) -> None:
    assert is_p(text, value) is right


def test_the_heat_map_shows_the_table_of_cars() -> None:
    cells = unpacked(page().data["charts"]["heat-map"]["datasets"]["cells"])
    cars = bundled().tables["cars"].to_pylist()
    assert len(cells) == len(cars)
    for cell, row in zip(cells, cars, strict=True):
        assert (cell["event"], cell["ticker"]) == (row["event_id"], row["ticker"])
        assert is_window(cell["window"], row["start"], row["end"])
        assert rounded(cell["text"].rstrip("%"), row["car"], 100)
        assert is_percent(cell["car"], row["car"])
        assert is_first_interval(cell["interval"], *(row[end] for end in ENDS))
        assert is_p(cell["study"], row["pvalue_study_bh"])
        assert is_p(cell["conformal"], row["conformal_pvalue"])


def test_the_residuals_that_are_chosen_are_those_of_the_table() -> None:
    choices = page().data["charts"]["residuals"]["choices"]
    shown = {
        (*name.split(" · "), row["tau"], row["session"], row["residual"])
        for name, each in choices.items()
        for row in unpacked(each["datasets"]["residuals"])
    }
    assert shown == stored("residuals")


def test_the_page_begins_with_the_headline_and_the_named_firm_days() -> None:
    text = bundled_page().read_text("utf-8")
    told = bundled().headline()
    paragraphs = re.findall(r"<p[^>]*>(.*?)</p>", text.partition('<section id="answer"')[2], re.DOTALL)
    plain = [html.unescape(re.sub("<[^>]*>", "", each)) for each in paragraphs]
    assert plain[0] == told["sentences"][0]
    assert plain[1] == " ".join(told["sentences"][1:])
    cars, events = bundled().cars, bundled().events
    first = cars[(cars["start"] == 0) & (cars["end"] == 0)].reset_index(drop=True)
    named = first[first["pvalue_study_bh"] <= 0.05].join(events["session"])
    days = named.drop_duplicates(["ticker", "session"]).sort_values("pvalue_study")
    assert len(days) == told["named"] > 0
    table = page().tables["named"]
    assert [row[0] for row in table.rows] == list(days["ticker"])
    assert [row[1] for row in table.rows] == ["**" if p <= 0.05 else "*" for p in days["pvalue_study_holm"]]
    assert all(is_p(row[4], p) for row, p in zip(table.rows, days["pvalue_study_bh"], strict=True))
    drawn = unpacked(page().data["charts"]["strongest"]["datasets"]["rows"])
    assert sorted(row["ticker"] for row in drawn) == sorted(days["ticker"])
