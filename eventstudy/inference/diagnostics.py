"""Estimation diagnostics of each firm-event: data used, residual tests, overlapping events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.models.estimation import CHUNK, Estimates, Specification
from eventstudy.models.garch import DAY0_VARIANCE, GARCH
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import chi2_pvalue
from eventstudy.numerics.kernels import least_squares
from eventstudy.panel.confounding import Confounding
from eventstudy.panel.thin import share_without_trade

LJUNG_BOX_LAGS = 10
ARCH_LAGS = 5
MIN_PAIRS = 30  #: neighbouring returns below which their correlation says nothing
THIN, STALE, BOUNCE = 0.10, 0.30, -0.20  #: beyond these the notes of the three shares say so
RANKS = "rank tests such as corrado_rank suffer less"
NOTES = {
    "no_trade_share": "thin: no trade on many sessions",
    "zero_return_share": f"stale: many returns are zero; {RANKS}",
    "autocorrelation": f"bounce: returns reverse, as between bid and ask prices; {RANKS}",
}
SPANS = "; gaps: trade-to-trade keeps the others"  #: said where it is not what was chosen
SMALL = 0.05  #: p below which volatility is called clustered
SPELL = 2.0  #: a variance of day 0 so many times the mean, or a mean so many times it, is unusual
LOUD = "in a loud spell t rejects too often, and the model garch knows the spell"
UNUSUAL = "day 0 falls into an unusual spell; the OLS s.e. does not know it"
NO_MARKET = "no returns of a benchmark"
Check = tuple[str, FloatArray, FloatArray, FloatArray, Any]  #: name, statistic, p-value, value, note


def diagnose(spec: Specification, estimates: Estimates, confounding: Confounding) -> Columns:
    """Return the columns of the ``diagnostics`` table: one row per firm-event and check.

    Skipped firm-events have rows too; figures that need a fit are null there.
    """
    residuals = _centred(estimates.abnormal.residuals)
    window, n = spec.design.estimation_window, estimates.abnormal.n
    everyone = np.arange(len(n))
    missing = spec.panel.lengths(everyone, window, estimation=True) - n - estimates.masked
    cut = _after_the_data(spec)
    none, zero, correlation = _thin_trading(spec)
    nothing, arch = np.full(len(n), np.nan), _by_chunks(arch_lm, residuals)
    spans = "" if spec.design.gaps == "trade-to-trade" else SPANS
    checks: list[Check] = [
        ("missing_sessions", nothing, nothing, missing.astype(float), cut),
        ("masked_sessions", nothing, nothing, estimates.masked.astype(float), ""),
        ("rsquared", nothing, nothing, estimates.rsquared, ""),
        ("no_trade_share", nothing, nothing, none, _noted("no_trade_share", none > THIN, spans)),
        ("zero_return_share", nothing, nothing, zero, _noted("zero_return_share", zero > STALE)),
        ("autocorrelation", nothing, nothing, correlation, _noted("autocorrelation", correlation < BOUNCE)),
        ("ljung_box", *_by_chunks(ljung_box, residuals), nothing, f"{LJUNG_BOX_LAGS} lags"),
        ("arch_lm", *arch, nothing, _arch_notes(spec, arch[1])),
        ("jarque_bera", *_by_chunks(jarque_bera, residuals), nothing, ""),
        ("overlap_window", nothing, nothing, confounding.in_window.astype(float), confounding.confounders),
        ("overlap_estimation", nothing, nothing, confounding.in_estimation.astype(float), ""),
        *_day0_variance(estimates),
        *_market_rsquared(spec, estimates),
    ]
    return _interleaved(spec, checks)


def _arch_notes(spec: Specification, pvalue: FloatArray) -> Any:
    """Name the model that follows a changing variance, where returns have one and it is not that."""
    lags = f"{ARCH_LAGS} lags"
    if spec.model.name == GARCH.name or spec.design.measure != "returns":
        return lags
    return np.where(pvalue < SMALL, f"{lags}; the variance changes over the window: {LOUD}", lags)


def _day0_variance(estimates: Estimates) -> list[Check]:
    """Return the variance of day 0 over the mean of the estimation window, of a model that has one."""
    terms = estimates.terms[:1].tolist()
    if not terms or DAY0_VARIANCE not in terms[0]:
        return []
    ratio = estimates.coefficients[:, terms[0].index(DAY0_VARIANCE)]
    nothing, unusual = np.full(len(ratio), np.nan), (ratio > SPELL) | (ratio < 1 / SPELL)
    return [("day0_variance", nothing, nothing, ratio, np.where(unusual, UNUSUAL, ""))]


def _market_rsquared(spec: Specification, estimates: Estimates) -> list[Check]:
    """Return the R squared of the market model on the sessions of a fit that has no benchmark, if known."""
    panel, window = spec.panel, spec.design.estimation_window
    if panel.beside is None:
        return []
    found = np.full(len(panel), np.nan)
    for start in range(0, len(panel), CHUNK):
        events = np.arange(start, min(start + CHUNK, len(panel)))
        rows, exists = panel.rows(events, window)
        own, market = panel.security[events, None], panel.beside[events, None]
        used = np.isfinite(estimates.abnormal.residuals[events]) & exists & (market >= 0)
        y, x = (np.where(used, panel.matrix.values[rows, column], np.nan) for column in (own, market))
        found[events] = least_squares(y, x[:, :, None]).rsquared
    nothing = np.full(len(panel), np.nan)
    return [("market_rsquared", nothing, nothing, found, np.where(np.isnan(found), NO_MARKET, ""))]


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
        squares = centred * centred  # products: powers of arrays are slow
        second, third, fourth = ((squares * more).sum(axis=1) / n for more in (np.ones(1), centred, squares))
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


def _thin_trading(spec: Specification) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return shares of sessions without a trade and of zero returns, and the autocorrelation, each (N,).

    All over the estimation window. The autocorrelation is that of the returns of neighbouring sessions, NaN
    with fewer than ``MIN_PAIRS`` of them.
    """
    panel, window = spec.panel, spec.design.estimation_window
    found = np.full((3, len(panel)), np.nan)
    if spec.design.measure != "returns":
        return found[0], found[1], found[2]
    for events in np.array_split(np.flatnonzero(panel.security >= 0), len(panel) // CHUNK + 1):
        rows, exists = panel.rows(events, window)
        inside = exists & ~panel.outside(events, window, estimation=True)
        returns = np.where(inside, panel.matrix.values[rows, panel.security[events, None]], np.nan)
        found[0, events] = share_without_trade(panel, events, window)
        with np.errstate(invalid="ignore"):
            found[1, events] = (returns == 0.0).sum(axis=1) / np.isfinite(returns).sum(axis=1)
        found[2, events] = autocorrelation(returns)
    return found[0], found[1], found[2]


def autocorrelation(returns: FloatArray) -> FloatArray:
    """Return the correlation of neighbouring columns, shape (n,), over the pairs that are both there."""
    pairs = np.isfinite(returns[:, 1:]) & np.isfinite(returns[:, :-1])
    n = pairs.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        one, other = (
            np.where(pairs, values, 0.0)
            - np.where(pairs, (np.where(pairs, values, 0.0).sum(axis=1) / n)[:, None], 0)
            for values in (returns[:, 1:], returns[:, :-1])
        )
        found = (one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.where(n >= MIN_PAIRS, found, np.nan)


def _noted(check: str, holds: BoolArray, more: str = "") -> TextArray:
    return np.where(holds, NOTES[check] + more, "").astype(object)


def _after_the_data(spec: Specification) -> TextArray:
    """Say how many estimation sessions lie after the last session of the data, where some do; shape (N,)."""
    panel, window = spec.panel, spec.design.estimation_window
    ahead = np.zeros(len(panel), dtype=np.int64)
    if spec.design.looks_ahead:
        for events in np.array_split(np.arange(len(panel)), len(panel) // CHUNK + 1):
            after = (
                panel.day0[events, None] + np.arange(window.start, window.end + 1) > panel.last[events, None]
            )
            ahead[events] = (after & ~panel.outside(events, window, estimation=True)).sum(axis=1)
    notes = [f"cut at the end of the data by {count} sessions" if count else "" for count in ahead.tolist()]
    return np.array(notes, dtype=object)


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
