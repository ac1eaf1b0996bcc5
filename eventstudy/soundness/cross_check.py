"""Two sources of the same series, compared return by return over the sessions that both have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray
from eventstudy.prices.source import Finding, PriceSeries, Severity
from eventstudy.soundness.bars import counted, each, index_of_returns
from eventstudy.soundness.jumps import HUNDRED, RATIOS, UNIT_SLACK

RULE = "disagreement"
TOLERANCE = 0.0005  #: 5 basis points: the rounding of closes to the cent is less
CAUSES: dict[str, Severity] = {
    **dict.fromkeys(("unit", "split", "shift"), "error"),
    **dict.fromkeys(("dividend", "close", "level"), "warning"),
}  #: the first three causes make false returns


@dataclass(frozen=True)
class _Side:
    """One source on the common sessions; returns run from the common session before, the first is 0."""

    name: str
    close: FloatArray
    dividend: FloatArray  # paid since the common session before
    total: FloatArray
    price: FloatArray

    @classmethod
    def of(cls, series: PriceSeries, name: str, common: DateArray) -> _Side:
        rows = np.searchsorted(series.sessions, common)
        close, paid = series.close[rows], np.cumsum(np.nan_to_num(series.dividend))[rows]
        before = np.concatenate([close[:1], close[:-1]])
        dividend = np.diff(paid, prepend=paid[:1])
        return cls(name, close, dividend, (close + dividend) / before - 1, close / before - 1)


def compare_series(
    one: PriceSeries, other: PriceSeries, names: tuple[str, str], tolerance: float = TOLERANCE
) -> list[Finding]:
    """Return where two sources of a series disagree: session, both returns, and the likely cause.

    ``names`` are those of the sources in the findings; total returns may differ by ``tolerance``, decimal.
    A return runs from one common session to the next, over the sessions that only one source has, with the
    dividends of its own source. A single close that differs changes two returns, of which the first is
    reported.
    """
    one, other = index_of_returns(one), index_of_returns(other)
    own, rest = (series.sessions[~np.isnan(series.close)] for series in (one, other))
    common: DateArray = np.intersect1d(own, rest, assume_unique=True)
    if not len(common):
        return [Finding(one.ticker, None, RULE, "error", f"{names[0]} and {names[1]} share no session")]
    found = [
        *each(one, _alone(own, rest, common), RULE, f"only {names[0]} has a close"),
        *each(one, _alone(rest, own, common), RULE, f"only {names[1]} has a close"),
    ]
    with np.errstate(all="ignore"):  # absurd figures overflow
        sides = [_Side.of(series, name, common) for series, name in zip((one, other), names, strict=True)]
        for cause, texts in _by_cause(sides[0], sides[1], tolerance).items():
            severity, days = CAUSES[cause], ((common[at].astype(date), text) for at, text in texts.items())
            found += counted([Finding(one.ticker, day, RULE, severity, text) for day, text in days])
    return sorted(found, key=lambda finding: finding.session or date.min)


def _alone(own: DateArray, rest: DateArray, common: DateArray) -> DateArray:
    """Return the sessions that one source has alone, inside the span of both."""
    alone: DateArray = np.setdiff1d(own, rest, assume_unique=True)
    inside: BoolArray = (alone > common[0]) & (alone < common[-1])
    return alone[inside]


def _by_cause(a: _Side, b: _Side, tolerance: float) -> dict[str, dict[int, str]]:
    """Return the disagreements by likely cause: place on the common sessions, and the text."""
    found_by_cause: dict[str, dict[int, str]] = {cause: {} for cause in CAUSES}
    differs: BoolArray = np.abs(a.total - b.total) > tolerance
    reported = -1
    for place in np.flatnonzero(differs).tolist():
        if reported == place - 1 and _reverses(a, b, reported, tolerance):
            continue  # the way back from a close that differs
        cause, why = next(_causes(a, b, place, tolerance))
        if cause == "close":
            reported = place
        found_by_cause[cause][place] = (
            f"{a.name} {a.total[place]:+.2%}, {b.name} {b.total[place]:+.2%}: {why}"
        )
    return found_by_cause


def _causes(a: _Side, b: _Side, place: int, tolerance: float) -> Iterator[tuple[str, str]]:
    """Yield the possible causes of a disagreement, the likeliest first."""
    ratio = float(np.log((1 + a.total[place]) / (1 + b.total[place])))
    wild = a if abs(a.total[place]) > abs(b.total[place]) else b
    if abs(abs(ratio) - HUNDRED) < UNIT_SLACK:
        yield "unit", f"{wild.name} changes its unit"
    for name, size in RATIOS.items():
        if abs(abs(ratio) - size) < 2 * tolerance:
            yield "split", f"{wild.name} has not applied a {name} split, or its reverse"
    if why := _dividend(a, b, place, tolerance):
        yield "dividend", why
    for early, late in ((a, b), (b, a)):
        if _lags(early.total, late.total, place, tolerance):
            yield "shift", f"{late.name} is a session behind"
    if _reverses(a, b, place, tolerance):
        yield "close", f"one close differs, {a.close[place]:g} and {b.close[place]:g}"
    yield "level", "the levels differ from here on"


def _dividend(a: _Side, b: _Side, place: int, tolerance: float) -> str:
    """Return which side lacks a dividend, "" where the difference has another cause."""
    paid = a.dividend[place], b.dividend[place]
    for own, lacking in ((a, b), (b, a)):
        alone = own.dividend[place] > 0 and lacking.dividend[place] == 0
        if alone and abs(own.price[place] - lacking.total[place]) <= tolerance:
            return f"{lacking.name} lacks the dividend of {own.dividend[place]:g}"
    if max(paid) > 0 and abs(a.price[place] - b.price[place]) <= tolerance:
        return f"dividends of {paid[0]:g} and {paid[1]:g}"
    return ""


def _lags(early: FloatArray, late: FloatArray, place: int, tolerance: float) -> bool:
    """Whether ``late`` has now the return that ``early`` had before, and next the one it has now."""
    if not 1 < place < len(early) - 1:
        return False
    now, before = early[place], early[place - 1]
    same = max(abs(late[place] - before), abs(late[place + 1] - now)) <= tolerance
    return bool(same and abs(now - before) > tolerance)


def _reverses(a: _Side, b: _Side, place: int, tolerance: float) -> bool:
    """Whether both sides have the same return over this session and the next."""
    if not 0 < place < len(a.total) - 1:
        return False
    both = [(1 + side.total[place]) * (1 + side.total[place + 1]) for side in (a, b)]
    return bool(abs(both[0] - both[1]) <= 2 * tolerance)
