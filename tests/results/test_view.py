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
