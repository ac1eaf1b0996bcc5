"""What is found in returns, whatever their source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, one, random_returns

import eventstudy as es
from eventstudy.panel.return_table import ReturnTable
from eventstudy.panel.returns import returns_from_prices, union_axis
from eventstudy.prices.files.source import DirectorySource
from eventstudy.soundness import RETURN_RULES, TABLE_RULES, return_findings
from eventstudy.soundness.shifts import _correlations
from eventstudy.study_result import EventStudyResult

ROUNDING = 1e-9  #: cumulated sums of squares against sums about each mean
ROWS = [("e", "A", 300), ("f", "B", 330)]
DESIGN = es.Design(benchmark="MKT", max_loss=1.0)
Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, ("A", "B", "C"))[["A", "B", "C", "MKT"]]


def run(table: pd.DataFrame, design: es.Design = DESIGN) -> EventStudyResult:
    day0 = [("e", "A", pd.Timestamp("2019-02-26")), ("f", "B", pd.Timestamp("2019-04-09"))]
    return es.run(event_frame(day0, table.index), returns=table, design=design)


def with_calendar_days(table: pd.DataFrame) -> pd.DataFrame:
    return table.asfreq("D", fill_value=0.0)


def with_holidays_filled(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: table[name].where(table.index.day != 15, 0.0) for name in table})


def spiked(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.loc["2018-11-06", "A"], table.loc["2018-11-07", "A"] = 0.5, -1 / 3
    return table


def carried_forward(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.loc["2018-11-06":"2018-11-30", "A"] = 0.0
    return table


def halted_at_the_event(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.loc["2019-02-26", "A"] = 0.0
    return table


def still_benchmark(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.loc["2019-02-26", "MKT"] = 0.0
    return table


def a_short_run(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.loc["2018-11-06":"2018-11-12", "A"] = 0.0
    return table


def of_another_unit(table: pd.DataFrame) -> pd.DataFrame:
    table = table.copy()
    table.iloc[1:6, table.columns.get_loc("A")] = -1.5  # before any window
    return table


#: A change of the table, the rule that finds it, what it is about, and its severity.
CHANGES: dict[str, tuple[Change, str, set[str], str]] = {
    "calendar days": (with_calendar_days, "filled-days", {"A", "B", "C", "MKT"}, "error"),
    "holidays": (with_holidays_filled, "filled-days", {"A", "B", "C", "MKT"}, "error"),
    "a column twice": (lambda t: t.assign(C=t["A"]), "identical-returns", {"A", "C"}, "error"),
    "a session late": (lambda t: t.assign(A=t["A"].shift(1)), "date-shift", {"A"}, "error"),
    "a session early": (lambda t: t.assign(A=t["A"].shift(-1)), "date-shift", {"A"}, "error"),
    "the market late": (lambda t: t.assign(MKT=t["MKT"].shift(1)), "date-shift", {"MKT"}, "error"),
    "one wrong close": (spiked, "spike", {"A"}, "error"),
    "carried forward": (carried_forward, "filled-forward", {"A"}, "error"),
    "two weeks late": (lambda t: t.assign(A=t["A"].shift(10)), "date-shift", {"A"}, "error"),
    "six weeks early": (lambda t: t.assign(A=t["A"].shift(-30)), "date-shift", {"A"}, "error"),
    "the benchmark zero on day 0": (still_benchmark, "stale", {"MKT"}, "warning"),
    "a short run of zeros": (a_short_run, "filled-forward", {"A"}, "warning"),
    "several below -100 %": (of_another_unit, "impossible-return", {"A"}, "error"),
    "zero on day 0": (halted_at_the_event, "stale", {"A"}, "warning"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found_and_held_against_its_firm_events(change: str, returns: pd.DataFrame) -> None:
    made, rule, about, severity = CHANGES[change]
    found = run(made(returns))
    assert set(found.findings["rule"]) == {rule}
    assert set(found.findings["ticker"]) == about and set(found.findings["severity"]) == {severity}
    for event, ticker in (("e", "A"), ("f", "B")):
        row = one(found.events, event_id=event)
        touched = bool({ticker, "MKT"} & about)
        assert (row["n_findings"] > 0) == touched
        assert row["status"] == ("skipped" if touched and severity == "error" else "ok")
        if row["status"] == "skipped":
            assert row["reason"].startswith(f"{rule} in ")
    flagged = run(made(returns), DESIGN.replace(quality="flag"))
    assert one(flagged.events, event_id="f")["status"] == "ok"


def test_clean_returns_have_no_findings(returns: pd.DataFrame) -> None:
    assert run(returns).findings.empty
    trading_at_weekends = returns.set_axis(pd.date_range("2018-06-01", periods=len(returns)))
    assert "filled-days" not in set(run(trading_at_weekends).findings["rule"])


def test_correlations_with_every_neighbourhood(rng: np.random.Generator) -> None:
    """By numpy's corrcoef, one lag at a time; a part that does not vary has none."""
    x, y = rng.normal(size=40), rng.normal(0.3, 0.01, 52)
    expected = [np.corrcoef(x, y[lag : lag + 40])[0, 1] for lag in range(13)]
    np.testing.assert_allclose(_correlations(x, y), expected, rtol=ROUNDING, atol=ROUNDING)
    y[:40] = 0.3
    assert _correlations(x, y)[0] == 0.0 != _correlations(x, y)[1]
    assert (_correlations(np.ones(40), y) == 0.0).all()


def test_where_half_are_shifted_the_market_is_doubtful_too(returns: pd.DataFrame) -> None:
    late = returns.drop(columns="C").assign(A=returns["A"].shift(1))
    found = run(late).findings
    assert dict(zip(found["ticker"], found["severity"], strict=True)) == {"A": "error", "MKT": "warning"}


def test_another_exchange_may_well_lag(returns: pd.DataFrame) -> None:
    late = returns.assign(A=returns["A"].shift(1)).rename(columns={"A": "A.KS"})
    events = event_frame([("e", "A.KS", 300)], late.index)
    assert es.run(events, returns=late, design=DESIGN).findings.empty


def test_news_that_turns_is_no_spike(returns: pd.DataFrame) -> None:
    returns.loc["2018-11-06", "A"], returns.loc["2018-11-07", "A"] = 0.5, -0.2
    assert run(returns).findings.empty


MOST_PER_100_YEARS = 3  #: new warnings of clean series that may be wrong
SESSIONS_A_YEAR = 252


def test_real_series_raise_no_false_alarm(shared: Path) -> None:
    """No error, and few warnings, in returns that are known to be sound, were every session used."""
    source = DirectorySource(shared / "prices")
    series = {name: source.whole(name) for name in source.tickers()}
    matrix = returns_from_prices(series, {"": union_axis(list(series.values()))}, "simple")
    used = np.ones(len(matrix.dates), dtype=bool)
    table = ReturnTable(tuple(matrix.columns), matrix.dates, matrix.values, benchmark="SPY", used=used)
    found = return_findings(table, table.names)
    years = np.isfinite(matrix.values).sum() / SESSIONS_A_YEAR
    assert years > 250
    assert [each for each in found if each.severity == "error"] == []
    assert len(found) <= MOST_PER_100_YEARS * years / 100


def test_every_rule_of_returns_is_tried() -> None:
    assert {rule for _, rule, _, _ in CHANGES.values()} | {
        "impossible-return",
        "huge-return",
        "weekdays",
    } == {
        *RETURN_RULES,
        *TABLE_RULES,
    }
