"""CARs as linear forms in the residuals of their security, laid out on the calendar.

Every CAR is +1 times the residuals of its window and ``-w`` times those of its estimation window, with
``w = X (X'X)^-1 X*'1``. Written on the calendar and scaled by ``s_i`` this is the row ``z_i``; the covariance
of two CARs is then ``rho z_i . z_j``, ``rho`` the residual correlation of the two securities. On one date
with common regressors that is the ``c' Sigma c g`` of the multivariate regression model; across dates it
knows that windows overlap and that one event lies in another's estimation window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.groups import Calendar
from eventstudy.measure import estimate


@dataclass(frozen=True)
class Security:
    """The firm-events of one security on the calendar.

    Attributes
    ----------
    events
        Indices, shape (n,).
    rows
        ``z`` for each of C windows, shape (C, n, T).
    residual
        Mean standardised estimation residual on each calendar date, shape (T,); NaN where none.
    """

    events: IntArray
    rows: FloatArray
    residual: FloatArray


def security_rows(calendar: Calendar, events: IntArray, windows: Sequence[Window]) -> Security:
    """Write the CARs of one security's events as linear forms in its residuals on the calendar."""
    design = calendar.setting.design
    fit, abnormal = estimate(calendar.setting, events)
    dates = int(calendar.position.max()) + 1
    before = calendar.positions(events, Window(*design.estimation))
    used = np.isfinite(fit.residuals)
    row, column = np.nonzero(used)
    rows = np.zeros((len(windows), len(events), dates))
    for place, window in enumerate(windows):
        part = slice(window.start - abnormal.window.start, window.end - abnormal.window.start + 1)
        loading = np.nansum(abnormal.root[:, part], axis=1)
        weights = np.einsum("nmr,nr->nm", np.where(used[:, :, None], fit.estimation_root, 0.0), loading)
        rows[place, row, before[row, column]] = -weights[row, column]
        after = calendar.positions(events, window)
        rows[place, np.arange(len(events))[:, None], after] += after >= 0
        rows[place] *= abnormal.sigma[:, None]
    total, count = np.zeros(dates), np.zeros(dates)
    np.add.at(total, before[row, column], (fit.residuals / fit.sigma[:, None])[row, column])
    np.add.at(count, before[row, column], 1.0)
    with np.errstate(invalid="ignore"):
        return Security(events, rows, total / count)


def complete_dates(calendar: Calendar, events: IntArray, place: int) -> IntArray:
    """Return the distinct day-0 positions of the events that are complete in a window."""
    return np.unique(calendar.day0[events[np.isfinite(calendar.measured.car[events, place])]])


def date_weights(calendar: Calendar, events: IntArray, place: int, dates: IntArray) -> FloatArray:
    """Return weights that average first within each of ``dates``, then over them; 0 elsewhere."""
    day0 = calendar.day0[events]
    there = np.isfinite(calendar.measured.car[events, place]) & np.isin(day0, dates)
    same = (day0[:, None] == day0[None, :]) & there[None, :]
    return np.where(there, 1.0 / np.maximum(same.sum(axis=1), 1) / max(len(dates), 1), 0.0)


def kind_weights(calendar: Calendar, events: IntArray, of_kind: Any, place: int) -> FloatArray:
    """Return weights that average within ticker and date, then over tickers, then over dates."""
    there = of_kind & np.isfinite(calendar.measured.car[events, place])
    day0, ticker = calendar.day0[events[there]], calendar.ticker[events[there]]
    cells, cell, size = np.unique(
        np.column_stack([day0, ticker]), axis=0, return_inverse=True, return_counts=True
    )
    _, date, tickers = np.unique(cells[:, 0], return_inverse=True, return_counts=True)
    weights = np.zeros(len(events))
    per_cell = 1.0 / size / tickers[date] / max(len(tickers), 1)
    weights[there] = per_cell[cell.ravel()]
    return weights


def weighted_car(calendar: Calendar, events: IntArray, weights: FloatArray, place: int) -> float:
    """Return the weighted CAR of a window; NaN where no weight is above 0."""
    used = weights > 0
    return float(weights[used] @ calendar.measured.car[events[used], place]) if used.any() else np.nan
