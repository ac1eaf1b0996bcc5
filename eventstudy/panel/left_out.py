"""Which sessions of an estimation window lie around another event, or are dates of the design."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import BoolArray, ByteArray, IntArray

MASK_REACH = 1  #: ``mask_events`` leaves out sessions -1 to +1 around every other event of the ticker
LISTED, DATED = np.uint8(1), np.uint8(2)  #: bits of `Panel.covered`: a listed event, a date of ``mask_dates``


def left_out_sessions(
    covered: ByteArray,
    rows: IntArray,
    column: IntArray,
    day0: IntArray,
    reach: IntArray,
    bounds: tuple[IntArray, IntArray],
) -> BoolArray:
    """Return which sessions lie around another listed event or are dates of the design, never day 0, (n, L).

    Parameters
    ----------
    covered
        As in `Panel`, shape (T, S).
    rows
        Rows of the sessions, shape (n, L).
    column, day0, reach
        Of each firm-event, shape (n, 1).
    bounds
        First and last row of the axis of each, shape (n, 1).
    """
    left_out = np.zeros(rows.shape, dtype=bool)
    for shift in range(-MASK_REACH, MASK_REACH + 1):
        near = np.clip(rows + shift, *bounds)
        listed = (covered[near, column] & LISTED) > 0
        left_out |= listed & (near != day0) & (abs(shift) <= reach)
    return np.asarray(left_out | (((covered[rows, column] & DATED) > 0) & (rows != day0)))
