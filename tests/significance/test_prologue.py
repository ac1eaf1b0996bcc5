"""Past is Prologue: slopes of one date against those of ordinary days."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from eventstudy.significance.prologue import (
    COLLINEAR,
    FEW_DAYS,
    FEW_FIRMS,
    DateAndBefore,
    prologue_gls,
    prologue_ols,
    slopes_gls,
    slopes_ols,
)

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
RTOL = 1e-9  #: another order of the same sums, through an inverse of a covariance


@pytest.fixture
def market(rng: np.random.Generator) -> tuple[Any, Any]:
    """Return returns of 320 sessions and 20 firms with a common factor, and two characteristics."""
    x = rng.normal(size=(20, 2))
    factor = rng.normal(size=(320, 1)) * 0.01
    return factor * (1 + 0.5 * x[:, 0]) + rng.normal(size=(320, 20)) * 0.02, x


@pytest.mark.parametrize("key", ["L1_ols", "L1_gls_6", "L3_ols", "L3_gls_6"])
def test_the_reference(shared: Path, key: str) -> None:
    folder = shared / "golden" / "methods2"
    stated = json.loads((folder / "past_is_prologue.json").read_text())
    returns = pd.read_csv(folder / "panel_returns.csv", index_col=0).to_numpy()
    x = pd.read_csv(folder / "panel_x.csv", index_col=0).to_numpy()
    expected, length = stated[key], int(key[1])
    n = expected["L"]
    data = DateAndBefore.of(
        returns, x, stated["event_day"], length=length, days=n, span=n, components=6 if "gls" in key else None
    )
    slopes, test = (slopes_gls, prologue_gls) if "gls" in key else (slopes_ols, prologue_ols)
    found, result = slopes(data), test(data)
    for name, value in (
        ("b", found.event),
        ("mean", found.earlier.mean(axis=0)),
        ("sd", found.earlier.std(axis=0, ddof=1)),
        ("p_rank", result.pvalue),
        ("t", result.statistic),
        ("p_t", 2 * stats.t.sf(np.abs(result.statistic), result.df)),
    ):
        np.testing.assert_allclose(value, expected[name][1:], rtol=GOLDEN_RTOL, err_msg=name)
    assert (len(found.earlier), result.n) == (n, len(x))


def brute_gls(data: DateAndBefore, span: int, components: int) -> Any:
    """Return the slopes of the event and the last earlier days with every covariance written out."""
    x = np.column_stack([np.ones(len(data.x)), data.x])
    days = [*range(len(data.earlier) - data.days, len(data.earlier)), len(data.earlier) - 1 + data.gap]
    found = []
    for day in days:
        y = data.event if day >= len(data.earlier) else data.earlier[day]
        end = day - data.gap
        covariance = np.cov(data.earlier[end - span + 1 : end + 1], rowvar=False)
        values, vectors = np.linalg.eigh(covariance)
        largest = vectors[:, -components:]
        common = largest @ np.diag(values[-components:]) @ largest.T
        inverse = np.linalg.inv(common + np.diag(np.diag(covariance - common)))
        found.append(np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)[1:])
    return np.array(found)


@pytest.mark.parametrize(("span", "firms"), [(70, 20), (40, 90)])
def test_generalised_slopes_by_brute_force(rng: np.random.Generator, span: int, firms: int) -> None:
    """Whether there are more days than firms in the span or fewer."""
    returns = rng.normal(size=(240, firms)) * 0.02 + rng.normal(size=(240, 1)) * 0.01
    x = rng.normal(size=(firms, 2))
    data = DateAndBefore.of(returns, x, 230, length=2, end=228, days=80, span=span, components=4)
    found = slopes_gls(data)
    expected = brute_gls(data, span, 4)
    np.testing.assert_allclose(found.earlier, expected[:-1], rtol=RTOL, atol=1e-14)
    np.testing.assert_allclose(found.event, expected[-1], rtol=RTOL, atol=1e-14)


def test_no_earlier_window_touches_the_event_window(market: tuple[Any, Any]) -> None:
    returns, x = market
    data = DateAndBefore.of(returns, x, 300, length=3, end=295, days=100)
    np.testing.assert_allclose(data.earlier[-1], returns[292:295].sum(axis=0))
    np.testing.assert_allclose(data.event, returns[300:303].sum(axis=0))
    assert data.gap == 8
    louder = returns.copy()
    louder[295:300] += 1.0
    again = DateAndBefore.of(louder, x, 300, length=3, end=295, days=100)
    for test in (prologue_ols, prologue_gls):
        np.testing.assert_array_equal(test(again).statistic, test(data).statistic)


def test_firms_that_are_alike_have_the_slopes_of_least_squares(rng: np.random.Generator) -> None:
    """Where every two firms have the same covariance, the constant takes up what they have in common."""
    firms, n = 16, 128
    signs = np.array([[(-1.0) ** (i & j).bit_count() for j in range(1, firms + 2)] for i in range(n)])
    alike = 0.02 * signs[:, :1] + 0.01 * signs[:, 1:]
    returns = np.vstack([alike, alike, rng.normal(size=(1, firms))])
    data = DateAndBefore.of(returns, rng.normal(size=(firms, 1)), 2 * n, days=n, span=n, components=1)
    np.testing.assert_allclose(slopes_gls(data).event, slopes_ols(data).event, rtol=RTOL)


def test_the_rank_is_invariant_to_unit_and_to_a_common_shift(market: tuple[Any, Any]) -> None:
    returns, x = market
    data = DateAndBefore.of(returns, x, 310, days=150)
    moved = DateAndBefore.of(100 * (returns + 0.01), 3 * x - 5, 310, days=150)
    for test in (prologue_ols, prologue_gls):
        np.testing.assert_allclose(test(moved).pvalue, test(data).pvalue)
        np.testing.assert_allclose(test(moved).statistic, test(data).statistic, rtol=RTOL)


def test_a_firm_with_a_gap_is_left_out_and_counted(market: tuple[Any, Any]) -> None:
    returns, x = market
    holed, without = returns.copy(), x.copy()
    holed[200, 3], without[5, 1] = np.nan, np.nan
    kept = np.delete(np.arange(20), [3, 5])
    for test in (prologue_ols, prologue_gls):
        result = test(DateAndBefore.of(holed, without, 310, days=120))
        expected = test(DateAndBefore.of(returns[:, kept], x[kept], 310, days=120))
        np.testing.assert_allclose(result.statistic, expected.statistic, rtol=RTOL)
        assert result.n == 18 and "2 of 20 firms left out" in result.note
        assert "left out" not in expected.note


def test_thin_data_have_no_test_and_a_note(market: tuple[Any, Any]) -> None:
    returns, x = market
    for data, reason in (
        (DateAndBefore.of(returns, x, 59), FEW_DAYS),
        (DateAndBefore.of(returns[:, :7], x[:7], 310), FEW_FIRMS),
        (DateAndBefore.of(returns, x[:, [0, 0]], 310), COLLINEAR),
        (DateAndBefore.of(returns, np.ones((20, 1)), 310), COLLINEAR),
        (DateAndBefore.of(returns, x, 320), FEW_FIRMS),
    ):
        for test in (prologue_ols, prologue_gls):
            result = test(data)
            assert np.isnan(result.pvalue).all() and result.note == reason
    assert np.isfinite(prologue_ols(DateAndBefore.of(returns, x, 60)).pvalue).all()
    assert prologue_gls(DateAndBefore.of(returns, x, 119)).note == FEW_DAYS


def test_one_sided_ranks_share_the_event(market: tuple[Any, Any]) -> None:
    returns, x = market
    data = DateAndBefore.of(returns, x, 310, days=150)
    up, down = (prologue_ols(replace(data, alternative=side)).pvalue for side in ("greater", "less"))
    np.testing.assert_allclose(up + down, 1 + 1 / 151)
