"""Columns of a large study that may be read in two ways: which are followed, and which are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from large_studies import DESIGN, market

import eventstudy as es
from eventstudy.engine.large_files import open_large
from eventstudy.engine.unfollowed_columns import refuse_unfollowed
from eventstudy.errors import EventsFileError, UsageError
from eventstudy.intake.options import UNSTATED, ReadingOptions

EVENTS = {"ticker": ["A", "B"], "date": ["2024-01-03", "2024-01-04"]}


def refused(columns: dict[str, Any], by: tuple[str, ...] = (), options: ReadingOptions = UNSTATED) -> None:
    table = open_large("events", pd.DataFrame(EVENTS | columns), options, least_rows=1)
    refuse_unfollowed(table, by, ("MKT",), options)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"time": ["21:00", None]}, "day 0 would be another.*timing post"),
        ({"Benchmark": ["MKT", "XYZ"]}, "the benchmark is one for all"),
        ({"window": ["-1:1", "0:2"]}, "windows are the same for all"),
        ({"estimation_end": [-20, None]}, "windows are the same for all"),
    ],
)
def test_a_column_that_run_follows_is_refused(columns: dict[str, Any], why: str) -> None:
    with pytest.raises(EventsFileError, match=f"not followed by a large study .{why}"):
        refused(columns)
    refused(columns, by=tuple(columns))


@pytest.mark.parametrize(
    "columns",
    [
        {"benchmark": ["MKT", None]},
        {"window": [None, None], "time": ["", " "]},
        {"time": ["21:00", "08:00"], "timing": ["post", "pre"]},
        {"time": ["21:00", "08:00"], "session": ["2024-01-04", "2024-01-04"]},
    ],
)
def test_a_column_that_changes_nothing_is_not_refused(columns: dict[str, Any]) -> None:
    refused(columns)


def test_a_refusal_leaves_no_study(tmp_path: Path) -> None:
    returns, events = market()
    with pytest.raises(EventsFileError, match="the column time is not followed"):
        es.run_large(events.assign(time="21:00"), returns, tmp_path / "out", design=DESIGN)
    assert not list(tmp_path.rglob("study.json"))


@pytest.mark.parametrize(
    ("role", "remedy"), [("group", "--by"), ("weight", "--weights"), ("benchmark", "leave it out")]
)
def test_a_column_stated_for_a_role_that_is_not_read_is_refused(role: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=f"--event-column {role}=x: a large study reads ticker.*{remedy}"):
        refused({"x": ["u", "v"]}, options=ReadingOptions(event_columns={role: "x"}))
