"""Claims of one sentence judged together: figures that are possible one by one may exclude each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

import numpy as np

from eventstudy.events.claim import Claim
from eventstudy.prices.source import PriceSeries

Verdict = Literal["confirmed", "consistent", "contradicted", "not testable"]
WEAKEST: tuple[Verdict, ...] = ("contradicted", "not testable", "consistent", "confirmed")
ROUNDING = 1e-9  #: allowance for binary fractions


def judge_sentence(
    claims: Sequence[Claim], verdicts: Sequence[Verdict], series: Mapping[str, PriceSeries]
) -> tuple[Verdict, str]:
    """Return the verdict on claims that belong together, and why.

    It is that of the weakest, and *contradicted* where two figures of one security at one moment exclude
    each other: a return on the close before and a price that is another return, at the digits stated.
    """
    weakest = min(verdicts, key=WEAKEST.index)
    for one, other in combinations(claims, 2):
        if words := _exclusive(one, other, series):
            return "contradicted", words
    about = " and ".join(f"{claim.ticker} {claim.stated}" for claim in claims)
    return weakest, f"{about} do not exclude each other; the weakest is {weakest}"


def _exclusive(one: Claim, other: Claim, series: Mapping[str, PriceSeries]) -> str:
    """Return how two figures exclude each other, "" where they do not or cannot be compared."""
    if one.kind != "intraday" or (one.kind, one.ticker, one.on, one.at) != (
        other.kind,
        other.ticker,
        other.on,
        other.at,
    ):
        return ""
    close = close_before(one, series.get(one.ticker))
    if not np.isfinite(close):
        return ""
    (low, high), (low2, high2) = (_returns(claim, close) for claim in (one, other))
    if low <= high2 + ROUNDING and low2 <= high + ROUNDING:
        return ""
    shown, rest = (other, one) if other.figure.unit == "level" else (one, other)
    middle = sum(_returns(shown, close)) / 2
    what = f"{shown.stated} at {shown.at} is {middle:+.1%} on the close before"
    return f"{what}, not {rest.stated}: one excludes the other"


def close_before(claim: Claim, prices: PriceSeries | None) -> float:
    """Return the close before the claim's session in the money of that day, NaN where there is none."""
    if prices is None:
        return float("nan")
    at = int(np.searchsorted(prices.sessions, np.datetime64(claim.on, "D")))
    if not 0 < at < len(prices.sessions) or prices.sessions[at] != np.datetime64(claim.on):
        return float("nan")
    return float(prices.close[at - 1] * later_splits(prices, at))


def later_splits(prices: PriceSeries, at: int) -> float:
    """Return the number of today's shares per share of that session."""
    if prices.split is None:
        return 1.0
    later = prices.split[at + 1 :]
    return float(np.prod(later[later > 0]))


def _returns(claim: Claim, close: float) -> tuple[float, float]:
    """Return the lowest and the highest return that the digits stated admit."""
    value, half_unit, unit = claim.figure
    base, shift = (close, 1.0) if unit == "level" else (1.0, 0.0)
    return (value - half_unit) / base - shift, (value + half_unit) / base - shift
