"""Crude dependence, the mean of Beaver's U, and the BHAR of one firm-event, one number at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from oracles import RTOL
from panels import pick, random_returns, study
from samples import SIZES, each_cell, random_sample
from scipy import stats

from eventstudy._typing import Alternative
from eventstudy.design import Window
from eventstudy.significance.beaver import mean_variance_ratio
from eventstudy.significance.crude_dependence import crude_dependence_t


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_crude_dependence(rng: np.random.Generator, missing: float) -> None:
    sample = random_sample(rng, SIZES, missing=missing, shift=0.01)
    sample.history.residuals[:12, 4] = np.nan  # a session that no firm-event of the first group has
    found = crude_dependence_t(sample)
    for group, place, rows in each_cell(sample):
        where = (group, place)
        if len(rows) == 0:
            assert np.isnan(found.statistic[where])
            continue
        aar = []
        for session in range(60):
            day = [sample.history.residuals[row, session] for row in rows]
            day = [value for value in day if not np.isnan(value)]
            if day:
                aar.append(sum(day) / len(day))
        m, length = len(aar), sample.windows[place].length
        centre = sum(aar) / m
        s = np.sqrt(sum((value - centre) ** 2 for value in aar) / (m - 1))
        t = sample.car[rows, place].mean() / (np.sqrt(length) * s)
        assert found.statistic[where] == pytest.approx(t, rel=RTOL)
        assert found.pvalue[where] == pytest.approx(2 * stats.t.sf(abs(t), m - 1), rel=RTOL)
        assert (found.n[where], found.df[where]) == (len(rows), m - 1)
        assert found.se[where] == pytest.approx(np.sqrt(length) * s, rel=RTOL)
    if not missing:
        assert found.df[0, 0] == 58


REPLICATIONS, SESSIONS, FIRMS, PRESENT = 4_000, 100, 20, 5
BAND = 0.99  #: of the binomial band around the nominal size


def test_crude_dependence_has_its_size_where_most_firms_are_missing() -> None:
    """Five of twenty firms have a return on day 0: their mean varies more than that of the twenty."""
    rng, groups = np.random.default_rng(2_026), REPLICATIONS
    n, window = groups * FIRMS, Window(0, 0)
    shared = np.repeat(rng.normal(0, 0.01, (groups, SESSIONS + 1)), FIRMS, axis=0)
    returns = shared * np.sqrt(0.1) + rng.normal(0, 0.01, (n, SESSIONS + 1)) * np.sqrt(0.9)
    day0 = returns[:, SESSIONS:].copy()
    day0.reshape(groups, FIRMS)[:, PRESENT:] = np.nan
    sample = random_sample(rng, (FIRMS,) * groups, sessions=4, windows=(window,))
    sample = replace(
        sample, car=day0, history=replace(sample.history, residuals=returns[:, :SESSIONS], ar=day0)
    )
    found = crude_dependence_t(sample)
    assert (found.n == PRESENT).all()
    low, high = stats.binom.interval(BAND, REPLICATIONS, 0.05)
    assert low <= (found.pvalue <= 0.05).sum() <= high


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("alternative", ["two-sided", "less"])
def test_variance_ratio_of_many(rng: np.random.Generator, missing: float, alternative: Alternative) -> None:
    sample = random_sample(rng, SIZES, missing=missing, alternative=alternative)
    sample.df[:3] = (4, 5, 12)
    found = mean_variance_ratio(sample)
    for group, place, rows in each_cell(sample):
        rows = [row for row in rows if sample.df[row] > 4]
        where = (group, place)
        assert found.n[where] == len(rows)
        if not rows:
            assert np.isnan(found.statistic[where])
            continue
        moments = [stats.f.stats(1, sample.df[row], moments="mv") for row in rows]
        excess = sum(
            sample.scar[row, place] ** 2 - mean for row, (mean, _) in zip(rows, moments, strict=True)
        )
        z = excess / np.sqrt(sum(variance for _, variance in moments))
        assert found.statistic[where] == pytest.approx(z, rel=RTOL)
        assert found.pvalue[where] == pytest.approx(stats.norm.sf(z), rel=RTOL)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_bhar_of_one_firm_event(rng: np.random.Generator, alternative: Alternative) -> None:
    returns = random_returns(rng, tuple("AB"), n=500, missing=0.01)
    result = study(returns, [("e", "A", 300), ("f", "B", 400), ("g", "A", 420)], alternative=alternative)
    cars = result.cars.merge(result.events[["event_id", "ticker", "sigma"]], on=["event_id", "ticker"])
    assert cars["bhar_statistic"].notna().any()
    for row in cars.itertuples():
        t = row.bhar / (row.sigma * np.sqrt(row.end - row.start + 1))
        tail = {"greater": stats.t.sf(t, row.df), "less": stats.t.cdf(t, row.df)}
        p = tail.get(alternative, 2 * stats.t.sf(abs(t), row.df))
        assert row.bhar_statistic == pytest.approx(t, rel=RTOL, nan_ok=True)
        assert row.bhar_pvalue == pytest.approx(p, rel=RTOL, nan_ok=True)


def test_a_more_volatile_day_is_seen(rng: np.random.Generator) -> None:
    returns = random_returns(rng, tuple("ABCDE"), n=900)
    days = range(300, 900, 12)
    for day in days:
        returns.iloc[day, :5] = (returns.iloc[day, :5] - returns["MKT"].iloc[day]) * 2 + returns["MKT"].iloc[
            day
        ]
    rows = [(f"e{day}", "ABCDE"[place % 5], day) for place, day in enumerate(days)][:48]
    tests = pick(study(returns, rows).tests, level="all", test="variance_ratio", measure="volatility")
    by_day = tests.query("start == end").set_index("start")["pvalue"]
    assert by_day[0] < 1e-6
    assert by_day[3] > 0.01
