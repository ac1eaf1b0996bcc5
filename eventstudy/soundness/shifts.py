"""Series that are some sessions off the market over their whole length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import DesignError
from eventstudy.intake.layouts.factor_names import FRENCH
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.sessions import exchange_of

LEAST = 100  #: common sessions without which a series is not judged
LARGEST = 5.0  #: median sizes of a return: larger ones count as that, so that no single day decides
#: Least correlation with the neighbouring session, and least excess over that of the same session, in
#: standard errors of a correlation of nothing (1 / sqrt(n)). Five are never met by chance; a daily series of
#: the largest shares moves with the market of its own session at 0.3 or more.
CLEARLY = 5.0
LEAST_CORRELATION = 0.15
FARTHEST = 32  #: sessions before and after that are tried, six weeks, in series long enough for it:
SHORTEST = 6  #: with this many times the sessions, so that two thirds of a series are compared
CONSTANT = 1e-12  #: share of a series' squares below which those of a part of it are rounding
MOST = 0.5  #: share of the securities above which it is the market that is shifted; at it, either may be


def shifted_series(table: ReturnTable) -> Iterator[Finding]:
    """Find series that move with the market of sessions before or after, and not with that of their own.

    The market must be of the same exchange: elsewhere news arrives a session later. Where most of several
    securities are shifted alike the market is named, once; where half of
    them are, it may be either, and both are named.
    """
    if table.benchmark not in table.names:
        return
    market = table.names.index(table.benchmark)
    others = [
        at
        for at, name in enumerate(table.names)
        if at != market and name not in FRENCH.values() and _same_exchange(name, table)
    ]
    lags = {at: _lag(table.values[:, at], table.values[:, market]) for at in others}
    judged = {at: lag for at, lag in lags.items() if lag is not None}
    for way in sorted({lag for lag in judged.values() if lag}):
        shifted = [at for at, lag in judged.items() if lag == way]
        when = (
            f"{abs(way)} session{'s' * (abs(way) > 1)} {'before' if way < 0 else 'after'}: its dates are off"
        )
        if len(shifted) > 1 and len(shifted) > MOST * len(judged):
            text = f"{len(shifted)} of {len(judged)} series move with its return of {when}"
            yield table.about(market, "date-shift", "error", text)
            continue
        for at in shifted:
            yield table.about(at, "date-shift", "error", f"it moves with {table.benchmark} of {when}")
        if 1 < len(judged) == len(shifted) / MOST:
            text = f"half of the series move with its return of {when}, or those of the others are"
            yield table.about(market, "date-shift", "warning", text)


def _lag(own: FloatArray, market: FloatArray) -> int | None:
    """Return by how many sessions a series is off the market; None where it moves with it on no session."""
    common = np.flatnonzero(np.isfinite(own) & np.isfinite(market))
    if len(common) < LEAST:
        return None
    x, y = _bounded(own[common]), _bounded(market[common])
    reach = min(FARTHEST, len(common) // SHORTEST)
    n = len(common) - 2 * reach
    middle = x[reach : reach + n]
    found = _correlations(middle, y)
    same, found[reach] = float(found[reach]), -np.inf
    lag, most = int(found.argmax()) - reach, float(found.max())
    least = max(LEAST_CORRELATION, CLEARLY / np.sqrt(n))
    if most >= least and most - max(same, 0.0) > CLEARLY / np.sqrt(n):
        return lag
    return 0 if same >= least else None


def _bounded(values: FloatArray) -> FloatArray:
    size = LARGEST * float(np.median(np.abs(values))) or np.inf
    return np.clip(values, -size, size)


def _correlations(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the correlation of x, shape (n,), with every n neighbours in y; 0 where either is constant."""
    x, y, n = x - x.mean(), y - y.mean(), len(x)
    total, squares = (np.cumsum(np.insert(each, 0, 0.0)) for each in (y, y**2))
    spread = squares[n:] - squares[:-n] - (total[n:] - total[:-n]) ** 2 / n
    spread = np.where(spread > CONSTANT * squares[-1], spread, np.inf)
    size = np.sqrt((x @ x) * spread) if x @ x > 0 else np.inf
    return np.asarray(np.correlate(y, x, "valid") / size)


def _same_exchange(name: str, table: ReturnTable) -> bool:
    try:
        return exchange_of(name, table.exchanges) == exchange_of(table.benchmark, table.exchanges)
    except DesignError:  # no suffix that is known: nothing says that they trade elsewhere
        return "." not in name
