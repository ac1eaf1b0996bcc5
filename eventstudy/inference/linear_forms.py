"""CARs as linear forms in the residuals of their security on the calendar.

A CAR is +1 times the residuals of its window and ``-w`` times those of its estimation window, with
``w = Q G'1`` (for least squares ``X (X'X)^-1 X*'1``). Scaled by ``s_i`` these weights on the calendar are the
row ``z_i``; of autocorrelated noise in its innovations. The covariance of two CARs is ``rho z_i . z_j``,
``rho`` the residual correlation of the two securities. On one date with common regressors it equals
``c' Sigma c g`` of the multivariate regression model; across dates it accounts for windows that overlap and
for events in another's estimation window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.inference.groups import StudyInCalendarTime
from eventstudy.inference.resampling import Forms
from eventstudy.models.estimation import fit_and_forecast
from eventstudy.numerics.autocorrelation import weighted


@dataclass(frozen=True)
class Security:
    """The firm-events of one security as linear forms on T calendar dates.

    Attributes
    ----------
    events
        Indices, shape (n,).
    rows
        ``z`` for each of C windows, shape (C, n, T).
    residual
        Mean standardised estimation residual of the firm-days on each calendar date, shape (T,); NaN where
        none.
    sigma
        Residual standard deviation, shape (n,).
    sessions
        Calendar position of each session of each window, C arrays of shape (n, L); negative off the axis.
    """

    events: IntArray
    rows: FloatArray
    residual: FloatArray
    sigma: FloatArray
    sessions: tuple[IntArray, ...]

    def only(self, chosen: BoolArray) -> Security:
        """Return the security with some of its events."""
        sessions = tuple(positions[chosen] for positions in self.sessions)
        return Security(
            self.events[chosen], self.rows[:, chosen], self.residual, self.sigma[chosen], sessions
        )

    def ahead(self, place: int) -> FloatArray:
        """Return the part of ``z`` in the event windows, without estimation error, shape (n, T)."""
        sessions, part = self.sessions[place], np.zeros(self.rows.shape[1:])
        part[np.arange(len(part))[:, None], sessions] += np.where(sessions >= 0, self.sigma[:, None], 0.0)
        return part


class DateMean(NamedTuple):
    """A mean CAR over dates: its linear form, the part in the event windows, value, d.o.f. and count."""

    z: FloatArray
    ahead: FloatArray
    car: float
    df: float
    n: int


def security_rows(calendar: StudyInCalendarTime, events: IntArray, windows: Sequence[Window]) -> Security:
    """Write the CARs of one security's events as linear forms in its residuals on the calendar."""
    design = calendar.spec.design
    fit, abnormal = fit_and_forecast(calendar.spec, events)
    dates = int(calendar.position.max()) + 1
    before = calendar.positions(events, design.estimation_window)
    used = np.isfinite(fit.residuals)
    basis = np.where(used[:, :, None], fit.estimation_root, 0.0)
    if fit.rho is not None:
        basis = weighted(basis, used, fit.rho)
    row, column = np.nonzero(used)
    rows = np.zeros((len(windows), len(events), dates))
    sessions = tuple(calendar.positions(events, window) for window in windows)
    for place, window in enumerate(windows):
        part = slice(window.start - abnormal.window.start, window.end - abnormal.window.start + 1)
        loading = np.nansum(abnormal.root[:, part], axis=1)
        weights = np.einsum("nmr,nr->nm", basis, loading)
        rows[place, row, before[row, column]] = -weights[row, column]
        after = sessions[place]
        rows[place, np.arange(len(events))[:, None], after] += after >= 0
        if fit.rho is not None:
            rows[place] = _in_innovations(rows[place], fit.rho)
        rows[place] *= abnormal.sigma[:, None]
    once = calendar.once(events)[row]
    row, column = row[once], column[once]
    total, count = np.zeros(dates), np.zeros(dates)
    np.add.at(total, before[row, column], (fit.residuals / fit.sigma[:, None])[row, column])
    np.add.at(count, before[row, column], 1.0)
    with np.errstate(invalid="ignore"):
        return Security(events, rows, total / count, abnormal.sigma, sessions)


def _in_innovations(rows: FloatArray, rho: FloatArray) -> FloatArray:
    """Return forms in residuals, shape (n, T), as forms in the innovations of their autocorrelated noise.

    With ``e_t = rho e_t-1 + sqrt(1 - rho^2) u_t`` the innovation of a date enters every later residual. Both
    have variance one, so that covariances of forms are their inner products.
    """
    later, found = np.zeros(len(rows)), np.empty(rows.shape)
    for date in reversed(range(rows.shape[1])):
        later = rows[:, date] + rho * later
        found[:, date] = later
    found[:, 1:] *= np.sqrt(1.0 - rho**2)[:, None]
    return found


def complete_dates(calendar: StudyInCalendarTime, events: IntArray, place: int) -> IntArray:
    """Return the distinct day-0 positions of the events that are complete in a window."""
    return np.unique(calendar.day0[events[np.isfinite(calendar.estimates.car[events, place])]])


def date_mean(calendar: StudyInCalendarTime, security: Security, place: int, dates: IntArray) -> DateMean:
    """Return a security's mean CAR over some dates."""
    events = security.events
    shared = (calendar.day0[events, None] == dates).any(axis=1)
    there = np.isfinite(calendar.estimates.car[events, place]) & shared
    there[there] = calendar.once(events[there])
    kept = events[there]
    weights = np.full(len(kept), 1.0 / max(len(kept), 1))
    return DateMean(
        z=weights @ security.rows[place, there],
        ahead=weights @ security.ahead(place)[there],
        car=float(weights @ calendar.estimates.car[kept, place]),
        df=float(calendar.estimates.abnormal.df[kept].min()),
        n=len(kept),
    )


def kind_weights(calendar: StudyInCalendarTime, events: IntArray, of_kind: Any, place: int) -> FloatArray:
    """Return weights that average the firm-days of each date, then the dates."""
    there = of_kind & np.isfinite(calendar.estimates.car[events, place])
    there[there] = calendar.once(events[there])
    _, date, tickers = np.unique(calendar.day0[events[there]], return_inverse=True, return_counts=True)
    weights = np.zeros(len(events))
    weights[there] = 1.0 / tickers[date] / max(len(tickers), 1)
    return weights


class KindPaths:
    """The mean CAR of each kind of event as linear forms, summed up security by security."""

    def __init__(
        self,
        calendar: StudyInCalendarTime,
        kinds: Sequence[str],
        securities: Mapping[str, IntArray],
        windows: int,
        drawn: bool,
    ) -> None:
        self.estimates, self.kinds, self.drawn = calendar.estimates, kinds, drawn
        self.events = np.concatenate(list(securities.values()))
        of = calendar.spec.panel.firm_events.kind[self.events]
        self.weights = {
            (kind, place): kind_weights(calendar, self.events, of == kind, place)
            for kind in kinds
            for place in range(windows)
        }
        self.paths: dict[tuple[str, int], list[FloatArray]] = {key: [] for key in self.weights}
        self.ahead: dict[tuple[str, int], list[FloatArray]] = {key: [] for key in self.weights}
        self.done = 0

    def add(self, security: Security) -> None:
        """Add one security's rows, weighted; securities come in the order of ``securities``."""
        part = slice(self.done, self.done + len(security.events))
        self.done = part.stop
        ahead = [security.ahead(place) for place in range(len(security.rows))] if self.drawn else []
        for (kind, place), weights in self.weights.items():
            self.paths[kind, place].append(weights[part] @ security.rows[place])
            if self.drawn:
                self.ahead[kind, place].append(weights[part] @ ahead[place])

    def differences(self, correlation: FloatArray, place: int) -> Iterator[tuple[Any, ...]]:
        """Yield the fields of `Differences` of every two kinds."""
        paths = {kind: np.vstack(self.paths[kind, place]) for kind in self.kinds}
        mixed = {kind: correlation @ path for kind, path in paths.items()}
        own = {kind: float(np.vdot(path, mixed[kind])) for kind, path in paths.items()}
        for a, b in combinations(self.kinds, 2):
            used = np.concatenate([self.events[self.weights[kind, place] > 0] for kind in (a, b)])
            df = self.estimates.abnormal.df[used].min() if len(used) else np.nan
            size = own[a] + own[b]
            variance = size - 2 * float(np.vdot(paths[a], mixed[b]))
            yield a, b, self._mean(a, place) - self._mean(b, place), variance, size, df, len(used)

    def forms(self, correlation: FloatArray, place: int) -> Forms:
        """Return the mean CARs as linear forms to draw, each on the securities of its kind."""
        rows = [np.vstack(self.ahead[kind, place]) for kind in self.kinds]
        mixed = [correlation @ row for row in rows]
        covariance = np.array([[np.vdot(one, two) for two in mixed] for one in rows])
        securities = [np.flatnonzero(row.any(axis=1)) for row in rows]
        return Forms(securities, [row[at] for row, at in zip(rows, securities, strict=True)], covariance)

    def _mean(self, kind: str, place: int) -> float:
        weights = self.weights[kind, place]
        used = weights > 0
        return float(weights[used] @ self.estimates.car[self.events[used], place]) if used.any() else np.nan
