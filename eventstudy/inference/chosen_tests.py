"""Which tests of significance a study runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventstudy.design import Design
from eventstudy.errors import DesignError, UnknownNameError, UsageError
from eventstudy.significance import TESTS, SignificanceTest


def chosen_tests(requested: Sequence[str | SignificanceTest]) -> list[SignificanceTest]:
    """Return the tests of these names, an own `SignificanceTest` as it is, or all of the registry.

    Raises
    ------
    UnknownNameError
        A name that is not in the registry.
    UsageError
        An own test has the name of another, so that a table would name the wrong one.
    """
    names = [str(test) for test in requested]
    for test, name in zip(requested, names, strict=True):
        if isinstance(test, str) and test not in TESTS:
            raise UnknownNameError("test", test, TESTS)
        if not isinstance(test, str) and (TESTS.get(name, test) != test or names.count(name) > 1):
            raise UsageError(f"{name!r} is the name of another test; give your own another name")
    chosen = [TESTS[test] if isinstance(test, str) else test for test in requested]
    return chosen or list(TESTS.values())


def applicable_tests(tests: Sequence[SignificanceTest], design: Design) -> list[SignificanceTest]:
    """Return the tests of the measure of a design; a DesignError where another is requested."""
    if design.measure == "returns":
        return list(tests)
    lost = [test.name for test in tests if test.of_returns]
    if design.tests and lost:
        raise DesignError("tests", f"{lost[0]} is about returns, not {design.measure}")
    return [
        replace(test, measures=tuple(measure for measure in test.measures if measure != "BHAR"))
        for test in tests
        if not test.of_returns
    ]
