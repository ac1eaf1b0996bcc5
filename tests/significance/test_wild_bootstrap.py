"""Tests that leave out or flip whole clusters: the jackknife over firms, the wild bootstrap over dates."""

from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import Any

import numpy as np
import pytest
from oracles import RTOL
from samples import SIZES, WINDOWS, each_cell, random_sample
from scipy import stats

from eventstudy._typing import Alternative
from eventstudy.significance.bmp import bmp_t
from eventstudy.significance.jackknife import jackknife
from eventstudy.significance.wild_bootstrap import TIE, wild_bootstrap

MODULE = import_module("eventstudy.significance.wild_bootstrap")  # its function hides it in the package


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_jackknife(rng: np.random.Generator, missing: float) -> None:
    sample = random_sample(rng, SIZES, missing=missing, shift=0.01)
    found = jackknife(sample)
    for group, place, rows in each_cell(sample):
        scar, ticker = sample.scar[rows, place], sample.ticker[rows]
        firms = set(ticker)
        if len(firms) < 2:
            assert np.isnan(found.statistic[group, place])
            continue
        without = [scar[ticker != firm].mean() for firm in firms]
        centre, f = np.mean(without), len(firms)
        se = np.sqrt((f - 1) / f * sum((each - centre) ** 2 for each in without))
        t = scar.mean() / se
        assert found.statistic[group, place] == pytest.approx(t, rel=RTOL)
        assert found.pvalue[group, place] == pytest.approx(2 * stats.t.sf(abs(t), f - 1), rel=RTOL)
        assert (found.n[group, place], found.df[group, place]) == (len(rows), f - 1)


def test_with_one_event_a_firm_the_jackknife_is_bmp(rng: np.random.Generator) -> None:
    n = sum(SIZES)
    sample = random_sample(rng, SIZES, missing=0.1, ticker=rng.permutation(n))
    np.testing.assert_allclose(jackknife(sample).statistic, bmp_t(sample).statistic, rtol=RTOL)
    np.testing.assert_allclose(jackknife(sample).pvalue, bmp_t(sample).pvalue, rtol=RTOL)


def plain_statistic(scar: Any, date: Any) -> float:
    """Mean over its error clustered by date, one cluster at a time."""
    days, mean = sorted(set(date)), scar.mean()
    squares = sum(((scar[date == day] - mean).sum()) ** 2 for day in days)
    return float(scar.sum() / np.sqrt(len(days) / (len(days) - 1) * squares))


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_wild_bootstrap_of_few_dates_is_exact(
    rng: np.random.Generator, missing: float, alternative: Alternative
) -> None:
    sample = random_sample(rng, (12, 0, 7, 1), missing=missing, shift=0.01, alternative=alternative)
    found = wild_bootstrap(sample)
    for group, place, rows in each_cell(sample):
        scar, date = sample.scar[rows, place], sample.date[rows]
        days = sorted(set(date))
        if len(days) < 2:
            assert np.isnan(found.statistic[group, place])
            assert found.note[group, place] == ""
            continue
        t = plain_statistic(scar, date)
        drawn = [
            plain_statistic(scar * np.array([dict(zip(days, signs, strict=True))[day] for day in date]), date)
            for signs in product((-1, 1), repeat=len(days))
        ]
        assert found.statistic[group, place] == pytest.approx(t, rel=RTOL)
        assert found.pvalue[group, place] == pytest.approx(share(drawn, t, alternative), rel=RTOL)


def share(drawn: Any, t: float, alternative: Alternative) -> float:
    """Return the share of statistics at least as far out, those that differ by rounding included."""
    drawn = np.array(drawn)
    if alternative == "two-sided":
        return float((np.abs(drawn) >= abs(t) - TIE).mean())
    return float((drawn >= t - TIE).mean() if alternative == "greater" else (drawn <= t + TIE).mean())


def test_wild_bootstrap_of_many_dates_is_the_same_draws_one_by_one(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "DRAWS", 199)
    sample = random_sample(rng, (40, 30, 12), missing=0.05, shift=0.005)
    found = wild_bootstrap(sample)
    checked = 0
    for group, place, rows in each_cell(sample):
        scar, date = sample.scar[rows, place], sample.date[rows]
        days = sorted(set(date))
        if 2 ** len(days) <= 199:
            continue
        t = plain_statistic(scar, date)
        bits = np.random.default_rng(sample.seed).integers(0, 256, (len(days), 25), dtype=np.uint8)
        drawn = []
        for draw in range(199):
            own = (bits[:, draw // 8] >> (7 - draw % 8)) & 1
            sign = {day: -1.0 if bit else 1.0 for day, bit in zip(days, own, strict=True)}
            drawn.append(plain_statistic(scar * np.array([sign[day] for day in date]), date))
        p = (1 + sum(abs(each) >= abs(t) - TIE for each in drawn)) / 200
        assert found.pvalue[group, place] == pytest.approx(p, rel=RTOL)
        checked += 1
    assert checked >= 8


def test_the_draws_are_enough_and_seeded(rng: np.random.Generator) -> None:
    sample = random_sample(rng, (60,), shift=0.004)
    plain = wild_bootstrap(sample)
    t = bmp_t(random_sample(rng, (60,), car=sample.car, scar=sample.scar))
    assert abs(plain.pvalue - t.pvalue).max() < 0.1
    np.testing.assert_array_equal(wild_bootstrap(sample).pvalue, plain.pvalue)
    other = wild_bootstrap(random_sample(rng, (60,), car=sample.car, scar=sample.scar, seed=8)).pvalue
    assert (other != plain.pvalue).any()
    np.testing.assert_allclose(other, plain.pvalue, atol=0.03)


def test_blocks_of_draws_join_without_a_seam(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = random_sample(rng, (40, 41, 12), missing=0.05)
    whole = wild_bootstrap(sample).pvalue
    monkeypatch.setattr(MODULE, "BLOCK", 700)
    np.testing.assert_array_equal(wild_bootstrap(sample).pvalue, whole)


def test_exact_size_and_the_note_where_it_can_never_reject(rng: np.random.Generator) -> None:
    """All patterns of signs of five dates: p <= level in no more than that share of them."""
    scar = np.abs(rng.normal(size=5))
    signs = np.array(list(product((-1.0, 1.0), repeat=5)))
    for side, smallest in (("two-sided", 2 / 32), ("greater", 1 / 32)):
        sample = random_sample(rng, (5,) * 32, date=np.tile(np.arange(5), 32), alternative=side).only(
            np.array([0])
        )
        values = (signs * scar).reshape(-1, 1)
        found = wild_bootstrap(random_sample(
            rng, (5,) * 32, windows=sample.windows, car=values, scar=values,
            date=np.tile(np.arange(5), 32), alternative=side,
        ))  # fmt: skip
        for level in (0.05, 0.1, 0.25, 0.5):
            assert (found.pvalue <= level).mean() <= level
        assert found.pvalue.min() >= smallest * (1 - RTOL)
        words = "too few: p cannot fall below 0.0625" if side == "two-sided" else ""
        assert set(found.note.ravel()) == {words}


def test_thousands_of_dates(rng: np.random.Generator) -> None:
    """More than float64 can count the sign vectors of; the p-value is then that of the t."""
    sample = random_sample(rng, (1200,), windows=(WINDOWS[0],), date=np.arange(1200))
    t = bmp_t(sample)
    np.testing.assert_allclose(wild_bootstrap(sample).statistic, t.statistic, rtol=RTOL)
    np.testing.assert_allclose(wild_bootstrap(sample).pvalue, t.pvalue, atol=0.02)
