"""Columns of event lists that say when in the day, and codes of other markets."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DesignError, EventsFileError
from eventstudy.events.frame import check_event_frame
from eventstudy.events.inputs import read_inputs

TUESDAY, WEDNESDAY = "2025-02-25", "2025-02-26"


def listed(when: str = TUESDAY, /, **columns: Any) -> pd.DataFrame:
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
    ("name", "word", "timing"),
    [
        ("startdatetimetype", "AMC", "post"),
        ("Call Time", "After Market Close", "post"),
        ("epsReportTiming", "before open", "pre"),
        ("market_timing", "Pre-Market Hours", "pre"),
        ("before_after", "after", "post"),
        ("pre_post", "pre", "pre"),
        ("amc_bmo", "bmo", "pre"),
        ("reform", "post", "unknown"),  # a characteristic
    ],
)
def test_a_column_of_such_words_says_when_in_the_day(name: str, word: str, timing: str) -> None:
    found = read_inputs(listed(**{name: [word]})).firm_events()
    assert found.timing[0] == timing


def test_columns_of_clocks_are_characteristics_where_the_timing_is_stated() -> None:
    stated = listed(timing=["post"], acceptance_time=["16:34:11"], call_length=["01:30"])
    assert str(read_inputs(stated).firm_events().session[0]) == WEDNESDAY
    assert str(read_inputs(listed(call_length=["01:30"])).firm_events().session[0]) == TUESDAY
    midnights = listed(acceptance_time=["2025-02-25 00:00:00"])
    assert read_inputs(midnights).firm_events().timing[0] == "unknown"


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"time": ["16:20"]}, r"time: '2025-02-25 16:20:00' has no zone.*--event-timezone UTC"),
        ({"hour": ["4 pm"]}, "hour: '2025-02-25 16:00:00' has no zone"),
        ({"time": ["noonish"]}, "row 0: time 'noonish' is no time of day; write pre"),
        ({"time": [7]}, "time '7' is no time of day"),
        ({"time": ["amc"], "timing": ["pre"]}, "time 'amc' contradicts timing 'pre'"),
        (
            {"time": ["amc"], "anntims": ["bmo"]},
            r"time is 'time' \(amc\) or 'anntims' \(bmo\).*--event-column time=",
        ),
        ({"amc": [True]}, "column 'amc' seems to say when in the day"),
        ({"window": ["soon"]}, "window: 'soon' is no window of sessions; write two sessions"),
        ({"est_start": [-130]}, "est_start: a window is given by two of start, end and length"),
        ({"timing": ["lunch"]}, "unknown timing 'lunch'"),
        ({"rel": ["AMC"], "news": ["bmo"]}, r"time is 'rel' \(AMC\) or 'news' \(bmo\)"),
        ({"at": ["16:20"]}, "'at' seems to say when in the day.*--event-column time=at"),
        ({"at": [time(16, 20)]}, "'at' seems to say when in the day"),
        (
            {"acttims": ["16:20:00-05:00"]},
            "'acttims' seems to say when in the day.*--event-column time=acttims",
        ),
        ({"accepted": ["2025-02-25T16:34:11Z"]}, "'accepted' seems to say.*--event-column when=accepted"),
        ({"released": [pd.Timestamp("2025-02-25 16:34")]}, "'released' seems to say.*when=released"),
        ({"is_amc": [1]}, "column 'is_amc' seems to say when in the day"),
        ({"after_market": [True]}, "column 'after_market' seems to say when in the day"),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_about(columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(EventsFileError, match=problem):
        read_inputs(listed(**columns))


def test_a_clock_beside_a_time_stamp_and_a_time_beside_a_session_add_nothing() -> None:
    stamp = "2025-02-25 16:20 America/New_York"
    assert str(read_inputs(listed(stamp, time=["16:20"])).firm_events().session[0]) == WEDNESDAY
    alone = listed(session=[TUESDAY], time=["16:20"]).drop(columns="when")
    assert str(read_inputs(alone).firm_events().session[0]) == TUESDAY


@pytest.mark.parametrize(
    ("columns", "session"),
    [
        ({"period": ["pre"]}, TUESDAY),
        ({"sector": ["chips"]}, TUESDAY),
        ({"release": ["AMC"], "timing": ["pre"]}, TUESDAY),
        ({"is_amc": [True], "timing": ["pre"]}, TUESDAY),
        ({"reviewed": ["16:20"], "time": ["amc"]}, WEDNESDAY),
    ],
)
def test_other_columns_are_characteristics(columns: dict[str, Any], session: str) -> None:
    inputs = read_inputs(listed(**columns))
    assert str(inputs.firm_events().session[0]) == session
    assert inputs.frame is not None
    assert (set(columns) - {"time"}) <= set(inputs.frame)


def test_an_empty_timing_states_nothing() -> None:
    frame = pd.concat([listed(timing=[None], rel=["AMC"])] * 2).assign(ticker=["NVDA", "AMD"])
    assert read_inputs(frame).firm_events().timing.tolist() == ["post", "post"]


def test_clocks_beside_time_stamps_are_characteristics() -> None:
    stamp = "2025-02-25 16:20 America/New_York"
    found = read_inputs(listed(stamp, at=["09:00"], amc=[False])).firm_events()
    assert str(found.session[0]) == WEDNESDAY


@pytest.mark.parametrize("name", ["Timing", "TIMING", " timing", "time"])
def test_a_timing_written_otherwise_is_read(name: str) -> None:
    assert str(read_inputs(listed(**{name: ["post"]})).firm_events().session[0]) == WEDNESDAY


@pytest.mark.parametrize("name", ["Benchmark", "market_ticker", "Market Ticker", "market_id"])
def test_a_benchmark_written_otherwise_is_read(name: str) -> None:
    assert read_inputs(listed(**{name: ["QQQ"]})).firm_events().benchmarks[0].tickers == ("QQQ",)


@pytest.mark.parametrize("timing", ["AMC", "after hours", "post"])
def test_the_column_timing_takes_the_same_words(timing: str) -> None:
    assert str(read_inputs(listed(timing=[timing])).firm_events().session[0]) == WEDNESDAY


@pytest.mark.parametrize("when", ["20250225", "2025-02-25 00:00:00", "2025-02-25T00:00:00"])
def test_other_forms_of_a_date(when: Any) -> None:
    assert str(check_event_frame(listed(when))["when"][0]) == TUESDAY


def test_the_ticker_is_never_the_market_s() -> None:
    frame = pd.DataFrame({"security_ticker": ["NVDA"], "market_ticker": ["SPY"], "event_date": [TUESDAY]})
    read = read_inputs(frame).frame
    assert read is not None
    assert read.loc[0, ["event_id", "ticker", "benchmark"]].tolist() == [f"NVDA_{TUESDAY}", "NVDA", "SPY"]
    with pytest.raises(EventsFileError, match="no column names the security"):
        read_inputs(frame.drop(columns="security_ticker"))


@pytest.mark.parametrize(
    "code",
    [
        *("005930", "600519", "000001", "0700", "7203", "00700", "2330", "9988"),
        *("660", "5", "35720"),  # 000660, 0005 and 035720 without the zeros in front
        *("00104K", "0001A0", "130A", "00631L", "A005930", "SH600519", "sz000001", "HK00700"),
    ],
)
def test_codes_of_other_markets_are_asked_about(code: str) -> None:
    frame = listed("2023-06-19").assign(ticker=code)  # New York was closed
    with pytest.raises(DesignError, match=rf"{code} is a code of another market.*--exchange XKRX"):
        read_inputs(frame).firm_events()
    assert str(read_inputs(frame, exchange="XKRX").firm_events().session[0]) == "2023-06-19"
    assert str(read_inputs(frame, exchange="XNYS").firm_events().session[0]) == "2023-06-20"
    assert read_inputs(frame.assign(session="2023-06-19")).firm_events().exchange[0] == ""
    with pytest.raises(DesignError, match="unknown exchange 'XKRS'"):
        read_inputs(frame, exchange="XKRS").firm_events()


@pytest.mark.parametrize("ticker", ["NVDA", "A", "BRK.B", "SHW", "TWO", "JPM", "HKD", "^GSPC", "F", "KRUS"])
def test_names_of_new_york_are_not_asked_about(ticker: str) -> None:
    assert read_inputs(listed().assign(ticker=ticker)).firm_events().exchange[0] == "XNYS"


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("005930", r"005930.KS or .KQ, .SS or .SZ"),
        ("660", "0660.HK, .T, .TW, or 000660.KS"),
        ("SH600519", "600519.SS"),
        ("A005930", "005930.KS"),
    ],
)
def test_the_question_says_how_the_code_may_be_written(code: str, meant: str) -> None:
    with pytest.raises(DesignError) as raised:
        read_inputs(listed().assign(ticker=code)).firm_events()
    assert f"add its suffix ({meant}" in str(raised.value)


def test_a_korean_code_by_its_exchange(shared: Path) -> None:
    folder = shared / "cases" / "20-krx-code-without-suffix"
    result = es.run(folder / "ev.csv", prices=folder / "p", benchmark="^KS11", offline=True, exchange="XKRX")
    car = result.cars.query("start == 0 and end == 0").iloc[0]
    assert (round(100 * car["car"], 4), round(100 * car["car_se"], 4)) == (8.2723, 1.2373)
