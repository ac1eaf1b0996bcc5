"""`Scores`: residuals less the mean of their firm-event, over its deviation, as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.compiling import worth_compiling
from eventstudy.significance.pair_correlation import NO_VARIANCE

UNIT = 2.0**-23  #: a score is at most the root of the sessions, so int32 holds those of 65,000
CHUNK = 1_024  #: rows standardised at once: they fit the cache


@dataclass(frozen=True)
class Scores:
    """Standardised residuals of N firm-events over L1 sessions: whole numbers add up in any order.

    Attributes
    ----------
    values
        In multiples of ``UNIT``, int32, shape (N, L1); 0 where there is none, or no variance.
    there
        Where there is a residual, shape (N, L1).
    n
        Residuals of each firm-event, shape (N,).
    squares
        Sum of the squares of each firm-event: its number of residuals, or 0 without variance, shape (N,).
    """

    values: NDArray[np.int32]
    there: BoolArray
    n: IntArray
    squares: IntArray

    @classmethod
    def of(cls, residuals: FloatArray) -> Scores:
        """Standardise residuals, NaN where there is none."""
        found = cls.empty(*residuals.shape)
        found.fill(0, residuals)
        return found

    @classmethod
    def empty(cls, firm_events: int, sessions: int) -> Scores:
        """Return arrays to be filled."""
        shape = firm_events, sessions
        of_each = np.empty((2, firm_events), dtype=np.int64)
        return cls(np.empty(shape, dtype=np.int32), np.empty(shape, dtype=bool), *of_each)

    def fill(self, first: int, residuals: FloatArray) -> None:
        """Standardise the residuals of some firm-events into the rows from ``first`` on."""
        own = Scores(*(each[first : first + len(residuals)] for each in vars(self).values()))
        if worth_compiling(len(residuals)):
            from eventstudy.numerics.compiled_scores import standardise

            standardise(residuals, NO_VARIANCE, UNIT, *vars(own).values())
            return
        for start in range(0, len(residuals), CHUNK):
            part = slice(start, start + CHUNK)
            there = own.there[part] = np.isfinite(residuals[part])
            given, n = np.where(there, residuals[part], 0.0), there.sum(axis=1)
            mean = given.sum(axis=1) / np.maximum(n, 1)
            centred = np.where(there, given - mean[:, None], 0.0)
            sum_of_squares = (centred**2).sum(axis=1)
            varies = sum_of_squares > NO_VARIANCE * (given**2).sum(axis=1)
            scale = np.sqrt(n / np.where(varies, sum_of_squares, 1.0)) * varies / UNIT
            own.values[part] = np.rint(centred * scale[:, None])
            own.n[part], own.squares[part] = n, n * varies
