"""News on the clock of the exchange: the session that can react, and what is refused rather than guessed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from effort import calls
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.errors import DesignError, UnknownNameError, UsageError
from eventstudy.sessions import (
    calendar_bounds,
    exchange_of,
    first_sessions,
    last_finished_session,
    trading_sessions,
)
from eventstudy.sessions.exchange import BY_ENDING, BY_INDEX, BY_SUFFIX

ET, SEOUL, DUBAI = "America/New_York", "Asia/Seoul", "Asia/Dubai"
CLOSED = "closed that day (holiday or weekend): next session"
HALF = "(half day: closed at 13:00)"


def news(text: str, zone: str | None = None) -> datetime | date:
    """Read ``2025-01-21 17:00`` in a zone, or a bare date."""
    if zone is None:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def first(text: str, zone: str | None = None, timing: str | None = None, exchange: str = "XNYS") -> str:
    return str(first_sessions([news(text, zone)], [timing], exchange).session[0])


def note(text: str, zone: str | None = None, timing: str | None = None, exchange: str = "XNYS") -> str:
    return str(first_sessions([news(text, zone)], [timing], exchange).note[0])


# The dated events of the bundled study: as its articles and the public record date them.
EVENTS = [
    ("altman-chip-fund", "2024-02-08 21:00", ET, None, "2024-02-09"),
    ("nvda-passes-amazon", "2024-02-12", None, "regular", "2024-02-12"),
    ("dubai-summit-altman", "2024-02-13 12:00", DUBAI, None, "2024-02-13"),
    ("nvda-earnings-fy24q4", "2024-02-21 16:20", ET, "post", "2024-02-22"),
    ("sequoia-600b-question", "2024-06-20", None, "unknown", "2024-06-20"),
    ("alphabet-q2-2024-call", "2024-07-23 16:30", ET, None, "2024-07-24"),
    ("openai-5b-loss-report", "2024-07-24", None, None, "2024-07-24"),
    ("elliott-bubble-letter", "2024-08-02 05:00", ET, "pre", "2024-08-02"),
    ("august-2024-selloff", "2024-08-05", None, "regular", "2024-08-05"),
    ("deepseek-r1-release", "2025-01-20", None, "unknown", "2025-01-21"),
    ("stargate-announcement", "2025-01-21 17:00", ET, None, "2025-01-22"),
    ("deepseek-selloff", "2025-01-27 07:00", ET, None, "2025-01-27"),
    ("oracle-300b-report", "2025-09-10 13:00", ET, None, "2025-09-10"),
    ("coreweave-nvidia-backstop", "2025-09-15", None, "pre", "2025-09-15"),
    ("nvidia-openai-100b", "2025-09-22 11:30", ET, None, "2025-09-22"),
    ("openai-oracle-datacenters", "2025-09-23", None, "unknown", "2025-09-23"),
    ("coreweave-openai-expansion", "2025-09-25", None, "pre", "2025-09-25"),
    ("amd-openai-deal", "2025-10-06 07:00", ET, None, "2025-10-06"),
    ("oracle-margin-report", "2025-10-07", None, "regular", "2025-10-07"),
    ("nvidia-xai-stake", "2025-10-07 20:00", ET, None, "2025-10-08"),
    ("gemini-3-launch", "2025-11-18 11:00", ET, None, "2025-11-18"),
    ("code-red-memo", "2025-12-01 19:00", ET, None, "2025-12-02"),
    ("openai-reasoning-model", "2025-12-11 13:00", ET, None, "2025-12-11"),
]


@pytest.mark.parametrize(
    ("when", "zone", "timing", "session"), [e[1:] for e in EVENTS], ids=[e[0] for e in EVENTS]
)
def test_events_of_the_bundled_study(when: str, zone: str | None, timing: str | None, session: str) -> None:
    assert first(when, zone, timing) == session


@pytest.mark.parametrize(
    ("when", "zone", "session", "why"),
    [
        ("2025-01-20 10:00", ET, "2025-01-21", CLOSED),
        ("2025-01-09 10:00", ET, "2025-01-10", CLOSED),
        ("2025-11-27 10:00", ET, "2025-11-28", CLOSED),
        ("2025-11-22 10:00", ET, "2025-11-24", CLOSED),
        ("2025-11-28 13:30", ET, "2025-12-01", f"after the close: next session {HALF}"),
        ("2025-11-28 12:59", ET, "2025-11-28", f"during the session {HALF}"),
        ("2024-07-03 13:00", ET, "2024-07-05", f"at the close: next session {HALF}"),
        ("2025-01-21 15:59:59.999999", ET, "2025-01-21", "during the session"),
        ("2025-01-21 16:00", ET, "2025-01-22", "at the close: next session"),
        ("2025-01-21 16:00:00.000001", ET, "2025-01-22", "after the close: next session"),
        ("2025-01-21 09:29:59", ET, "2025-01-21", "before the open"),
        ("2025-01-21 09:30", ET, "2025-01-21", "during the session"),
        ("2025-12-31 18:00", ET, "2026-01-02", "after the close: next session"),
        # a Korean article of the morning after: 08:12 on the 14th is the evening of the 13th in New York
        ("2024-02-14 08:12", SEOUL, "2024-02-14", "after the close: next session"),
        ("2024-08-07 06:01", SEOUL, "2024-08-07", "after the close: next session"),
        ("2024-08-06 05:30", SEOUL, "2024-08-06", "after the close: next session"),
        ("2024-08-06 04:30", SEOUL, "2024-08-05", "during the session"),
        # the clock goes forward on 2025-03-09 and back on 2025-11-02: the close moves against UTC
        ("2025-03-07 20:59:59", "UTC", "2025-03-07", "during the session"),
        ("2025-03-10 19:59:59", "UTC", "2025-03-10", "during the session"),
        ("2025-03-10 20:00:00", "UTC", "2025-03-11", "at the close: next session"),
        ("2025-10-31 20:00:00", "UTC", "2025-11-03", "at the close: next session"),
        ("2025-11-03 20:30:00", "UTC", "2025-11-03", "during the session"),
        ("2025-11-02 01:30", ET, "2025-11-03", CLOSED),
        # further back than the library's own twenty years
        ("1999-05-05 12:00", ET, "1999-05-05", "during the session"),
        ("1987-10-19 17:00", ET, "1987-10-20", "after the close: next session"),
        ("2001-09-11 08:46", ET, "2001-09-17", CLOSED),
    ],
)
def test_new_york_clock(when: str, zone: str, session: str, why: str) -> None:
    assert (first(when, zone), note(when, zone)) == (session, why)


@pytest.mark.parametrize(
    ("ticker", "when", "zone", "session"),
    [
        ("005930.KS", "2025-12-02 08:00", SEOUL, "2025-12-02"),
        ("005930.KS", "2025-12-02 16:00", SEOUL, "2025-12-03"),
        ("005930.KS", "2024-02-09 10:00", SEOUL, "2024-02-13"),  # lunar new year
        ("NVDA", "2025-12-02 08:00", SEOUL, "2025-12-02"),
        ("NVDA", "2025-12-02 16:00", SEOUL, "2025-12-02"),
        ("7203.T", "2025-01-27 07:00", ET, "2025-01-28"),
        ("7203.T", "2025-01-27 12:00", "Asia/Tokyo", "2025-01-27"),  # the lunch break is inside the session
        ("0700.HK", "2025-01-29 10:00", "Asia/Hong_Kong", "2025-02-03"),  # lunar new year
        ("VOD.L", "2025-01-27 16:29", "Europe/London", "2025-01-27"),
        ("VOD.L", "2025-01-27 16:30", "Europe/London", "2025-01-28"),
        ("SAP.DE", "2025-01-27 12:30", ET, "2025-01-28"),  # 18:30 in Frankfurt
        ("SAP.DE", "2024-12-31 12:00", "Europe/Berlin", "2025-01-02"),
        ("BTC-USD", "2025-01-25 12:00", "UTC", "2025-01-25"),  # no weekends there
        ("EURUSD=X", "2025-01-25 12:00", "UTC", "2025-01-27"),
    ],
)
def test_each_exchange_has_its_own_clock(ticker: str, when: str, zone: str, session: str) -> None:
    assert first(when, zone, exchange=exchange_of(ticker)) == session


@pytest.mark.parametrize(
    ("when", "timing", "session", "clock", "why"),
    [
        ("2025-01-21", "pre", "2025-01-21", "pre", "before the open"),
        ("2025-01-21", "regular", "2025-01-21", "regular", "during the session"),
        ("2025-01-21", "post", "2025-01-22", "post", "after the close: next session"),
        ("2025-01-21", None, "2025-01-21", "unknown", "time unknown: that date's session"),
        ("2025-01-17", "post", "2025-01-21", "post", "after the close: next session"),
        ("2025-01-20", "pre", "2025-01-21", "pre", CLOSED),
        ("2025-01-20", "post", "2025-01-21", "post", CLOSED),
        ("2025-01-18", "unknown", "2025-01-21", "unknown", f"time unknown; {CLOSED}"),
        ("2025-11-28", "post", "2025-12-01", "post", f"after the close: next session {HALF}"),
    ],
)
def test_plain_dates_go_by_their_timing(
    when: str, timing: str | None, session: str, clock: str, why: str
) -> None:
    found = first_sessions([news(when)], [timing], "XNYS")
    assert (str(found.session[0]), found.timing[0], found.note[0]) == (session, clock, why)


def test_the_clock_overrules_a_timing_and_says_so() -> None:
    found = first_sessions([news("2025-01-21 17:00", ET)] * 3, ["pre", "post", None], "XNYS")
    assert [str(day) for day in found.session] == ["2025-01-22"] * 3
    assert list(found.timing) == ["post"] * 3
    assert found.note[0] == "after the close: next session; the clock overrules timing 'pre'"
    assert found.note[1] == found.note[2] == "after the close: next session"


def test_shift_counts_from_the_date_in_the_news_own_zone() -> None:
    when = [news("2025-12-01 19:00", ET), news("2025-12-02 09:00", SEOUL), news("2024-07-03 14:00", ET)]
    assert first_sessions(when, [None] * 3, "XNYS").shift.tolist() == [1, 0, 2]


def test_order_and_company_do_not_matter() -> None:
    when = [
        news("1995-05-05"),
        news("2025-12-01 19:00", ET),
        news("2025-11-28 13:30", ET),
        news("2024-06-20"),
    ]
    together = first_sessions(when, [None] * 4, "XNYS")
    for place, entry in enumerate(when):
        alone = first_sessions([entry], [None], "XNYS")
        assert (alone.session[0], alone.note[0]) == (together.session[place], together.note[place])
    assert len(first_sessions([], [], "XNYS").session) == 0


@given(st.datetimes(datetime(2015, 1, 8), datetime(2025, 12, 31)), st.sampled_from(["XNYS", "XLON", "XTKS"]))
def test_the_session_is_the_first_that_closes_later(when: datetime, exchange: str) -> None:
    import exchange_calendars as library

    stamp = when.replace(tzinfo=UTC)
    session = first_sessions([stamp], [None], exchange).session[0]
    calendar = library.get_calendar(exchange, start="2015-01-01", end="2026-06-30")
    label = calendar.sessions[calendar.sessions.get_loc(str(session))]
    assert calendar.session_close(label) > stamp
    assert calendar.session_close(calendar.previous_session(label)) <= stamp


def test_many_stamps_at_once_are_placed_as_one_by_one() -> None:
    start = datetime(2016, 1, 4, tzinfo=ZoneInfo(ET))
    when = [start + timedelta(minutes=47 * place) for place in range(20_000)]
    session = first_sessions(when, [None] * len(when), "XNYS").session
    assert (np.diff(session).astype(int) >= 0).all()
    alone = [first_sessions([stamp], [None], "XNYS").session[0] for stamp in when[::997]]
    np.testing.assert_array_equal(session[::997], alone)


def test_many_stamps_are_no_more_work_each_than_few() -> None:
    start = datetime(2016, 1, 4, tzinfo=ZoneInfo(ET))
    when = [start + timedelta(minutes=47 * place) for place in range(20_000)]
    first_sessions(when[:1], [None], "XNYS")  # builds the calendar
    few = calls(lambda: first_sessions(when[:2_000], [None] * 2_000, "XNYS"))
    assert calls(lambda: first_sessions(when, [None] * len(when), "XNYS")) < 12 * few


@pytest.mark.parametrize(
    ("when", "exchange"),
    [
        (date(2999, 1, 1), "XNYS"),
        (date.today() + timedelta(days=400), "XETR"),
        (datetime(2150, 6, 1, tzinfo=UTC), "XLON"),
        (date(1, 1, 1), "XNYS"),
        (date(1899, 12, 31), "XNYS"),
        (date(1959, 12, 30), "XHKG"),
        (date(1996, 12, 30), "XTKS"),
    ],
)
def test_dates_beyond_the_calendar_are_an_error_that_names_its_bounds(when: date, exchange: str) -> None:
    with pytest.raises(DesignError) as raised:
        first_sessions([date(2024, 1, 2), when], [None, None], exchange)
    begin, end = calendar_bounds(exchange)
    assert f"({begin} to {end})" in str(raised.value)
    days = sorted([date(2024, 1, 2), date.fromisoformat(when.isoformat()[:10])])
    with pytest.raises(DesignError, match="lies outside"):
        trading_sessions(exchange, *days)


def test_the_last_known_day_has_a_session_or_an_error() -> None:
    end = calendar_bounds("XNYS")[1]
    for day in (end - timedelta(days=days) for days in range(7)):
        try:
            assert first_sessions([day], [None], "XNYS").session[0] >= np.datetime64(day)
        except DesignError as error:
            assert str(end) in str(error)  # it falls on a weekend before the horizon


@pytest.mark.parametrize("when", [datetime(2025, 1, 21, 17), datetime.min, datetime.max])
def test_a_stamp_without_a_zone_is_refused(when: datetime) -> None:
    with pytest.raises(DesignError, match="has no zone; add one such as America/New_York"):
        first_sessions([when], [None], "XNYS")


def test_timings_are_checked() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'post'"):
        first_sessions([date(2025, 1, 21)], ["pots"], "XNYS")
    with pytest.raises(UsageError, match="2 pieces of news but 1 timings"):
        first_sessions([date(2025, 1, 21)] * 2, ["pre"], "XNYS")


def test_trading_sessions_of_a_year() -> None:
    sessions = trading_sessions("XNYS", date(2025, 1, 1), date(2025, 12, 31))
    assert sessions.dtype == "datetime64[D]"
    assert len(sessions) == 250
    closed = np.array(["2025-01-01", "2025-01-09", "2025-01-20", "2025-11-27", "2025-12-25"], "datetime64[D]")
    assert not np.isin(closed, sessions).any()
    assert list(trading_sessions("XNYS", date(2025, 1, 21), date(2025, 1, 21)).astype(str)) == ["2025-01-21"]
    assert len(trading_sessions("XNYS", date(2025, 1, 18), date(2025, 1, 20))) == 0


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2025-01-21 16:29", "2025-01-17"),  # not yet final; the 20th was a holiday
        ("2025-01-21 16:30", "2025-01-21"),
        ("2025-11-28 13:30", "2025-11-28"),  # a half day is final earlier
        ("2025-11-30 12:00", "2025-11-28"),
        ("2025-12-01 09:00", "2025-11-28"),
    ],
)
def test_a_session_is_finished_half_an_hour_after_its_close(now: str, last: str) -> None:
    moment = news(now, ET)
    assert isinstance(moment, datetime)
    assert last_finished_session("XNYS", moment) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("ticker", "exchange"),
    [
        ("NVDA", "XNYS"),
        ("BRK.B", "XNYS"),
        ("BF.B", "XNYS"),
        ("MOG.A", "XNYS"),
        ("BRK-B", "XNYS"),
        ("^GSPC", "XNYS"),
        ("^KS11", "XKRX"),
        ("005930.KS", "XKRX"),
        ("035720.KQ", "XKRX"),
        ("7203.T", "XTKS"),
        ("0700.HK", "XHKG"),
        ("600519.SS", "XSHG"),
        ("VOD.L", "XLON"),
        ("SAP.DE", "XETR"),
        ("sap.de", "XETR"),
        ("MC.PA", "XPAR"),
        ("ASML.AS", "XAMS"),
        ("NESN.SW", "XSWX"),
        ("SHOP.TO", "XTSE"),
        ("TECK-B.TO", "XTSE"),
        ("BHP.AX", "XASX"),
        ("RELIANCE.NS", "XBOM"),
        ("PETR4.SA", "BVMF"),
        ("NPN.JO", "XJSE"),
        ("BTC-USD", "24/7"),
        ("EURUSD=X", "24/5"),
        ("ES=F", "us_futures"),
    ],
)
def test_exchange_by_suffix(ticker: str, exchange: str) -> None:
    assert exchange_of(ticker) == exchange


def test_exchange_overrides_go_first_and_take_aliases() -> None:
    assert exchange_of("VOD.L", {"VOD.L": "XNYS"}) == "XNYS"
    assert exchange_of("ABC.ZZ", {"ABC.ZZ": "NYSE"}) == "XNYS"


@pytest.mark.parametrize(
    ("ticker", "overrides", "words"),
    [
        ("ABC.ZZ", {}, "no exchange goes with the suffix 'ZZ'"),
        ("ABC.TWW", {}, "did you mean 'TW"),
        ("ABC", {"ABC": "XNYX"}, "unknown exchange 'XNYX' (did you mean 'XNYS'?)"),
    ],
)
def test_unknown_exchanges_name_the_nearest(ticker: str, overrides: dict[str, str], words: str) -> None:
    with pytest.raises(DesignError) as raised:
        exchange_of(ticker, overrides)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_exchange_that_a_ticker_leads_to_is_known_to_the_library() -> None:
    from exchange_calendars import calendar_utils

    known = calendar_utils.get_calendar_names(include_aliases=False)
    ours = {*BY_SUFFIX.values(), *BY_INDEX.values(), *BY_ENDING.values()}
    assert ours <= set(known)
    assert ours == {calendar_utils.resolve_alias(exchange) for exchange in ours}  # they are not asked again


def test_a_calendar_that_cannot_be_built_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.sessions import hours

    class Broken:
        bound_min = bound_max = staticmethod(lambda: None)

        def __init__(self, **_: object) -> None:
            raise NotImplementedError("implemented by subclasses")

    monkeypatch.setattr(hours, "_calendar_class", lambda exchange: Broken)
    with pytest.raises(DesignError, match="cannot build the NOWHERE calendar") as raised:
        trading_sessions("NOWHERE", date(2024, 1, 2), date(2024, 1, 3))
    assert "\n" not in str(raised.value)


def test_nothing_heavy_is_loaded_before_a_calendar_is_asked_for(repo: Path) -> None:
    code = """
import sys
from eventstudy.sessions import exchange_of
exchange_of("005930.KS")
print(sorted({"pandas", "exchange_calendars"} & set(sys.modules)))
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=repo, check=True
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.process
def test_no_deprecation_reaches_the_user(repo: Path) -> None:
    code = """
from datetime import date
from eventstudy.sessions import trading_sessions
print(len(trading_sessions("XNYS", date(2025, 1, 1), date(2025, 12, 31))))
"""
    command = [sys.executable, "-W", "always::DeprecationWarning", "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=repo, check=True)
    assert (answer.stdout.strip(), answer.stderr) == ("250", "")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which calendars are kept, empty, and forget those of this process."""
    from eventstudy.sessions import hours

    monkeypatch.setattr(hours, "_folder", lambda: tmp_path / "calendars")
    hours.hours_between.cache_clear()
    return tmp_path / "calendars"


def built(exchange: str = "XNYS") -> object:
    from eventstudy.sessions import hours

    hours.hours_between.cache_clear()
    return hours.hours_between(exchange, date(2015, 1, 1), date(2027, 12, 31))


def same(one: object, other: object) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("sessions", "opens", "closes", "zone", "half", "first", "last")
    )


def test_a_kept_calendar_is_the_one_that_was_built(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.sessions import hours

    first = built()
    (file,) = kept.iterdir()
    monkeypatch.setattr(hours, "_build", lambda *_: pytest.fail("built though it was kept"))
    assert same(built(), first)
    assert file.stat().st_size < 300_000


def test_a_calendar_of_another_span_or_library_is_not_taken(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.sessions import hours

    first, spans = built(), list[tuple[object, ...]]()
    monkeypatch.setattr(hours, "_build", lambda *span: spans.append(span) or first)
    for start, end in ((2015, 2028), (1990, 2027)):
        hours.hours_between("XNYS", date(start, 1, 1), date(end, 12, 31))
    monkeypatch.setattr(hours, "version", lambda _: "0")
    built()
    assert len(spans) == 3


def test_a_damaged_calendar_is_built_again(
    kept: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.sessions import hours

    first = built()
    monkeypatch.setattr(hours, "_build", lambda *_: first)
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    damages = [b"", b"no archive", whole[: len(whole) // 2]]
    for position in rng.integers(0, len(whole), 40):
        flipped = bytearray(whole)
        flipped[position] ^= 0xFF
        damages.append(bytes(flipped))
    for damage in damages:
        file.write_bytes(damage)
        assert same(built(), first)


def test_a_cache_that_cannot_be_written_is_no_cache(kept: Path) -> None:
    kept.write_text("a file where the folder should be")
    assert built() is not None
    assert kept.is_file()


def weekdays(exchange: str, start: date, end: date) -> set[int]:
    return {int(day) for day in (trading_sessions(exchange, start, end).astype(np.int64) + 3) % 7}


def test_a_week_that_changed_is_built_part_by_part() -> None:
    until, since = (date(2025, 1, 1), date(2025, 12, 31)), (date(2026, 1, 5), date(2026, 6, 30))
    assert weekdays("XTAE", *until) == {6, 0, 1, 2, 3}  # Sunday to Thursday
    assert weekdays("XTAE", *since) == {0, 1, 2, 3, 4}
    around = trading_sessions("XTAE", date(2026, 1, 1), date(2026, 1, 9))
    assert [str(day)[-2:] for day in around] == ["01", "04", "05", "06", "07", "08", "09"]
    assert (
        first("2024-06-02 15:45", "Asia/Jerusalem", exchange="XTAE") == "2024-06-03"
    )  # Sundays close at 15:40
    assert first("2024-06-02 15:35", "Asia/Jerusalem", exchange="XTAE") == "2024-06-02"
    assert weekdays("XKRX", date(1996, 1, 1), date(1996, 12, 31)) == {0, 1, 2, 3, 4, 5}
    assert first("2025-02-01 11:00", "Asia/Kolkata", exchange="XBOM") == "2025-02-01"  # a budget Saturday


def test_athens_closes_on_the_easter_of_its_church() -> None:
    closed = np.setdiff1d(
        np.arange("2024-05-02", "2024-05-08", dtype="datetime64[D]"),
        trading_sessions("ASEX", date(2024, 5, 2), date(2024, 5, 7)),
    )
    assert [str(day) for day in closed] == ["2024-05-03", "2024-05-04", "2024-05-05", "2024-05-06"]
