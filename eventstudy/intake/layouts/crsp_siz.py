"""CRSP daily stock file in the legacy format (SIZ, to December 2024)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.intake.dates import session_dates
from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.aliases import aliases_of
from eventstudy.intake.layouts.crsp import CODES, EXCHANGE, NUMBERS, indices_of, returns_of
from eventstudy.intake.layouts.crsp_delisting import delistings_of
from eventstudy.intake.layouts.long import long_rows
from eventstudy.intake.layouts.several_sessions import OneSession, after_missing_price, one_session
from eventstudy.intake.layouts.telling import codes_met, counted, understood_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.numerics.arrow import from_arrow, to_arrow

NAME, TITLE = "crsp-siz", "CRSP daily"
ALIASES = ("TICKER", "TSYMBOL", "NCUSIP", "CUSIP")
VALUES = ("RET", "RETX", "PRC")  #: the first that is there is taken


def fits(table: Table) -> bool:
    """Tell whether the columns are those of the daily stock file: PERMNO, date and RET, RETX or PRC."""
    return all(table.places(name) for name in ("PERMNO", "date")) and bool(table.places(*VALUES))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the returns of each PERMNO, compounded with the delisting return, and those of the indices.

    Notes
    -----
    RET holds dividends, RETX does not, and without both PRC / CFACPR is a price without dividends. A negative
    PRC is the midpoint of bid and ask. RET looks back over up to 10 days without a price, so a return after a
    missing price is no return of a session.

    References
    ----------
    CRSP, Data Definitions: Returns, Missing return codes.
    """
    value = next(place for name in VALUES for place in table.places(name))
    if table.titles[value].upper() == "PRC":
        return _prices(table, value, options)
    id_place, date_place = table.places("PERMNO")[0], table.places("date")[0]
    days = session_dates(table, date_place, options, EXCHANGE)
    market = indices_of(table, days, options)
    figures, taken = _figures(table, value, options)
    rows = long_rows(table, texts_of(table, id_place), days.days, figures)
    first = False if table.places("PRC") else rows.firsts()  # the first return is missing anyway
    spans = after_missing_price(rows, rows.figures["priced"].astype(bool) | first)
    single = one_session(rows.figures["ret"], spans)
    delistings = delistings_of(table, rows, options)
    if delistings.returns is not None:
        single = _compounded(single, delistings.returns)
    series = {
        name: SeriesColumns(rows.days[block], single.columns(block), currency="USD", exchange=EXCHANGE)
        for name, block in rows.blocks()
    }
    aliases = aliases_of(table, rows, ALIASES)
    columns = {"id": id_place, "date": date_place, "return": value}
    remarks = (
        f"{taken} taken as missing" if taken else "",
        f"{counted(single.spanning, 'return')} over several sessions missing" if single.spanning else "",
        *delistings.remarks,
        "" if table.places("RET") else "returns without dividends",
        f"market {', '.join(market)}" if market else "",
    )
    understood = understood_of(
        table, (NAME, TITLE), series, {role: table.titles[place] for role, place in columns.items()},
        role="returns", unit="decimal", dates=days.form, remarks=remarks,
    )  # fmt: skip
    return PriceReading(market | series, understood, aliases.ids, aliases.days)


def _figures(table: Table, value: int, options: ReadingOptions) -> tuple[dict[str, Any], str]:
    """Return what is needed of each row, and which codes were taken as missing returns."""
    returns, as_given = returns_of(table, value, options)
    taken = codes_met(table, value, as_given, NUMBERS)
    figures: dict[str, Any] = {"ret": returns, "priced": _priced(table, as_given, options)}
    del as_given
    if places := table.places("DLRET"):
        figures["dlret"] = returns_of(table, places[0], options)[0]
    if table.places("DLSTCD"):
        for name, titles in (("dlstcd", ("DLSTCD",)), ("exchcd", ("EXCHCD", "HEXCD"))):
            if places := table.places(*titles):
                figures[name] = figures_of(table, places[0], options, missing=CODES).values
    return figures, taken


def _priced(table: Table, as_given: FloatArray, options: ReadingOptions) -> BoolArray:
    """Return whether a row has a price: by PRC, else by a return that is there or has a letter for a code."""
    if places := table.places("PRC"):
        price = figures_of(table, places[0], options, missing=CODES).values
        return np.asarray(np.isfinite(price) & (price != 0))
    column = table.columns[next(place for name in VALUES for place in table.places(name))]
    priced: BoolArray = np.isfinite(as_given) & (as_given != -99)
    if not pa.types.is_primitive(column.type):
        lettered = pc.is_in(column.cast(pa.string()), value_set=to_arrow(CODES, pa.string()))
        priced |= from_arrow(lettered.cast(pa.int8())) > 0
    return priced


def _prices(table: Table, place: int, options: ReadingOptions) -> PriceReading:
    """Return prices adjusted for splits, of a table without returns."""
    id_place, date_place = table.places("PERMNO")[0], table.places("date")[0]
    days = session_dates(table, date_place, options, EXCHANGE)
    figures = {"close": np.abs(figures_of(table, place, options, missing=CODES).values)}
    if factor := table.places("CFACPR"):
        with np.errstate(divide="ignore", invalid="ignore"):
            figures["close"] /= figures_of(table, factor[0], options, missing=CODES).values
    figures["close"][~(figures["close"] > 0) | np.isinf(figures["close"])] = np.nan
    rows = long_rows(table, texts_of(table, id_place), days.days, figures)
    series = {
        name: SeriesColumns(
            rows.days[block], {"close": rows.figures["close"][block]},
            "split-adjusted" if factor else None, "USD", EXCHANGE,
        )
        for name, block in rows.blocks()
    }  # fmt: skip
    market = indices_of(table, days, options)
    aliases = aliases_of(table, rows, ALIASES)
    places = (id_place, date_place, place, *factor[:1])
    understood = understood_of(
        table, (NAME, TITLE), series,
        dict(zip(("id", "date", "close", "split"), (table.titles[place] for place in places), strict=False)),
        unit="price", dates=days.form,
        remarks=("no dividends (neither RET nor RETX)", "" if factor else "splits in the prices (no CFACPR)"),
    )  # fmt: skip
    return PriceReading(market | series, understood, aliases.ids, aliases.days)


def _compounded(single: OneSession, delisting: FloatArray) -> OneSession:
    """Return ``(1 + RET)(1 + DLRET) - 1``, DLRET where RET is missing; what spans sessions stays missing."""
    at = np.flatnonzero(np.isfinite(delisting))
    spanning = np.isfinite(single.lumped[at]) if single.spanning else np.zeros(len(at), dtype=bool)
    over_several, alone = at[spanning], at[~spanning]
    before = np.nan_to_num(single.returns[alone])
    single.returns[alone] = (1 + before) * (1 + delisting[alone]) - 1
    single.lumped[over_several] = (1 + single.lumped[over_several]) * (1 + delisting[over_several]) - 1
    return single


CRSP_SIZ = Layout(NAME, TITLE, "`PERMNO`, `date` and `RET`, `RETX` or `PRC`, in any case", fits, read)
