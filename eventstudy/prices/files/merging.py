"""One series of what several files hold of a security; figures that differ are an error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import Closes, FloatArray
from eventstudy.errors import PriceDataError
from eventstudy.intake.series import SeriesColumns
from eventstudy.prices.files.contents import Match

SAME = 1e-9  #: relative: a figure that one file holds in full and another rounded to nine digits is the same


def merged(ticker: str, matches: Sequence[Match], closes: Closes | None = None) -> SeriesColumns:
    """Return the columns of a security from all tables that hold it, sessions in order.

    What ``closes`` are stated to be is of all tables.

    Raises
    ------
    PriceDataError
        The tables are of different ids, kinds of closes or currencies, or differ on a session; or total
        return indices of different requests follow each other, which start anew.
    """
    first = matches[0]
    if len(matches) == 1:
        return first.columns
    for other in matches[1:]:
        for what in ("currency", "exchange") if closes else ("closes", "currency", "exchange"):
            one, two = getattr(first.columns, what), getattr(other.columns, what)
            if one != two:
                said = f"{one or 'unknown'} and {two or 'unknown'}"
                problem = f"{first.file} and {other.file} differ in {what}: {said}"
                raise PriceDataError(ticker, problem, "give one of them")
    sessions = np.unique(np.concatenate([match.columns.sessions for match in matches]))
    columns: dict[str, FloatArray] = {}
    for match in matches:
        at = np.searchsorted(sessions, match.columns.sessions)
        for name, values in match.columns.columns.items():
            held = columns.setdefault(name, np.full(len(sessions), np.nan))
            known = np.isfinite(values)
            _refuse_other_figures(ticker, name, match, held[at], matches)
            held[at[known]] = values[known]
    overlap = sum(len(match.columns.sessions) for match in matches) > len(sessions)
    if first.columns.closes == "total-return-index" and not overlap:
        problem = f"{first.file} and {matches[1].file} hold total return indices without a common session"
        raise PriceDataError(ticker, problem, "each may start at another level; request them in one")
    remarks = tuple(dict.fromkeys(remark for match in matches for remark in match.columns.remarks))
    return SeriesColumns(
        sessions, columns, first.columns.closes, first.columns.currency, first.columns.exchange, remarks
    )


def _refuse_other_figures(
    ticker: str, name: str, match: Match, held: FloatArray, matches: Sequence[Match]
) -> None:
    values = match.columns.columns[name]
    both = np.isfinite(held) & np.isfinite(values)
    differs = np.flatnonzero(both & ~np.isclose(held, values, rtol=SAME, atol=0))
    if len(differs):
        row = int(differs[0])
        others = ", ".join(dict.fromkeys(each.file for each in matches if each is not match))
        problem = f"{name} on {match.columns.sessions[row]} is {held[row]:g} in {others} and {values[row]:g}"
        raise PriceDataError(ticker, f"{problem} in {match.file}", "give one of them, or correct one")
