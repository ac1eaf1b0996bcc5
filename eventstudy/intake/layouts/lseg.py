"""LSEG Workspace and Eikon: prices and total returns in percent, a row per instrument and day."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.long import LongRows, long_rows
from eventstudy.intake.layouts.markets import NEW_YORK
from eventstudy.intake.layouts.several_sessions import OneSession, after_missing_price, one_session
from eventstudy.intake.layouts.telling import counted, shown, understood_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.sessions.exchange import BY_SUFFIX

NAME, TITLE = "lseg", "LSEG Workspace"
IDS, DATES = ("Instrument",), ("Date", "TR.PriceClose.date", "TR.TotalReturn.date", "Calc Date")
PRICES = ("Price Close", "TR.PriceClose", "Close Price")
RETURNS = ("Total Return", "TR.TotalReturn", "Daily Total Return", "1 Day Total Return", "TR.TotalReturn1D")
MISSING = ("<NA>",)
CLOSE_ENOUGH = (
    0.25  #: median difference of return and price change, in median price changes; dividends are rare
)
FEWEST = 5  #: price changes from which the unit is checked


def fits(table: Table) -> bool:
    """Tell whether the columns are Instrument, Date, and Price Close or Total Return."""
    return bool(table.places(*IDS) and table.places(*DATES) and table.places(*PRICES, *RETURNS))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the total return of each instrument, or its prices where it has none, as indices.

    Notes
    -----
    Total Return is in percent, which is checked against the changes of the price. It repeats the last value
    on days without trade, and for ever after a delisting: where price and return both repeat they are
    missing.

    Raises
    ------
    FileContentError
        Total returns that are not price changes in percent, unless ``--values`` states the unit.
    """
    places = {"id": table.places(*IDS)[0], "date": table.places(*DATES)[0]}
    places |= {
        role: found[0]
        for role, titles in (("close", PRICES), ("return", RETURNS))
        if (found := table.places(*titles))
    }
    days = days_of(table, places["date"], options)
    nothing = np.full(table.n_rows, np.nan)
    figures = {
        role: figures_of(table, places[role], options, missing=MISSING).values if role in places else nothing
        for role in ("close", "return")
    }
    rows = long_rows(table, texts_of(table, places["id"]), days.days, figures)
    stale = _stale(rows, "close" in places)
    close = np.where((rows.figures["close"] > 0) & ~stale, rows.figures["close"], np.nan)
    decimals = np.where(stale, np.nan, _decimals(table, rows, close, options))
    priced = np.isfinite(close) if "close" in places else ~stale
    single = one_session(decimals, after_missing_price(rows, priced))
    series = _series(rows, days, close, single)
    without = [name for name, each in series.items() if "return" not in each.columns]
    remarks = (
        f"{counted(int(stale.sum()), 'repeated value')} missing" if stale.any() else "",
        f"{counted(single.spanning, 'return')} over several sessions missing" if single.spanning else "",
        f"prices without dividends of {shown(without)}" if without else "",
    )
    understood = understood_of(
        table, (NAME, TITLE), series, {role: table.titles[place] for role, place in places.items()},
        role="returns" if len(without) < len(series) else "prices",
        unit="percent" if len(without) < len(series) else "price", dates=days.form, remarks=remarks,
    )  # fmt: skip
    aliases: dict[str, tuple[str, ...]] = {}
    for name in series:
        alive, caret, _ = name.partition("^")
        if caret and alive and alive not in series:
            aliases[alive] = (*aliases.get(alive, ()), name)
    return PriceReading(series, understood, aliases)


def exchange_of_ric(ric: str) -> str:
    """Return whose sessions a RIC has, also a dead one; "" for an index and an unknown ending."""
    stem, _, ending = ric.partition("^")[0].rpartition(".")
    return (
        "XNYS" if stem and ending.upper() in NEW_YORK else BY_SUFFIX.get(ending.upper(), "") if stem else ""
    )


def _stale(rows: LongRows, with_prices: bool) -> BoolArray:
    """Return whether a row repeats the one before, shape (T,): price and return, or a return other than 0."""
    close, value = rows.figures["close"], rows.figures["return"]
    same = np.append(False, value[1:] == value[:-1])
    same &= np.append(False, close[1:] == close[:-1]) if with_prices else value != 0
    return np.asarray(same & ~rows.firsts())


def _decimals(table: Table, rows: LongRows, close: FloatArray, options: ReadingOptions) -> FloatArray:
    """Return the total returns as decimals; percent is theirs, if the prices agree or are not there."""
    value = rows.figures["return"]
    if options.values in ("percent", "returns"):
        return np.asarray(value / 100 if options.values == "percent" else value)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.append(np.nan, close[1:] / close[:-1] - 1)
    change[rows.firsts()] = np.nan
    both = np.flatnonzero(np.isfinite(change) & np.isfinite(value) & (change != 0))
    if len(both) >= FEWEST:
        usual = np.median(np.abs(change[both]))
        if np.median(np.abs(value[both] / 100 - change[both])) > CLOSE_ENOUGH * usual:
            row = both[np.argmax(np.abs(change[both]))]
            title = table.titles[table.places(*RETURNS)[0]]
            problem = (
                f"{title} is {value[row]:g} on {rows.days[row]}, which is {value[row] / 100:.2%} (percent) "
                f"or {value[row]:.2%} (decimal), and the price changes by {change[row]:.2%}"
            )
            remedy = "say --values percent or returns (data: {values: percent})"
            raise FileContentError(table.name, problem, remedy)
    return np.asarray(value / 100)


def _series(rows: LongRows, days: Days, close: FloatArray, single: OneSession) -> dict[str, SeriesColumns]:
    found = {}
    for name, block in rows.blocks():
        columns, exchange = single.columns(block), exchange_of_ric(name)
        stamps = days.at(rows.rows_of(block)).stamps
        if np.isnan(rows.figures["return"][block]).all():
            found[name] = SeriesColumns(
                rows.days[block], {"close": close[block]}, "split-adjusted", "", exchange, stamps=stamps
            )
        else:
            found[name] = SeriesColumns(rows.days[block], columns, exchange=exchange, stamps=stamps)
    return found


LSEG = Layout(NAME, TITLE, "`Instrument`, `Date` and `Price Close` or `Total Return`", fits, read)
