"""The axis of sessions where no calendar gives one: the days of all series but those that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from eventstudy._typing import BoolArray, DateArray
from eventstudy.errors import DesignError
from eventstudy.panel.returns import ReturnMatrix, union_axis
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import known_exchange, trading_sessions

MOST_ALONE = 0.1  #: share of a series' days on which no other has a price: holidays abroad are 4 %
LEAST_OTHERS = 2  #: series that agree, without which it cannot be told whose dates are wrong


def common_axis(
    series: Sequence[PriceSeries], exchanges: Mapping[str, str]
) -> tuple[DateArray, list[Finding]]:
    """Return the dates on which some series has a price, datetime64[D], without those of series that differ.

    A series that differs has a price where no other has one on more than a tenth of its days: its dates are
    shifted, or days without trading were filled in. A finding says so, an error unless its own exchange
    traded on these days.
    """
    axis = union_axis(series)
    there = np.column_stack([np.isin(axis, each.sessions[each.known]) for each in series])
    apart = _apart(there)
    names = [each.ticker for each in series]
    return axis[there[:, ~apart].any(axis=1)], _findings(names, axis, there, apart, exchanges)


def on_common_axis(matrix: ReturnMatrix, exchanges: Mapping[str, str]) -> tuple[ReturnMatrix, list[Finding]]:
    """Return a table of returns without the rows of series that differ, as `common_axis` finds them."""
    there = np.isfinite(matrix.values)
    apart = _apart(there)
    if not apart.any():
        return matrix, []
    found = _findings(list(matrix.columns), matrix.dates, there, apart, exchanges)
    keep = there[:, ~apart].any(axis=1)
    rows = {name: getattr(matrix, name)[keep] for name in ("dates", "values", "lumped", "span")}
    return replace(matrix, **rows, blocks={"": (0, int(keep.sum()) - 1)}), found


def _alone(there: BoolArray) -> BoolArray:
    """Return where a series alone has a price although enough others span that day, shape (T, S)."""
    seen = np.maximum.accumulate(there, axis=0) & np.maximum.accumulate(there[::-1], axis=0)[::-1]
    told = (there.sum(axis=1) == 1) & (seen.sum(axis=1) > LEAST_OTHERS)
    return np.asarray(there & told[:, None])


def _apart(there: BoolArray) -> BoolArray:
    """Return which series have days of their own, shape (S,)."""
    share = _alone(there).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    apart: BoolArray = share > MOST_ALONE
    return apart if (~apart & there.any(axis=0)).sum() >= LEAST_OTHERS else np.zeros_like(apart)


def _findings(
    names: Sequence[str],
    axis: DateArray,
    there: BoolArray,
    apart: BoolArray,
    exchanges: Mapping[str, str],
) -> list[Finding]:
    """Say of each series that differs on how many days."""
    alone, found = _alone(there), list[Finding]()
    for column in np.flatnonzero(apart).tolist():
        days = axis[alone[:, column]]
        share = len(days) / int(there[:, column].sum())
        text = f"on {share:.0%} of its days, first {days[0]}, no other series has a price"
        if _are_sessions(days, known_exchange(names[column], exchanges)):
            detail = f"{text}: they are sessions of its exchange alone, and no sessions here"
            found.append(Finding(names[column], None, "extra-session", "info", detail))
        else:
            detail = f"{text}: its dates are off, or days were filled in"
            found.append(Finding(names[column], None, "extra-session", "error", detail))
    return found


def _are_sessions(days: DateArray, exchange: str) -> bool:
    """Whether most of these days are sessions of an exchange, by its calendar."""
    try:
        calendar = trading_sessions(exchange, days[0].astype(date), days[-1].astype(date))
    except DesignError:  # no calendar, or not of these years
        return False
    return float(np.isin(days, calendar).mean()) > 1 - MOST_ALONE
