"""Every test of sums gives the same bits however firm-events are cut into shards and added."""

from __future__ import annotations

import pickle
import weakref
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import random_sample

from eventstudy.engine import shards as sharding
from eventstudy.engine.large_study import each_done
from eventstudy.engine.shards import WAITING, add_up, shards_of, sums_of_tests
from eventstudy.significance import TESTS, SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Sums, scar_by_firm
from eventstudy.significance.totals import powers

SIZES = (12, 0, 7, 1, 30)
ROUNDED = 1e-15  #: one rounding to float64, of a square root two
THIRD = 1e-10  #: 40 cubes of 1e9 to 98 bits are good to 2e-19, their third moment is some 1e-8
OF_SUMS = [test for test in TESTS.values() if test.sums]

of_sums = pytest.mark.parametrize("test", OF_SUMS, ids=str)


def a_sample(seed: int = 3) -> CrossSection:
    return random_sample(np.random.default_rng(seed), SIZES, missing=0.05, shift=0.01)


def same(found: SignificanceResult, expected: SignificanceResult) -> None:
    for field in fields(SignificanceResult):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(expected, field.name), field.name)


def test_every_test_across_firm_events_is_one_of_sums() -> None:
    many = {name for name, test in TESTS.items() if test.scope == "cross-section"}
    assert many == {test.name for test in OF_SUMS}


@of_sums
@given(st.lists(st.integers(0, 4), min_size=sum(SIZES), max_size=sum(SIZES)), st.permutations(range(5)))
def test_any_partition_in_any_order(test: SignificanceTest, part: list[int], order: list[int]) -> None:
    sample = a_sample()
    parts = [sample.of_rows(np.flatnonzero(np.array(part) == each)) for each in order]
    same(test.function(sums_of_tests(lambda: parts, [test])), test.function(sample))


@of_sums
@pytest.mark.parametrize("most", [1, 5, 1_000])
def test_shards_cut_at_dates_by_an_executor(
    test: SignificanceTest, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharding, "WAITING", 3)
    sample = a_sample()
    expected = test.function(sample)
    with ThreadPoolExecutor(3) as executor:
        same(test.function(sums_of_tests(lambda: shards_of(sample, most), [test], executor)), expected)
    same(test.function(sums_of_tests(lambda: shards_of(sample, most), [test])), expected)


def test_shards_hold_whole_dates_and_every_firm_event_once() -> None:
    sample = a_sample()
    parts = list(shards_of(sample, 5))
    dates = [set(part.date.tolist()) for part in parts]
    assert len(parts) > 3 and sum(map(len, dates)) == len(set(sample.date.tolist()))
    assert all(max(one) < min(other) for one, other in pairwise(dates))
    assert sorted(np.concatenate([part.events for part in parts])) == sorted(sample.events)


def test_an_error_of_a_shard_reaches_the_caller() -> None:
    def take(shard: int) -> Any:
        return 1 // shard

    assert add_up(take, [1, 1, 1]) == 3
    with ThreadPoolExecutor(2) as executor, pytest.raises(ZeroDivisionError):
        add_up(take, [1, 0, 1], executor)


def test_sums_travel_between_processes() -> None:
    sample = a_sample()
    sent = pickle.loads(pickle.dumps(sums_of_tests(lambda: [sample], OF_SUMS)))
    for test in OF_SUMS:
        same(test.function(sent), test.function(sample))


def test_what_was_not_taken_is_missed() -> None:
    with pytest.raises(KeyError):
        Sums.of(a_sample(), []).sums(scar_by_firm)


def test_moments_of_values_far_from_zero(rng: np.random.Generator) -> None:
    """Beside the exact figures by fractions."""
    values = 1e3 + rng.normal(size=(40, 1)) * 1e-3
    sums = powers(values, np.zeros(40, dtype=np.int64), 1, most=3)
    exact = [Fraction(x) for x in values.ravel().tolist()]
    centre = sum(exact) / 40
    mean, deviation, n = (each.item() for each in sums.moments())
    assert n == 40 and mean == float(centre)
    variance = sum((x - centre) ** 2 for x in exact) / 39
    assert deviation == pytest.approx(float(variance) ** 0.5, rel=ROUNDED)
    third = float(sum((x - centre) ** 3 for x in exact))
    assert sums.third().item() == pytest.approx(third, rel=THIRD)


def test_identical_values_have_no_deviation() -> None:
    values = np.full((7, 1), 0.1)
    mean, deviation, _ = powers(values, np.zeros(7, dtype=np.int64), 1).moments()
    assert mean.item() == 0.1 and np.isnan(deviation.item())


class Counting(Executor):
    """An executor that counts how many futures are alive when a call is submitted."""

    def __init__(self) -> None:
        self.futures: weakref.WeakSet[Future[Any]] = weakref.WeakSet()
        self.most = 0

    def submit(self, call: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(call(*given, **named))
        self.futures.add(future)
        self.most = max(self.most, len(self.futures))
        return future


def test_shards_on_disk_are_handed_out_few_at_a_time_and_forgotten() -> None:
    counting, done = Counting(), []
    each_done(done.append, range(100), counting, None)
    assert done == [*range(100)]
    assert counting.most <= WAITING
