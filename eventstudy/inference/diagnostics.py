"""Estimation diagnostics of each firm-event: data used, residual tests, overlapping events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.models.estimation import CHUNK, Estimates, Specification
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import chi2_pvalue
from eventstudy.numerics.kernels import least_squares
from eventstudy.panel.confounding import Confounding

LJUNG_BOX_LAGS = 10
ARCH_LAGS = 5
THIN = 0.05  #: share of zero returns from which a security is called thinly traded
Check = tuple[str, FloatArray, FloatArray, FloatArray, Any]  #: name, statistic, p-value, value, note


def diagnose(spec: Specification, estimates: Estimates, confounding: Confounding) -> Columns:
    """Return the columns of the ``diagnostics`` table: one row per firm-event and check.

    Skipped firm-events have rows too; figures that need a fit are null there.
    """
    residuals = _centred(estimates.abnormal.residuals)
    length = spec.design.estimation_window.length
    n = estimates.abnormal.n
    zero = _zero_share(spec)
    nothing = np.full(len(n), np.nan)
    checks: list[Check] = [
        ("missing_sessions", nothing, nothing, (length - n - estimates.masked).astype(float), ""),
        ("masked_sessions", nothing, nothing, estimates.masked.astype(float), ""),
        ("rsquared", nothing, nothing, estimates.rsquared, ""),
        ("zero_return_share", nothing, nothing, zero, np.where(zero > THIN, "thinly traded", "")),
        ("ljung_box", *_by_chunks(ljung_box, residuals), nothing, f"{LJUNG_BOX_LAGS} lags"),
        ("arch_lm", *_by_chunks(arch_lm, residuals), nothing, f"{ARCH_LAGS} lags"),
        ("jarque_bera", *_by_chunks(jarque_bera, residuals), nothing, ""),
        ("overlap_window", nothing, nothing, confounding.in_window.astype(float), confounding.confounders),
        ("overlap_estimation", nothing, nothing, confounding.in_estimation.astype(float), ""),
    ]
    return _interleaved(spec, checks)


def _by_chunks(
    check: Callable[[FloatArray], tuple[FloatArray, FloatArray]], residuals: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Run a check on some rows at a time, so that its lagged copies stay small."""
    parts = [check(residuals[start : start + CHUNK]) for start in range(0, len(residuals), CHUNK)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def ljung_box(residuals: FloatArray, lags: int = LJUNG_BOX_LAGS) -> tuple[FloatArray, FloatArray]:
    """Return Ljung & Box's Q and its chi-squared p-value for each row; missing sessions are skipped.

    References
    ----------
    Ljung & Box 1978, Biometrika 65, 297-303, doi:10.1093/biomet/65.2.297.
    """
    x, n = _packed(residuals)
    variance = (x * x).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = np.column_stack(
            [(x[:, lag:] * x[:, :-lag]).sum(axis=1) / variance for lag in range(1, lags + 1)]
        )
        q = n * (n + 2) * (rho**2 / (n[:, None] - np.arange(1, lags + 1))).sum(axis=1)
    q = np.where(n > lags, q, np.nan)
    return q, chi2_pvalue(q, lags)


def arch_lm(residuals: FloatArray, lags: int = ARCH_LAGS) -> tuple[FloatArray, FloatArray]:
    """Return Engle's LM statistic ``n R^2`` of squared residuals on their lags, and its p-value.

    References
    ----------
    Engle 1982, Econometrica 50, 987-1007, doi:10.2307/1912773.
    """
    x, n = _packed(residuals)
    inside = np.arange(x.shape[1]) < n[:, None]
    squares = np.where(inside, x * x, np.nan)
    lagged = np.stack([squares[:, lags - lag : -lag] for lag in range(1, lags + 1)], axis=2)
    fit = least_squares(squares[:, lags:], lagged)
    lm = np.where(fit.df > 0, fit.n * fit.rsquared, np.nan)
    return lm, chi2_pvalue(lm, lags)


def jarque_bera(residuals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Jarque & Bera's statistic of skewness and kurtosis, and its chi-squared(2) p-value.

    References
    ----------
    Jarque & Bera 1987, International Statistical Review 55, 163-172, doi:10.2307/1403192.
    """
    n = np.isfinite(residuals).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        e = np.where(np.isfinite(residuals), residuals, 0.0)
        centred = np.where(np.isfinite(residuals), residuals - (e.sum(axis=1) / n)[:, None], 0.0)
        second, third, fourth = ((centred**power).sum(axis=1) / n for power in (2, 3, 4))
        statistic = n / 6.0 * (third**2 / second**3 + (fourth / second**2 - 3.0) ** 2 / 4.0)
    return statistic, chi2_pvalue(statistic, 2)


def _centred(residuals: FloatArray) -> FloatArray:
    """Return residuals about their mean, which is 0 but for the market-adjusted model."""
    there = np.isfinite(residuals)
    with np.errstate(invalid="ignore"):
        mean = np.where(there, residuals, 0.0).sum(axis=1) / there.sum(axis=1)
    centred: FloatArray = residuals - mean[:, None]
    return centred


def _packed(residuals: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return each row's finite values moved to the front, zeros behind, and their number."""
    there = np.isfinite(residuals)
    order = np.argsort(~there, axis=1, kind="stable")
    return np.take_along_axis(np.where(there, residuals, 0.0), order, axis=1), there.sum(axis=1)


def _zero_share(spec: Specification) -> FloatArray:
    """Return the share of estimation-window returns that are exactly zero, shape (N,); NaN of no returns."""
    panel, shares = spec.panel, np.full(len(spec.panel), np.nan)
    if spec.design.measure != "returns":
        return shares
    for events in np.array_split(np.flatnonzero(panel.security >= 0), len(panel) // CHUNK + 1):
        rows, exists = panel.rows(events, spec.design.estimation_window)
        returns = panel.matrix.values[rows, panel.security[events, None]]
        with np.errstate(invalid="ignore"):
            shares[events] = (exists & (returns == 0.0)).sum(axis=1) / (exists & np.isfinite(returns)).sum(
                axis=1
            )
    return shares


def _interleaved(spec: Specification, checks: Sequence[Check]) -> Columns:
    """Lay the checks out firm-event by firm-event."""
    n, (names, *columns) = len(spec.panel), zip(*checks, strict=True)
    shape, kinds = (n, len(checks)), {"statistic": float, "pvalue": float, "value": float, "note": object}
    table: dict[str, Any] = {
        "firm_event": np.repeat(np.arange(n), len(checks)),
        "check": np.tile(np.array(names, dtype=object), n),
    }
    for (name, kind), values in zip(kinds.items(), columns, strict=True):
        table[name] = np.empty(shape, dtype=kind)
        for place, each in enumerate(values):
            table[name][:, place] = each
        table[name] = table[name].ravel()
    return table
