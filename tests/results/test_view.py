"""`ResultView`: the rows of a result by group, and what every header takes from it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from panels import bundled, random_returns, study

from eventstudy.cli.run_document import run_document
from eventstudy.cli.run_text import run_text
from eventstudy.errors import UnknownNameError
from eventstudy.report import report
from eventstudy.results.row_groups import RowGroups
from eventstudy.results.view import KEYS, ResultView
from eventstudy.study_result import EventStudyResult


@cache
def measured_by(model: str) -> EventStudyResult:
    factors = {"factors": ("SMB",)} if model == "factors" else {}
    returns = random_returns(np.random.default_rng(20240208), ("A", "B"))
    return study(returns, [("e", "A", 300), ("e", "B", 300), ("f", "A", 340)], model=model, **factors)


@pytest.mark.parametrize("table", KEYS)
def test_groups_are_the_rows_of_the_table_in_their_order(table: str) -> None:
    columns, rows = KEYS[table], bundled().tables[table].to_pylist()
    expected: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in rows:
        expected.setdefault(tuple(row[column] for column in columns), []).append(row)
    groups = bundled().view().groups(table)
    assert list(groups.places) == list(expected)
    assert {key: groups[key] for key in groups.places} == expected


def test_a_group_may_be_null_or_absent() -> None:
    events = bundled().tables["events"]
    groups = RowGroups.by(events, "reason")
    assert list(groups.places) == [(None,)] and len(groups[(None,)]) == len(events)
    assert groups[("nothing",)] == [] == RowGroups.by(events.slice(0, 0), "event_id")[("nothing",)]


def test_windows_events_and_tickers_are_known_by_name() -> None:
    view = bundled().view()
    assert view.window(None) == view.first == (0, 0) and view.window("CAR[-1,+1]") == (-1, 1)
    for wrong in (lambda: view.window("CAR[-9,+9]"), lambda: view.event("x"), lambda: view.ticker("x")):
        with pytest.raises(UnknownNameError):
            wrong()


@pytest.mark.parametrize(("model", "used"), [("market", True), ("market-adjusted", True), ("mean", False)])
def test_no_header_names_a_benchmark_that_the_model_does_not_use(model: str, used: bool) -> None:
    result = measured_by(model)
    view: ResultView = result.view()
    text = " ".join(line.text for line in run_text(view, [], 80))
    page = report(result).partition('<script id="report-library"')[0]
    assert ("MKT" in text, "MKT" in page) == (used, used)
    assert run_document(view, "results")["design"]["benchmark"] == ("MKT" if used else None)
    assert result.manifest["design"]["benchmark"] == "MKT"  # what was requested stays on record


def expecting() -> EventStudyResult:
    """Return a study of twelve sessions, one of which has two events; ups and downs are expected."""
    returns = random_returns(np.random.default_rng(3), ("A", "B"), n=900)
    days = [300, *range(300, 900, 52)]
    rows = [(f"e{place}", ticker, day) for place, day in enumerate(days) for ticker in "AB"]
    expect = [
        "" if place % 5 == 4 else "up" if ticker == "A" else "down"
        for place in range(len(days))
        for ticker in "AB"
    ]
    return study(returns, rows, columns={"expect": expect}, car_windows=((0, 0), (-1, 1)))


@pytest.mark.parametrize("level", ["all", "expected", "ticker"])
def test_the_mean_that_is_shown_is_the_mean_that_is_tested(level: str) -> None:
    result = expecting()
    view, averages = result.view(), result.averages
    for key, rows in averages[averages["level"] == level].groupby("key", observed=True):
        expected = rows.set_index("tau")["aar"][0]
        assert view.mean_car(level, key, view.first) == pytest.approx(expected, rel=1e-12)
        assert view.mean_car(level, key, view.windows[1]) != view.mean_car(level, key, view.first)


def test_the_mean_read_first_is_that_in_the_expected_direction_where_signs_are_opposite() -> None:
    result = expecting()
    assert result.view().mean_group == ("expected", "as expected")
    assert measured_by("market").view().mean_group == ("all", "all")
    lines = [line.text for line in run_text(result.view(), [], 80)]
    assert sum(line.strip().startswith("as expected") for line in lines) == 2
    assert "a fall counts as a rise" in " ".join(" ".join(lines).split())
    page = report(result).partition('<script id="report-library"')[0]
    assert "in the expected direction has t = " in page
