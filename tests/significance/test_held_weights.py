"""Fits without a block of sessions, for models that are not least squares: solved anew, weights held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from panels import event_frame, random_returns, specification

import eventstudy as es
from eventstudy._typing import FloatArray
from eventstudy.models.estimation import fit_and_forecast
from eventstudy.models.model import ModelFit
from eventstudy.models.robust import BEND, NORMAL
from eventstudy.panel.panel import sample
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.conformal import conformal
from eventstudy.significance.left_out import left_out
from eventstudy.significance.past_sessions import PastSessions

RTOL = 1e-8  #: two ways to solve one 2 x 2 system, and sums over 250 sessions
MODELS = ("scholes-williams", "robust", "garch")
LENGTHS = (1, 5, 11)


def fitted(model: str, missing: float = 0.02) -> tuple[ModelFit, AbnormalReturns, FloatArray, FloatArray]:
    """Return one firm-event's fit and its market: in the estimation window, and in all three windows."""
    returns = random_returns(np.random.default_rng(8), ("A",), missing=missing, tails=4)
    returns.iloc[295:306, 0] = np.random.default_rng(9).normal(0, 0.02, 11)
    design = es.Design(model=model, benchmark="MKT", mask_events=False)
    spec = specification(event_frame([("e", "A", 300)], returns.index), returns=returns, design=design)
    fit, abnormal = fit_and_forecast(spec, np.arange(1))
    assert fit.problem[0] == ""
    past = sample(spec.panel, np.arange(1), design.estimation_window, estimation=True)
    return fit, abnormal, past.y[0], returns["MKT"].to_numpy()


def design_of(model: str, fit: ModelFit, market: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ``X`` and ``Z`` over the estimation window, 0 where a session is not used, and the noise."""
    used = np.isfinite(fit.residuals[0])
    x = np.column_stack([np.ones(250), market[40:290]])
    noise = np.where(used, fit.estimation_noise[0], 1.0)
    if model == "scholes-williams":
        z = np.column_stack([np.ones(250), market[39:289] + market[40:290] + market[41:291]])
    elif model == "robust":
        size = np.abs(np.nan_to_num(fit.residuals[0])) / (np.nanmedian(np.abs(fit.residuals[0])) / NORMAL)
        z = np.minimum(1.0, BEND / np.maximum(size, 1e-12))[:, None] * x
    else:
        z = x / noise[:, None]
    return x * used[:, None], z * used[:, None], noise


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("model", MODELS)
def test_a_block_left_out_is_solved_anew(model: str, length: int) -> None:
    fit, abnormal, y, market = fitted(model)
    x, z, noise = design_of(model, fit, market)
    e = fit.residuals[0]
    used, y = np.isfinite(e), np.nan_to_num(y)
    past = PastSessions(regressors=fit.estimation_regressors, noise=fit.changing_noise)
    found = left_out(fit.residuals, fit.estimation_root, length, past)
    offset = z.T @ np.nan_to_num(e)  # by which the coefficients are not those of (Z'X)^-1 Z'y
    seen = 0
    for start in range(0, 250 - length + 1, 7):
        block = np.arange(start, start + length)
        if not used[block].all():
            assert np.isnan(found.car[0, start])
            continue
        rest = used.copy()
        rest[block] = False
        inverse = np.linalg.inv(z[rest].T @ x[rest])
        b = inverse @ (z[rest].T @ y[rest] - offset)
        weights = x[block].sum(axis=0) @ inverse @ z[rest].T
        assert found.car[0, start] == pytest.approx((y[block] - x[block] @ b).sum(), rel=RTOL)
        variance = noise[block].sum() + (weights**2 * noise[rest]).sum()
        assert found.variance[0, start] == pytest.approx(variance, rel=RTOL)
        if model == "garch":
            sigma = fit.sigma[0]
        else:
            sigma = np.sqrt(((y[rest] - x[rest] @ b) ** 2).sum() / (rest.sum() - 2))
        own = found.sigma(fit.sigma, abnormal.df)[0, start]
        assert own == pytest.approx(sigma, rel=RTOL)
        seen += 1
    assert seen > 10


@pytest.mark.parametrize("model", ["scholes-williams", "robust"])
def test_a_whole_fit_without_the_block_is_near(model: str) -> None:
    """Held weights move a left-out return by less than 2 % of ``s`` from what a fit from scratch gives."""
    returns = random_returns(np.random.default_rng(8), ("A",), tails=4)
    design = es.Design(model=model, benchmark="MKT", mask_events=False)
    events = event_frame([("e", "A", 300)], returns.index)
    spec = specification(events, returns=returns, design=design)
    fit, _ = fit_and_forecast(spec, np.arange(1))
    past = PastSessions(regressors=fit.estimation_regressors)
    held = left_out(fit.residuals, fit.estimation_root, 1, past).car[0]
    for session in range(5, 245, 24):
        keep = np.ones(250, dtype=bool)
        keep[session] = False
        again, _ = fit_and_forecast(spec, np.arange(1), keep)
        alpha, beta = again.coefficients[0, :2]
        row = returns.iloc[40 + session]
        assert abs(held[session] - (row["A"] - alpha - beta * row["MKT"])) < 0.02 * fit.sigma[0]


@pytest.mark.parametrize("length", [1, 3])
def test_conformal_by_instruments_is_a_fit_to_all_sessions(length: int) -> None:
    fit, abnormal, y, market = fitted("scholes-williams")
    x, z, _ = design_of("scholes-williams", fit, market)
    used = np.isfinite(fit.residuals[0])
    window = slice(300, 300 + length)
    ar = abnormal.ar[:, 5 : 5 + length]
    event = fit.root[:, 5 : 5 + length], fit.event_instruments[:, 5 : 5 + length]
    found = conformal(
        *(fit.residuals, fit.estimation_root, ar, event[0]),
        past=PastSessions(regressors=fit.estimation_regressors),
        instruments=event[1],
    )
    ahead = np.column_stack([np.ones(length), market[window]])
    around = np.column_stack(
        [np.ones(length), market[299 : 299 + length] + market[window] + market[301 : 301 + length]]
    )
    both = np.vstack([x[used], ahead]), np.vstack([z[used], around])
    realised = ar[0] + fit.expected[0, 5 : 5 + length]
    values = np.concatenate([y[used], realised])
    offset = z[used].T @ fit.residuals[0, used]

    def residuals(effect: FloatArray) -> Any:
        b = np.linalg.solve(both[1].T @ both[0], both[1].T @ effect - offset)
        return effect - both[0] @ b

    def share(theta: float) -> float:
        taken = values.copy()
        taken[-length:] -= theta / length
        u = residuals(taken)
        total = len(u)
        sums = np.array([np.take(u, range(j, j + length), mode="wrap").sum() for j in range(total)])
        return float((np.abs(sums) >= np.abs(sums[total - length]) * (1 - 1e-12)).mean())

    assert found.pvalue[0] == pytest.approx(share(0.0), abs=1e-12)
    low, high = found.low[0], found.high[0]
    step = 1e-6 * (high - low)
    assert share(low + step) > 0.05 >= share(low - step)
    assert share(high - step) > 0.05 >= share(high + step)


@pytest.mark.parametrize("model", ["robust", "garch"])
def test_there_is_no_conformal_p_where_a_fit_with_the_event_does_not_follow(model: str) -> None:
    fit, abnormal, _, _ = fitted(model)
    found = conformal(
        *(fit.residuals, fit.estimation_root, abnormal.ar, fit.root),
        past=PastSessions(regressors=fit.estimation_regressors),
    )
    assert np.isnan(found.pvalue).all()
