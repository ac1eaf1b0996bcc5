"""CRSP daily stock file in the present format (CIZ, version 2), also as flat files."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.dates import session_dates
from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.aliases import aliases_of
from eventstudy.intake.layouts.crsp import EXCHANGE, indices_of, returns_of
from eventstudy.intake.layouts.long import LongRows, long_rows
from eventstudy.intake.layouts.several_sessions import after_missing_price, one_session
from eventstudy.intake.layouts.telling import counted, understood_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table

NAME, TITLE = "crsp-ciz", "CRSP daily (CIZ)"
ALIASES = ("Ticker", "TradingSymbol", "CUSIP", "CUSIP9", "HdrCUSIP", "HdrCUSIP9")
DATES, MONTHS = ("DlyCalDt",), ("MthCalDt", "MthRet")
VALUES = ("DlyRet", "DlyRetx")  #: the first that is there is taken


def fits(table: Table) -> bool:
    """Tell whether the columns are those of the format, which are found nowhere else."""
    return bool(table.places(*MONTHS)) or bool(table.places(*DATES) and table.places(*VALUES))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the returns of each PERMNO.

    Notes
    -----
    DlyRet holds the delisting return on the row with DlyDelFlg Y. A return whose DlyRetDurFlg is not D1 spans
    several sessions.

    References
    ----------
    CRSP, CRSP US Stock and Indexes: Flat File Format 2.0, data definitions.

    Raises
    ------
    FileContentError
        The monthly file; a table without PERMNO.
    """
    if not table.places(*DATES):
        raise FileContentError(table.name, "is the monthly file (MthCalDt)", "give the daily one (DlyCalDt)")
    if not table.places("PERMNO"):
        raise FileContentError(table.name, "has DlyCalDt and no PERMNO", "add the column PERMNO")
    value = next(place for name in VALUES for place in table.places(name))
    id_place, date_place = table.places("PERMNO")[0], table.places(*DATES)[0]
    days = session_dates(table, date_place, options, EXCHANGE)
    market = indices_of(table, days, options)
    returns, _ = returns_of(table, value, options)
    without = int(np.isnan(returns).sum())
    figures: dict[str, FloatArray | BoolArray] = {"ret": returns}
    if not table.places("DlyRetDurFlg"):
        price = table.places("DlyPrc")
        priced = figures_of(table, price[0], options).values > 0 if price else np.isfinite(returns)
        figures["priced"] = priced
    rows = long_rows(table, texts_of(table, id_place), days.days, figures)
    single = one_session(rows.figures["ret"], _spans(table, rows))
    series = {
        name: SeriesColumns(rows.days[block], single.columns(block), currency="USD", exchange=EXCHANGE)
        for name, block in rows.blocks()
    }
    aliases = aliases_of(table, rows, ALIASES)
    columns = {"id": id_place, "date": date_place, "return": value}
    delisted = _flagged(table, "DlyDelFlg", rows, "Y") & np.isfinite(rows.figures["ret"])
    remarks = (
        f"{counted(without, 'row')} without a return" if without else "",
        f"{counted(single.spanning, 'return')} over several sessions missing" if single.spanning else "",
        f"{counted(int(delisted.sum()), 'delisting return')} held by DlyRet" if delisted.any() else "",
        "" if table.places("DlyRet") else "returns without dividends",
        f"market {', '.join(market)}" if market else "",
    )
    understood = understood_of(
        table, (NAME, TITLE), series, {role: table.titles[place] for role, place in columns.items()},
        role="returns", unit="decimal", dates=days.form, remarks=remarks,
    )  # fmt: skip
    return PriceReading(market | series, understood, aliases.ids, aliases.days)


def _spans(table: Table, rows: LongRows) -> BoolArray:
    """Return whether a return spans several sessions: by its duration, else by the price before it."""
    if "priced" in rows.figures:
        first = False if table.places("DlyPrc") else rows.firsts()  # the first return is missing anyway
        return after_missing_price(rows, rows.figures["priced"].astype(bool) | first)
    flags = texts_of(table, table.places("DlyRetDurFlg")[0])
    one = np.array(
        [*(name.upper() == "D1" for name in flags.names), True]
    )  # the last stands for an empty cell
    return np.asarray(~one[flags.codes[rows.order]])


def _flagged(table: Table, title: str, rows: LongRows, flag: str) -> BoolArray:
    if not (places := table.places(title)):
        return np.zeros(len(rows.days), dtype=bool)
    flags = texts_of(table, places[0])
    marked = np.array([*(name.upper() == flag for name in flags.names), False])
    return np.asarray(marked[flags.codes[rows.order]])


CRSP_CIZ = Layout(NAME, TITLE, "`DlyCalDt` and `DlyRet` or `DlyRetx`, in any case", fits, read)
