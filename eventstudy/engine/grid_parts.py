"""The estimates of some firm-events of a shard of a study on a grid."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.engine.grid_estimation import CHUNK, GridEstimates, estimate_on_grid, gathered
from eventstudy.engine.grid_masks import left_out_of, without
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.models.fitted import abnormal_of
from eventstudy.models.ols import NO_NOISE, estimate_ols, noise_problems
from eventstudy.panel.left_out import MASK_REACH
from eventstudy.panel.panel import Sample
from eventstudy.significance.abnormal import AbnormalReturns


@dataclass(frozen=True)
class Part:
    """The estimates of some firm-events, NaN where there is a reason.

    Attributes
    ----------
    abnormal, car, car_se, reason
        As in `Estimates`.
    ret, regressors
        Of the event window as the model takes them, shapes (n, L) and (n, L, K).
    coefficients, std_errors, rsquared
        As in `Estimates`.
    masked, reach
        Estimation sessions left out around other events, and how far around, shape (n,).
    """

    abnormal: AbnormalReturns
    car: FloatArray
    car_se: FloatArray
    reason: TextArray
    ret: FloatArray
    regressors: FloatArray
    coefficients: FloatArray
    std_errors: FloatArray
    rsquared: FloatArray
    masked: IntArray
    reach: IntArray


def parts_of(shard: GridShard, rows: range, most: int, sessions: Collection[str]) -> Iterator[Part]:
    """Yield the estimates of some rows, ``most`` at a time; with masks or by other models fewer."""
    in_place = shard.study.model.estimate is estimate_ols and not shard.study.design.mask_events
    step = most if in_place else min(most, CHUNK)
    for first in rows[:: max(step, 1)]:
        yield _measured(shard, slice(first, min(first + step, rows.stop)), sessions)


def _measured(shard: GridShard, rows: slice, sessions: Collection[str]) -> Part:
    study, time = shard.study, shard.study.time
    need, event = _needed(shard), _sample(shard, rows, estimation=False)
    left_out, reach = None, np.full(len(event.y), MASK_REACH)
    if study.design.mask_events:
        left_out, reach = left_out_of(shard, rows, need)
    if study.model.estimate is estimate_ols:
        fitted = _regressed(shard, rows, event, left_out, sessions)
    else:
        fitted = _modelled(shard, rows, event, left_out)
    abnormal, car, car_se, regression, problem = fitted
    reason = _reasons(abnormal, problem, need, time.estimation.length)
    skipped = np.flatnonzero(reason != "")
    of_returns = (abnormal.ret, abnormal.normal, abnormal.ar, abnormal.residuals, abnormal.studentised)
    for values in (*of_returns, *regression, abnormal.sigma, abnormal.df, car, car_se):
        if len(values):  # of sessions that were asked for
            values[skipped] = np.nan
    masked = np.zeros(len(reach), dtype=np.int64) if left_out is None else left_out.sum(axis=1)
    return Part(abnormal, car, car_se, reason, event.y, event.x, *regression, masked, reach)


#: Coefficients with their standard errors, and R squared.
Regression = tuple[FloatArray, FloatArray, FloatArray]
#: Abnormal returns, CARs and their errors, the regressions, and what is wrong with each fit.
Fitted = tuple[AbnormalReturns, FloatArray, FloatArray, Regression, TextArray]


def _regressed(
    shard: GridShard, rows: slice, event: Sample, left_out: BoolArray | None, sessions: Collection[str]
) -> Fitted:
    """Regress returns as they lie on the grid, with the figures of the named ``sessions``."""
    study, time = shard.study, shard.study.time
    grid, security, day0 = study.grid, study.security[rows], study.day0[rows]
    if left_out is not None and left_out.any():
        grid, security = without(grid, security, day0 + time.estimation.start, left_out)
    found = estimate_on_grid(grid, security, day0, time, compiled=study.compiled, sessions=sessions)
    ret = event.y + event.risk_free
    abnormal = AbnormalReturns(
        kind=study.design.returns,
        window=time.event,
        ret=ret,
        normal=ret - found.ar,
        ar=found.ar,
        span=event.span,
        noise=event.span,
        root=found.root,
        sigma=found.sigma,
        df=(found.n - len(grid.regressors) - 1).astype(float),
        n=found.n,
        residuals=found.residuals,
        studentised=found.studentised,
    )
    problem = _problems(replace(study, grid=grid, security=security, day0=day0), found)
    return abnormal, found.car, found.car_se, (found.coefficients, found.std_errors, found.rsquared), problem


def _problems(study: GridStudy, estimates: GridEstimates) -> TextArray:
    """Return what is wrong with each fit, ``""`` where nothing is, shape (n,).

    Returns are looked at where sigma is small enough: that of returns within a range is at most the range
    times the root of their number.
    """
    sigma, window = estimates.sigma, study.time.estimation
    of_security, free = (
        np.where(np.isfinite(each), np.abs(each), 0.0).max(axis=-1, initial=0.0)
        for each in (study.grid.returns, study.risk_free)
    )
    largest = of_security[study.security] + free
    doubtful = np.flatnonzero(~(sigma > NO_NOISE * np.sqrt(estimates.n) * largest))
    problem = np.full(len(sigma), "", dtype=object)
    for start in range(0, len(doubtful), CHUNK):
        rows = doubtful[start : start + CHUNK]
        before = gathered(study.grid, study.security[rows], study.day0[rows], window)[0]
        before = before + _risk_free(study, rows, window)
        problem[rows] = noise_problems(sigma[rows], np.isnan(sigma[rows]), before)
    return problem


def _modelled(shard: GridShard, rows: slice, event: Sample, left_out: BoolArray | None) -> Fitted:
    """Estimate by the model of a run."""
    study, time = shard.study, shard.study.time
    estimation = _sample(shard, rows, estimation=True)
    if left_out is not None:
        estimation = replace(estimation, y=np.where(left_out, np.nan, estimation.y), left_out=left_out)
    fit = study.model.estimate(estimation, event)
    abnormal = abnormal_of(fit, event, time.event, study.design.returns)
    abnormal = replace(abnormal, sigma=fit.sigma.copy())
    car = np.column_stack([abnormal.car(window) for window in time.windows])
    car_se = np.column_stack([abnormal.car_se(window) for window in time.windows])
    regression = (fit.coefficients.copy(), fit.std_errors.copy(), fit.rsquared.copy())
    return abnormal, car, car_se, regression, fit.problem


def _sample(shard: GridShard, rows: slice, *, estimation: bool) -> Sample:
    """Return the returns and regressors of some firm-events over a window."""
    study = shard.study
    window = study.time.estimation if estimation else study.time.event
    y, x = gathered(study.grid, study.security[rows], study.day0[rows], window)
    return Sample(
        y=y,
        x=x,
        terms=np.full((len(y), x.shape[2]), "", dtype=object),
        peers=np.empty((*y.shape, 0)),
        risk_free=_risk_free(study, rows, window),
        span=np.ones(y.shape),
        left_out=np.zeros(y.shape, dtype=bool),
    )


def _risk_free(study: GridStudy, rows: slice | IntArray, window: Window) -> FloatArray:
    """Return the risk-free return of some firm-events over a window, shape (n, L)."""
    sessions = study.day0[rows, None] + np.arange(window.start, window.end + 1)
    return np.asarray(study.risk_free[np.clip(sessions, 0, len(study.risk_free) - 1)])


def _needed(shard: GridShard) -> int:
    """Return the least number of usable estimation returns that a firm-event needs."""
    study = shard.study
    k = 1 + len(study.grid.regressors) if study.model.k is None else study.model.k
    least = study.design.required_observations(k, study.time.estimation.length)
    return max(least, study.model.least)


def _reasons(abnormal: AbnormalReturns, problem: TextArray, need: int, length: int) -> TextArray:
    """Return why each firm-event cannot be measured, ``""`` where it can, shape (n,)."""
    reason = np.full(len(abnormal.n), "", dtype=object)
    for at in np.flatnonzero(abnormal.n < need):
        usable = f"only {abnormal.n[at]} of {length} estimation returns are usable"
        reason[at] = f"{usable}; {need} are needed"
    reason = np.where(reason == "", problem, reason)
    return np.where((reason == "") & ~_seen(abnormal), "no abnormal return on day 0", reason)


def _seen(abnormal: AbnormalReturns) -> BoolArray:
    """Return which firm-events have an abnormal return on day 0, or on any day of a window without it."""
    there, event = np.isfinite(abnormal.ar), abnormal.window
    days = slice(-event.start, 1 - event.start) if event.start <= 0 <= event.end else slice(None)
    return np.asarray(there[:, days].any(axis=1))
