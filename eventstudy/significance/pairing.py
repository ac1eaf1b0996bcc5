"""`Pairing`: the firm-events whose pairs are correlated, those of a sample and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.significance.sample import CrossSection

#: Multiples of ``2^-26`` and ``2^-49`` make up a number of at most 1: sums of ``2^26`` are not rounded, nor
#: are the products of the parts of two rows of unit length, added over some thousand sessions. These numbers
#: have such multiples for neighbours, so that what is added to them is rounded to one.
HIGH, LOW = 1.5 * 2.0**26, 1.5 * 2.0**3


@dataclass(frozen=True)
class Pairing:
    """m firm-events: the n of a sample, then its neighbours.

    A pair belongs to the sample that has the earlier of the two, and half to each where they share their day.

    Attributes
    ----------
    own
        Which are the sample's, shape (m,).
    group, session
        Shape (m,), as in `CrossSection` and `Alignment`.
    begin
        Calendar position at which the event window begins, shape (m,).
    complete
        Which have a CAR in which window, shape (m, W).
    residuals
        Those of the study, shape (N, L1); NaN where not used.
    events
        Their rows, shape (m,).
    estimation, event
        As in `Alignment`.
    aligned
        Which days 0 have windows without a gap on the calendar at their distance, shape (D,).
    """

    own: BoolArray
    group: IntArray
    session: IntArray
    begin: IntArray
    complete: BoolArray
    residuals: FloatArray
    events: IntArray
    estimation: IntArray
    event: IntArray
    aligned: BoolArray

    @classmethod
    def of(cls, sample: CrossSection) -> Pairing:
        """Return the firm-events of a sample and its neighbours that are complete in some window."""
        alignment, history = sample.alignment(), sample.history
        near, estimation, event = alignment.neighbours, alignment.estimation, alignment.event
        complete = np.concatenate([np.isfinite(sample.car), near.complete])
        used: BoolArray = np.asarray(complete.any(axis=1))
        events = np.concatenate([sample.events, near.events])[used]
        session = np.concatenate([alignment.session, near.session])[used]
        distance = history.estimation.start - history.window.start
        aligned = _without_gap(estimation) & _without_gap(event)
        aligned &= estimation[:, 0] - event[:, 0] == distance
        return cls(
            own=(np.arange(len(used)) < len(sample.group))[used],
            group=np.concatenate([sample.group, near.group])[used],
            session=session,
            begin=begins(event)[session],
            complete=complete[used],
            residuals=sample.past.residuals,
            events=events,
            estimation=estimation,
            event=event,
            aligned=aligned,
        )

    @cached_property
    def gapless(self) -> BoolArray:
        """Which have every residual, and aligned windows, shape (m,)."""
        whole = np.isfinite(self.residuals[self.events]).all(axis=1)
        return np.asarray(self.aligned[self.session] & whole)


def two_parts(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return values of at most 1 as the sum of two, which are added without rounding."""
    high, low = values + HIGH, values.copy()
    high -= HIGH
    low -= high
    low += LOW
    low -= LOW
    return high, low


def _without_gap(positions: IntArray) -> BoolArray:
    return np.asarray((np.diff(positions, axis=1) == 1).all(axis=1))


def begins(positions: IntArray) -> IntArray:
    """Return where windows of shape (D, L) begin, also where their first sessions are off the axis, (D,)."""
    first = (positions >= 0).argmax(axis=1)
    return np.asarray(np.take_along_axis(positions, first[:, None], axis=1)[:, 0] - first)
