"""Times that contradict themselves, midnights that are dates, exchanges without a calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DesignError, EventStudyError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.inputs import read_inputs


def placed(*rows: tuple[str, str, str, str]) -> FirmEvents:
    """Place rows of event id, ticker, when and timing."""
    frame = pd.DataFrame(rows, columns=["event_id", "ticker", "when", "timing"])
    return read_inputs(frame).firm_events()


def days(firm_events: FirmEvents) -> list[str]:
    return [str(day) for day in firm_events.session]


@pytest.mark.parametrize("timing", ["pre", "regular"])
def test_a_timing_that_the_clock_contradicts_is_an_error(timing: str) -> None:
    late = "2025-01-27 18:00 America/New_York"
    with pytest.raises(DesignError, match=rf"event b: timing '{timing}' contradicts 2025-01-27 18:00"):
        placed(("a", "AMD", late, "post"), ("b", "NVDA", late, timing))
    assert days(placed(("a", "AMD", late, "post"), ("b", "NVDA", late, "unknown"))) == ["2025-01-28"] * 2


def test_a_timing_holds_for_one_of_the_exchanges_of_an_event() -> None:
    late = "2025-01-15 18:00 America/New_York"  # 08:00 of the next day in Seoul
    found = placed(("a", "NVDA", late, "post"), ("a", "005930.KS", late, "post"))
    assert days(found) == ["2025-01-16", "2025-01-16"]
    assert found.timing.tolist() == ["post", "pre"]


def test_midnights_of_utc_are_asked_about() -> None:
    stamps = ("2025-01-28 19:00:00-05:00", "2024-10-29T20:00:00-04:00")
    rows = [(f"e{at}", "MSFT", stamp, "") for at, stamp in enumerate(stamps)]
    with pytest.raises(DesignError, match=r"event e0: every time stamp is 00:00 UTC.*2025-01-29"):
        placed(*rows)
    with pytest.raises(DesignError, match="every time stamp is 00:00 UTC"):
        moment = pd.Timestamp("2025-01-29", tz="UTC").to_pydatetime()
        read_inputs([es.Event("e", moment, tickers=("MSFT",))]).firm_events()
    stated = [(*row[:3], "post") for row in rows]
    assert days(placed(*stated)) == ["2025-01-29", "2024-10-30"]
    assert days(placed(*rows, ("e2", "MSFT", "2024-07-30 16:05-04:00", "")))[0] == "2025-01-29"


def test_a_broken_calendar_touches_its_own_tickers_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from eventstudy.sessions import hours

    def break_tel_aviv(exchange: str) -> Any:
        class Broken:
            bound_min = bound_max = staticmethod(lambda: None)

            def __init__(self, **_: object) -> None:
                raise ValueError(f"Special dates {['2015-01-04'] * 500} are not sessions")

        return Broken if exchange == "XTAE" else working(exchange)

    working = hours._calendar_class
    monkeypatch.setattr(hours, "_calendar_class", break_tel_aviv)
    monkeypatch.setattr(hours, "_folder", lambda: tmp_path)  # nothing was built before
    hours.hours_between.cache_clear()
    found = placed(("e", "TEVA.TA", "2024-06-03", ""), ("e", "NVDA", "2024-06-03", ""))
    assert days(found) == ["NaT", "2024-06-03"]
    assert "cannot build the XTAE calendar; give session" in found.session_note[0]
    assert len(found.session_note[0]) < 160
    with pytest.raises(DesignError, match="cannot build the XTAE calendar") as raised:
        placed(("e", "TEVA.TA", "2024-06-03", ""))
    assert len(str(raised.value)) < 180

    from eventstudy.cli.events_check import _day0_problems
    from eventstudy.cli.events_list import listed_events

    frame = pd.DataFrame({"event_id": "e", "ticker": ["TEVA.TA", "NVDA"], "when": "2024-06-03"})
    (row,) = listed_events(read_inputs(frame))
    assert [day["session"] for day in row["day0"]] == [None, "2024-06-03"]
    (problem,) = _day0_problems(read_inputs(frame), "ev.csv")
    assert problem.startswith("ev.csv: TEVA.TA: exchange_calendars")

    sessions = pd.bdate_range("2023-01-02", "2024-07-31")
    closes = pd.DataFrame(
        {name: 100.0 + (sessions.day_of_year * step) % 7 for name, step in (("NVDA", 3), ("SPY", 5))},
        sessions,
    )
    events = es.run(frame, prices=closes, design=es.Design(max_loss=1.0)).events.set_index("ticker")
    assert events["status"].to_dict() == {"TEVA.TA": "skipped", "NVDA": "ok"}


@pytest.mark.parametrize("session", ["2024-01-28", "2025-01-24", "2025-02-28"])
def test_a_session_far_from_its_news_is_an_error(session: str) -> None:
    problem = f"session {session} contradicts when 2025-01-27"
    frame = pd.DataFrame({"event_id": ["e"], "ticker": ["NVDA"], "when": ["2025-01-27"]})
    with pytest.raises(EventStudyError, match=problem):
        read_inputs(frame.assign(session=session))
    with pytest.raises(EventStudyError, match=problem):
        es.Event("e", "2025-01-27", session=session)  # type: ignore[arg-type]
    with pytest.raises(
        EventStudyError, match="session 2025-01-28 is stated, and 2025-01-27 gives 2025-01-27"
    ):
        read_inputs(frame.assign(session="2025-01-28"))
    after = frame.assign(session="2025-01-28", timing="post")
    assert days(read_inputs(after).firm_events()) == ["2025-01-28"]
