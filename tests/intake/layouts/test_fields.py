"""Bloomberg, FactSet and Capital IQ: which column is whose and of what, and which one is taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from layout_tables import assert_returns, grid_table, read, seeded_returns, sessions, text_table

from eventstudy.errors import FileContentError
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.bloomberg import BLOOMBERG_BDH
from eventstudy.intake.layouts.capital_iq import CAPITAL_IQ_PRICES
from eventstudy.intake.layouts.factset import FACTSET_PRICES
from eventstudy.intake.series import PriceReading

DAYS = sessions(40)
IDS = ("IBM US Equity", "SAP GR Equity", "SPX Index")
CLOSES = {
    name: np.round(100 * np.cumprod(1 + np.nan_to_num(values)), 6)
    for name, values in seeded_returns(IDS, len(DAYS), seed=10).items()
}
EXPECTED = {name: np.append(np.nan, close[1:] / close[:-1] - 1) for name, close in CLOSES.items()}
META = [["Start Date", "2019-01-02"], ["End Date", "2019-02-28"], ["Period", "D"], ["Currency", "USD"]]


def grid(field: str = "PX_LAST", dates: str = "Dates") -> list[list[str]]:
    rows = [["", *IDS], [dates, *[field] * len(IDS)]]
    return rows + [[str(day), *(f"{CLOSES[name][at]:.6f}" for name in IDS)] for at, day in enumerate(DAYS)]


@pytest.mark.parametrize("field", ["PX_LAST", "px_last", "Last Price", "TOT_RETURN_INDEX_GROSS_DVDS"])
@pytest.mark.parametrize("meta", [0, 4])
def test_one_column_of_dates(field: str, meta: int) -> None:
    rows = grid(field)
    found = read(BLOOMBERG_BDH, grid_table(rows, 2, above=tuple(map(tuple, META[:meta]))))
    assert_returns(found.series, EXPECTED, DAYS)
    assert found.aliases == {"IBM US": ("IBM US Equity",), "SAP GR": ("SAP GR Equity",)}
    assert [found.series[name].exchange for name in IDS] == ["XNYS", "XETR", ""]


@pytest.mark.parametrize("above", [0, 1])
def test_pairs_of_columns_have_dates_of_their_own(above: int) -> None:
    tops: list[list[str]] = [[], []]
    columns = []
    for skip, name in enumerate(IDS):
        names = ["", ""]
        names[above] = name
        tops[0] += [*names, ""]
        tops[1] += ["Date", "PX_LAST", ""]
        kept = [at for at in range(len(DAYS)) if at % 10 != skip]
        columns += [
            [*(str(DAYS[at]) for at in kept), *[""] * (len(DAYS) - len(kept))],
            [*(f"{CLOSES[name][at]:.6f}" for at in kept), *[""] * (len(DAYS) - len(kept))],
            [""] * len(DAYS),
        ]
    found = read(BLOOMBERG_BDH, grid_table([*tops, *map(list, zip(*columns, strict=True))], 2))
    for skip, name in enumerate(IDS):
        kept = np.arange(len(DAYS)) % 10 != skip
        assert found.series[name].sessions.tolist() == DAYS[kept].tolist()
        np.testing.assert_allclose(found.series[name].columns["close"], CLOSES[name][kept])


def test_codes_of_the_terminal_are_missing() -> None:
    rows = grid()
    rows[12][1], rows[20][2] = "#N/A N/A", "#N/A Field Not Applicable"
    found = read(BLOOMBERG_BDH, grid_table(rows, 2))
    assert np.flatnonzero(np.isnan(found.series[IDS[0]].columns["close"])).tolist() == [10]
    rows[13][1] = "#N/A Requesting Data..."
    with pytest.raises(FileContentError, match="Requesting"):
        read(BLOOMBERG_BDH, grid_table(rows, 2))


def several(*fields: str, scale: float = 1.0) -> list[list[str]]:
    rows = [["", "IBM US Equity", *[""] * (len(fields) - 1)], ["Dates", *fields]]
    for at, day in enumerate(DAYS):
        rows.append([str(day), *(f"{CLOSES[IDS[0]][at] * scale**place:.6f}" for place in range(len(fields)))])
    return rows


def test_the_total_return_index_is_preferred_and_two_prices_are_asked_about() -> None:
    table = grid_table(several("PX_LAST", "PX_VOLUME", "TOT_RETURN_INDEX_GROSS_DVDS", scale=2), 2)
    found = read(BLOOMBERG_BDH, table)
    assert found.series[IDS[0]].columns["close"][0] == pytest.approx(4 * CLOSES[IDS[0]][0], abs=1e-6)
    assert "not used: PX_LAST, PX_VOLUME" in found.understood.remarks
    both = grid_table(several("PX_LAST", "PX_OFFICIAL_CLOSE", scale=3), 2)
    with pytest.raises(FileContentError, match=r"PX_LAST \(.* or PX_OFFICIAL_CLOSE \(.*--value-column"):
        read(BLOOMBERG_BDH, both)
    chosen = read(BLOOMBERG_BDH, both, value_column="px_official_close")
    assert chosen.series[IDS[0]].columns["close"][0] == pytest.approx(3 * CLOSES[IDS[0]][0], abs=1e-6)
    with pytest.raises(FileContentError, match=r"has no column .*its fields: PX_VOLUME"):
        read(BLOOMBERG_BDH, grid_table(several("PX_VOLUME"), 2))


def test_daily_total_returns_are_percent() -> None:
    rows = grid("DAY_TO_DAY_TOT_RETURN_GROSS_DVDS")
    for at in range(len(DAYS)):
        rows[2 + at][1:] = [f"{100 * EXPECTED[name][at]:.12f}" if at else "" for name in IDS]
    found = read(BLOOMBERG_BDH, grid_table(rows, 2))
    assert_returns(found.series, EXPECTED, DAYS)
    assert found.understood.role == "returns"


@pytest.mark.parametrize("overlap", [False, True])
def test_an_index_that_starts_anew_has_no_return_over_the_seam(overlap: bool) -> None:
    close = CLOSES[IDS[0]]
    first, second = 100 * close[:20] / close[0], 100 * close[20 - overlap :] / close[20 - overlap]
    first *= np.linspace(1, 1.5, 20)  # far from where it began
    days = np.concatenate([DAYS[:20], DAYS[20 - overlap :]])
    levels = np.concatenate([first, second])
    rows = [["", "IBM US Equity"], ["Dates", "TOT_RETURN_INDEX_GROSS_DVDS"]]
    rows += [[str(day), f"{level:.8f}"] for day, level in zip(days, levels, strict=True)]
    found = read(BLOOMBERG_BDH, grid_table(rows, 2))
    expected = np.append(first[:1] * np.nan, first[1:] / first[:-1] - 1).tolist()
    expected += (close[20:] / close[19:-1] - 1).tolist()
    if not overlap:
        expected[20] = np.nan
    series = found.series[IDS[0]]
    assert series.sessions.tolist() == DAYS.tolist()
    np.testing.assert_allclose(series.columns["return"], expected, atol=1e-8)  # levels have 8 decimals
    assert "no return over 1 seam where the index starts anew" in found.understood.remarks


def test_a_file_of_ids_alone_is_taken_for_prices() -> None:
    rows = [["Dates", *IDS], *grid()[2:]]
    assert_returns(read(BLOOMBERG_BDH, grid_table(rows, 1)).series, EXPECTED, DAYS)


def test_words_that_end_like_a_ticker_are_no_export_of_bloomberg() -> None:
    rows = [["date", "ABC", "S&P 500 Index"], ["2019-01-02", "1", "2"]]
    assert not BLOOMBERG_BDH.fits(grid_table(rows, 1))


def test_factset_wide_and_long() -> None:
    ids = ("AAPL-US", "SAP-DE", "SPX-US")
    rows = [["", *ids], ["Date", *["P_PRICE"] * 3], *grid()[2:]]
    rows[10][1] = "@NA"
    expected = dict(zip(ids, (each.copy() for each in EXPECTED.values()), strict=True))
    expected["AAPL-US"][[8, 9]] = np.nan
    found = read(FACTSET_PRICES, grid_table(rows, 2, above=(("FactSet prices",),)))
    assert_returns(found.series, expected, DAYS)
    assert [found.series[name].exchange for name in ids] == ["XNYS", "XETR", "XNYS"]
    assert "no dividends in the prices" in found.understood.remarks
    long = pd.concat(
        pd.DataFrame({"ticker": name, "date": DAYS.astype(str), "one_day_tr": 100 * values, "P_PRICE": 1.0})
        for name, values in zip(ids, EXPECTED.values(), strict=True)
    )
    long["one_day_tr"] = [f"{value:.12f}" if np.isfinite(value) else "@NA" for value in long.one_day_tr]
    found = read(FACTSET_PRICES, text_table(long))
    assert_returns(found.series, dict(zip(ids, EXPECTED.values(), strict=True)), DAYS)


def test_capital_iq_ids_have_colons_and_the_adjusted_close_is_preferred() -> None:
    ids = ("NYSE:IBM", "XTRA:SAP", "NasdaqGS:AAPL")
    dates = [pd.Timestamp(day).strftime("%b-%d-%Y") for day in DAYS]
    rows = [["", *ids], ["Date", *["IQ_CLOSEPRICE"] * 3]]
    rows += [[day, *row[1:]] for day, row in zip(dates, grid()[2:], strict=True)]
    found = read(CAPITAL_IQ_PRICES, grid_table(rows, 2))
    assert_returns(found.series, dict(zip(ids, EXPECTED.values(), strict=True)), DAYS)
    assert [each.exchange for each in found.series.values()] == ["XNYS", "XETR", "XNYS"]
    long = pd.DataFrame({"Ticker": "NYSE:IBM", "Date": dates, "IQ_CLOSEPRICE": "7"})
    long["IQ_CLOSEPRICE_ADJ"] = [f"{value:.6f}" for value in CLOSES[IDS[0]]]
    long.loc[5, "IQ_CLOSEPRICE_ADJ"] = "NM"
    series = read(CAPITAL_IQ_PRICES, text_table(long)).series["NYSE:IBM"]
    assert series.closes == "adjusted"
    assert np.flatnonzero(np.isnan(series.columns["close"])).tolist() == [5]
    np.testing.assert_allclose(np.delete(series.columns["close"], 5), np.delete(CLOSES[IDS[0]], 5))


@pytest.mark.parametrize(
    ("layout", "ids", "field"),
    [
        (FACTSET_PRICES, ("IBM-US", "SAP-DE", "SP50"), "P_PRICE"),
        (FACTSET_PRICES, ("SP50", "IBM-US", "SAP-DE"), "P_PRICE"),
        (FACTSET_PRICES, ("SP50", "R.1000", "NIKKEI"), "P_PRICE"),
        (CAPITAL_IQ_PRICES, ("NYSE:IBM", "^SPX", "XTRA:SAP"), "IQ_CLOSEPRICE"),
        (BLOOMBERG_BDH, ("IBM US Equity", "SPX", "SAP GR Equity"), "PX_LAST"),
    ],
)
@pytest.mark.parametrize("titled", [True, False])
def test_whatever_stands_among_ids_is_one(
    layout: Layout[PriceReading], ids: tuple[str, ...], field: str, titled: bool
) -> None:
    """A title names the field of all columns, or a row names that of each."""
    rows = [
        [str(day), *(f"{CLOSES[name][at]:.6f}" for name in IDS)]  # as many columns as ids
        for at, day in enumerate(DAYS)
    ]
    tops = [["Date", *ids]] if titled else [["Date", *ids], ["", *[field] * len(ids)]]
    above = (("Price History",), (field,)) if titled else ()
    found = read(layout, grid_table([*tops, *rows], len(tops), above=above))
    assert tuple(found.series) == ids
    assert {each.closes for each in found.series.values()} <= {"split-adjusted", "raw"}
    assert_returns(found.series, dict(zip(ids, EXPECTED.values(), strict=True)), DAYS)
