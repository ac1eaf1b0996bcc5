"""Formulas: what they may say, what is refused and how, and their design matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.inference.formulas import check_formula, design_matrix, variables

COLUMNS: dict[str, Any] = {
    "car": np.array([0.01, -0.02, 0.03, 0.0, 0.02]),
    "size": np.array([1.0, 2.0, 4.0, np.nan, 8.0]),
    "market value": np.array([1.0, 3.0, 2.0, 5.0, 4.0]),
    "kind": np.array(["deal", "other", "deal", None, "deal"], dtype=object),
}
RUNS = [
    "car ~ {__import__('os').system('true')}",
    "car ~ I(().__class__.__bases__)",
    "car ~ np.load(size)",
    "car ~ I(size.tofile('x'))",
    "car ~ I(lambda: 1)",
    "car ~ I([each for each in size])",
    "car ~ I(size if 1 else 2)",
    "car ~ I(size[0])",
    "car ~ I(f'{size}')",
    "car ~ I(exec)(size)",
    "car ~ C(kind, contr.poly(kind))",
    "car ~ C(kind, contr.treatment.__init__('deal'))",
    "car ~ eval('size')",
    "car ~ bs(size, df=1000000)",
]
HUGE = [
    "car ~ I(9**9**9)",
    "car ~ I((9**4)**4)",
    "car ~ I('a' * 1000000000)",
    "car ~ I([0] * 1000000000)",
    "car ~ I(1 << 1000000000)",
    "car ~ (size + kind)**99",
    "car ~ ((size + kind)**4 + car)**4",
    "car ~ size**4**4",
]


@pytest.mark.parametrize("formula", [*RUNS, *HUGE])
def test_nothing_but_arithmetic_and_named_functions_is_evaluated(formula: str) -> None:
    with pytest.raises(UsageError) as raised:
        design_matrix(formula, COLUMNS)
    assert "\n" not in str(raised.value) and formula in str(raised.value)


@pytest.mark.parametrize(
    "formula",
    [
        "car",
        "~ size",
        "car ~ (size",
        "car ~ size ~ kind",
        "car ~ size | kind",
        "car ~ [size ~ kind]",
        "car ~ .",
        "car ~ 'size'",
        "size ~ car",
        "car + scar ~ size",
        "car ~ I(size +)",
    ],
)
def test_what_is_no_formula_is_said_in_one_line(formula: str) -> None:
    with pytest.raises(UsageError, match="formula ") as raised:
        variables(formula)
    assert "\n" not in str(raised.value) and "\u29db" not in str(raised.value)


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"'sise' \(did you mean 'size'\?\)"):
        check_formula("car ~ log(sise) + kind", ["size", "kind"])
    with pytest.raises(UnknownNameError, match=r"'lg'.*allowed: C, I"):
        check_formula("car ~ lg(size)", ["size"])
    check_formula("car ~ log(size):C(kind) + `market value`", ["size", "kind", "market value"])


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("car ~ size + C(kind)", ["Intercept", "size", "C(kind)[T.other]"]),
        ("car ~ 0 + `market value`", ["market value"]),
        ("car ~ C(kind, contr.treatment('other'))", ["Intercept", None]),
        ("car ~ I(size**2) + I(kind == 'deal')", ["Intercept", "I(size ** 2)", "I(kind == 'deal')"]),
        ("car ~ size * kind", ["Intercept", "size", "kind[T.other]", "size:kind[T.other]"]),
        ("car ~ sqrt(size) + abs(`market value` - 3)", None),
        ("log(1 + car) ~ center(size)", None),
    ],
)
def test_formulas_are_read_as_in_r(formula: str, terms: list[str | None] | None) -> None:
    made = design_matrix(formula, COLUMNS)
    assert made.rows.tolist() == ([0, 1, 2, 4] if formula != "car ~ 0 + `market value`" else [0, 1, 2, 3, 4])
    if terms:
        assert len(made.terms) == len(terms)
        assert all(term in (None, found) for term, found in zip(terms, made.terms, strict=True))


def test_the_values_are_those_of_the_columns() -> None:
    made = design_matrix("I(100 * car) ~ sqrt(size) + I(kind == 'deal') + abs(`market value` - 3)", COLUMNS)
    rows = [0, 1, 2, 4]
    assert np.array_equal(made.y, 100 * COLUMNS["car"][rows])
    expected = [
        np.ones(4),
        np.sqrt(COLUMNS["size"][rows]),
        [1, 0, 1, 1],
        np.abs(COLUMNS["market value"][rows] - 3),
    ]
    assert np.array_equal(made.x, np.column_stack(expected))


def test_a_category_of_no_row_that_enters_has_no_term() -> None:
    columns = {**COLUMNS, "kind": np.array(["a", "b", "c", "a", "b"], dtype=object)}
    columns["size"] = np.array([1.0, 2.0, -1.0, 3.0, 8.0])  # the only c has no logarithm
    made = design_matrix("car ~ log(size) + kind", columns)
    assert made.terms == ("Intercept", "log(size)", "kind[T.b]") and made.rows.tolist() == [0, 1, 3, 4]
