"""The mean correlation against every pair on its own or of two dates, and the same bits in parts."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from samples import SIZES, each_cell, random_sample

from eventstudy.design import Window
from eventstudy.significance import mean_correlation as of_pairs
from eventstudy.significance.history import History
from eventstudy.significance.kolari_pynnonen import bmp_adj_t, patell_adj_z
from eventstudy.significance.mean_correlation import BY_SESSION, correlated_pairs, mean_correlation
from eventstudy.significance.pair_correlation import MIN_SHARED, masked_correlation
from eventstudy.significance.pairing import two_parts
from eventstudy.significance.sample import CrossSection

#: Correlations are of 42 bits of each residual; on average over pairs that is good to far more digits.
ATOL = 1e-13
SCORES = 1e-8  #: scores are rounded to 2^-23; the products of 60 sessions are averaged
LIKE_PAIRS = 1e-3  #: two estimates of a correlation of 0.05 from 60 sessions, of which a fiftieth is missing


def plain(sample: CrossSection) -> Any:
    """Return ``r-bar``, one pair at a time."""
    alignment, residuals = sample.alignment(), sample.history.residuals[sample.events]
    found = np.zeros((sample.groups, len(sample.windows)))
    for group, place, rows in each_cell(sample):
        part, pairs = sample.history.columns(sample.windows[place]), list(combinations(rows, 2))
        for one, other in pairs:
            mine, theirs = alignment.session[[one, other]]
            shared = np.isin(alignment.event[mine, part], alignment.event[theirs, part]).mean()
            _, a, b = np.intersect1d(
                alignment.estimation[mine], alignment.estimation[theirs], return_indices=True
            )
            x, y = residuals[one, a], residuals[other, b]
            both = np.isfinite(x) & np.isfinite(y)
            if shared and both.sum() >= MIN_SHARED:
                found[group, place] += shared * np.corrcoef(x[both], y[both])[0, 1] / len(pairs)
    return found


@pytest.mark.parametrize("missing", [0.0, 0.002, 0.1])
@pytest.mark.parametrize("block", [128, 3])
def test_it_is_the_mean_over_pairs(missing: float, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some firm-events without gaps, none, or all; small groups in one block, and each in its own."""
    monkeypatch.setattr(of_pairs, "BLOCK", block)
    sample = random_sample(np.random.default_rng(2), SIZES, missing=missing)
    expected = plain(sample)
    assert np.abs(expected).max() > 0.005
    np.testing.assert_allclose(mean_correlation(sample), expected, rtol=0, atol=ATOL)


def test_a_pair_is_counted_once_wherever_it_is_cut(rng: np.random.Generator) -> None:
    sample = random_sample(rng, SIZES, missing=0.02)
    whole = correlated_pairs(sample)
    for part in (rng.integers(0, 3, len(sample.group)), sample.date % 2):
        one, *others = (correlated_pairs(sample.of_rows(np.flatnonzero(part == each))) for each in set(part))
        for other in others:
            one = one + other
        np.testing.assert_array_equal(one.total.limbs, whole.total.limbs)
        assert one.total.lowest == whole.total.lowest


def test_a_correlation_does_not_depend_on_its_company(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 40, 90)) * rng.uniform(0.001, 50, (2, 40, 1))
    a[rng.random(a.shape) < 0.1] = np.nan
    a[3], b[5] = 0.25, np.nan  # without variance, and without a figure
    whole = masked_correlation(a, b, 90)
    for row, column in rng.integers(0, 40, (30, 2)):
        wide = (np.pad(each, ((0, 0), (50, 300)), constant_values=np.nan) for each in (a[[row]], b[[column]]))
        assert masked_correlation(*wide, 90).item() == whole[row, column]
    assert not whole[3].any() and not whole[:, 5].any() and np.abs(whole).max() > 0.2
    there = np.isfinite(a[0])
    exact = np.corrcoef(a[0, there], b[0, there])[0, 1]
    assert whole[0, 0] == pytest.approx(exact, rel=0, abs=ATOL)


def test_without_estimation_sessions_there_is_none(rng: np.random.Generator) -> None:
    sample = random_sample(rng)
    nothing = np.empty((12, 0))
    history = History(Window(-2, -3), Window(-2, 2), nothing, nothing, sample.history.ar)
    assert np.isnan(mean_correlation(random_sample(rng, history=history))).all()


def by_session(sample: CrossSection) -> Any:
    """Return ``r-bar`` of the pairs of two dates from their mean product, two dates at a time."""
    alignment, residuals = sample.alignment(), sample.history.residuals[sample.events]
    scores = residuals - np.nanmean(residuals, axis=1, keepdims=True)
    scores /= np.sqrt(np.nanmean(scores**2, axis=1, keepdims=True))
    found = np.zeros((sample.groups, len(sample.windows)))
    for group, place, rows in each_cell(sample):
        part, dates = sample.history.columns(sample.windows[place]), np.unique(sample.date[rows])
        for one, other in ((a, b) for a in dates for b in dates if a <= b):
            pairs = [(i, j) for i in rows for j in rows if (sample.date[i], sample.date[j]) == (one, other)]
            pairs = [(i, j) for i, j in pairs if i != j]
            sessions = [alignment.session[np.flatnonzero(sample.date == date)[0]] for date in (one, other)]
            shared = np.isin(*(alignment.event[session, part] for session in sessions)).mean()
            _, a, b = np.intersect1d(*alignment.estimation[sessions], return_indices=True)
            products = np.array([scores[i, a] * scores[j, b] for i, j in pairs])
            if shared and len(pairs):
                weight = len(pairs) * (1 if one == other else 2) / (len(rows) * (len(rows) - 1))
                found[group, place] += shared * weight * np.nanmean(products)
    return found


@pytest.mark.parametrize("missing", [0.0, 0.02])
def test_pairs_of_two_dates_have_one_correlation_in_large_studies(missing: float) -> None:
    sample = random_sample(np.random.default_rng(5), (*SIZES, 60), missing=missing)
    common = np.random.default_rng(6).normal(0.0, 0.01, 300)  # moves all firms on a session
    alignment = sample.alignment()
    together = sample.history.residuals + common[alignment.estimation[alignment.session] % 300]
    sample = replace(sample, history=replace(sample.history, residuals=together))
    of_sessions = replace(sample, by_session=True)
    found = mean_correlation(of_sessions)
    np.testing.assert_allclose(found, by_session(sample), rtol=0, atol=SCORES)
    pairs = mean_correlation(sample)
    np.testing.assert_allclose(found[-1], pairs[-1], rtol=0, atol=LIKE_PAIRS)
    if not missing:  # firm-events of one date without gaps
        np.testing.assert_allclose(found[:, [0, 3]], pairs[:, [0, 3]], rtol=0, atol=SCORES)
    notes = [test(each).note for test in (patell_adj_z, bmp_adj_t) for each in (of_sessions, sample)]
    assert [BY_SESSION in note for note in notes] == [True, False] * 2


def test_many_firm_events_of_one_date_stay_together(rng: np.random.Generator) -> None:
    sample = replace(random_sample(rng, SIZES, missing=0.02), by_session=True)
    whole = correlated_pairs(sample)
    one, other = (
        correlated_pairs(sample.of_rows(np.flatnonzero(sample.date % 2 == each))) for each in (0, 1)
    )
    np.testing.assert_array_equal((one + other).total.limbs, whole.total.limbs)
    with pytest.raises(ValueError, match="one date"):
        correlated_pairs(sample.of_rows(np.arange(0, len(sample.group), 2)))


def test_numbers_are_cut_in_two_parts_that_add_without_rounding(rng: np.random.Generator) -> None:
    values = np.concatenate([rng.uniform(-1, 1, 5_000), rng.normal(0, 1e-9, 100), [0.0, 1.0, -1.0, 2.0**-27]])
    high, low = two_parts(values)
    steps = high * 2.0**26, low * 2.0**49
    assert all((each == np.rint(each)).all() for each in steps)
    assert (steps[0] == np.rint(values * 2.0**26)).all()
    assert np.abs(values - high - low).max() <= 2.0**-50


def test_a_shard_without_firm_events_is_one_by_session_too(rng: np.random.Generator) -> None:
    sample = replace(random_sample(rng, SIZES), by_session=True)
    nothing, whole = correlated_pairs(sample.of_rows(np.arange(0))), correlated_pairs(sample)
    assert nothing.by_session and (nothing + whole).by_session
