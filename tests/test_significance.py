"""Tests over many firm-events: their formulas by hand, and the mean correlation by a double loop."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import pick, random_returns, sessions, study

import eventstudy as es
from eventstudy.results import EventStudyResult

WINDOWS = [(0, 0), (-1, 1), (0, 1), (0, 5), (-5, 5), (3, 3)]
MIN_SHARED = 30


def plain_mean_correlation(result: EventStudyResult, start: int, end: int) -> float:
    """Average over all pairs, one at a time, from nothing but the result's own tables."""
    residuals = {
        key: frame.set_index("session")["residual"]
        for key, frame in result.residuals.groupby(["event_id", "ticker"], observed=True)
    }
    inside = result.abnormal_returns.query("@start <= tau <= @end")
    windows = {
        key: set(frame["session"])
        for key, frame in inside.groupby(["event_id", "ticker"], observed=True)
        if np.isfinite(frame["ar"]).all() and key in residuals
    }
    total = 0.0
    for one_key, other_key in combinations(windows, 2):
        shared = len(windows[one_key] & windows[other_key]) / (end - start + 1)
        both = pd.concat([residuals[one_key], residuals[other_key]], axis=1, join="inner")
        if shared and len(both) >= MIN_SHARED:
            total += shared * both.corr().iloc[0, 1]
    return total / (len(windows) * (len(windows) - 1) / 2)


def found_mean_correlation(result: EventStudyResult, start: int, end: int) -> tuple[float, float]:
    """Work r-bar back out of the two adjusted statistics."""
    rows = pick(result.tests, level="all", unit="firm-event", start=start, end=end).set_index("test")
    n = rows.loc["bmp_t", "n"]
    patell = (rows.loc["patell_z", "statistic"] / rows.loc["patell_adj_z", "statistic"]) ** 2
    bmp = (rows.loc["bmp_adj_t", "statistic"] / rows.loc["bmp_t", "statistic"]) ** 2
    return (patell - 1) / (n - 1), (1 - bmp) / (1 + (n - 1) * bmp)


def assert_mean_correlation(result: EventStudyResult) -> None:
    for start, end in WINDOWS:
        expected = plain_mean_correlation(result, start, end)
        assert found_mean_correlation(result, start, end) == pytest.approx((expected, expected), abs=RTOL)


def test_mean_correlation_is_the_double_loop_over_pairs(rng: np.random.Generator) -> None:
    """Clustered, overlapping, far, repeated and incomplete firm-events, and estimation windows that miss."""
    returns = random_returns(rng, tuple("ABCDEF"), n=700, missing=0.02)
    returns.iloc[295:302, 5] = np.nan  # F has a gap in its event window
    returns.iloc[40:255, 4] = np.nan  # E has few sessions in common with the others
    rows = [(f"same{ticker}", ticker, 300) for ticker in "ABCDF"]
    rows += [
        ("next", "A", 301),
        ("again", "A", 300),
        ("near", "B", 304),
        ("far", "C", 620),
        ("edge", "D", 310),
    ]
    result = study(returns, [*rows, ("short", "E", 302)], min_estimation=20)
    assert (result.events["status"] == "ok").all()
    assert plain_mean_correlation(result, -5, 5) > 0.05
    assert_mean_correlation(result)


def test_pairs_that_share_fewer_than_thirty_sessions_carry_nothing(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"), n=340, correlation=0.9)
    returns.iloc[:69, 0] = np.nan
    returns.iloc[99:, 1] = returns["B"].where(returns.index >= returns.index[292])[99:]
    thirty, fewer = returns.copy(), returns.copy()
    fewer.iloc[98, 1] = np.nan
    rows = [("a", "A", 300), ("b", "B", 300)]
    found = [
        found_mean_correlation(study(table, rows, min_estimation=20), 0, 0)[0] for table in (thirty, fewer)
    ]
    assert found[0] > 0.5
    assert found[1] == pytest.approx(0.0, abs=RTOL)


def test_mean_correlation_across_two_exchanges(rng: np.random.Generator) -> None:
    """London and New York close on different days: their windows share sessions, not taus."""
    dates = sessions(420)
    names = ["AAA", "BBB", "CCC.L", "DDD.L", "SPY"]
    log_prices = np.cumsum(rng.normal(0, 0.01, (420, 1)) + rng.normal(0, 0.02, (420, 5)), axis=0)
    prices = pd.DataFrame(50 * np.exp(log_prices), index=dates, columns=names)
    when = ["2019-05-03", "2019-05-06", "2019-05-24", "2019-05-28", "2019-07-03", "2019-07-05"]
    events = pd.DataFrame(
        [(f"e{day}", name, day) for day in when for name in names[:4]], columns=["event_id", "ticker", "when"]
    )
    result = es.run(events, prices=prices, design=es.Design(max_loss=1.0))
    days = result.events.groupby("event_id", observed=True)["session"].nunique()
    assert (days > 1).any(), "no event falls on two dates"
    assert_mean_correlation(result)
