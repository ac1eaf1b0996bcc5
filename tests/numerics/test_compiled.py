"""The compiled kernels against those of NumPy: the same bits, on easy numbers and on hard ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from market_samples import with_market
from samples import SIZES, alignment_of, multiplied, part_of, random_sample

from eventstudy.numerics import compiling
from eventstudy.numerics.exact_sums import LOWEST, ExactSums
from eventstudy.numerics.row_sums import sum_runs
from eventstudy.significance import calendar_listings, session_cells
from eventstudy.significance.calendar_time import portfolios
from eventstudy.significance.corrado import session_ranks, session_signs
from eventstudy.significance.crude_dependence import residual_totals
from eventstudy.significance.history import History
from eventstudy.significance.kolari_pynnonen_ranks import estimation_ranks, event_ranks
from eventstudy.significance.lyon_barber_tsai import bhar_skew_t
from eventstudy.significance.mean_correlation import correlated_pairs
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.scores import Scores
from eventstudy.significance.wilcoxon import wilcoxon

pytest.importorskip("numba")
#: Powers are summed in the order of the draws, and by a product with their frequencies in NumPy: a resample
#: as far out as the observed statistic up to rounding could count in one and not in the other.
OF_DRAWS = 2 / 1_001


@pytest.fixture(params=[False, True], ids=["numpy", "compiled"])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    switch(monkeypatch, request.param)
    yield request.param


def switch(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    for name in ("MANY", "FEW"):
        monkeypatch.setattr(compiling, name, 0 if compiled else 1 << 40)


def same(one: Any, other: Any) -> None:
    """Each field, arrays by their bits."""
    if isinstance(one, tuple):
        for mine, theirs in zip(one, other, strict=True):
            same(mine, theirs)
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__:
            same(getattr(one, name), getattr(other, name))
    else:
        np.testing.assert_array_equal(one, other)


def both(monkeypatch: pytest.MonkeyPatch, take: Any) -> Any:
    """Return what is taken, which is the same either way."""
    found = []
    for compiled in (False, True):
        switch(monkeypatch, compiled)
        found.append(take())
    same(*found)
    return found[0]


NUMBERS = {
    "returns": lambda rng: rng.normal(0, 0.02, (3_000, 5)),
    "huge": lambda rng: rng.normal(0, 1e300, (3_000, 2)),
    "below what is kept": lambda rng: rng.normal(0, 1e-299, (3_000, 2)),
    "subnormal": lambda rng: rng.normal(0, 1e-310, (3_000, 2)),
    "of all sizes": lambda rng: rng.normal(size=(3_000, 2)) * 10.0 ** rng.integers(-308, 290, (3_000, 2)),
    "halves of the lowest unit": lambda rng: rng.integers(-9, 9, (3_000, 2)) * 2.0 ** (32 * LOWEST - 1),
    "whole limbs": lambda rng: rng.choice([2.0**31, -(2.0**31), 2.0**32, 2.0**-32, 1.0], (3_000, 2)),
    "zeros": lambda rng: np.zeros((3_000, 2)),
    "one column": lambda rng: rng.normal(size=3_000),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_exact_sums(kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, group = NUMBERS[kind](rng), np.sort(rng.integers(0, 7, 3_000))
    both(monkeypatch, lambda: ExactSums.of(lambda rows: [numbers[rows], -numbers[rows] / 3], group, 8))


def test_exact_sums_need_room_for_numbers_of_later_chunks(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = rng.normal(size=(5_000, 2)) * np.repeat([1e-3, 1e40, 1e-60, 0.0, 1.0], 1_000)[:, None]
    group = np.sort(rng.integers(0, 3, 5_000))
    found = both(monkeypatch, lambda: ExactSums.of(lambda rows: [numbers[rows]], group, 3))
    expected = [sum(map(int, numbers[group == each, 0].astype(object) * 0 + 1)) for each in range(3)]
    assert found.shape == (3, 2) and expected == np.bincount(group).tolist()


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint16, np.int64])
def test_sums_of_runs(kind: Any, rng: np.random.Generator, compiled: bool) -> None:
    values = rng.integers(0, 100, (50, 3, 2)).astype(kind)
    found = sum_runs(values, np.array([0, 1, 30]), 50)
    expected = [values[rows].astype(int).sum(axis=0) for rows in (slice(1), slice(1, 30), slice(30, None))]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.int64
    assert sum_runs(values[:0], np.arange(0), 50).shape == (0, 3, 2)


def plain_double_ranks(values: Any) -> Any:
    """Twice the mean rank, value by value."""
    known = values[np.isfinite(values)]
    return [
        2 * (known < each).sum() + (known == each).sum() + 1 if np.isfinite(each) else 0 for each in values
    ]


def rows_of_all_sorts(rng: np.random.Generator) -> Any:
    values = rng.normal(0, 0.02, (60, 70))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:20] = np.round(values[:20], 2)  # ties
    values[20] = np.nan
    values[21] = 0.1
    values[22, :6] = [0.0, -0.0, 5e-324, -5e-324, np.inf, -np.inf]
    values[23] = 1.0 + rng.integers(0, 40, 70) * 2.0**-52  # equal but for the last bits, which keys lack
    return values


def test_ranks_and_signs(rng: np.random.Generator, compiled: bool) -> None:
    values = rows_of_all_sorts(rng)
    history = History(None, None, values[:, :60], values[:, :65], values[:, 60:])  # type: ignore[arg-type]
    np.testing.assert_array_equal(history.double_ranks, [plain_double_ranks(row) for row in values])
    np.testing.assert_array_equal(
        history.double_ranks_studentised, [plain_double_ranks(row[:65]) for row in values]
    )
    for row, signs in zip(values, history.signs, strict=True):
        known = np.isfinite(row)
        if known.any():
            ranks = np.array(plain_double_ranks(row))
            np.testing.assert_array_equal(signs[known], np.sign(ranks - np.median(ranks[known]))[known])
        assert not signs[~known].any()


def sample_of(rng: np.random.Generator) -> CrossSection:
    sample = random_sample(rng, SIZES, missing=0.1, shift=0.01)
    np.round(sample.history.studentised, 1, out=sample.history.studentised)  # ties
    sample.scar[5, 1] = np.nan
    return sample


@pytest.mark.parametrize(
    "kind", [session_ranks, session_signs, residual_totals, event_ranks, estimation_ranks]
)
def test_sums_over_sessions(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    both(monkeypatch, lambda: kind(sample_of(np.random.default_rng(5))))


def test_signed_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    sample = sample_of(rng)
    np.round(sample.car, 2, out=sample.car)  # zeros, and ties between ups and downs
    sample.car[sample.group == 1] = np.nan
    both(monkeypatch, lambda: wilcoxon(sample.testing(sample.car)))


def test_sums_in_the_order_of_numpy(rng: np.random.Generator) -> None:
    from eventstudy.numerics.compiled_scores import DEPTH, pairwise_sum

    values = rng.normal(size=(1, 5_000)) * 10.0 ** rng.integers(-9, 9, 5_000)
    for n in (*range(600), 1_024, 4_097, 5_000):
        room = np.empty(DEPTH, dtype=np.int64), np.empty(DEPTH)
        assert pairwise_sum(values[0], n, *room) == values[:, :n].sum(axis=1)[0]


def test_scores(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    found = both(monkeypatch, lambda: Scores.of(rows_of_all_sorts(np.random.default_rng(1))))
    assert not found.values[20:22].any() and found.n[20:22].tolist() == [0, 70]
    assert found.values.any(axis=1).sum() > 50


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("slots", [1, 8])
def test_correlations_by_session(missing: float, slots: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_cells, "SLOTS", slots)

    def take() -> Any:
        sample = random_sample(np.random.default_rng(8), (*SIZES, 60), missing=missing, sessions=170)
        date = sample.date // 4
        return correlated_pairs(
            replace(sample, by_session=True, alignment=lambda: alignment_of(date, 170, len(sample.windows)))
        )

    assert both(monkeypatch, take).total.value[-1].all()


@pytest.mark.parametrize("q", [0, 2])
@pytest.mark.parametrize("size", [1.0, 2.0**-970, 2.0**900, 0.0])
def test_portfolios(q: int, size: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of firms that begin twice on a session, of parts, whose neighbours are theirs, and of two exchanges."""
    monkeypatch.setattr(calendar_listings, "TOGETHER", 1)
    sample = multiplied(with_market(np.random.default_rng(4), q, (*SIZES, 90), missing=0.05), size)
    sample.car[::7] = np.nan  # not complete, though its returns are there
    both(monkeypatch, lambda: portfolios(sample))
    firm_days = np.column_stack([sample.group, sample.ticker, sample.alignment().session])
    _, once = np.unique(firm_days, axis=0, return_index=True)
    assert len(once) < len(firm_days)
    sample = part_of(sample, np.sort(once), sample.groups)
    whole = both(monkeypatch, lambda: portfolios(sample))
    part = np.random.default_rng(5).random(len(sample.group)) < 0.4
    one, other = (
        both(monkeypatch, lambda rows=rows: portfolios(sample.of_rows(np.flatnonzero(rows))))
        for rows in (part, ~part)
    )
    same(one + other, whole)
    days = sample.alignment()
    event, moved = np.tile(days.event, (2, 1)), days.session + len(days.event) * (sample.ticker % 2)
    exchanges = days._replace(session=moved, event=event)
    same(both(monkeypatch, lambda: portfolios(replace(sample, alignment=lambda: exchanges))), whole)
    listed = sample.history.ar[sample.events][np.isfinite(sample.car[:, 2])]
    assert whole.by_session[2].size.sum() < np.isfinite(listed).sum() - 10  # firms, not listings


def test_estimation_windows_whose_ranks_fill_sixteen_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = random_sample(np.random.default_rng(6), (2, 3), sessions=16_500)
    both(monkeypatch, lambda: estimation_ranks(replace(sample)))


def test_comparisons_that_fill_sixteen_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """More firm-events of one group and number of entries than a step adds up."""
    from eventstudy.numerics import compiled_ranks
    from eventstudy.numerics.compiled_ranks import lifted_totals

    n = compiled_ranks.SMALL + 100
    ranks, one = np.tile(np.array([[2, 4, 0, 6]], dtype=np.uint16), (n, 1)), np.ones((n, 1), dtype=np.int64)
    total, firms = lifted_totals(ranks, 4 * one, one > 0, 4 * one[:, 0], np.zeros(n, dtype=np.int64))
    np.testing.assert_array_equal(total, n * np.array([[[2 - 4 - 1, 4 - 4, 0, 6 - 4 + 1]]]))
    np.testing.assert_array_equal(firms, [[[n, n, 0, n]]])


def test_resamples(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = random_sample(rng, (60, 41), missing=0.02, shift=0.01)
    found = []
    for each in (False, True):
        switch(monkeypatch, each)
        found.append(bhar_skew_t(sample.testing(sample.bhar)))
    np.testing.assert_array_equal(found[0].statistic, found[1].statistic)
    np.testing.assert_allclose(found[0].pvalue, found[1].pvalue, rtol=0, atol=OF_DRAWS)


def test_kernels_are_for_many_rows_and_for_fewer_once_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "KERNELS", ())
    assert compiling.worth_compiling(compiling.MANY) and not compiling.worth_compiling(compiling.MANY - 1)
    monkeypatch.setattr(compiling, "KERNELS", ("sys",))
    assert compiling.worth_compiling(compiling.FEW) and not compiling.worth_compiling(compiling.FEW - 1)
    monkeypatch.setattr(compiling, "find_spec", lambda name: None)
    assert not compiling.worth_compiling(compiling.MANY)
