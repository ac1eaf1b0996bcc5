"""`Scores`: residuals less the mean of their firm-event, over its deviation, as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eventstudy._typing import BoolArray, FloatArray, IntArray
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
    squares
        Sum of the squares of each firm-event: its number of residuals, or 0 without variance, shape (N,).
    """

    values: NDArray[np.int32]
    there: BoolArray
    squares: IntArray

    @classmethod
    def of(cls, residuals: FloatArray, there: BoolArray) -> Scores:
        """Standardise residuals that are there."""
        values, squares = np.zeros(residuals.shape, dtype=np.int32), np.zeros(len(residuals), dtype=np.int64)
        for start in range(0, len(residuals), CHUNK):
            part = slice(start, start + CHUNK)
            given, n = np.where(there[part], residuals[part], 0.0), there[part].sum(axis=1)
            mean = given.sum(axis=1) / np.maximum(n, 1)
            centred = np.where(there[part], given - mean[:, None], 0.0)
            sum_of_squares = (centred**2).sum(axis=1)
            varies = sum_of_squares > NO_VARIANCE * (given**2).sum(axis=1)
            scale = np.sqrt(n / np.where(varies, sum_of_squares, 1.0)) * varies / UNIT
            values[part] = np.rint(centred * scale[:, None])
            squares[part] = n * varies
        return cls(values, there, squares)

    @classmethod
    def joined(cls, parts: Sequence[Scores], sessions: int) -> Scores:
        """Return the scores of all firm-events of some parts, each over so many sessions."""
        nothing = cls.of(np.zeros((0, sessions)), np.zeros((0, sessions), dtype=bool))
        arrays = zip(*(vars(part).values() for part in [nothing, *parts]), strict=True)
        return cls(*map(np.concatenate, arrays))
