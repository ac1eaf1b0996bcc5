"""Tests of the tickers of one date as regression systems: rows of the ``tests`` table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import IntArray
from eventstudy.design import Window
from eventstudy.inference.battery import AUTOCORRELATED, OPPOSED, Labels, joined_notes, repeated, test_rows
from eventstudy.inference.groups import Group
from eventstudy.numerics.columns import Columns
from eventstudy.significance import SignificanceResult, SignificanceTest
from eventstudy.significance.joint_reference import JointReference
from eventstudy.significance.joint_study import JOINT_STUDY, joint_study
from eventstudy.significance.one_date import OneDate

NO_SYSTEM = "the tickers share fewer than 30 estimation sessions, or trade on different exchanges"
FIELDS = tuple(field.name for field in fields(SignificanceResult))


class TestedDate(NamedTuple):
    """What the tests of one date say about a group, without its regression systems.

    Attributes
    ----------
    level, key, opposed
        The group, as of `Group`.
    listed
        How many firm-events the complete tickers of each window stand for, shape (W,).
    results
        Of each test, by name, over all windows.
    """

    level: str
    key: str
    opposed: bool
    listed: IntArray
    results: Mapping[str, SignificanceResult]


def tested_date(
    group: Group,
    tests: Sequence[SignificanceTest],
    windows: Sequence[Window],
    references: Mapping[Window, JointReference] | None = None,
) -> TestedDate | None:
    """Return the tests of a group of one date; None where it is none.

    Parameters
    ----------
    references
        What `joint_study` compares with in each window; by default the group is a study of its own.
    """
    if not group.shared:
        return None
    systems = [system for system in group.distinct_systems if system.windows]
    place = {window: at for at, window in enumerate(windows)}
    at = [[place[window] for window in system.windows] for system in systems]
    listed = np.zeros(len(windows), dtype=np.int64)
    for system, of_system in zip(systems, at, strict=True):
        listed[of_system] = (np.isfinite(system.car) * group.listings[:, None]).sum(axis=0)
    results = {}
    for test in tests:
        if test.scope == "one date":
            function = partial(joint_study, references=references) if test == JOINT_STUDY else test.function
            independent = test.independent_sessions
            found = [
                _autocorrelated(system)
                if independent and system.abnormal.rho is not None
                else function(system)
                for system in systems
            ]
            results[test.name] = _over_windows(found, at, len(windows))
    return TestedDate(group.level, group.key, group.opposed, listed, results)


def one_date_rows(
    dates: Sequence[TestedDate], tests: Sequence[SignificanceTest], windows: Sequence[Window]
) -> list[Columns]:
    """Return rows of the ``tests`` table for groups of one date: a part per test, group by group."""
    parts = []
    for test in tests:
        if of_test := [date for date in dates if test.name in date.results]:
            result = _of_groups([date.results[test.name] for date in of_test])
            levels, keys = (tuple(getattr(date, name) for date in of_test) for name in ("level", "key"))
            labels = Labels(levels, keys, "CAR", test.unit, tuple(windows), np.minimum(result.n, 1), result.n)
            read = test.headline and test.unit == "portfolio"
            opposed = np.array([[OPPOSED if read and date.opposed else ""] for date in of_test], dtype=object)
            listed = np.stack([date.listed for date in of_test])
            also = joined_notes(repeated(listed, result.n), opposed)
            parts.append(test_rows(test, labels, result, test.headline, also=also))
    return parts


def _autocorrelated(system: OneDate) -> SignificanceResult:
    """Return that a test of independent sessions has no figure."""
    complete = np.isfinite(system.car).sum(axis=0)
    return replace(_unknown(len(complete), f"no figure: {AUTOCORRELATED}"), n=complete)


def _unknown(windows: int, note: str) -> SignificanceResult:
    nothing = np.full(windows, np.nan)
    return SignificanceResult(nothing, nothing, np.zeros(windows, dtype=np.int64), note=note)


def _over_windows(
    found: Sequence[SignificanceResult], at: Sequence[list[int]], width: int
) -> SignificanceResult:
    """Put the results of a group's systems in the places of their windows; of others there is no system."""
    if len(found) == 1 and at[0] == list(range(width)):
        return found[0]
    whole = _unknown(width, NO_SYSTEM)
    columns = {name: _filled(getattr(whole, name), width, name) for name in FIELDS}
    for result, of_system in zip(found, at, strict=True):
        for name, values in columns.items():
            values[of_system] = getattr(result, name)
    return SignificanceResult(**columns)


def _of_groups(results: Sequence[SignificanceResult]) -> SignificanceResult:
    """Return the results of G groups of one date as one; a figure that all have in common stays one."""
    return SignificanceResult(
        **{name: _stacked([getattr(each, name) for each in results]) for name in FIELDS}
    )


def _stacked(values: Sequence[Any]) -> Any:
    first = values[0]
    if all(each is first for each in values):
        return first if np.ndim(first) == 0 else np.broadcast_to(first, (len(values), len(first)))
    width = max(np.size(each) for each in values)
    return np.stack(
        [np.reshape(each, -1) if np.size(each) == width else np.full(width, each) for each in values]
    )


def _filled(value: Any, width: int, name: str) -> Any:
    return np.array(np.broadcast_to(value, width), dtype=object if name == "note" else None)
