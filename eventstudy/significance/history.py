"""`History`: abnormal returns session by session, with their ranks and signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.numerics.kernels import double_ranks
from eventstudy.significance.scores import Scores

CHUNK = 2_048  #: firm-events worked on at once: bounds the memory


class Past(NamedTuple):
    """The estimation sessions of firm-events whose pairs are correlated: one of both, the other is empty.

    Attributes
    ----------
    residuals
        As in `History`, for correlations pair by pair.
    scores
        For those by session.
    """

    residuals: FloatArray
    scores: Scores


@dataclass(frozen=True)
class History:
    """Abnormal returns of N firm-events over their estimation and event windows, axis 1 in event time.

    The properties are computed once, when first needed, for all groups.

    Attributes
    ----------
    estimation, window
        The two windows, of L1 and L sessions.
    residuals
        Estimation-window abnormal returns, shape (N, L1), decimal; NaN where the session was not used.
    studentised
        The same over ``s sqrt(1 - h)``, ``h`` the leverage of the session: internally studentised.
    ar
        Event-window abnormal returns, shape (N, L), decimal; NaN = missing. A lumped return is scaled to one
        session.
    autocorrelated
        Whether neighbouring sessions depend on each other.
    """

    estimation: Window
    window: Window
    residuals: FloatArray
    studentised: FloatArray
    ar: FloatArray
    autocorrelated: bool = False

    @cached_property
    def double_ranks(self) -> IntArray:
        """Twice the mid-rank of each session in estimation and event window together, uint16 (N, L1 + L).

        0 where the return is missing, and without estimation sessions to rank among. Twice, so that mid-ranks
        of ties are whole numbers.
        """
        if not self.residuals.shape[1]:
            return np.zeros(self.ar.shape, dtype=np.uint16)
        return _double_ranks(self.residuals, self.ar)

    @cached_property
    def double_ranks_studentised(self) -> IntArray:
        """Twice the mid-rank of each studentised residual among those of its firm-event, uint16 (N, L1)."""
        return _double_ranks(self.studentised)

    @cached_property
    def signs(self) -> IntArray:
        """Sign of each session about the median of its firm-event, int8 (N, L1 + L); 0 on it, or missing.

        With an even number of sessions the median is the mean of the two middle ones. Computed from the
        ranks, so rounding cannot decide a sign.
        """
        if worth_compiling(len(self.ar)):
            from eventstudy.numerics.compiled_ranks import median_signs_compiled

            return np.asarray(median_signs_compiled(self.double_ranks))
        return _by_chunks(len(self.ar), lambda rows: _median_signs(self.double_ranks[rows]), np.int8)

    @cached_property
    def there(self) -> BoolArray:
        """Where there is a residual, shape (N, L1)."""
        return np.asarray(np.isfinite(self.residuals))

    @cached_property
    def scores(self) -> Scores:
        """The residuals, standardised by firm-event."""
        return Scores.of(self.residuals)

    @cached_property
    def n_studentised(self) -> IntArray:
        """Studentised residuals of each firm-event, shape (N,)."""
        return np.asarray(np.isfinite(self.studentised).sum(axis=1))

    @cached_property
    def n_sessions(self) -> IntArray:
        """Sessions with an abnormal return in estimation and event window together, shape (N,)."""
        return np.asarray(np.isfinite(self.residuals).sum(axis=1) + np.isfinite(self.ar).sum(axis=1))

    @cached_property
    def share_positive(self) -> FloatArray:
        """Share of positive abnormal returns in the estimation window, shape (N,); NaN without any."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.residuals > 0).sum(axis=1) / np.isfinite(self.residuals).sum(axis=1))

    def columns(self, window: Window) -> slice:
        """Return where a window lies along axis 1 of ``ar``."""
        return slice(window.start - self.window.start, window.end - self.window.start + 1)


def _double_ranks(*parts: FloatArray) -> IntArray:
    """Return twice the mid-rank of each value among those of its row in all parts, uint16 (N, T)."""
    if worth_compiling(len(parts[0])):
        from eventstudy.numerics.compiled_ranks import double_ranks_compiled

        return double_ranks_compiled(*parts)
    return _by_chunks(
        len(parts[0]), lambda rows: double_ranks(np.column_stack([part[rows] for part in parts]))
    )


def _by_chunks(n: int, ranks: Callable[[slice], IntArray], kind: Any = np.uint16) -> IntArray:
    """Return the ranks of n rows, computed ``CHUNK`` at a time and kept small."""
    parts = [ranks(slice(start, start + CHUNK)).astype(kind) for start in range(0, max(n, 1), CHUNK)]
    return np.concatenate(parts)


def _median_signs(double: IntArray) -> IntArray:
    """Return the sign of each value about the median of its row from the doubled mid-ranks, (n, T)."""
    present, ordered = double > 0, np.sort(double, axis=1).astype(np.int32)  # the missing ones come first
    n, last = present.sum(axis=1), double.shape[1] - 1
    middle = [np.minimum(last - n + half, last) for half in ((n + 1) // 2, n // 2 + 1)]
    median = sum(np.take_along_axis(ordered, place[:, None], axis=1) for place in middle)  # doubled again
    return np.where(present, np.sign(2 * double.astype(np.int32) - median), 0)
