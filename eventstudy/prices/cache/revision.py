"""Comparing a newly fetched series with the stored one: the same, rebased, revised, or refused.

A split or a dividend since the last fetch rescales all earlier prices by one ratio, which changes no return.
A vendor may also correct prices, drop sessions, or answer with another security or currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.prices.source import Finding, PriceSeries, Severity

TOLERANCE = 1e-4  #: relative: Yahoo's adjusted figures differ from fetch to fetch about the seventh digit
MOST_LOST = 0.01  #: of the stored sessions; where more are missing it is a shorter series, not a correction
MOST_REVISED = 0.5  #: of the sessions; where more differ by no common ratio it is another series
ONE_BY_ONE = 20  #: differences that get a finding of their own, the largest first


@dataclass(frozen=True)
class Comparison:
    """How a new series differs from the stored one.

    ``refused`` is why it must not replace the stored one, "" where it may. If single figures are ``revised``,
    the stored series is kept under another name.
    """

    refused: str
    revised: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Difference:
    """A figure that differs; ``size`` is relative to the close."""

    session: date
    size: float
    text: str


def compare(old: PriceSeries, new: PriceSeries) -> Comparison:
    """Compare a new series of a security with the stored one, over the sessions that both have.

    Closes are compared up to one ratio common to all of them, the lower median of new over old, and dividends
    up to the same ratio; a difference below ``TOLERANCE`` of the close is none.
    """
    if problem := _other_kind(old, new) or _cut_short(old, new):
        return _refused(old, problem)
    held, brought = (series.sessions[~np.isnan(series.close)] for series in (old, new))
    both, in_old, in_new = np.intersect1d(old.sessions, new.sessions, return_indices=True)
    quotient = new.close[in_new] / old.close[in_old]
    known = quotient[~np.isnan(quotient)]
    ratio = float(np.quantile(known, 0.5, method="lower")) if len(known) else 1.0
    off = quotient / ratio - 1
    differs: BoolArray = np.abs(off) > TOLERANCE  # False where either has no close
    if len(known) and differs.sum() > MOST_REVISED * len(known):
        return _refused(old, "its closes differ from the stored ones by no common ratio: another security?")
    gone = np.setdiff1d(held, brought)
    before = ratio * old.close[in_old]
    differences = [
        *_differences("close", both, before, new.close[in_new], off),
        *_differences("dividend", both, *_dividends(old, new, in_old, in_new, ratio)),
        *(_Difference(day.astype(date), np.inf, "the session is gone") for day in gone),
    ]
    found = chain(_rebased(old, new, ratio), _filled(old, held, brought), _listed(old, differences))
    return Comparison("", bool(differences), tuple(found))


def _refused(old: PriceSeries, problem: str) -> Comparison:
    text = f"what was fetched was not stored: {problem}; the stored prices ({_span(old)}) are used"
    remedy = f"to take the new ones: `eventstudy prices clear {old.ticker}`, then fetch"
    return Comparison(problem, False, (old.finding("refused-fetch", "warning", f"{text}; {remedy}"),))


def _other_kind(old: PriceSeries, new: PriceSeries) -> str:
    was, now = old.origin.get("currency"), new.origin.get("currency")
    if was and now and was != now:
        return f"it is in {now}, the stored prices are in {was}"
    if old.adjusted_only != new.adjusted_only:
        return "the closes of one of them are dividend-adjusted, those of the other are not"
    return ""


def _cut_short(old: PriceSeries, new: PriceSeries) -> str:
    """Return how a new series is shorter than the stored one, "" where it is not."""
    if new.sessions[0] > old.sessions[0] or new.sessions[-1] < old.sessions[-1]:
        return f"it is shorter ({_span(new)})"
    held, brought = (series.sessions[~np.isnan(series.close)] for series in (old, new))
    lost = len(np.setdiff1d(held, brought))
    return f"it is shorter by {lost} sessions" if lost > MOST_LOST * len(held) else ""


def _dividends(
    old: PriceSeries, new: PriceSeries, in_old: IntArray, in_new: IntArray, ratio: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return stored dividends on the new basis, new ones, and their difference relative to the close."""
    before, after = ratio * old.dividend[in_old], new.dividend[in_new]
    if old.price_index or new.price_index:
        return before, before, np.zeros(len(before))
    close = np.where(np.isnan(new.close[in_new]), 1.0, new.close[in_new])
    return before, after, (after - before) / close


def _differences(
    name: str, sessions: DateArray, before: FloatArray, after: FloatArray, off: FloatArray
) -> Iterator[_Difference]:
    for at in np.flatnonzero(np.abs(off) > TOLERANCE):
        text = f"{name} {after[at]:.6g}, stored {before[at]:.6g} ({off[at]:+.2%} of the close)"
        yield _Difference(sessions[at].astype(date), abs(float(off[at])), text)


def _rebased(old: PriceSeries, new: PriceSeries, ratio: float) -> Iterator[Finding]:
    """Report that earlier prices were rescaled, and whether the splits since then explain it."""
    if abs(ratio - 1) <= TOLERANCE:
        return
    text = f"earlier prices are {ratio:.6g} times those stored before ({_span(old)}); returns are the same"
    split = np.zeros(0) if new.split is None else new.split[new.sessions > old.sessions[-1]]
    explained = old.adjusted_only or abs(ratio * float(np.prod(split[split > 0])) - 1) <= TOLERANCE
    severity: Severity = "info" if explained else "warning"
    yield old.finding("rebased", severity, text if explained else f"{text}, but no split since explains it")


def _filled(old: PriceSeries, held: DateArray, brought: DateArray) -> Iterator[Finding]:
    inside = np.setdiff1d(brought[(brought > held[0]) & (brought < held[-1])], held)
    if len(inside):
        text = f"{len(inside)} sessions that the stored series lacked are there now, the first {inside[0]}"
        yield old.finding("filled-in", "info", text)


def _listed(old: PriceSeries, differences: Sequence[_Difference]) -> Iterator[Finding]:
    """Yield a finding for all differences, and one for each of the largest, in order of session."""
    if not differences:
        return
    largest = sorted(differences, key=lambda one: -one.size)[:ONE_BY_ONE]
    many = f", the {ONE_BY_ONE} largest are listed" if len(differences) > len(largest) else ""
    text = f"{len(differences)} figures differ from those stored before ({_span(old)}){many}"
    yield old.finding("revised", "warning", text)
    for one in sorted(largest, key=lambda one: (one.session, one.text)):
        yield Finding(old.ticker, one.session, "revised", "warning", one.text)


def _span(series: PriceSeries) -> str:
    fetched = series.origin.get("fetched_at", "")
    span = f"{series.sessions[0]} to {series.sessions[-1]}"
    return f"{span}, fetched {fetched[:10]}" if fetched else span
