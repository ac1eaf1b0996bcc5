"""Columns of a large study that may be read in two ways: which are followed, and which are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from large_studies import DESIGN, SIZE, market

import eventstudy as es
from eventstudy.design import Window
from eventstudy.engine.event_rows import place_rows, read_event_rows
from eventstudy.engine.large_files import open_large
from eventstudy.engine.returns_matrix import codes_of
from eventstudy.engine.unfollowed_columns import refuse_unfollowed
from eventstudy.errors import DesignError, EventsFileError, PriceDataError, UsageError
from eventstudy.intake.options import UNSTATED, ReadingOptions

EVENTS = {"ticker": ["A", "B"], "date": ["2024-01-03", "2024-01-04"]}


def refused(columns: dict[str, Any], options: ReadingOptions = UNSTATED) -> None:
    table = open_large("events", pd.DataFrame(EVENTS | columns), options, least_rows=1)
    refuse_unfollowed(table, ("MKT",), options)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"time": ["21:00", None]}, "day 0 would be another.*timing post"),
        ({"announcement_time": ["BMO", "AMC"]}, "day 0 would be another"),
        ({"Time (ET)": ["16:30", "16:30"]}, "day 0 would be another"),
        ({"time_utc": ["00:00", "21:00"]}, "day 0 would be another"),
        ({"Timing (ET)": ["post", "post"]}, "day 0 would be another; state it with .* timing=HEADER"),
        ({"trading_date": ["2024-01-04", "2024-01-05"]}, "day 0 would be another; .* session=HEADER"),
        ({"time": ["16:30", "16:30"], "timing": [None, "pre"]}, "day 0 would be another"),
        ({"time": ["16:30", "16:30"], "timing": ["unknown", "post"]}, "day 0 would be another"),
        ({"Benchmark": ["MKT", "XYZ"]}, "the benchmark is one for all"),
        ({"index": ["XYZ", "XYZ"]}, "the benchmark is one for all"),
        ({"window": ["-1:1", "0:2"]}, "windows are the same for all"),
        ({"estimation_end": [-20, None]}, "windows are the same for all"),
        ({"est_length": [40, 40]}, "windows are the same for all"),
    ],
)
def test_a_column_that_run_follows_is_refused(columns: dict[str, Any], why: str) -> None:
    with pytest.raises(EventsFileError, match=f"not followed by a large study .{why}.*or groups firm-events"):
        refused(columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"note": ["AMC", "BMO"]},
        {"kind": ["AMC", None]},
        {"slot": [None, "16:30"]},
        {"slot": [time(16, 30), None]},
        {"is_amc": [True, False]},
        {"released": ["2024-01-03", "2024-01-04 16:30"]},
        {"released": pd.to_datetime(["2024-01-03 16:30", None])},
        {"timestamp": ["2024-01-03 16:30", "2024-01-04 16:30"], "timing": [None, None]},
    ],
)
def test_a_column_that_run_reads_as_times_by_what_it_holds_is_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(EventsFileError, match=r"day 0 would be another.*a column timing"):
        refused(columns)
    refused(columns | {"timing": ["pre", "post"]})


def test_times_that_begin_in_a_later_file_are_refused(tmp_path: Path) -> None:
    """The first rows say nothing: they are empty, or words that mean other things, too."""
    rows = pd.DataFrame({"ticker": "A", "date": "2024-01-03", "slot": [None, *["pre"] * 199]})
    for name, word in (("one", "pre"), ("two", "AMC")):
        (tmp_path / name).mkdir()
        rows.to_parquet(tmp_path / name / "a.parquet")
        rows.assign(slot=word).to_parquet(tmp_path / name / "b.parquet")
    refuse_unfollowed(open_large("events", tmp_path / "one", UNSTATED, least_rows=1), (), UNSTATED)
    with pytest.raises(EventsFileError, match="the column slot is not followed"):
        refuse_unfollowed(open_large("events", tmp_path / "two", UNSTATED, least_rows=1), (), UNSTATED)


@pytest.mark.parametrize(
    "columns",
    [
        {"benchmark": ["MKT", None]},
        {"index": [0, 1]},
        {"window": [None, None], "time": ["", " "], "is_amc": [None, None]},
        {"time": ["00:00", "00:00:00"], "announce_time": [None, "n/a"]},
        {"time": ["21:00", "08:00"], "timing": ["post", "pre"]},
        {"time": ["21:00", "08:00"], "session": ["2024-01-04", "2024-01-04"]},
        {"note": ["AMC", "BMO"], "session": ["2024-01-04", "2024-01-04"]},
        {"sector": ["pre", "post"], "title": ["AMC", "AMC"], "score": [0.5, 0.7]},
        {"announced": ["2024-01-02", "2024-01-03"], "runtime_duration": ["01:30", "02:10"]},
    ],
)
def test_a_column_that_changes_nothing_is_not_refused(columns: dict[str, Any]) -> None:
    refused(columns)


@pytest.mark.parametrize("model", [{"model": "mean"}, {"model": "factors", "factors": ["MKT"]}])
def test_a_benchmark_is_not_refused_where_the_model_needs_none(model: dict[str, Any], tmp_path: Path) -> None:
    returns, events = market()
    design = replace(DESIGN, **({"benchmark": None} | model))
    listed = events.assign(benchmark="A")
    found = es.run_large(listed, returns, tmp_path / "large", design=design, shard_size=SIZE).table("cars")
    wanted = es.run_large(events, returns, tmp_path / "plain", design=design, shard_size=SIZE).table("cars")
    assert found.equals(wanted)


@pytest.mark.parametrize("name", ["time", "window"])
def test_a_column_that_groups_firm_events_is_refused_all_the_same(name: str, tmp_path: Path) -> None:
    returns, events = market()
    design = replace(DESIGN, by=(name,))
    values = np.where(np.arange(len(events)) % 2, "AMC", "BMO") if name == "time" else "-1:1"
    with pytest.raises(EventsFileError, match=f"the column {name} is not followed.*another name.*groups"):
        es.run_large(events.assign(**{name: values}), returns, tmp_path / "out", design=design)


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


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (pa.array([1.0, None, 2.0]), ["1", "2"]),
        (pa.array([1.5, 1.0, None]), ["1.5", "1"]),
        (pa.array([np.nan, 3.0, np.inf]), ["3", "inf"]),
        (pa.array(pd.to_datetime(["2024-01-03", None])), ["2024-01-03"]),
        (pa.array([True, False]), ["true", "false"]),
    ],
)
def test_numbers_and_dates_are_names(column: pa.Array, names: list[str]) -> None:
    codes, found = codes_of(pa.chunked_array([column]))
    assert found == names
    assert (codes < 0).sum() == len(column) - len(names)


def test_firm_events_are_grouped_by_numbers(tmp_path: Path) -> None:
    returns, events = market()
    halves = events.assign(kind=np.where(events["kind"] == "k0", 0.5, 1.0))
    result = es.run_large(halves, returns, tmp_path / "out", design=DESIGN, shard_size=SIZE)
    assert {"0.5", "1"} < set(result.table("tests")["key"].to_pylist())


def placed(columns: dict[str, Any], sessions: list[str]) -> tuple[list[int], list[str]]:
    table = open_large("events", pd.DataFrame(columns), UNSTATED, least_rows=1)
    days = np.array(sessions, "datetime64[D]")
    found = place_rows(read_event_rows(table, (), UNSTATED), ["A"], days, Window(0, 0))
    return found.day0.tolist(), found.reason.texts.tolist()


def test_a_date_in_a_gap_of_the_returns_has_no_day_0() -> None:
    dates = ["2024-01-03", "2024-01-18", "2024-01-19", "2024-02-02"]
    day0, reasons = placed({"ticker": "A", "date": dates}, ["2024-01-02", "2024-02-01", "2024-02-02"])
    assert day0 == [-1, 1, 1, 2]
    assert reasons[0] == "no session of the returns within 14 days after the date"
    assert reasons[2] == "the ticker and day 0 are listed before"


def test_a_date_within_a_month_of_monthly_returns_is_in_no_gap() -> None:
    sessions = ["2024-01-31", "2024-02-29", "2024-03-29", "2024-06-28", "2024-07-31"]
    day0, reasons = placed({"ticker": "A", "date": ["2024-02-01", "2024-04-01"]}, sessions)
    assert day0 == [1, -1]
    assert reasons[1] == "no session of the returns within 58 days after the date"


def test_a_row_without_a_ticker_says_so() -> None:
    _, reasons = placed({"ticker": [None, " ", "A"], "date": "2024-01-03"}, ["2024-01-02", "2024-01-03"])
    assert reasons == ["no ticker is stated", "no ticker is stated", ""]


@pytest.mark.parametrize("name", ["A", "MKT"])
def test_two_columns_of_a_series_are_refused(name: str, tmp_path: Path) -> None:
    returns, events = market()
    twice = pd.concat([returns, returns[[name]] * 2], axis=1)
    with pytest.raises(PriceDataError, match=f"has two columns {name}; keep one"):
        es.run_large(events, twice, tmp_path / "out", design=DESIGN)


@pytest.mark.parametrize("later", [lambda frame: frame, lambda frame: frame.astype({"C": str})])
def test_series_that_begin_in_a_later_file_are_read(later: Any, tmp_path: Path) -> None:
    """A wide folder by year: securities that the first file lacks, and columns of another kind."""
    returns, events = market()
    split = {"a": returns.iloc[:40].drop(columns=["A", "D"]), "b": later(returns.iloc[40:])}
    (tmp_path / "returns").mkdir()
    for name, part in split.items():
        part.to_parquet(tmp_path / "returns" / f"{name}.parquet")
    whole = returns.copy()
    whole.loc[whole.index[:40], ["A", "D"]] = np.nan
    options: dict[str, Any] = {"design": DESIGN, "shard_size": SIZE}
    found = es.run_large(events, tmp_path / "returns", tmp_path / "one", **options)
    wanted = es.run_large(events, whole, tmp_path / "two", **options)
    for table in ("events", "cars", "tests"):
        assert found.table(table).equals(wanted.table(table))


@pytest.mark.parametrize(
    ("weight", "why"), [(np.inf, "inf .*an infinite weight"), (-1.0, "-1 .*a weight below 0")]
)
def test_weights_that_are_none_are_refused(weight: float, why: str) -> None:
    table = open_large("events", pd.DataFrame(EVENTS | {"w": [weight, 1.0]}), UNSTATED, least_rows=1)
    with pytest.raises(DesignError, match=why):
        read_event_rows(table, (), UNSTATED, "w")
