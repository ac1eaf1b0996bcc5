"""Checks of the estimation against statsmodels, and what is counted beside them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import bundled, one, pick, random_returns, study

from eventstudy.inference.residual_checks import arch_lm, jarque_bera, ljung_box

#: Sums of 250 products in another order: statsmodels agrees to all but the last few digits.
RTOL = 1e-9
DAY0 = 300


@pytest.fixture
def residuals(rng: np.random.Generator) -> Any:
    """Six firm-events with fat tails, memory, bursts or missing sessions; of mean 0, as residuals are."""
    values = rng.standard_t(4, (6, 250)) * 0.02
    values[1] += 0.5 * np.roll(values[1], 1)
    values[2, 100:140] *= 4
    values[3:][rng.random((3, 250)) < 0.1] = np.nan
    return values - np.nanmean(values, axis=1, keepdims=True)


def test_autocorrelation_is_statsmodels_ljung_box(residuals: Any) -> None:
    from statsmodels.stats.diagnostic import acorr_ljungbox

    q, p = ljung_box(residuals)
    for row, values in enumerate(residuals):
        expected = acorr_ljungbox(values[np.isfinite(values)], lags=[10]).iloc[0]
        assert (q[row], p[row]) == pytest.approx(tuple(expected), rel=RTOL)
    assert p[1] < 0.01 < p[0]


def test_arch_effects_are_statsmodels_het_arch(residuals: Any) -> None:
    from statsmodels.stats.diagnostic import het_arch

    lm, p = arch_lm(residuals)
    for row, values in enumerate(residuals):
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # it will return a named tuple, with the same order
            expected = het_arch(values[np.isfinite(values)], nlags=5)
        assert (lm[row], p[row]) == pytest.approx(expected[:2], rel=RTOL)
    assert p[2] < 0.01 < p[0]


def test_normality_is_statsmodels_jarque_bera(residuals: Any) -> None:
    from statsmodels.stats.stattools import jarque_bera as theirs

    statistic, p = jarque_bera(residuals)
    for row, values in enumerate(residuals):
        expected = theirs(values[np.isfinite(values)])
        assert (statistic[row], p[row]) == pytest.approx(expected[:2], rel=RTOL)


def test_short_and_empty_rows_have_no_figure() -> None:
    for check in (ljung_box, arch_lm, jarque_bera):
        for length in (3, 8):
            statistic, p = check(np.full((2, length), np.nan))
            assert np.isnan(statistic).all()
            assert np.isnan(p).all()
    assert np.isnan(ljung_box(np.ones((1, 10)))[0]).all()


def value(table: pd.DataFrame, check: str, event_id: str = "e", ticker: str = "A") -> pd.Series:
    return one(table, event_id=event_id, ticker=ticker, check=check)


def test_what_is_counted(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"))
    returns.iloc[50:70, 0] = 0.0
    returns.iloc[[80, 81, 82], 0] = np.nan
    rows = [("e", "A", DAY0), ("other", "A", 200), ("e", "B", DAY0)]
    found = study(returns, rows, mask_events=True).diagnostics
    assert value(found, "missing_sessions")["value"] == 3
    assert value(found, "masked_sessions")["value"] == 3
    assert value(found, "zero_return_share")["value"] == pytest.approx(20 / 247)
    assert pd.isna(value(found, "zero_return_share")["note"])  # below 30 %
    assert value(found, "zero_return_share", ticker="B")["value"] == 0
    assert pd.isna(value(found, "zero_return_share", ticker="B")["note"])
    assert value(found, "overlap_estimation")["value"] == 1
    assert value(found, "overlap_window")["value"] == 0


def test_every_firm_event_has_every_check_and_a_skipped_one_no_figures_of_a_fit(
    rng: np.random.Generator,
) -> None:
    result = study(random_returns(rng, ("A", "B")), [("e", "A", DAY0), ("e", "B", 30)])
    table = result.diagnostics
    assert (table.groupby("ticker", observed=True)["check"].agg(tuple).nunique()) == 1
    for check in ("ljung_box", "arch_lm", "jarque_bera", "rsquared"):
        row = value(table, check, ticker="B")
        assert row[["statistic", "pvalue", "value"]].isna().all()
        assert value(table, check)[["statistic", "value"]].notna().any()


def test_a_drift_that_no_model_takes_out_is_no_autocorrelation(rng: np.random.Generator) -> None:
    from statsmodels.stats.diagnostic import acorr_ljungbox

    returns = random_returns(rng, ("A",))
    returns["A"] += 0.02
    result = study(returns, [("e", "A", DAY0)], model="market-adjusted")
    expected = acorr_ljungbox(result.residuals["residual"], lags=[10]).iloc[0]  # about the mean
    row = value(result.diagnostics, "ljung_box")
    assert (row["statistic"], row["pvalue"]) == pytest.approx(tuple(expected), rel=RTOL)


def test_the_checks_read_the_residuals_of_the_result() -> None:
    residuals = pick(bundled().residuals, event_id="deepseek-selloff", ticker="NVDA")["residual"].to_numpy()
    for check, function in (("ljung_box", ljung_box), ("arch_lm", arch_lm), ("jarque_bera", jarque_bera)):
        row = one(bundled().diagnostics, event_id="deepseek-selloff", ticker="NVDA", check=check)
        statistic, p = function(residuals[None])
        assert (row["statistic"], row["pvalue"]) == pytest.approx((statistic[0], p[0]), rel=RTOL)
