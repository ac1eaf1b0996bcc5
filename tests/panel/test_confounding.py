"""What else happened to the security: listed events in both windows, stated confounders, and their words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panels import bundled, one, pick, random_returns, study

import eventstudy as es
from eventstudy.events.event import Confounder


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, ("A", "B"), n=600)


def counts(result: es.EventStudyResult, event_id: str) -> tuple[int, int]:
    row = one(result.events, event_id=event_id)
    return int(row["n_overlap_window"]), int(row["n_overlap_estimation"])


def test_other_events_of_the_ticker_are_counted_where_they_fall(returns: pd.DataFrame) -> None:
    rows = [
        ("e", "A", 400),
        ("first", "A", 395),  # tau -5
        ("last", "A", 405),  # tau +5
        ("beyond", "A", 406),
        ("gap", "A", 392),  # between the windows
        ("recent", "A", 389),  # tau -11
        ("oldest", "A", 140),  # tau -260
        ("older", "A", 139),
        ("twin", "A", 400),
        ("foreign", "B", 400),
    ]
    result = study(returns, rows)
    assert counts(result, "e") == (3, 2)
    assert counts(result, "twin") == (3, 2)
    assert counts(result, "foreign") == (0, 0)
    row = one(result.events, event_id="e")
    assert row["confounded"]
    assert row["confounders"] == "first at tau -5; twin at tau +0; last at tau +5"
    assert pd.isna(one(result.events, event_id="foreign")["confounders"])


def test_a_crowded_window_names_five_and_counts_the_rest(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 400), *((f"x{tau}", "A", 400 + tau) for tau in range(-4, 5) if tau)]
    words = one(study(returns, rows).events, event_id="e")["confounders"]
    shown = [f"x{tau} at tau {tau:+d}" for tau in (-4, -3, -2, -1, 1)]
    assert words == "; ".join([*shown, "and 3 more listed events"])


def test_counts_are_those_of_a_double_loop(returns: pd.DataFrame, rng: np.random.Generator) -> None:
    days = rng.integers(280, 590, 40)
    rows = [(f"e{place}", "AB"[place % 2], int(day)) for place, day in enumerate(days)]
    result = study(returns, rows)
    for place, (event_id, ticker, day) in enumerate(rows):
        apart = [other - day for at, (_, name, other) in enumerate(rows) if at != place and name == ticker]
        expected = (sum(-5 <= tau <= 5 for tau in apart), sum(-260 <= tau <= -11 for tau in apart))
        assert counts(result, event_id) == expected


def test_the_event_itself_is_no_confounder_wherever_its_windows_lie(returns: pd.DataFrame) -> None:
    result = study(returns, [("e", "A", 400)], estimation=(-100, 0), window=(1, 5), car_windows=((1, 1),))
    assert counts(result, "e") == (0, 0)


def test_events_without_a_place_confound_nothing(returns: pd.DataFrame) -> None:
    rows = [("e", "A", 400), ("far", "A", "2035-01-02"), ("further", "A", "2036-01-02")]
    result = study(returns, rows)
    assert [counts(result, name) for name, _, _ in rows] == [(0, 0)] * 3


def test_a_stated_confounder_counts_inside_the_event_window_alone() -> None:
    dates = pd.bdate_range("2018-01-02", periods=420)
    closes = 50 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, (420, 2)), axis=0))
    prices = pd.DataFrame(closes, index=dates, columns=["AAA", "SPY"])
    stated = tuple(
        Confounder("AAA", pd.Timestamp(day).date(), reason)
        for day, reason in (
            ("2019-03-08", "results"),
            ("2019-03-20", "a split"),
            ("2019-03-04", "in the window"),
        )
    )
    event = es.Event(id="e", title="t", when=pd.Timestamp("2019-03-11").date(), confounders=stated)
    row = one(es.run([event], prices=prices, tickers=["AAA"]).events, event_id="e")
    assert row["confounded"]
    assert row["confounders"] == "2019-03-08 results; 2019-03-04 in the window"


class TestTheBundledStudy:
    """The traps that these events set."""

    def test_two_events_of_one_session_are_the_same_returns_twice(self) -> None:
        pair = ["alphabet-q2-2024-call", "openai-5b-loss-report"]
        rows = bundled().abnormal_returns
        first, second = (pick(rows, event_id=name) for name in pair)
        np.testing.assert_array_equal(first["ar"], second["ar"])
        assert (first["session"].to_numpy() == second["session"].to_numpy()).all()
        for name, other in (pair, pair[::-1]):
            row = one(bundled().events, event_id=name, ticker="GOOGL")
            assert f"{other} at tau +0" in row["confounders"]

    def test_they_count_once_among_dates(self) -> None:
        tests = pick(bundled().tests, test="cross_section_t", start=0, end=0)
        everything = one(tests, level="all", unit="date")
        assert (everything["n"], everything["n_dates"]) == (22, 22)
        assert one(tests, level="all", unit="firm-event")["n"] == 110
        rows = pick(bundled().abnormal_returns, tau=0)
        means = rows.drop_duplicates(["ticker", "session"]).groupby("session")["ar"].mean()
        t = means.mean() / (means.std(ddof=1) / np.sqrt(len(means)))
        assert everything["statistic"] == pytest.approx(t, rel=1e-10)

    def test_the_crowded_autumn_of_2025_is_flagged(self) -> None:
        autumn = bundled().events.query("'2025-09-10' <= session <= '2025-10-08'")
        assert autumn["event_id"].nunique() == 8
        nvda = pick(autumn, ticker="NVDA")
        assert (nvda["n_overlap_window"] >= 1).all()
        assert nvda["confounded"].all()
        last = one(nvda, event_id="nvidia-xai-stake")
        assert last["n_overlap_estimation"] == 7  # January's three, and September's first four

    def test_oracle_s_results_are_told_beside_its_contract_and_its_fall(self) -> None:
        for event_id in ("oracle-300b-report", "openai-reasoning-model"):
            row = one(bundled().events, event_id=event_id, ticker="ORCL")
            assert row["confounded"]
            assert "result" in row["confounders"].lower()
        others = pick(bundled().events, event_id="openai-reasoning-model", ticker="GOOGL")
        assert "Oracle" not in str(others.iloc[0]["confounders"])

    def test_nvidia_s_results_and_partnership_are_told_at_the_launch_of_gemini(self) -> None:
        words = one(bundled().events, event_id="gemini-3-launch", ticker="NVDA")["confounders"].lower()
        assert "result" in words
        assert "partner" in words or "anthropic" in words

    def test_stargate_lies_in_the_window_of_the_selloff_and_on_the_release(self) -> None:
        row = one(bundled().events, event_id="deepseek-selloff", ticker="ORCL")
        assert "stargate-announcement at tau -3" in row["confounders"]
        assert "deepseek-r1-release at tau -4" in row["confounders"]

    def test_no_window_holds_martin_luther_king_day(self) -> None:
        row = pick(bundled().abnormal_returns, event_id="deepseek-r1-release", ticker="NVDA")
        found = dict(zip(row["tau"], row["session"].dt.strftime("%Y-%m-%d"), strict=True))
        assert (found[-1], found[0], found[1]) == ("2025-01-17", "2025-01-21", "2025-01-22")
