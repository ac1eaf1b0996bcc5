"""Delisting returns of CRSP's daily stock file (SIZ), which stand beside the return of the last row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.long import LongRows
from eventstudy.intake.layouts.telling import counted
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

#: Shumway 1997 (doi:10.1111/j.1540-6261.1997.tb03818.x) for NYSE and AMEX, Shumway & Warther 1999
#: (doi:10.1111/0022-1082.00192) for Nasdaq; EXCHCD of securities traded when issued is 30 more
SHUMWAY = {1.0: -0.30, 2.0: -0.30, 3.0: -0.55, 31.0: -0.30, 32.0: -0.30, 33.0: -0.55}


class Delistings(NamedTuple):
    """The delisting return of each row, shape (T,), NaN on other rows, None without any; and what to say."""

    returns: FloatArray | None
    remarks: tuple[str, ...]


def delistings_of(table: Table, rows: LongRows, options: ReadingOptions) -> Delistings:
    """Return the delisting returns.

    Parameters
    ----------
    rows
        With the figures ``dlret`` (decimals), ``dlstcd`` and ``exchcd``, where the table has them.

    Notes
    -----
    A table merged without regard to the date repeats DLRET on all rows of a security: then the last row is
    that of the delisting. ``--delisting shumway`` gives delistings for performance (DLSTCD 500, 520 to 584)
    without a DLRET -30 % on NYSE and AMEX, and -55 % on Nasdaq.
    """
    if not {"dlret", "dlstcd"} & set(rows.figures):
        return Delistings(None, ("no delisting returns (no DLRET)",))
    given = rows.figures.get("dlret", np.full(len(rows.days), np.nan))
    known = np.isfinite(given)
    per_security = np.add.reduceat(known, rows.starts[:-1], dtype=np.int64)
    repeated = np.repeat(per_security > 1, np.diff(rows.starts))
    lasts = rows.lasts()
    latest = np.where(known, np.arange(len(known)), -1)
    latest = np.repeat(np.maximum.reduceat(latest, rows.starts[:-1]), np.diff(rows.starts))
    returns = np.where(known & ~repeated, given, np.where(repeated & lasts, given[latest], np.nan))
    compounded = counted(int(np.isfinite(returns).sum()), "delisting return")
    remarks = [f"{compounded} compounded" if compounded else ""]
    if repeated.any():
        remarks.append("DLRET repeated on the rows of a security, taken on its last")
    without = _last_of_each(rows, _for_performance(rows)) & ~np.repeat(per_security > 0, np.diff(rows.starts))
    number = int(without.sum())
    if number and options.delisting == "shumway":
        put = _shumway(table, rows, without)
        returns = np.where(np.isfinite(put), put, returns)
        number -= int(np.isfinite(put).sum())
        remarks.append(
            f"{counted(int(np.isfinite(put).sum()), 'missing delisting return')} taken from Shumway"
        )
    if number:
        remarks.append(f"{counted(number, 'delisting')} for performance without DLRET (--delisting shumway)")
    return Delistings(returns, tuple(filter(None, remarks)))


def _for_performance(rows: LongRows) -> BoolArray:
    code = rows.figures.get("dlstcd", np.full(len(rows.days), np.nan))
    return np.asarray((code == 500) | ((code >= 520) & (code <= 584)))


def _last_of_each(rows: LongRows, marked: BoolArray) -> BoolArray:
    """Return the last marked row of each security, shape (T,)."""
    at = np.maximum.reduceat(np.where(marked, np.arange(len(marked)), -1), rows.starts[:-1])
    last = np.zeros(len(marked), dtype=bool)
    last[at[at >= 0]] = True
    return last


def _shumway(table: Table, rows: LongRows, at: BoolArray) -> FloatArray:
    """Return the returns of Shumway at some rows, by the last exchange of the security; NaN elsewhere."""
    exchange = rows.figures.get("exchcd")
    if exchange is None:
        problem = "has no EXCHCD, which tells -30 % (NYSE, AMEX) from -55 % (Nasdaq)"
        raise FileContentError(table.name, problem, "add the column, or leave out --delisting shumway")
    listed = np.where(np.isin(exchange, list(SHUMWAY)), np.arange(len(exchange)), -1)
    latest = np.maximum.accumulate(listed)
    latest = np.where(latest >= rows.starts[:-1].repeat(np.diff(rows.starts)), latest, -1)
    put = np.full(len(exchange), np.nan)
    for code, size in SHUMWAY.items():
        put[at & (latest >= 0) & (exchange[latest] == code)] = size
    return put
