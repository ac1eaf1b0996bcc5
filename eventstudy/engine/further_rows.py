"""Rows of the further tables of a shard's firm-events, which are taken only if they are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.assembly.building import abnormal_return_columns, coefficient_columns
from eventstudy.engine.grid_estimation import gathered
from eventstudy.engine.grid_measured import Measured
from eventstudy.engine.listed_events import ListedEvents
from eventstudy.inference.diagnostics import Checked, checks_of, cut_notes, laid_out
from eventstudy.inference.residual_checks import autocorrelation, centred, share_of_zeros
from eventstudy.numerics.columns import Columns
from eventstudy.panel.confounding import MAX_NAMED


def abnormal_return_rows(measured: Measured) -> Columns:
    """Return columns of the table ``abnormal_returns``, shape (n, L) each."""
    abnormal = measured.own.abnormal
    car, car_se = abnormal.cumulated()
    columns = abnormal_return_columns(abnormal, measured.shard.study.design.alternative)
    return {name: values.copy() for name, values in {**columns, "car": car, "car_se": car_se}.items()}


def coefficient_rows(measured: Measured) -> Columns:
    """Return columns of the table ``coefficients`` without their terms, shape (n, 1 + K) each."""
    own = measured.own
    estimate, error = own.coefficients.copy(), own.std_errors.copy()
    return dict(coefficient_columns(estimate, error, own.abnormal.df[:, None]))


def residual_rows(measured: Measured) -> Columns:
    """Return the residuals, shape (n, L1); NaN where a session was not used."""
    return {"residual": measured.own.abnormal.residuals.copy()}


@dataclass(frozen=True)
class Surroundings:
    """What the checks of a shard's firm-events need of the whole study.

    Attributes
    ----------
    listed
        The events on the matrix within reach of the shard.
    event_ids
        Returns the ids of firm-events by their places.
    first
        Place of the first firm-event of the shard's study.
    traded
        First and last session with a return of each security, shape (S, 2).
    sessions
        Of the matrix.
    """

    listed: ListedEvents
    event_ids: Callable[[IntArray], TextArray]
    first: int
    traded: IntArray
    sessions: int


def diagnostic_rows(measured: Measured, around: Surroundings | None) -> Columns:
    """Return columns of the table ``diagnostics``, shape (n, C) each.

    Parameters
    ----------
    around
        None where the firm-events do not lie on the matrix: what is told by it is NaN.
    """
    shard, abnormal = measured.shard, measured.own.abnormal
    own, window, n = slice(0, shard.own), shard.study.time.estimation, abnormal.n
    nothing, nobody = np.full(shard.own, np.nan), np.full(shard.own, "", dtype=object)
    y = gathered(shard.study.grid, shard.study.security[own], shard.study.day0[own], window)[0]
    in_window, in_estimation, confounders, without, cut = nothing, nothing, nobody, nothing, nobody
    if around is not None:
        in_window, in_estimation, confounders = _overlaps(measured, around)
        without = _without_trade(measured, around, y)
        cut = _cut(measured, around)
    checked = Checked(
        residuals=centred(abnormal.residuals),
        missing=window.length - n - measured.own.masked,
        masked=measured.own.masked,
        cut=cut,
        rsquared=measured.own.rsquared,
        without_trade=without,
        zero_returns=share_of_zeros(y),
        autocorrelation=autocorrelation(y),
        in_window=in_window,
        in_estimation=in_estimation,
        confounders=confounders,
    )
    return laid_out(checks_of(checked, loud=True, spans=False))


def _estimation_sessions(measured: Measured) -> IntArray:
    """Return the estimation sessions of the shard's firm-events by the numbers of the study, (n, L1)."""
    window, own = measured.shard.study.time.estimation, measured.shard.own
    return np.asarray(measured.shard.date[:own, None] + np.arange(window.start, window.end + 1))


def _cut(measured: Measured, around: Surroundings) -> TextArray:
    """Say how many estimation sessions lie after the last session, where the estimation looks ahead."""
    after = (_estimation_sessions(measured) >= around.sessions).sum(axis=1)
    return cut_notes(after * measured.shard.study.design.looks_ahead)


def _without_trade(measured: Measured, around: Surroundings, y: FloatArray) -> FloatArray:
    """Return the share of estimation sessions without a return, between the first and the last one, (n,)."""
    at = _estimation_sessions(measured)
    first, last = around.traded[measured.shard.ticker[: measured.shard.own]].T
    inside = (at >= first[:, None]) & (at <= last[:, None])
    with np.errstate(invalid="ignore"):
        return np.asarray((inside & np.isnan(y)).sum(axis=1) / inside.sum(axis=1))


def _overlaps(measured: Measured, around: Surroundings) -> tuple[FloatArray, FloatArray, TextArray]:
    """Count other listed events of the security in both windows, and name those of the event window."""
    shard, time = measured.shard, measured.shard.study.time
    security, day0, listed = shard.ticker[: shard.own], shard.date[: shard.own], around.listed
    count = []
    for window in (time.estimation, time.event):  # those of the event window are named below
        order, low, high = listed.around(security, day0, window)
        count.append(high - low - (window.start <= 0 <= window.end))
    in_estimation, in_window = count
    # an event and one more than are named, of which one is the firm-event itself
    at = low[:, None] + np.arange(MAX_NAMED + 1)
    other = order[np.minimum(at, len(order) - 1)]
    own = listed.place[other] == around.first + shard.rows[: shard.own, None]
    named = (at < high[:, None]) & ~own
    named &= named.cumsum(axis=1) <= MAX_NAMED
    tau = listed.day0[other] - day0[:, None]
    width = max(map(abs, time.event))
    written = np.array([f" at tau {each:+d}" for each in range(-width, width + 1)], dtype=object)
    notes = np.full(len(day0), "", dtype=object)
    for column in range(at.shape[1]):
        rows = np.flatnonzero(named[:, column])
        ids = around.event_ids(listed.place[other[rows, column]])
        text = ids + written[tau[rows, column] + width]
        notes[rows] = np.where(notes[rows] == "", text, notes[rows] + "; " + text)
    more = in_window - named.sum(axis=1)
    for left in np.unique(more[more > 0]).tolist():
        notes[more == left] += f"; and {left} more listed events"
    return in_window.astype(float), in_estimation.astype(float), notes
