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
from eventstudy.words import words

WORDS = words("en")
LEAST = 1e-12  #: of rounding a figure to its last shown digit, beyond half a unit of that digit
TABLES = 80  #: the bundled study has more tables with a source than this
DRAWN = 0.006  #: a path keeps five significant digits
CELLS = 20_000  #: and more cells
THRESHOLDS = (0.01, 0.05, 0.1)
MINUS = "\N{MINUS SIGN}"
HYPHEN = re.compile(r"-\d")  #: in the place of a minus


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
    return text.endswith("%") and rounded(text[:-1], value, 100) and text not in ("-0.0%", "-0.00%")


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
    for name, source in (("cars", "cars"), ("firm-events", "events")):
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
                assert how in ("text", "window") or not HYPHEN.search(text), (name, heading, text)
                plain = text if how == "text" else text.replace(MINUS, "-")
                figures = [WORDS.coded(each, row[each]) if how == "text" else row[each] for each in fields]
                assert CHECKS[how](plain, *figures), (name, heading, text, row)
                checked += 1
    assert checked > CELLS


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
        assert rounded(cell["text"].rstrip("%").replace(MINUS, "-"), row["car"], 100)
        assert is_percent(cell["car"].replace(MINUS, "-"), row["car"])
        assert is_first_interval(cell["interval"].replace(MINUS, "-"), *(row[end] for end in ENDS))
        assert is_p(cell["study"], row["pvalue_study_bh"])
        assert is_p(cell["conformal"], row["conformal_pvalue"])


def test_the_residuals_that_are_chosen_are_those_of_the_table() -> None:
    choices = page().data["charts"]["residuals"]["choices"]
    shown = {
        (*name.split(" · "), row["tau"], row["session"], row["residual"])
        for name, each in choices.items()
        for row in unpacked(each["datasets"]["residuals"])
    }
    drawn = {tuple(name.split(" · ")) for name in choices}
    assert len(drawn) > 10
    assert shown == {row for row in stored("residuals") if row[:2] in drawn}


def test_the_page_begins_with_the_headline_and_the_ranked_firm_days() -> None:
    text = bundled_page().read_text("utf-8")
    told = bundled().headline()
    cars, events = bundled().cars, bundled().events
    first = cars[(cars["start"] == 0) & (cars["end"] == 0)].reset_index(drop=True).join(events["session"])
    first["size"] = -first["statistic"].abs()
    days = first.sort_values(["pvalue_study", "size"]).drop_duplicates(["ticker", "session"])
    heading = html.unescape(re.sub("<[^>]*>", "", re.findall(r"<h1>(.*?)</h1>", text, re.DOTALL)[0]))
    for row in days.head(3).itertuples():
        assert f"{row.ticker} {100 * row.car:+.1f}%".replace("-", MINUS) in heading
    answer = text.partition('<section id="answer"')[2]
    lead = html.unescape(
        re.sub("<[^>]*>", "", " ".join(re.findall(r'<p class="lead">(.*?)</p>', answer, re.DOTALL)))
    )
    for sentence in told["sentences"][:4]:
        assert sentence.replace(" %", "%") in lead
    rows = re.findall(r'<tr class="(up|down) (\w+)">(.*?)</tr>', answer.partition("</table>")[0], re.DOTALL)
    assert len(rows) == 12
    for (side, verdict, cells), row in zip(rows, days.head(12).itertuples(), strict=True):
        assert f'<th scope="row">{row.ticker}</th>' in cells
        assert f'href="#{row.event_id}"' in cells
        assert side == ("up" if row.car > 0 else "down")
        doubtless, named = row.pvalue_study_holm <= 0.05, row.pvalue_study_bh <= 0.05
        assert verdict == ("beyond_doubt" if doubtless else "named" if named else "not_named")
        assert f"{100 * row.car:+.1f}%".replace("-", MINUS) in cells


def test_every_coloured_panel_has_its_price_outside_the_band_and_every_named_one_is_coloured() -> None:
    """No verdict of a card that the drawing beside it contradicts."""
    text = bundled_page().read_text("utf-8")
    ticker = (
        r'<div class="panel (up|down|)" data-ticker="(\w+)">.*?class="chip (\w+)">.*?class="value">([^<]*)<'
    )
    cars = {
        (row["event_id"], row["ticker"]): row
        for row in bundled().tables["cars"].to_pylist()
        if (row["start"], row["end"]) == (0, 0)
    }
    seen = 0
    for card in re.findall(r'<article class="card" id="([^"]*)"(.*?)</article>', text, re.DOTALL):
        paths = {(row["ticker"], row["tau"]): row for row in page().paths(card[0])}
        for side, name, chip, value in re.findall(ticker, card[1], re.DOTALL):
            car, day0 = cars[card[0], name], paths[name, 0]
            assert is_percent(value.replace(MINUS, "-"), car["car"])
            outside = not day0["low"] <= day0["level"] <= day0["high"]
            conformal = car["conformal_low"] > 0 or car["conformal_high"] < 0
            assert bool(side) == (outside and conformal), (card[0], name)
            assert side or chip == "not_named", (card[0], name)
            assert not side or side == ("up" if car["car"] > 0 else "down")
            seen += 1
    assert seen == 115


def test_the_prices_of_a_card_are_compounded_returns() -> None:
    rows = bundled().tables["abnormal_returns"].to_pylist()
    own = [row for row in rows if (row["event_id"], row["ticker"]) == ("deepseek-selloff", "NVDA")]
    drawn = {row["tau"]: row for row in page().paths("deepseek-selloff") if row["ticker"] == "NVDA"}
    price = expected = 100.0
    for row in own:
        if row["tau"] < 0:
            continue
        price, expected = price * (1 + row["ret"]), expected * (1 + row["normal_ret"])
        assert abs(drawn[row["tau"]]["level"] - price) < DRAWN
        assert abs(drawn[row["tau"]]["expected"] - expected) < DRAWN
        half = (drawn[row["tau"]]["high"] - drawn[row["tau"]]["low"]) / 2
        assert abs(half / (100 * row["car0_se"]) - 1.97) < 0.01  # the t quantile of about 200 sessions
    assert drawn[-1]["level"] == 100
    before = next(row for row in own if row["tau"] == -1)
    assert abs(drawn[-2]["level"] - 100 / (1 + before["ret"])) < DRAWN
