"""Every layout of prices: what is read is what was written, or the reader asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from database_forms import DATABASE_FORMS
from mutations import MUTATIONS, Written, mutated
from price_forms import FORMS, PriceForm, Security, made_up

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.generic import DIVIDENDS
from eventstudy.intake.layouts.prices import PRICE_LAYOUTS
from eventstudy.intake.layouts.vendors import VENDOR_LAYOUTS
from eventstudy.intake.layouts.wide import WIDE
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.series import PriceReading, SeriesColumns

EXACT = 1e-12  #: figures are written with all their digits
IMPLIED = 1e-9  #: closes are divided by factors, or adjusted over the whole series, before they are written
PLAIN = ReadingOptions()


def reading_of(name: str, raw: bytes, options: ReadingOptions = PLAIN) -> PriceReading:
    """Read the one table of a file by its layout."""
    (table,) = tables_of(name, raw, options)
    return read_by_layout(table, PRICE_LAYOUTS, options)


def read_form(
    form: PriceForm, market: dict[str, Security], kind: str = "plain", seed: int = 0
) -> dict[str, Any]:
    """Read all files of a form, written otherwise by a mutation; return series by id, and what was read."""
    found: dict[str, SeriesColumns] = {}
    layouts = set()
    for file, rows in form.write(market):
        written = mutated(rows, kind, np.random.default_rng(seed))
        if written.separator == ",":
            written = Written(**{**vars(written), "separator": form.separator})
        reading = reading_of(file.rpartition(".")[0] + written.suffix, written.raw)
        found |= reading.series
        layouts.add(reading.understood.layout)
    return {"series": found, "layouts": layouts}


def truth(security: Security, holds: str) -> Any:
    """Return the returns that a form of a kind tells, shape (T - 1,)."""
    if holds == "total":
        return security.returns
    closes = security.raw if holds == "raw" else security.split
    return closes[1:] / closes[:-1] - 1


def returns_of(series: SeriesColumns) -> tuple[Any, Any]:
    """Return sessions after the first, and returns by the formulas for what the closes hold."""
    order = np.argsort(series.sessions)
    columns = {name: values[order] for name, values in series.columns.items()}
    days, close = series.sessions[order][1:], columns.get("close")
    if "return" in columns:
        return days, columns["return"][1:]
    if "adj_close" in columns and "dividend" not in columns:
        close = columns["adj_close"]
    elif series.closes in ("raw", "split-adjusted") and "dividend" in columns:
        factor = columns["split"] if series.closes == "raw" else np.ones(len(close))
        return days, (close[1:] + columns["dividend"][1:]) * factor[1:] / close[:-1] - 1
    return days, close[1:] / close[:-1] - 1


def assert_true(form: PriceForm, market: dict[str, Security], series: dict[str, SeriesColumns]) -> None:
    """Assert that each security has the returns that were written, wherever there are some."""
    for name, security in market.items():
        mine = next(each for key, each in series.items() if key == name or key.startswith(f"{name} "))
        days, returns = returns_of(mine)
        assert (days == security.days[1:]).all()
        known = ~np.isnan(returns)
        assert known.mean() > 0.5
        np.testing.assert_allclose(returns[known], truth(security, form.holds)[known], rtol=0, atol=IMPLIED)


def test_every_layout_has_a_form() -> None:
    own = {layout.name for layout in (*VENDOR_LAYOUTS, WIDE)} | {"securities"}
    assert own == set(FORMS)
    names = [layout.name for layout in PRICE_LAYOUTS]
    assert len(names) == len(set(names))
    assert {WIDE.name, DIVIDENDS.name} <= set(names)


@pytest.mark.parametrize("name", FORMS)
def test_the_returns_are_those_that_were_written(name: str) -> None:
    form = FORMS[name]
    market = made_up(names=form.names)
    found = read_form(form, market)
    assert found["layouts"] == {name}
    assert {each.closes for each in found["series"].values()} == {form.closes}
    assert_true(form, market, found["series"])


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form.holds == "price"])
def test_closes_are_those_of_the_plain_wide_table(name: str) -> None:
    form = FORMS[name]
    market = made_up(names=form.names)
    plain = read_form(FORMS["wide"], market)["series"]
    for key, series in read_form(form, market)["series"].items():
        order = np.argsort(series.sessions)
        wide = plain[key.removesuffix(" Corp")].columns["close"]
        np.testing.assert_allclose(series.columns["close"][order], wide, rtol=EXACT)


#: ways of writing that must not change what is read; codes for missing values leave fewer returns
KINDS = (
    "tab", "semicolon", "pipe", "newest-first", "swapped-columns", "padded", "quoted", "crlf", "missing",
    "titles+footer", "blank-rows", "blank-columns", "bom", "utf-16", "gzip", "mdy", "dmy", "dmy-points",
    "compact", "month-words", "sas-words", "midnight", "zulu", "korean-dates", "ymd-points", "plus-exponent",
    "semicolon+decimal-comma", "semicolon+decimal-comma+thousands-point+dmy-points", "thousands-comma+quoted",
    "tab+decimal-comma+thousands-blank+dmy", "duplicated-column", "cut-off",
)  # fmt: skip
REFUSED = ("duplicated-column", "cut-off")
ALL_FORMS = {**FORMS, **DATABASE_FORMS}
FULLY_TRIED = ("wide", "tiingo")  #: in every way by default; the others in `slow` runs
FIGURES_AS_DATES = ("polygon", "polygon-flat", "polygon-grouped")
#: forms of which a way of writing would change what is meant: ids or times are figures, or the header is none
#: or of several rows; and a last figure of which digits are cut off is a figure still
OF_FIGURES = ("crsp-siz", "crsp-siz-prices", "crsp-ciz", "compustat", "j-quants", "stooq-bulk")
BY_FIGURES = ("missing", "plus-exponent", "thousands")
OTHERWISE_HEADED = ("eventstudytools", "yfinance-download")
BY_HEADER = ("swapped-columns", "newest-first")


def means_the_same(name: str, kind: str) -> bool:
    """Whether a form says the same when it is written in a way."""
    if name in OF_FIGURES and any(each in kind for each in BY_FIGURES):
        return False
    if name in OTHERWISE_HEADED and any(each in kind for each in BY_HEADER):
        return False
    if name == "eventstudytools" and "decimal-comma" in kind:
        return False  # without a header, a whole number more is an id more
    return "cut-off" not in kind or name not in (*DATABASE_FORMS, "eventstudytools")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    [
        *FULLY_TRIED,
        *(pytest.param(name, marks=pytest.mark.slow) for name in ALL_FORMS if name not in FULLY_TRIED),
    ],
)
def test_however_a_table_is_written_it_is_right_or_refused(name: str, kind: str) -> None:
    """Right, or an error that says what to do; never silently different."""
    if not means_the_same(name, kind):
        return
    form = ALL_FORMS[name]
    market = made_up(seed=11, names=form.names)
    try:
        found = read_form(form, market, kind)
    except FileContentError as error:
        assert error.remedy
        assert kind in REFUSED or name in FIGURES_AS_DATES, str(error)
        return
    assert kind != "cut-off"
    assert_true(form, market, found["series"])


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.more) for seed in range(1, 6))])
@pytest.mark.parametrize("name", ALL_FORMS)
def test_a_form_in_random_ways(name: str, seed: int) -> None:
    rng = np.random.default_rng([seed, len(name)])
    kind = "+".join(
        rng.choice([kind for kind in KINDS if kind in MUTATIONS and "mdy" not in kind], 2, replace=False)
    )
    if not means_the_same(name, kind):
        return
    form = ALL_FORMS[name]
    market = made_up(seed=seed, names=form.names)
    try:
        found = read_form(form, market, kind, seed)
    except FileContentError as error:
        assert error.remedy
        counted = {"plus-exponent", "missing"} if name in FIGURES_AS_DATES else set()  # its dates are figures
        assert {*kind.split("+")} & {*REFUSED, *counted}, str(error)
        return
    assert_true(form, market, found["series"])


def read_text(text: str, options: ReadingOptions = PLAIN, name: str = "AAA.csv") -> PriceReading:
    return reading_of(name, text.encode(), options)


def rows(titles: str, *cells: str, days: int = 70) -> str:
    """Return a CSV of some days, ``{}`` in a cell being a price of the day."""
    dates = np.busday_offset("2024-01-02", np.arange(days), roll="forward")
    prices = 50 * np.exp(np.cumsum(0.01 * np.random.default_rng(3).standard_normal(days)))
    lines = [
        ",".join([str(day), *cells]).replace("{}", f"{price:.4f}")
        for day, price in zip(dates, prices, strict=True)
    ]
    return "\n".join([titles, *lines, ""])


def returns_table(scale: float, days: int = 120) -> str:
    figures = scale * np.random.default_rng(8).standard_normal((days, 3))
    dates = np.busday_offset("2024-01-02", np.arange(days), roll="forward")
    lines = [f"{day},{row[0]:.6f},{row[1]:.6f},{row[2]:.6f}" for day, row in zip(dates, figures, strict=True)]
    return "\n".join(["date,AAA,BBB,MKT", *lines, ""])


def test_returns_are_told_from_prices_and_percent_is_asked_about() -> None:
    decimal = read_text(returns_table(0.015))
    assert decimal.understood.role == "returns" and decimal.understood.unit == "decimal"
    with pytest.raises(
        FileContentError, match=r"(?s)\(percent\) or .*\(decimal\).*--values percent"
    ) as asked:
        read_text(returns_table(1.5))
    assert "data: {values: percent}" in asked.value.remedy and asked.value.line
    stated = read_text(returns_table(1.5), ReadingOptions(values="percent"))
    np.testing.assert_allclose(
        stated.series["AAA"].columns["return"], decimal.series["AAA"].columns["return"], atol=2e-6
    )  # both have six decimals
    logs = read_text(returns_table(0.015), ReadingOptions(values="log-returns"))
    np.testing.assert_array_equal(
        logs.series["AAA"].columns["return"], np.expm1(decimal.series["AAA"].columns["return"])
    )


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (returns_table(0.015), ReadingOptions(values="prices"), "said to hold prices"),
        (rows("date,AAA", "{}"), ReadingOptions(values="returns"), "all its figures are above 0"),
        (returns_table(1.5), ReadingOptions(values="returns"), "likely percent"),
        (rows("date,close", "{}"), ReadingOptions(values="returns"), "holds prices in 'close'"),
        (rows("date,close", "{}"), ReadingOptions(value_column="PX_LAST"), "has no column 'PX_LAST'"),
        (rows("date,close,Close", "{}", "{}"), PLAIN, "several columns of close: 'close', 'Close'"),
        (rows("date,Volume", "5000"), PLAIN, "holds a column Volume, not closes"),
        (rows("date,open,high,low,close,volume,Stock Splits,Dividends", *"123x567"), PLAIN, "close is 'x'"),
        (rows("date,ticker,close", "", "{}"), PLAIN, "the row has no ticker"),
        (rows("day of week,close", "{}").replace("2024-", "24x"), PLAIN, "date"),
        (rows("date,ticker,per,close", "AAA", "5", "{}"), PLAIN, "holds rows of the period '5'"),
    ],
)  # fmt: skip
def test_what_contradicts_the_file_is_an_error(text: str, options: ReadingOptions, words: str) -> None:
    with pytest.raises(FileContentError, match="(?i)" + words.replace("(", r"\(")) as raised:
        read_text(text, options)
    assert "\n" not in str(raised.value)


def test_what_is_stated_beats_what_is_recognised() -> None:
    text = rows("date,close,Official,adj_close", "{}", "7", "3")
    assert read_text(text).series["AAA"].columns.keys() == {"close", "adj_close"}
    taken = read_text(text, ReadingOptions(value_column="official")).series["AAA"]
    assert set(taken.columns) == {"close"} and (taken.columns["close"] == 7).all()
    fund = read_text(rows("when,fund,nav", "F1", "{}"), ReadingOptions(id_column="fund", value_column="nav"))
    assert list(fund.series) == ["F1"]


def test_zeros_are_missing_prices_with_a_remark() -> None:
    text = rows("date,open,close", "0", "{}").replace("\n2024-01-05,0,", "\n2024-01-05,0,0\n#")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    series = read_text(text).series["AAA"]
    at = int(np.flatnonzero(np.isnan(series.columns["close"]))[0])
    assert np.isnan(series.columns["close"]).sum() == 1 and str(series.sessions[at]) == "2024-01-05"
    assert [(remark.rule, remark.severity, remark.session) for remark in series.remarks] == [
        ("nonpositive-price", "warning", "2024-01-05"),
        ("nonpositive-price", "info", "2024-01-02"),
    ]


def test_marks_below_zero_are_prices_still() -> None:
    text = rows("date,AAA,BBB", "{}", "20").replace(",20\n", ",-20\n", 1)
    assert read_text(text).series["BBB"].columns["close"][0] == -20
    many = rows("date,AAA", "{}").splitlines()
    mixed = "\n".join(line.replace(",", ",-") if row % 6 == 5 else line for row, line in enumerate(many))
    with pytest.raises(FileContentError, match="prices that are marked, or returns; say --values"):
        read_text(mixed + "\n")


def test_columns_that_are_not_needed_are_no_reason_to_refuse() -> None:
    reading = read_text(rows("date,close,volume,comment", "{}", "lots", "fine"))
    assert "volume" not in reading.series["AAA"].columns
    assert any("volume not read" in remark for remark in reading.understood.remarks)
    numbered = read_text(
        "\n".join(
            f"{row - 1 if row else ''},{line}"
            for row, line in enumerate(rows("date,AAA,BBB", "{}", "{}").splitlines())
        )
        + "\n"
    )
    assert list(numbered.series) == ["AAA", "BBB"]


@pytest.mark.parametrize(
    ("name", "ticker"),
    [
        ("RNV Historical Data.csv", "RNV"), ("RNV Historical Data (1).csv", "RNV"), ("AAPL.US.csv", "AAPL"),
        ("nvda.us.txt", "NVDA"), ("nvda_us_d.csv", "NVDA"), ("^spx_d.csv", "^GSPC"), ("_GSPC.csv", "^GSPC"),
        ("daily_IBM.csv", "IBM"), ("wkn_846900_historic.csv", "846900"), ("005930.csv", "005930"),
        ("BRK.B.csv", "BRK.B"), ("%43ON.csv", "CON"), ("삼성전자 과거 데이터.csv", "삼성전자"),
    ],
)  # fmt: skip
def test_a_file_is_named_by_its_security(name: str, ticker: str) -> None:
    assert list(read_text(rows("date,close", "{}"), name=name).series) == [ticker]


@pytest.mark.parametrize(
    "name", ["HistoricalData_1700000000000.csv", "download.csv", "data_5930_20240507.csv"]
)
def test_a_download_that_does_not_say_of_what_asks(name: str) -> None:
    with pytest.raises(FileContentError, match="rename the file to the ticker"):
        read_text(rows("date,close", "{}"), name=name)


def test_a_name_that_never_changes_is_another_name_of_the_file() -> None:
    reading = read_text(rows("date,close,Name", "{}", "Arbor AG"))
    assert list(reading.series) == ["AAA"] and reading.aliases == {"Arbor AG": ("AAA",)}


def test_each_series_keeps_the_clocks_of_its_rows() -> None:
    """Long, wide and by instrument: what is left of a table is the stamps of each security."""
    lines = ["date,ticker,close", "2024-01-02 15:00:00Z,005930.KS,5", "2024-01-03,SAP.DE,7"]
    with pytest.raises(FileContentError, match=r"a.csv:3: date 2024-01-03 has no zone, and other rows have"):
        read_text("\n".join(lines) + "\n", name="a.csv")
    lines = ["date,ticker,close"]
    for day in range(2, 30):
        lines += [f"2024-01-{day:02} 15:00:00Z,005930.KS,{day}", f"2024-01-{day:02} 23:00:00Z,SAP.DE,{day}"]
    long = read_text("\n".join(lines) + "\n", name="a.csv").series
    instruments = [line.replace("date,ticker,close", "Date,Instrument,Price Close") for line in lines]
    lseg = read_text("\n".join(instruments) + "\n", name="a.csv").series
    text = "date,company,ret\n"
    for day in range(2, 30):
        ret = (-1) ** day * 0.01
        text += f"2024-01-{day:02} 15:00:00Z,005930.KS,{ret}\n2024-01-{day:02} 23:00:00Z,SAP.DE,{ret}\n"
    listed = read_text(text, ReadingOptions(values="returns"), name="a.csv").series
    for series in (long, lseg, listed):
        for name, hour in (("005930.KS", 15), ("SAP.DE", 23)):
            stamps = series[name].stamps
            assert stamps is not None and len(stamps.days) == 28
            np.testing.assert_array_equal(stamps.days, series[name].sessions)
            assert set(stamps.clock.tolist()) == {hour * 3600} and not stamps.offset.any()
    wide = [f"2024-01-{day:02} 15:00:00Z,{day + 50},{day + 70}" for day in range(2, 30)]
    for each in read_text("\n".join(["date,AAA,BBB", *wide]) + "\n", name="a.csv").series.values():
        assert each.stamps is not None and len(each.stamps.days) == 28
    dates = "\n".join(["date,AAA,BBB", *wide]).replace(" 15:00:00Z", "") + "\n"
    assert all(each.stamps is None for each in read_text(dates).series.values())


def test_multi_level_headers_of_frames_and_merged_cells() -> None:
    import pandas as pd

    from eventstudy.intake.opening import table_of_frame

    days = pd.date_range("2024-01-02", periods=70, freq="B", name="Date")
    closes = pd.DataFrame({"AAA": np.arange(70) + 50.0, "BBB": np.arange(70) + 70.0}, index=days)
    both = pd.concat({"Close": closes, "Open": closes - 0.5}, axis=1)
    for frame in (both, both.swaplevel(axis=1)):
        reading = read_by_layout(table_of_frame("frame", frame), PRICE_LAYOUTS, PLAIN)
        np.testing.assert_array_equal(reading.series["BBB"].columns["close"], closes["BBB"])
        np.testing.assert_array_equal(reading.series["BBB"].columns["open"], closes["BBB"] - 0.5)
        assert reading.series["AAA"].closes is None  # fields alone do not say that it is yfinance's


def test_a_long_table_of_values_is_prices_or_returns_by_its_figures() -> None:
    prices = read_text(rows("date,ticker,value", "AAA", "{}")).series["AAA"]
    assert set(prices.columns) == {"close"}
    wide = read_text(returns_table(0.015))
    long = ["date,ticker,value"]
    for name, series in wide.series.items():
        long += [
            f"{day},{name},{value}"
            for day, value in zip(series.sessions, series.columns["return"], strict=True)
        ]
    found = read_text("\n".join(long) + "\n")
    assert found.understood.unit == "decimal"
    for name, series in wide.series.items():
        np.testing.assert_array_equal(found.series[name].columns["return"], series.columns["return"])


def test_columns_with_and_without_percent_signs_are_refused() -> None:
    text = rows("date,AAA,BBB", "1.2%", "0.5")
    with pytest.raises(FileContentError, match="BBB has no percent signs, and another column has"):
        read_text(text)
