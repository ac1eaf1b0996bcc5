"""The t of a CAR on every session of a series, and the rank of an event's t among the earlier ones."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.models.estimation import CHUNK, Estimates, Specification, fit_and_forecast
from eventstudy.models.session_sums import has_sums, statistics_by_sums
from eventstudy.numerics.kernels import rank_pvalue
from eventstudy.panel.panel import Panel
from eventstudy.significance.romano_wolf import towards

SERIES = 64  #: series whose sums are taken at once: bounds the memory


def series_codes(panel: Panel) -> IntArray:
    """Return which series each firm-event belongs to, shape (N,); -1 where it has no returns.

    Firm-events of one series have the same security, regressors, exchange and windows, so that the same
    earlier sessions serve them all.
    """
    known = (panel.security >= 0) & (panel.regressors >= 0).all(axis=1)
    labels = np.column_stack([panel.security, panel.first, panel.regressors])
    if panel.own_windows is not None:
        estimation = panel.own_windows.estimation.reshape(len(panel), -1)
        labels = np.column_stack([labels, panel.own_windows.event, estimation])
    codes = np.full(len(panel), -1)
    codes[known] = np.unique(labels[known], axis=0, return_inverse=True)[1].ravel()
    return codes


def session_statistics(spec: Specification, events: IntArray) -> FloatArray:
    """Return ``CAR / se`` with each session of some series as day 0, fitted like a firm-event.

    Parameters
    ----------
    events
        One firm-event of each of S series (`series_codes`).

    Returns
    -------
    FloatArray
        Shape (S, T, C) for the T rows of the return matrix and the C windows of the design. NaN where the
        estimation windows begin before the first return of the security or end after the last, too few
        returns are usable, the window has a gap, or it holds one that the design masks.
    """
    panel, design = spec.panel, spec.design
    ends = [window.end for window in design.car_windows]
    there = np.isfinite(panel.matrix.values[:, panel.security[events]])
    row = np.arange(len(there))[:, None]
    first = np.maximum(panel.first[events], np.argmax(there & (row >= panel.first[events]), axis=0))
    end = max(min(ends), design.estimation_window.end)
    whole = (row + design.estimation_window.start >= first) & (row + end <= panel.last[events])
    statistics = np.full((len(events), len(there), len(ends)), np.nan)
    singly = whole.T.copy()
    if has_sums(spec):
        for start in range(0, len(events), SERIES):
            part = slice(start, start + SERIES)
            found, doubt = statistics_by_sums(spec, events[part])
            singly[part] &= doubt
            statistics[part] = np.where(whole.T[part, :, None], found, np.nan)
    series, day0 = np.nonzero(singly)
    for start in range(0, len(day0), CHUNK):
        some = slice(start, start + CHUNK)
        moved = panel.moved(events[series[some]], day0[some])
        statistics[series[some], day0[some]] = _fitted(Specification(moved, spec.model, design))
    return statistics


def _fitted(spec: Specification) -> FloatArray:
    """Return ``CAR / se`` of the n day 0 of a panel, shape (n, C)."""
    events = np.arange(len(spec.panel))
    fit, abnormal = fit_and_forecast(spec, events)
    usable = (fit.n >= spec.required_observations(events)) & (fit.problem == "")
    columns = []
    for window in spec.design.car_windows:
        masked = spec.panel.masked(events, window, own=True).any(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            t = abnormal.car(window) / abnormal.car_se(window)
        columns.append(np.where(usable & ~masked, t, np.nan))
    return np.column_stack(columns)


def long_placebo(spec: Specification, estimates: Estimates) -> tuple[FloatArray, IntArray]:
    """Rank each ``CAR / se`` among those of the earlier sessions of its own series.

    Returns
    -------
    tuple
        p-value and number of earlier sessions, shape (N, C). A session is earlier where its window and its
        estimation windows end before the event window begins; ``placebo_history`` of the design takes all
        of them, or the last so many. NaN and 0 where there is none.

    Notes
    -----
    ``p = (1 + #{|z_q| >= |t|}) / (1 + n)``, one-sided by the signed t. Standardised, because the volatility
    of years differs; `session_statistics` estimates every session anew.
    """
    panel, design, history = spec.panel, spec.design, spec.design.placebo_history
    width = len(design.car_windows)
    codes = np.where(estimates.ok, series_codes(panel), -1)
    observed = towards(estimates.car[:, :width] / estimates.car_se[:, :width], design.alternative)
    pvalue, n = np.full(observed.shape, np.nan), np.zeros(observed.shape, dtype=np.int64)
    row = np.arange(len(panel.matrix.dates))
    for code in range(codes.max(initial=-1) + 1):
        events = np.flatnonzero(codes == code)
        if not events.size:
            continue
        earlier = towards(session_statistics(spec, events[:1])[0], design.alternative)
        for place, window in enumerate(design.car_windows):
            end = max(window.end, design.estimation_window.end)
            behind = panel.day0[events, None] + design.window.start - end
            taken = row < behind
            if not isinstance(history, str):
                taken &= row >= behind - history
            reference = np.where(taken, earlier[:, place], np.nan)
            pvalue[events, place], n[events, place] = rank_pvalue(observed[events, place], reference)
    return pvalue, n
