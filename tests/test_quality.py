"""What is doubtful about a series is found, told once, and told where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from eventstudy._typing import DateArray, FloatArray
from eventstudy.prices.directory import DirectorySource
from eventstudy.prices.quality import RULES, findings
from eventstudy.prices.series import series_of
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import trading_sessions

JANUARY = trading_sessions("XNYS", date(2024, 1, 2), date(2024, 1, 31))


def made(sessions: DateArray = JANUARY, ticker: str = "AAA", /, **changes: tuple[int, float]) -> PriceSeries:
    """Return a clean month in which one figure of a column is another."""
    level = np.full(len(sessions), 10.0)
    columns: dict[str, FloatArray] = {"open": level, "high": level + 1, "low": level - 1, "close": level}
    columns = {name: values.copy() for name, values in columns.items()} | {"dividend": np.zeros(len(level))}
    for name, (place, value) in changes.items():
        columns[name][place] = value
    return series_of(ticker, sessions, columns, "frame")


def found(series: PriceSeries) -> list[tuple[str, str | None]]:
    return [(f.rule, None if f.session is None else f.session.isoformat()) for f in findings(series)]


def test_a_clean_series_has_no_findings() -> None:
    assert findings(made()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"close": (4, np.nan)}, [("missing-session", "2024-01-08")]),
        ({"close": (4, 0.0)}, [("missing-session", "2024-01-08"), ("nonpositive-price", "2024-01-08")]),
        ({"close": (4, -3.0)}, [("missing-session", "2024-01-08"), ("nonpositive-price", "2024-01-08")]),
        ({"close": (4, np.inf)}, [("missing-session", "2024-01-08"), ("nonpositive-price", "2024-01-08")]),
        ({"open": (4, 0.0)}, [("nonpositive-price", "2024-01-08")]),
        ({"high": (4, 8.0)}, [("close-outside-range", "2024-01-08"), ("high-below-low", "2024-01-08")]),
        ({"close": (4, 11.5)}, [("close-outside-range", "2024-01-08")]),
        ({"close": (4, 8.5)}, [("close-outside-range", "2024-01-08")]),
        ({"close": (4, 11.000001)}, []),  # rounding
    ],
)
def test_one_wrong_figure(changes: dict[str, tuple[int, float]], expected: list[tuple[str, str]]) -> None:
    assert found(made(**changes)) == expected


def test_holes_and_days_that_should_not_be() -> None:
    sessions = np.delete(JANUARY, [3, 4])
    sessions = np.sort(np.append(sessions, np.array(["2024-01-15", "2024-01-20"], dtype="datetime64[D]")))
    assert found(made(sessions)) == [
        ("missing-session", "2024-01-05"),
        ("missing-session", "2024-01-08"),
        ("extra-session", "2024-01-15"),  # Martin Luther King Day
        ("extra-session", "2024-01-20"),  # a Saturday
    ]


def test_the_exchange_is_the_tickers_own() -> None:
    tokyo = trading_sessions("XTKS", date(2024, 1, 4), date(2024, 2, 29))
    assert found(made(tokyo, "7203.T")) == []
    assert {rule for rule, _ in found(made(tokyo, "AAA"))} == {"missing-session", "extra-session"}
    assert findings(made(tokyo, "AAA"), {"AAA": "XTKS"}) == []


def test_many_of_a_kind_are_counted_in_one_finding() -> None:
    year = trading_sessions("XNYS", date(2023, 1, 3), date(2023, 12, 29))
    weekly = made(year[::5])
    (one,) = findings(weekly)
    assert (one.rule, str(one.session)) == ("missing-session", str(year[1]))
    assert (
        f"the first of {len(year[: 5 * (len(year[::5]) - 1) + 1]) - len(year[::5])} such sessions"
        in one.detail
    )
    zeros = np.zeros(len(year))
    level = np.full(len(year), 10.0)
    (low,) = findings(series_of("AAA", year, {"low": zeros, "close": level, "dividend": zeros}, "frame"))
    assert "low is 0 (and on 249 more sessions): taken as missing" in low.detail


def test_what_kind_of_closes_they_are(shared: Path) -> None:
    source = DirectorySource(shared / "prices")
    assert found(source.whole("ASML")) == [("adjusted-only", None)]
    assert found(source.whole("^GSPC")) == [("price-index", None)]
    assert found(source.whole("NVDA")) == []
    marks = DirectorySource(shared / "peers" / "sp500_additions" / "prices.csv").whole("Office_Depot")
    assert found(marks) == [
        ("price-index", None),
        ("missing-session", "1997-03-10"),
        ("nonpositive-price", "1997-03-10"),
        ("missing-session", "1997-04-04"),
        ("nonpositive-price", "1997-04-04"),
    ]


def test_without_a_calendar_the_other_rules_still_speak() -> None:
    strange = made(JANUARY, "AAA.ZZ", close=(4, 20.0))
    remark, outside = findings(strange)
    assert (remark.rule, remark.session, remark.severity) == ("no-calendar", None, "info")
    assert "no exchange goes with the suffix 'ZZ'" in remark.detail
    assert outside.rule == "close-outside-range"


def test_prices_older_than_the_calendar_are_judged_where_it_knows() -> None:
    tokyo = trading_sessions("XTKS", date(1997, 1, 6), date(1997, 1, 31))
    older = np.concatenate([np.array(["1996-12-24", "1996-12-25"], dtype="datetime64[D]"), tokyo])
    assert found(made(older, "7203.T")) == []


def test_a_rule_is_a_function_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_cheap(series: PriceSeries, calendar: DateArray) -> Iterator[Finding]:
        yield Finding(series.ticker, None, "too-cheap", "info", "I would not buy it")

    monkeypatch.setitem(RULES, "too-cheap", too_cheap)
    assert found(made()) == [("too-cheap", None)]


def test_findings_name_their_ticker_and_stay_on_one_line() -> None:
    for finding in findings(made(close=(4, -1.0), high=(6, 2.0))):
        assert finding.ticker == "AAA"
        assert finding.severity in ("info", "warning", "error")
        assert finding.detail and "\n" not in finding.detail
