"""Estimation diagnostics of each firm-event: data used, residual tests, overlapping events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.inference.residual_checks import (
    ARCH_LAGS,
    LJUNG_BOX_LAGS,
    arch_lm,
    autocorrelation,
    by_chunks,
    centred,
    jarque_bera,
    ljung_box,
    share_of_zeros,
)
from eventstudy.models.estimation import CHUNK, Estimates, Specification
from eventstudy.models.garch import DAY0_VARIANCE, GARCH
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.kernels import least_squares
from eventstudy.panel.confounding import Confounding
from eventstudy.panel.thin import share_without_trade

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


@dataclass(frozen=True)
class Checked:
    """What n firm-events are checked by; arrays of shape (n,) where nothing else is said.

    Attributes
    ----------
    residuals
        Of the estimation window about their mean, shape (n, L1); NaN where the session was not used.
    missing, masked
        Estimation sessions without a usable return, and those left out.
    cut
        What is said of missing sessions after the end of the data.
    rsquared
        Of the estimation regression.
    without_trade, zero_returns, autocorrelation
        As `_thin_trading` returns them.
    in_window, in_estimation, confounders
        As in `Confounding`.
    """

    residuals: FloatArray
    missing: IntArray
    masked: IntArray
    cut: TextArray
    rsquared: FloatArray
    without_trade: FloatArray
    zero_returns: FloatArray
    autocorrelation: FloatArray
    in_window: FloatArray
    in_estimation: FloatArray
    confounders: TextArray


def diagnose(spec: Specification, estimates: Estimates, confounding: Confounding) -> Columns:
    """Return the columns of the ``diagnostics`` table: one row per firm-event and check.

    Skipped firm-events have rows too; figures that need a fit are null there.
    """
    n, window = estimates.abnormal.n, spec.design.estimation_window
    none, zero, correlation = _thin_trading(spec)
    checked = Checked(
        residuals=centred(estimates.abnormal.residuals),
        missing=spec.panel.lengths(np.arange(len(n)), window, estimation=True) - n - estimates.masked,
        masked=estimates.masked,
        cut=_after_the_data(spec),
        rsquared=estimates.rsquared,
        without_trade=none,
        zero_returns=zero,
        autocorrelation=correlation,
        in_window=confounding.in_window.astype(float),
        in_estimation=confounding.in_estimation.astype(float),
        confounders=confounding.confounders,
    )
    loud = spec.model.name != GARCH.name and spec.design.measure == "returns"
    checks = [
        *checks_of(checked, loud=loud, spans=spec.design.gaps == "trade-to-trade"),
        *_day0_variance(estimates),
        *_market_rsquared(spec, estimates),
    ]
    columns = {name: values.ravel() for name, values in laid_out(checks).items()}
    return {"firm_event": np.repeat(np.arange(len(n)), len(checks)), **columns}


def checks_of(checked: Checked, *, loud: bool, spans: bool) -> list[Check]:
    """Return the checks that every firm-event has.

    Parameters
    ----------
    loud
        Whether a changing variance is one of returns that the model does not follow.
    spans
        Whether returns over several sessions are kept.
    """
    nothing, arch = np.full(len(checked.missing), np.nan), by_chunks(arch_lm, checked.residuals)
    none, zero, correlation = checked.without_trade, checked.zero_returns, checked.autocorrelation
    more = "" if spans else SPANS
    return [
        ("missing_sessions", nothing, nothing, checked.missing.astype(float), checked.cut),
        ("masked_sessions", nothing, nothing, checked.masked.astype(float), ""),
        ("rsquared", nothing, nothing, checked.rsquared, ""),
        ("no_trade_share", nothing, nothing, none, _noted("no_trade_share", none > THIN, more)),
        ("zero_return_share", nothing, nothing, zero, _noted("zero_return_share", zero > STALE)),
        ("autocorrelation", nothing, nothing, correlation, _noted("autocorrelation", correlation < BOUNCE)),
        ("ljung_box", *by_chunks(ljung_box, checked.residuals), nothing, f"{LJUNG_BOX_LAGS} lags"),
        ("arch_lm", *arch, nothing, _arch_notes(arch[1], loud=loud)),
        ("jarque_bera", *by_chunks(jarque_bera, checked.residuals), nothing, ""),
        ("overlap_window", nothing, nothing, checked.in_window, checked.confounders),
        ("overlap_estimation", nothing, nothing, checked.in_estimation, ""),
    ]


def _arch_notes(pvalue: FloatArray, *, loud: bool) -> Any:
    """Name the model that follows a changing variance, where returns have one and it is not that."""
    lags = f"{ARCH_LAGS} lags"
    if not loud:
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
        found[1, events] = share_of_zeros(returns)
        found[2, events] = autocorrelation(returns)
    return found[0], found[1], found[2]


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
    return cut_notes(ahead)


def cut_notes(ahead: IntArray) -> TextArray:
    """Say how many sessions lie after the end of the data, shape (n,); ``""`` where none does."""
    counts, which = np.unique(ahead, return_inverse=True)
    notes = [f"cut at the end of the data by {count} sessions" if count else "" for count in counts.tolist()]
    return np.array(notes, dtype=object)[which.ravel()]


def laid_out(checks: Sequence[Check]) -> Columns:
    """Return the checks as columns of the table, shape (n, C) each."""
    names, *columns = zip(*checks, strict=True)
    shape = (len(checks[0][1]), len(checks))
    table: dict[str, Any] = {"check": np.broadcast_to(np.array(names, dtype=object), shape)}
    kinds = {"statistic": float, "pvalue": float, "value": float, "note": object}
    for (name, kind), values in zip(kinds.items(), columns, strict=True):
        table[name] = np.empty(shape, dtype=kind)
        for place, each in enumerate(values):
            table[name][:, place] = each
    return table
