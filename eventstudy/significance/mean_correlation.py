"""The mean correlation of all pairs of firm-events, from exact sums that add up over shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.significance.aligned_pairs import aligned_totals
from eventstudy.significance.pair_correlation import masked_correlation
from eventstudy.significance.pairing import Pairing, two_parts
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.session_products import product_totals
from eventstudy.significance.sums import Summed
from eventstudy.significance.totals import counted

BLOCK, SPAN = 128, 64  #: firm-events that begin within so many sessions are paired at once with others
CELL = 1_000  #: others at once: bounds the memory
MOST_PAIRED = 50_000  #: firm-events of a study on a grid up to which each pair is correlated
BY_SESSION = f"more than {MOST_PAIRED:,} firm-events: the mean correlation is that of sessions, not of pairs"


@dataclass(frozen=True)
class PairTotals:
    """Sums over the pairs of firm-events that have sessions of their windows in common.

    Attributes
    ----------
    n
        Complete firm-events, shape (G, W).
    total
        Twice the sum of their correlations, each times the sessions in common, shape (G, W).
    sessions
        Of the estimation window.
    by_session
        Whether the correlations are `session_products`.
    """

    n: IntArray
    total: ExactSums
    sessions: int
    by_session: bool = False

    def __add__(self, other: PairTotals) -> PairTotals:
        """Return the sums of both shards."""
        return PairTotals(self.n + other.n, self.total + other.total, self.sessions, self.by_session)


def correlated_pairs(sample: CrossSection) -> PairTotals:
    """Take the correlations of the pairs whose windows overlap."""
    sessions = sample.history.residuals.shape[1]
    n = counted(np.isfinite(sample.car), sample.group, sample.groups)
    if not sessions or not len(sample.group):
        return PairTotals(n, ExactSums.none(n.shape), sessions, sample.by_session)
    pairing = Pairing.of(sample)
    lengths = np.array([window.length for window in sample.windows])
    if sample.by_session:
        total = product_totals(pairing, sample.past.scores, sample.groups, lengths)
        return PairTotals(n, total, sessions, by_session=True)
    parts = [sample.history.columns(window) for window in sample.windows]
    others = ExactSums.collected(_other_pairs(pairing, parts), n.shape)
    return PairTotals(n, aligned_totals(pairing, sample.groups, lengths) + others, sessions)


def mean_correlation(sample: Summed) -> FloatArray:
    """Return ``r-bar`` of each group and window: the mean over all pairs of firm-events, (G, W).

    A pair whose windows have sessions in common has the correlation of its estimation residuals over the
    sessions they share, times the share of the window in common; every other pair has 0, because day 0 of
    one is not day 0 of the other. 0 where fewer than two firm-events are complete; NaN without estimation
    sessions.

    References
    ----------
    Kolari & Pynnonen 2010, Review of Financial Studies 23, 3996-4025, doi:10.1093/rfs/hhq072, of one date.
    """
    pairs = sample.sums(correlated_pairs)
    length = np.array([window.length for window in sample.windows])
    if not pairs.sessions:
        return np.full(pairs.n.shape, np.nan)
    return np.asarray(pairs.total.value / (length * np.maximum(pairs.n * (pairs.n - 1), 1)))


def _other_pairs(pairing: Pairing, parts: Sequence[slice]) -> Iterator[tuple[Sequence[FloatArray], IntArray]]:
    """Yield numbers that add up over the pairs of which not both are without gaps, by matrix products.

    Rows of one day are paired both ways, so those of different days count twice.
    """
    if pairing.gapless.all():
        return
    size = np.bincount(pairing.group)
    large = np.where(size[pairing.group] >= BLOCK, pairing.group + 1, 0)  # small groups share their blocks
    first = pairing.begin.min()
    last = pairing.event.max(axis=1)[pairing.session]
    step = int(last.max()) - first + 2
    key = large * step + pairing.begin - first
    order = np.argsort(key, kind="stable")
    key, rest = key[order], order[pairing.own[order]]
    span = large[rest] * step + (pairing.begin[rest] - first) // SPAN
    for left in _blocks(rest, span):
        low = large[left[0]] * step + pairing.begin[left[0]] - first
        high = large[left[0]] * step + last[left].max() - first
        right = order[np.searchsorted(key, low) : np.searchsorted(key, high, "right")]
        members = np.bincount(pairing.group[right], minlength=len(size))
        left = left[members[pairing.group[left]] > 1]
        right = right[np.isin(pairing.group[right], pairing.group[left])]
        quick = pairing.gapless[left]
        for one, other in ((left[~quick], right), (left[quick], right[~pairing.gapless[right]])):
            for start in range(0, len(other) if len(one) else 0, CELL):
                yield from _block(pairing, one, other[start : start + CELL], parts)


def _blocks(rows: IntArray, span: IntArray) -> Iterator[IntArray]:
    """Yield consecutive rows of one span, at most ``BLOCK`` at a time."""
    for each in np.split(rows, np.flatnonzero(np.diff(span)) + 1):
        for start in range(0, len(each), BLOCK):
            yield each[start : start + BLOCK]


def _block(
    pairing: Pairing, left: IntArray, right: IntArray, parts: Sequence[slice]
) -> Iterator[tuple[Sequence[FloatArray], IntArray]]:
    """Yield the numbers of own rows with those that begin with or after them."""
    (one, mine), (other, theirs) = (
        np.unique(pairing.session[rows], return_inverse=True) for rows in (left, right)
    )
    common = _common(pairing.event[one], pairing.event[other], parts)
    begin = pairing.begin[left][:, None], pairing.begin[right]
    ways = np.where(begin[0] < begin[1], 2.0, np.where(begin[0] == begin[1], 1.0, 0.0))
    ways *= pairing.group[left][:, None] == pairing.group[right]
    ways *= left[:, None] != right
    if not common.any() or not ways.any():
        return
    halves = two_parts(_correlations(pairing, left, right) * (ways > 0))
    there, complete = pairing.complete[left].astype(float), pairing.complete[right].astype(float)
    numbers = np.zeros((2, len(left), len(parts)))
    shared = np.ascontiguousarray(common.reshape(len(parts), -1))
    whole = shared.view(np.dtype((np.void, shared.strides[0]))).ravel()  # a row as one value: sorted faster
    _, example, which = np.unique(whole, return_index=True, return_inverse=True)
    shared = shared[example]
    for place in np.flatnonzero(shared.any(axis=1)):
        windows = which.ravel() == place
        times = ways * shared[place].reshape(common.shape[1:])[mine.ravel()[:, None], theirs.ravel()]
        for into, half in zip(numbers, halves, strict=True):
            into[:, windows] = ((half * times) @ complete[:, windows]) * there[:, windows]
    order = np.argsort(pairing.group[left], kind="stable")
    yield list(numbers[:, order]), pairing.group[left][order]


def _correlations(pairing: Pairing, left: IntArray, right: IntArray) -> FloatArray:
    """Return those of some rows with others, shape (n, m); firm-events of several groups are taken once."""
    (one, mine), (other, theirs) = (
        np.unique(pairing.events[rows], return_index=True, return_inverse=True)[1:] for rows in (left, right)
    )
    a, b = _on_calendar(pairing, left[one], right[other])
    found = masked_correlation(a, b, pairing.residuals.shape[1])
    return np.asarray(found[mine.ravel()[:, None], theirs.ravel()])


def _common(one: IntArray, other: IntArray, parts: Sequence[slice]) -> FloatArray:
    """Return how many sessions each window of two sorts of event windows has in common, (W, D1, D2)."""
    low, high = min(one.min(), other.min()), max(one.max(), other.max())

    def calendar(positions: IntArray, part: slice) -> FloatArray:
        found = np.zeros((len(positions), high - low + 1))
        np.put_along_axis(found, positions[:, part] - low, 1.0, axis=1)
        return found

    return np.stack([calendar(one, part) @ calendar(other, part).T for part in parts])


def _on_calendar(pairing: Pairing, *sides: IntArray) -> list[FloatArray]:
    """Return the residuals of some rows session by session of one calendar, (n, T) each."""
    positions = [pairing.estimation[pairing.session[rows]] for rows in sides]
    low = min(each.min(where=each >= 0, initial=np.iinfo(np.int64).max) for each in positions)
    width = max(each.max() for each in positions) - low + 1
    found = []
    for rows, at in zip(sides, positions, strict=True):
        values = np.full((len(rows), width + 1), np.nan)  # the last column takes what is off the axis
        np.put_along_axis(
            values, np.where(at >= 0, at - low, width), pairing.residuals[pairing.events[rows]], 1
        )
        found.append(values[:, :width])
    return found
