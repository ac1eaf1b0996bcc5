"""What every test of significance in the registry keeps, whatever its formula."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from panels import REPOSITORY
from samples import (
    blanked,
    multiplied,
    part_of,
    random_day,
    random_reference,
    random_sample,
    random_space,
    random_system,
    shuffled,
    tickers_of,
)
from scipy import stats

from eventstudy._typing import Alternative
from eventstudy.significance import TESTS, SignificanceResult, SignificanceTest
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.sample import CrossSection

SIZES = (12, 0, 7, 1, 30)  #: groups: one empty, one of one
RTOL = 1e-9  #: sums of the same numbers in another order, through square roots and tails
#: their papers have no DOI that a public record gives with the title: volume and pages stand alone
WITHOUT_DOI = ("skew_adjusted_t", "joint_f", "equality_f")
DRAWN = 0.06  #: p-values from other draws
SIDES: tuple[Alternative, ...] = ("two-sided", "greater", "less")


def of(scope: str) -> Any:
    """Parametrise over the tests of a scope."""
    tests = [test for test in TESTS.values() if test.scope == scope]
    return pytest.mark.parametrize("test", tests, ids=lambda test: test.name)


every_test = pytest.mark.parametrize("test", TESTS.values(), ids=lambda test: test.name)
cross_sectional, of_one_date, of_firm_event = of("cross-section"), of("one date"), of("firm-event")


@pytest.fixture
def sample(rng: np.random.Generator) -> CrossSection:
    """Groups of firm-events with an effect, some returns missing, some firms and dates shared."""
    return random_sample(rng, SIZES, missing=0.02, shift=0.01)


@pytest.fixture
def system(rng: np.random.Generator) -> OneDate:
    return random_system(rng)


def alike(found: SignificanceResult, expected: SignificanceResult, *, sign: float = 1.0) -> None:
    np.testing.assert_allclose(found.statistic, sign * np.asarray(expected.statistic), rtol=RTOL, atol=RTOL)
    np.testing.assert_allclose(found.pvalue, expected.pvalue, rtol=RTOL * 100)
    np.testing.assert_array_equal(found.n, expected.n)


def is_of_its_distribution(
    test: SignificanceTest, result: SignificanceResult, alternative: Alternative
) -> None:
    """The p-value is the tail of the stated distribution with the stated degrees of freedom."""
    statistic, df = np.asarray(result.statistic), np.asarray(result.df)
    if test.distribution == "F":
        expected = stats.f.sf(statistic, df, result.df2)
    elif test.distribution in ("t", "normal"):
        lower, upper = (
            (stats.t.cdf(statistic, df), stats.t.sf(statistic, df))
            if test.distribution == "t"
            else (stats.norm.cdf(statistic), stats.norm.sf(statistic))
        )
        side = "greater" if test.measures == ("volatility",) else alternative
        both = 2 * np.minimum(lower, upper)
        expected = {"two-sided": both, "greater": upper, "less": lower}[side]
    else:
        return
    np.testing.assert_allclose(result.pvalue, expected, rtol=RTOL * 100)


# --- the record ---------------------------------------------------------------------------------------------


@every_test
def test_the_record_is_complete(test: SignificanceTest) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", test.name)
    home = sys.modules[test.function.__module__]
    assert getattr(home, test.name.upper()) is test, "its record is beside its function"
    assert test.summary.endswith(".") and "\n" not in test.summary
    assert test.null and not test.null.endswith(".") and not test.null.startswith(("H0", "that"))
    assert test.formulas and all(formula.strip() == formula for formula in test.formulas)
    assert re.search("NaN|missing|complete", test.notes, re.IGNORECASE)
    assert re.match(r"\S.* \d{4}", test.reference)
    known = r"\d+, \d+-\d+" if test.name in WITHOUT_DOI else r"doi:10\.|, chapter |Press"
    assert re.search(known, test.sources), "a DOI, or the chapter or publisher of a book"
    documented = test.function.__doc__ or ""
    assert documented
    assert not re.search(r"math::|H0|doi:", documented), "the record states it"


@every_test
def test_the_methods_page_has_the_record(test: SignificanceTest) -> None:
    page = (REPOSITORY / "docs" / "methods.md").read_text(encoding="utf-8")
    section = page.split(f"\n### {test.name}\n")[1].split("\n### ")[0]
    for text in (test.summary, *test.formulas, test.null, *test.paragraphs, test.sources):
        assert text in section


def test_the_report_states_null_and_formula_without_docstrings() -> None:
    """As the optimised interpreter runs it."""
    script = """
from types import SimpleNamespace
import pyarrow as pa
from eventstudy.report.sections.methods import methods_section
from eventstudy.significance import TESTS
from eventstudy.words import words
assert methods_section.__doc__ is None
tables = {"tests": pa.table({"test": pa.array(list(TESTS))})}
view = SimpleNamespace(words=words("en"), lang="en", manifest={}, tables=tables, large=True)
print(methods_section(view))
"""
    done = subprocess.run([sys.executable, "-OO", "-c", script], capture_output=True, text=True, check=True)
    said = html.unescape(done.stdout).replace("\\\\", "\\")
    for test in TESTS.values():
        section = said.split(f"('{test.name}', ")[1].split("</span>')")[0]
        assert f"Null hypothesis: {test.null}." in section
        assert section.count("<math") >= len(test.formulas)  # a long one is set in lines
        assert f"Source: {test.sources}." in section


# --- many firm-events ---------------------------------------------------------------------------------------


@cross_sectional
@pytest.mark.parametrize("side", SIDES)
def test_shapes_and_p_values(test: SignificanceTest, sample: CrossSection, side: Alternative) -> None:
    result = test.function(replace(sample, alternative=side))
    shape = (sample.groups, len(sample.windows))
    for values in (result.statistic, result.pvalue, result.n, result.df, result.se, result.note):
        np.broadcast_to(np.asarray(values), shape)
    statistic, pvalue = np.broadcast_to(result.statistic, shape), np.broadcast_to(result.pvalue, shape)
    assert np.isnan(statistic[1]).all() and (np.broadcast_to(result.n, shape)[1] == 0).all()
    assert np.isfinite(statistic[[0, 4]]).all()
    np.testing.assert_array_equal(np.isnan(pvalue), np.isnan(statistic))
    assert ((pvalue >= 0) & (pvalue <= 1))[np.isfinite(pvalue)].all()
    is_of_its_distribution(test, result, side)


@cross_sectional
def test_alternatives_agree(test: SignificanceTest, sample: CrossSection) -> None:
    two, up, down = (test.function(replace(sample, alternative=side)).pvalue for side in SIDES)
    if test.measures == ("volatility",):  # one-sided whatever the alternative
        np.testing.assert_array_equal(up, two)
        np.testing.assert_array_equal(down, two)
        return
    known, total = np.isfinite(two), up + down
    if test.distribution in ("t", "normal"):
        np.testing.assert_allclose(total[known], 1.0, rtol=RTOL)
    else:  # the observed value is in both tails
        assert (total[known] >= 1 - RTOL).all()
    smaller = np.minimum(1.0, 2 * np.minimum(up, down))[known]
    tolerance = DRAWN if test.resampled else RTOL
    np.testing.assert_allclose(two[known], smaller, rtol=RTOL, atol=tolerance)


@cross_sectional
def test_order_of_firm_events_is_irrelevant(
    test: SignificanceTest, sample: CrossSection, rng: np.random.Generator
) -> None:
    alike(test.function(shuffled(sample, rng)), test.function(sample))


@cross_sectional
def test_returns_in_another_unit_change_nothing(test: SignificanceTest, sample: CrossSection) -> None:
    alike(test.function(multiplied(sample, 4.0)), test.function(sample))


@cross_sectional
def test_opposite_returns_have_the_opposite_statistic(test: SignificanceTest, sample: CrossSection) -> None:
    plain, flipped = test.function(sample), test.function(multiplied(sample, -1.0))
    if test.distribution != "exact":  # a sum of ranks; the other tail has the rest of them
        sign = 1.0 if test.measures == ("volatility",) else -1.0
        np.testing.assert_allclose(flipped.statistic, sign * plain.statistic, rtol=RTOL)
    tolerance = DRAWN if test.resampled else RTOL
    np.testing.assert_allclose(flipped.pvalue, plain.pvalue, rtol=RTOL, atol=tolerance)


@cross_sectional
def test_groups_do_not_depend_on_each_other(test: SignificanceTest, sample: CrossSection) -> None:
    whole = test.function(sample)
    for group in (0, 2, 4):
        alone = test.function(part_of(sample, np.flatnonzero(sample.group == group)))
        for name in ("statistic", "pvalue", "n"):
            expected = np.broadcast_to(getattr(whole, name), (sample.groups, 4))[group]
            np.testing.assert_allclose(
                np.broadcast_to(getattr(alone, name), (1, 4))[0], expected, rtol=RTOL, atol=RTOL
            )


@cross_sectional
def test_windows_do_not_depend_on_each_other(test: SignificanceTest, sample: CrossSection) -> None:
    whole = test.function(sample)
    for place in range(len(sample.windows)):
        alone = test.function(sample.only(np.array([place])))
        np.testing.assert_allclose(alone.statistic[:, 0], whole.statistic[:, place], rtol=RTOL)
        np.testing.assert_allclose(alone.pvalue[:, 0], whole.pvalue[:, place], rtol=RTOL)


@cross_sectional
def test_a_missing_firm_event_is_left_out(test: SignificanceTest, sample: CrossSection) -> None:
    gone = np.array([0, 5, 14, 40])
    kept = np.setdiff1d(np.arange(len(sample.group)), gone)
    expected = test.function(part_of(sample, kept, sample.groups))
    alike(test.function(blanked(sample, gone)), expected)


@cross_sectional
def test_nothing_complete_is_nan_and_never_raises(test: SignificanceTest, sample: CrossSection) -> None:
    result = test.function(blanked(sample, np.arange(len(sample.group))))
    assert np.isnan(result.statistic).all() and np.isnan(result.pvalue).all()
    assert (np.asarray(result.n) == 0).all()


# --- several tickers on one date ----------------------------------------------------------------------------


@of_one_date
@pytest.mark.parametrize("side", SIDES)
def test_one_date_shapes_and_p_values(test: SignificanceTest, system: OneDate, side: Alternative) -> None:
    result = test.function(replace(system, alternative=side))
    assert result.statistic.shape == result.pvalue.shape == (3,)
    assert ((result.pvalue > 0) & (result.pvalue <= 1)).all()
    assert (result.n == 4).all()
    is_of_its_distribution(test, result, side)


@of_one_date
def test_one_date_order_unit_and_sign(test: SignificanceTest, system: OneDate) -> None:
    plain = test.function(system)
    in_returns = test.name == "portfolio_placebo"  # whose statistic is the CAR itself
    alike(test.function(tickers_of(system, [2, 0, 3, 1])), plain)
    alike(test.function(tickers_of(system, range(4), 4.0)), plain, sign=4.0 if in_returns else 1.0)
    odd = in_returns or test.distribution == "t"
    alike(test.function(tickers_of(system, range(4), -1.0)), plain, sign=-1.0 if odd else 1.0)


@of_one_date
def test_one_date_leaves_out_an_incomplete_ticker(test: SignificanceTest, system: OneDate) -> None:
    ar = system.abnormal.ar.copy()
    ar[3, 3] = np.nan  # in two of the three windows
    found = test.function(replace(system, abnormal=replace(system.abnormal, ar=ar)))
    three, four = test.function(tickers_of(system, range(3))), test.function(system)
    np.testing.assert_array_equal(found.n, [4, 3, 3])
    for name in ("statistic", "pvalue"):
        expected = np.r_[getattr(four, name)[:1], getattr(three, name)[1:]]
        np.testing.assert_allclose(getattr(found, name), expected, rtol=RTOL)
    nothing = replace(system, abnormal=replace(system.abnormal, ar=np.full_like(ar, np.nan)))
    result = test.function(nothing)
    assert np.isnan(result.statistic).all() and np.isnan(result.pvalue).all()
    assert all(result.note) and (result.n == 0).all()


# --- one firm-event -----------------------------------------------------------------------------------------


def of_each(test: SignificanceTest, sample: CrossSection) -> tuple[Any, Any]:
    """Return statistics and p-values of a test of one firm-event, shape (n, W)."""
    length, df = np.array([window.length for window in sample.windows]), sample.df[:, None]
    history, sigma = sample.history, np.nanstd(sample.history.residuals, axis=1, keepdims=True)
    complete, side = np.isfinite(sample.car), sample.alternative
    if test.name in ("ar_t", "car_t"):
        return test.function(sample.car, sigma * np.sqrt(length), df, side)
    if test.name == "bhar_t":
        return test.function(sample.bhar, sigma, length, df, side)
    if test.name == "rank_single":
        return test.function(history, sample.windows, complete, side)
    if test.name == "conformal":
        return of_each_window(test, sample)
    assert test.name in ("placebo", "sq")
    ranked = [test.function(column, history.residuals, side)[0] for column in sample.car.T]
    return sample.car, np.column_stack(ranked)


def of_each_window(test: SignificanceTest, sample: CrossSection) -> tuple[Any, Any]:
    """Return estimates and p-values of a test of the sessions of each window, without regressors."""
    history = sample.history
    parts = [history.ar[:, history.columns(window)] for window in sample.windows]
    nothing = [np.empty((len(part), length, 0)) for part in parts for length in (60, part.shape[1])]
    found = [
        test.function(history.residuals, nothing[2 * place], part, nothing[2 * place + 1], sample.alternative)
        for place, part in enumerate(parts)
    ]
    return tuple(np.column_stack([getattr(each, name) for each in found]) for name in ("estimate", "pvalue"))


@of_firm_event
def test_one_firm_event(test: SignificanceTest, sample: CrossSection) -> None:
    statistic, pvalue = of_each(test, sample)
    assert statistic.shape == pvalue.shape == sample.car.shape
    np.testing.assert_array_equal(np.isnan(pvalue), np.isnan(sample.car))
    assert ((pvalue > 0) & (pvalue <= 1))[np.isfinite(pvalue)].all()
    for factor in (4.0, -1.0):
        changed, same = of_each(test, multiplied(sample, factor))
        sign = factor if test.name in ("placebo", "sq", "conformal") else np.sign(factor)
        np.testing.assert_allclose(changed, sign * statistic, rtol=RTOL)
        np.testing.assert_allclose(same, pvalue, rtol=RTOL)
    if test.name not in ("placebo", "conformal"):  # two-sided by absolute size, so tails need not be equal
        up, down = (of_each(test, replace(sample, alternative=side))[1] for side in SIDES[1:])
        smaller = np.minimum(1.0, 2 * np.minimum(up, down))
        np.testing.assert_allclose(pvalue, smaller, rtol=RTOL)


# --- the alternative ----------------------------------------------------------------------------------------

LARGE, SMALL = 0.5, 0.05  #: bounds of the p-values of a fall of several deviations, by the alternative


def of_a_fall(test: SignificanceTest, rng: np.random.Generator, side: Alternative) -> Any:
    """Return the p-value of a day 0 on which every security falls by many deviations, of each unit tested.

    In a cross-section by two: a larger fall makes `bhar_skew_t` turn back, as its note says.
    """
    if test.scope == "one date":
        return test.function(replace(random_system(rng, shift=-0.3), alternative=side)).pvalue[:1]
    if test.scope == "slopes":
        return test.function(random_day(rng, slope=-0.3, alternative=side)).pvalue
    if test.scope == "study":
        return np.atleast_1d(test.function(random_reference(rng, side, np.full(5, -6.0))).pvalue)
    if test.scope == "donors":
        return test.function(random_space(rng, side, fall=-0.3)).pvalue
    shift = -0.05 if test.scope == "cross-section" else -0.3
    fallen = random_sample(rng, (30,), shift=shift, alternative=side)
    if test.scope == "firm-event":
        return of_each(test, fallen)[1][:, 0]
    return test.function(fallen.testing(fallen.bhar) if test.measures == ("BHAR",) else fallen).pvalue[0, :1]


@every_test
def test_a_fall_is_no_rise(test: SignificanceTest) -> None:
    """A directed p-value obeys the alternative; a test without a direction says so."""
    both, up, down = (of_a_fall(test, np.random.default_rng(7), side) for side in SIDES)
    assert (both < SMALL).all()
    if np.array_equal(up, down):
        np.testing.assert_array_equal(up, both)
        assert re.search("no direction|whatever the alternative", " ".join(test.paragraphs))
    else:
        assert (up > LARGE).all() and (down < SMALL).all()
