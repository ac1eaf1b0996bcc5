"""The traps that the bundled events set: each test fails where its trap is walked into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panels import bundled

import eventstudy as es
from eventstudy.events.articles import read_cards
from eventstudy.events.study_file import read_study

#: a rounded percent: half a unit of its last digit
PERCENT = 5e-5


@pytest.fixture(scope="module")
def result() -> es.EventStudyResult:
    return bundled()


@pytest.fixture(scope="module")
def listed(result: es.EventStudyResult) -> pd.DataFrame:
    return result.events.set_index(["event_id", "ticker"])


def car(result: es.EventStudyResult, event: str, ticker: str, window: tuple[int, int] = (0, 0)) -> float:
    return float(
        result.cars.set_index(["event_id", "ticker", "start", "end"]).loc[(event, ticker, *window), "car"]
    )


def test_a_market_holiday_is_no_session(listed: pd.DataFrame) -> None:
    row = listed.loc[("deepseek-r1-release", "NVDA")]
    assert (str(row["session"].date()), row["shift"], row["timing"]) == ("2025-01-21", 1, "unknown")


def test_the_leak_of_stargate_confounds_oracle_and_nobody_else(listed: pd.DataFrame) -> None:
    told = {
        ticker: "Stargate reported" in listed.loc[("deepseek-r1-release", ticker), "confounders"]
        for ticker in ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")
    }
    assert told == {"NVDA": False, "ORCL": True, "AMD": False, "GOOGL": False, "MSFT": False}


def test_both_january_events_lie_in_the_window_of_the_selloff(listed: pd.DataFrame) -> None:
    told = listed.loc[("deepseek-selloff", "ORCL"), "confounders"]
    assert "deepseek-r1-release at tau -4" in told
    assert "stargate-announcement at tau -3" in told


def test_the_events_of_autumn_2025_overlap_each_other(listed: pd.DataFrame) -> None:
    autumn = listed[listed["session"].between("2025-09-10", "2025-10-08")].xs("AMD", level="ticker")
    assert len(autumn) == 8
    assert (autumn["n_overlap_window"] > 0).all()
    assert (autumn.sort_values("session")["n_overlap_estimation"].diff().dropna() >= 0).all()
    assert autumn["n_overlap_estimation"].iloc[-1] > autumn["n_overlap_estimation"].iloc[0]


def test_two_events_of_one_session_count_once(result: es.EventStudyResult) -> None:
    for ticker in ("NVDA", "GOOGL"):
        same = {car(result, event, ticker) for event in ("alphabet-q2-2024-call", "openai-5b-loss-report")}
        assert len(same) == 1
    tests = result.tests
    row = tests[
        (tests["level"] == "ticker")
        & (tests["key"] == "GOOGL")
        & (tests["test"] == "cross_section_t")
        & (tests["start"] == 0)
        & (tests["end"] == 0)
    ].set_index("unit")
    assert (row["n"] == 22).all()
    assert row["note"].str.contains("23 firm-events are 22 firm-days, each counted once").all()
    once = result.cars[
        (result.cars["ticker"] == "GOOGL") & (result.cars["start"] == 0) & (result.cars["end"] == 0)
    ]
    values = once[once["event_id"] != "openai-5b-loss-report"]["car"].to_numpy()
    t = values.mean() / (values.std(ddof=1) / np.sqrt(22))
    assert row.loc["date", "statistic"] == pytest.approx(t, rel=1e-12)


@pytest.mark.parametrize(
    ("event", "ticker", "words"),
    [
        ("gemini-3-launch", "NVDA", "2025-11-20 Nvidia's results"),
        ("gemini-3-launch", "MSFT", "partnership"),
        ("oracle-300b-report", "ORCL", "Oracle's results"),
        ("openai-reasoning-model", "ORCL", "Oracle's results"),
    ],
)
def test_what_else_is_known_is_flagged(listed: pd.DataFrame, event: str, ticker: str, words: str) -> None:
    assert listed.loc[(event, ticker), "confounded"]
    assert words in listed.loc[(event, ticker), "confounders"]


def test_the_split_of_nvidia_is_no_fall_of_ninety_percent(result: es.EventStudyResult) -> None:
    prices = result.prices[result.prices["ticker"] == "NVDA"].set_index("session")
    assert prices.loc["2024-06-10", "ret"] == pytest.approx(0.0075, abs=PERCENT)
    assert prices["ret"].abs().max() < 0.25


def test_day_0_is_of_the_event_and_not_of_the_korean_paper(repo: Path, listed: pd.DataFrame) -> None:
    study = read_study(repo / "events.yaml")
    cards = read_cards(repo / "seeds")
    event = next(event for event in study.events if event.id == "august-2024-selloff")
    printed = cards[event.evidence[0].card].article.date
    assert str(printed) == "2024-08-07"
    assert str(listed.loc[("august-2024-selloff", "NVDA"), "session"].date()) == "2024-08-05"


def test_news_after_the_close_is_not_of_that_day(listed: pd.DataFrame) -> None:
    after = {
        "altman-chip-fund": "2024-02-09",
        "nvda-earnings-fy24q4": "2024-02-22",
        "stargate-announcement": "2025-01-22",
        "nvidia-xai-stake": "2025-10-08",
        "code-red-memo": "2025-12-02",
    }
    for event, session in after.items():
        assert str(listed.loc[(event, "NVDA"), "session"].date()) == session


def test_an_index_that_holds_the_stock_hides_a_part_of_its_fall(
    repo: Path, result: es.EventStudyResult
) -> None:
    outside = {"ticker": "SPY", "exclude_self": {"NVDA": 0.066}}
    measured = {"offline": True, "tickers": ["NVDA", "MSFT"]}
    without = es.run(repo / "events.yaml", benchmark=outside, **measured)
    assert car(without, "deepseek-selloff", "NVDA") < car(result, "deepseek-selloff", "NVDA") - 0.02
    assert car(without, "deepseek-selloff", "MSFT") == car(result, "deepseek-selloff", "MSFT")
    basket = es.run(repo / "events.yaml", benchmark=["NVDA", "ORCL", "AMD", "GOOGL", "MSFT"], **measured)
    assert len(basket.coefficients) == 2 * 23 * 2
    assert car(basket, "deepseek-selloff", "MSFT") > car(result, "deepseek-selloff", "MSFT") + 0.02
