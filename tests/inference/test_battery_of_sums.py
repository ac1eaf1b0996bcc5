"""The battery over sums of shards: the rows of the whole sample, and the numbers behind them by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from samples import SIZES, each_cell, random_sample

from eventstudy.engine.shards import sums_of_tests
from eventstudy.inference.battery import level_tests
from eventstudy.inference.levels import Level
from eventstudy.numerics.columns import Columns
from eventstudy.significance import TESTS
from eventstudy.significance.observations import by_measure, observations, over_dates
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Sums

ROUNDED = 1e-15  #: a mean of two by NumPy, which rounds the sum
OF_SUMS = [test for test in TESTS.values() if test.sums]
LEVEL = Level("kind", tuple("abcde"), (np.arange(0),) * 5, np.array([False, False, True, False, False]))


def a_sample(**changes: object) -> CrossSection:
    return random_sample(np.random.default_rng(3), SIZES, missing=0.05, shift=0.01, **changes)


def assert_same(found: list[Columns], expected: list[Columns]) -> None:
    assert len(found) == len(expected) > 20
    for one, other in zip(found, expected, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], name)


def battery_of(parts: list[CrossSection]) -> list[Columns]:
    samples: dict[str, Sums] = {}
    for measure in ("CAR", "BHAR"):
        tests = [test for test in OF_SUMS if (measure == "BHAR") <= (measure in test.measures)]
        shards = [by_measure(part)[measure] for part in parts]
        samples[measure] = sums_of_tests(lambda shards=shards: shards, tests, also=(observations,))  # type: ignore[misc]
    return level_tests(LEVEL, samples, OF_SUMS)


@given(st.lists(st.integers(0, 3), min_size=sum(SIZES), max_size=sum(SIZES)))
def test_any_partition_gives_the_rows_of_the_sample(part: list[int]) -> None:
    sample = a_sample()
    parts = [sample.of_rows(np.flatnonzero(np.array(part) == each)) for each in range(4)]
    assert_same(battery_of(parts), level_tests(LEVEL, by_measure(sample), OF_SUMS))


def test_tests_by_weights_need_weights() -> None:
    names = {name for rows in battery_of([a_sample()]) for name in rows["test"]}
    without = {name for rows in battery_of([a_sample(weights=None)]) for name in rows["test"]}
    assert names - without == {"value_weighted_t"}


def test_the_numbers_behind_each_cell() -> None:
    sample = a_sample()
    found, means = sample.sums(observations), over_dates(sample)
    for group, place, rows in each_cell(sample):
        dates = np.unique(sample.date[rows])
        assert found.n[group, place] == len(rows)
        assert found.n_dates[group, place] == len(dates)
        assert found.n_firms[group, place] == len(np.unique(sample.ticker[rows]))
        length = sample.windows[place].length
        close = any(0 < b - a < length for a in dates for b in dates)
        assert found.overlapping(sample.windows)[group, place] == close
        expected = [sample.car[rows, place][sample.date[rows] == date].mean() for date in dates]
        values = means.car[means.group == group, place]
        np.testing.assert_allclose(values[np.isfinite(values)], expected, rtol=ROUNDED * 4, atol=ROUNDED)


def test_a_firm_day_listed_twice_counts_twice_among_those_listed() -> None:
    sample = a_sample(listings=np.full(sum(SIZES), 2))
    found = sample.sums(observations)
    np.testing.assert_array_equal(found.n_listed, 2 * found.n)
