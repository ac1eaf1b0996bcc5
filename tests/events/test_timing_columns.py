"""Columns of event lists that say when in the day, windows that nothing reads, codes of other markets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DesignError, EventsFileError
from eventstudy.events.frame import check_event_frame
from eventstudy.events.inputs import read_inputs

TUESDAY, WEDNESDAY = "2025-02-25", "2025-02-26"


def listed(when: str = TUESDAY, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"event_id": ["e"], "ticker": ["NVDA"], "when": [when], **columns})


@pytest.mark.parametrize(
    "name", ["time", "announcement_time", "anntims", "act_rpt_code", "Announcement Time"]
)
@pytest.mark.parametrize(
    ("word", "day0", "timing"),
    [
        ("BMO", TUESDAY, "pre"),
        ("time-pre-market", TUESDAY, "pre"),
        ("After Market Close", WEDNESDAY, "post"),
        ("after_hours", WEDNESDAY, "post"),
        ("amc", WEDNESDAY, "post"),
        ("dmh", TUESDAY, "regular"),
        ("--", TUESDAY, "unknown"),
        ("TNS", TUESDAY, "unknown"),
        ("00:00:00", TUESDAY, "unknown"),
        (None, TUESDAY, "unknown"),
    ],
)
def test_words_of_a_column_of_times_are_timings(name: str, word: str | None, day0: str, timing: str) -> None:
    found = read_inputs(listed(**{name: [word]})).firm_events()
    assert (str(found.session[0]), found.timing[0]) == (day0, timing)


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"time": ["16:20"]}, "time '16:20' belongs into when, with its zone"),
        ({"hour": ["4 pm"]}, "hour '4 pm' belongs into when"),
        ({"time": ["noonish"]}, "time 'noonish' is no time of day; write pre"),
        ({"time": [7]}, "time '7' is no time of day"),
        ({"time": ["amc"], "timing": ["pre"]}, "time 'amc' contradicts timing 'pre'"),
        ({"time": ["amc"], "anntims": ["bmo"]}, "both say when in the day"),
        ({"amc": [True]}, "column 'amc' seems to say when in the day"),
        ({"window": ["-1:1"]}, "column 'window' would give each event a window of its own"),
        ({"Event Window": ["-1:1"]}, "column 'Event Window' would give"),
        ({"est_start": [-130]}, "column 'est_start' would give"),
        ({"timing": ["lunch"]}, "unknown timing 'lunch'"),
        ({"Timing": ["pre"]}, "column 'Timing' reads as timing, and nothing reads it under that name"),
        ({"market_ticker": ["SPY"]}, "column 'market_ticker' reads as benchmark"),
        ({"release": ["AMC"]}, "column 'release' seems to say when in the day"),
        ({"at": ["16:20"]}, "column 'at' seems to say when in the day"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_about(columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(EventsFileError, match=problem):
        check_event_frame(listed(**columns))


def test_a_clock_beside_a_time_stamp_and_a_time_beside_a_session_add_nothing() -> None:
    stamp = "2025-02-25 16:20 America/New_York"
    assert str(read_inputs(listed(stamp, time=["16:20"])).firm_events().session[0]) == WEDNESDAY
    assert str(read_inputs(listed(session=[TUESDAY], time=["16:20"])).firm_events().session[0]) == TUESDAY


@pytest.mark.parametrize("timing", ["AMC", "after hours", "post"])
def test_the_column_timing_takes_the_same_words(timing: str) -> None:
    assert str(read_inputs(listed(timing=[timing])).firm_events().session[0]) == WEDNESDAY


@pytest.mark.parametrize("when", ["20250225", "2025-02-25 00:00:00", "2025-02-25T00:00:00"])
def test_other_forms_of_a_date(when: Any) -> None:
    assert str(check_event_frame(listed(when))["when"][0]) == TUESDAY


@pytest.mark.parametrize(
    "columns", [{"period": ["pre"]}, {"release": ["AMC"], "timing": ["post"]}, {"sector": ["chips"]}]
)
def test_other_columns_are_characteristics(columns: dict[str, Any]) -> None:
    assert set(columns) <= set(check_event_frame(listed(**columns)))


def test_hints_never_point_to_the_market() -> None:
    frame = pd.DataFrame({"security_ticker": ["NVDA"], "market_ticker": ["SPY"], "event_date": [TUESDAY]})
    with pytest.raises(EventsFileError) as raised:
        check_event_frame(frame)
    problems = "\n".join(raised.value.problems)
    assert "'ticker' is missing (rename 'security_ticker'?)" in problems
    assert "'when' is missing (rename 'event_date'?)" in problems
    assert "'event_id' is missing;" in problems
    assert "rename 'market_ticker'" not in problems


@pytest.mark.parametrize("code", ["005930", "600519", "0700", "7203", "00700"])
def test_codes_of_other_markets_are_asked_about(code: str) -> None:
    frame = listed("2023-06-19").assign(ticker=code)  # New York was closed
    with pytest.raises(DesignError, match=rf"{code} is a code of another market.*--exchange XKRX"):
        read_inputs(frame).firm_events()
    assert str(read_inputs(frame, exchange="XKRX").firm_events().session[0]) == "2023-06-19"
    assert str(read_inputs(frame, exchange="XNYS").firm_events().session[0]) == "2023-06-20"
    assert read_inputs(frame.assign(session="2023-06-19")).firm_events().exchange[0] == ""
    with pytest.raises(DesignError, match="unknown exchange 'XKRS'"):
        read_inputs(frame, exchange="XKRS").firm_events()


def test_five_digits_are_a_number_of_new_york() -> None:
    assert read_inputs(listed().assign(ticker="14593")).firm_events().exchange[0] == "XNYS"


def test_a_korean_code_by_its_exchange(shared: Path) -> None:
    folder = shared / "cases" / "20-krx-code-without-suffix"
    result = es.run(folder / "ev.csv", prices=folder / "p", benchmark="^KS11", offline=True, exchange="XKRX")
    car = result.cars.query("start == 0 and end == 0").iloc[0]
    assert (round(100 * car["car"], 4), round(100 * car["car_se"], 4)) == (8.2723, 1.2373)
