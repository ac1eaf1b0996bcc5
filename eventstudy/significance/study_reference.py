"""`StudyReference`: the left-out windows of all firm-days of a study, counted chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray

ONE_IN = 20  #: own ranks are counted that are among the most extreme 1 / 20, so at 5 %


@dataclass(frozen=True)
class StudyReference:
    """What the reference of one CAR window says about its m firm-days; `add` fills it.

    All scores are studentised, and larger ones favour the alternative.

    Attributes
    ----------
    length
        Sessions of the window.
    score
        Of each firm-day, shape (m,).
    day0
        Its date as a position on the calendar of the study, shape (m,).
    cluster
        Its cluster of dates, shape (m,): dates whose windows overlap are one.
    ordered, below
        The scores sorted, and how many left-out scores lie at or above exactly the first 0, 1, ..., m of
        them; shapes (m,) and (m + 1,).
    used
        Which sessions of which of its S securities are in an estimation window, shape (T, S).
    rank, windows
        Rank of each firm-day among its own left-out windows, and their number, shape (m,).
    hits, whole
        Per cluster and shift of P, how many firm-days have a left-out score among their own most extreme
        ones, and whether all of them have a left-out window; shape (G, P).
    earlier
        How many earlier sessions, each with a fit of its own, ``below`` counts in the place of the left-out
        windows; None where it counts these.
    """

    length: int
    score: FloatArray
    day0: IntArray
    cluster: IntArray
    ordered: FloatArray
    below: IntArray
    used: BoolArray
    rank: IntArray
    windows: IntArray
    hits: IntArray
    whole: BoolArray
    earlier: int | None = None

    @classmethod
    def empty(
        cls, length: int, score: FloatArray, day0: IntArray, shifts: int, sessions: int, securities: int
    ) -> StudyReference:
        """Return the reference of some firm-days before anything is counted."""
        dates, own = np.unique(day0, return_inverse=True)
        cluster = np.cumsum(np.diff(dates, prepend=dates[:1]) >= length, dtype=np.int64)[own]
        m, clusters = len(score), int(cluster.max(initial=-1)) + 1
        return cls(
            length=length,
            score=score,
            day0=day0,
            cluster=cluster,
            ordered=np.sort(score),
            below=np.zeros(m + 1, dtype=np.int64),
            used=np.zeros((sessions, securities), dtype=bool),
            rank=np.zeros(m, dtype=np.int64),
            windows=np.zeros(m, dtype=np.int64),
            hits=np.zeros((clusters, shifts), dtype=np.int64),
            whole=np.ones((clusters, shifts), dtype=bool),
        )

    def add(self, days: IntArray, scores: FloatArray) -> None:
        """Count the left-out scores of some firm-days.

        Parameters
        ----------
        days
            Indices of firm-days, shape (n,); each is added once.
        scores
            Shape (n, P); NaN where a window has no left-out score.
        """
        there = np.isfinite(scores)
        self.below[:] += counted_below(self.ordered, scores)
        self.windows[days] = there.sum(axis=1)
        with np.errstate(invalid="ignore"):
            self.rank[days] = 1 + (there & (scores >= self.score[days, None])).sum(axis=1)
            extreme = there & (scores >= _critical(scores, self.extreme[days])[:, None])
        order = np.argsort(self.cluster[days], kind="stable")
        cluster = self.cluster[days[order]]
        starts = np.flatnonzero(np.diff(cluster, prepend=-1))
        self.hits[cluster[starts]] += np.add.reduceat(extreme[order], starts, axis=0, dtype=np.int64)
        self.whole[cluster[starts]] &= np.logical_and.reduceat(there[order], starts, axis=0)

    @property
    def extreme(self) -> IntArray:
        """How many of its own left-out windows are the most extreme ones of each firm-day, shape (m,)."""
        return (1 + self.windows) // ONE_IN

    @property
    def dates(self) -> int:
        """How many distinct dates the firm-days have."""
        return len(np.unique(self.day0))

    @property
    def size(self) -> int:
        """How many scores the reference holds."""
        return int(self.below.sum())

    @property
    def effective(self) -> float:
        """``N_eff``: distinct sessions of securities over the length of the window."""
        sessions = int(self.used.sum()) if self.earlier is None else self.earlier
        return sessions / self.length

    @property
    def pvalue(self) -> FloatArray:
        """``(1 + N_eff F) / (1 + N_eff)`` of each firm-day, shape (m,); NaN without a reference."""
        return pooled_pvalue(self.score, self.ordered, self.below, self.effective)

    @property
    def own_pvalue(self) -> FloatArray:
        """Rank p-value of each firm-day among its own left-out windows, shape (m,); NaN without any."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(self.windows > 0, self.rank / (1.0 + self.windows), np.nan))


def counted_below(ordered: FloatArray, scores: FloatArray) -> IntArray:
    """Return how many finite scores lie at or above exactly the first 0, 1, ..., m of m ordered ones."""
    finite = np.sort(scores[np.isfinite(scores)])  # faster than to look up each of many in the few
    edges = np.empty(len(ordered) + 2, dtype=np.int64)
    edges[0], edges[1:-1], edges[-1] = 0, np.searchsorted(finite, ordered), len(finite)
    return np.diff(edges)


def pooled_pvalue(score: FloatArray, ordered: FloatArray, below: IntArray, effective: float) -> FloatArray:
    """Return ``(1 + N_eff F) / (1 + N_eff)``, ``F`` the share of a reference at or above each score.

    Parameters
    ----------
    score
        Some of the ordered ones, shape (n,).
    ordered, below
        All m scores sorted, and the sum of what `counted_below` returned for the reference.
    effective
        ``N_eff``. The p-values are NaN where the reference is empty.
    """
    size = below.sum()
    if not size:
        return np.full(len(score), np.nan)
    at_least = np.cumsum(below[::-1])[::-1]  # of the score at place j of the sorted, from j + 1
    share = at_least[1:][np.searchsorted(ordered, score)] / size
    return np.asarray((1.0 + effective * share) / (1.0 + effective))


def _critical(scores: FloatArray, extreme: IntArray) -> FloatArray:
    """Return the k-th largest score of each row, shape (n,); infinite where k is 0."""
    if not scores.shape[1]:
        return np.full(len(scores), np.inf)
    descending = -np.sort(-np.where(np.isfinite(scores), scores, -np.inf), axis=1)
    kth = np.take_along_axis(descending, np.maximum(extreme - 1, 0)[:, None], axis=1)[:, 0]
    return np.where(extreme > 0, kth, np.inf)
