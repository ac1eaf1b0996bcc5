"""Sums without rounding: exact against fractions, the same bits for any order and partition."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import add

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.numerics.double_double import Pair, two_product
from eventstudy.numerics.exact_sums import LOWEST, ExactSums

PAIRS = Fraction(1, 2**98)  #: two numbers of 53 bits, less the roundings of a product, a sum and a quotient
numbers = st.floats(-1e60, 1e60, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-60)


def of(values: list[float]) -> ExactSums:
    array = np.array(values, dtype=float)[:, None]
    return summed(array, np.zeros(len(array), dtype=np.int64), 1)


def summed(values, group, groups: int) -> ExactSums:
    return ExactSums.of(lambda rows: [values[rows]], group, groups)


def exactly(sums: ExactSums) -> Fraction:
    return sum(
        (
            int(limb) * Fraction(2) ** (32 * (sums.lowest + place))
            for place, limb in enumerate(sums.limbs.ravel())
        ),
        Fraction(0),
    )


def same(one: ExactSums, other: ExactSums) -> bool:
    return np.array_equal(one.limbs, other.limbs) and (one.lowest == other.lowest or not one.limbs.size)


@given(st.lists(numbers, max_size=30))
def test_a_sum_is_exact_and_its_value_a_rounding_of_it(values: list[float]) -> None:
    whole = sum(map(Fraction, values), Fraction(0))
    assert exactly(of(values)) == whole
    assert abs(Fraction(of(values).value.item()) - whole) <= abs(whole) * (Fraction(1, 2**53) + PAIRS)


@given(st.lists(numbers, min_size=1, max_size=30), st.randoms(), st.integers(1, 5))
def test_any_order_and_partition_gives_the_same_bits(values: list[float], random, parts: int) -> None:
    expected = of(values)
    mixed = values[:]
    random.shuffle(mixed)
    shards = [of(mixed[start::parts]) for start in range(parts)]
    assert same(reduce(add, shards), expected)


def test_groups_columns_and_blocks(rng: np.random.Generator) -> None:
    """More numbers than a block holds, in groups of which one is empty."""
    group = np.sort(rng.choice([0, 1, 3], 9_000))
    values = rng.normal(size=(9_000, 2, 4)) * 10.0 ** rng.integers(-12, 12, (9_000, 1, 1))
    sums = summed(values, group, 4)
    assert sums.shape == (4, 2, 4)
    for code in range(4):
        for column in np.ndindex(2, 4):
            expected = sum(map(Fraction, values[group == code][(slice(None), *column)].tolist()), Fraction(0))
            assert sums.value[(code, *column)] == float(expected)
    assert same(sums, summed(values[:100], group[:100], 4) + summed(values[100:], group[100:], 4))


def test_what_cancels_leaves_no_limb() -> None:
    assert same(of([1e30, 1.0, -1e30]), of([1.0]))
    assert of([1e30, -1e30]).limbs.shape == (0, 1, 1)
    assert of([]).value.item() == 0.0
    tiny = 2.0 ** (32 * LOWEST - 3)
    assert of([tiny] * 8 + [1.0]).value.item() == 1.0  # dropped from each number, so in any order


def test_rows_are_added_where_they_belong() -> None:
    sums = summed(np.array([[1.0], [2.0**40], [3.0]]), np.arange(3), 3)
    placed = sums.at(np.array([0, 2, 2]), 4)
    np.testing.assert_array_equal(placed.value.ravel(), [1.0, 0.0, 2.0**40 + 3.0, 0.0])


@given(numbers, numbers, numbers, numbers)
def test_pairs_keep_a_hundred_bits(a: float, b: float, c: float, d: float) -> None:
    one, other = (
        Pair(np.array([x]), np.array([y * 2.0**-60 * abs(x) / max(abs(y), 1e-300)]))
        for x, y in ((a, b), (c, d))
    )
    exact = [sum(Fraction(part.item()) for part in pair) for pair in (one, other)]

    def close(found: Pair, expected: Fraction, scale: Fraction) -> None:
        assert abs(sum(Fraction(part.item()) for part in found) - expected) <= PAIRS * scale

    close(one.plus(other), exact[0] + exact[1], abs(exact[0]) + abs(exact[1]))
    close(one.minus(other), exact[0] - exact[1], abs(exact[0]) + abs(exact[1]))
    close(one.times(other), exact[0] * exact[1], abs(exact[0] * exact[1]))
    if c:
        close(one.over(np.array([c])), exact[0] / Fraction(c), abs(exact[0] / Fraction(c)))
        close(one.scaled(c), exact[0] * Fraction(c), abs(exact[0] * Fraction(c)))


def test_a_product_and_its_rest_are_exact(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(2, 50)) * 10.0 ** rng.integers(-9, 9, (2, 50))
    product, rest = two_product(a, b)
    for place in range(50):
        assert Fraction(product[place]) + Fraction(rest[place]) == Fraction(a[place]) * Fraction(b[place])
    assert np.isnan(Pair(a, 0 * a).over(0.0).high).all()


@given(st.lists(numbers, min_size=1, max_size=6), st.lists(numbers, max_size=6), st.data())
def test_sums_in_new_rows(mine: list[float], theirs: list[float], data: st.DataObject) -> None:
    """Rows of both are added, and may cancel; the limbs are those of sums taken at once."""
    rows = 8
    places = [data.draw(st.permutations(range(rows)))[: len(each)] for each in (mine, theirs)]
    if theirs and set(places[0]) & set(places[1]):
        row = min(set(places[0]) & set(places[1]))
        theirs[places[1].index(row)] = -mine[places[0].index(row)]
    values, index = np.array(mine + theirs)[:, None], np.concatenate(places).astype(np.int64)
    order = np.argsort(index, kind="stable")
    expected = summed(values[order], index[order], rows)
    parts = [
        summed(np.array(each, dtype=float)[:, None], np.arange(len(each)), len(each))
        for each in (mine, theirs)
    ]
    found = parts[0].joined(np.array(places[0]), parts[1], np.array(places[1], dtype=np.int64), rows)
    assert found.shape == expected.shape and same(found, expected)
