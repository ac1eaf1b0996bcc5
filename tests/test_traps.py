"""The traps that the bundled events set: each test fails where its trap is walked into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panels import bundled, bundled_unmasked

import eventstudy as es
from eventstudy.events.articles import read_cards
from eventstudy.events.study_file import read_study

#: a rounded percent: half a unit of its last digit
PERCENT = 5e-5
TICKERS = ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")


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
        ("sequoia-600b-question", "ORCL", "Oracle's results (tau -5)"),
        *(
            (event, ticker, words)
            for event in ("alphabet-q2-2024-call", "openai-5b-loss-report")
            for ticker, words in (
                ("AMD", "AMD's results (tau +5)"),
                ("MSFT", "Microsoft's results (tau +5)"),
                ("GOOGL", "2024-07-24 Alphabet's results"),
            )
        ),
        ("elliott-bubble-letter", "AMD", "AMD's results (tau -2)"),
        ("elliott-bubble-letter", "MSFT", "Microsoft's results (tau -2)"),
        ("august-2024-selloff", "AMD", "AMD's results (tau -3)"),
        ("august-2024-selloff", "MSFT", "Microsoft's results (tau -3)"),
        ("deepseek-selloff", "MSFT", "2025-01-30 Microsoft's results (tau +3)"),
        ("oracle-300b-report", "ORCL", "Oracle's results (tau +0)"),
        ("coreweave-nvidia-backstop", "ORCL", "Oracle's results (tau -3)"),
        ("gemini-3-launch", "NVDA", "2025-11-20 Nvidia's results (tau +2)"),
        ("openai-reasoning-model", "ORCL", "Oracle's results (tau +0)"),
        ("august-2024-selloff", "GOOGL", "monopolist in search (tau +0)"),
        ("nvidia-openai-100b", "ORCL", "two chief executives (tau +0)"),
        ("coreweave-nvidia-backstop", "NVDA", "China's regulator accuses Nvidia"),
        *(
            ("elliott-bubble-letter", ticker, words)
            for ticker in TICKERS
            for words in ("payrolls grow much less than expected (tau +0)", "Amazon and Intel")
        ),
        *(("august-2024-selloff", ticker, "2024-08-02 US payrolls") for ticker in TICKERS),
        ("code-red-memo", "MSFT", "sales quotas for AI products (tau +1)"),
        *(
            ("deepseek-r1-release", ticker, "Stargate reported before it was announced (tau +0)")
            for ticker in TICKERS
        ),
        *(
            ("stargate-announcement", ticker, "Stargate reported before it was announced (tau -1)")
            for ticker in TICKERS
        ),
        *(
            ("deepseek-selloff", ticker, "Stargate reported before it was announced (tau -4)")
            for ticker in TICKERS
        ),
        ("gemini-3-launch", "MSFT", "partnership of Microsoft, Nvidia and Anthropic announced (tau +0)"),
    ],
)
def test_what_else_is_known_is_flagged(listed: pd.DataFrame, event: str, ticker: str, words: str) -> None:
    assert listed.loc[(event, ticker), "confounded"]
    assert words in listed.loc[(event, ticker), "confounders"]


def test_no_results_but_these_lie_in_an_event_window(listed: pd.DataFrame) -> None:
    """The list is complete, and results that are the event itself confound nothing."""
    flagged = listed.index[listed["confounders"].fillna("").str.contains("'s results")]
    assert set(flagged) == {
        ("sequoia-600b-question", "ORCL"),
        *(
            (e, t)
            for e in ("alphabet-q2-2024-call", "openai-5b-loss-report")
            for t in ("AMD", "MSFT", "GOOGL")
        ),
        *((e, t) for e in ("elliott-bubble-letter", "august-2024-selloff") for t in ("AMD", "MSFT")),
        ("deepseek-selloff", "MSFT"),
        ("oracle-300b-report", "ORCL"),
        ("coreweave-nvidia-backstop", "ORCL"),
        ("gemini-3-launch", "NVDA"),
        ("openai-reasoning-model", "ORCL"),
    }
    assert "results" not in str(listed.loc[("nvda-earnings-fy24q4", "NVDA"), "confounders"])


def test_the_number_of_known_dates_stands_beside_every_firm_event(listed: pd.DataFrame) -> None:
    number = listed["n_known"].groupby("ticker").unique()
    assert {ticker: found.tolist() for ticker, found in number.items()} == {
        "NVDA": [12],  # eight of results, two of the market, China's regulator and the partnership
        "AMD": [10],
        "GOOGL": [11],
        "MSFT": [12],
        "ORCL": [12],
    }


def test_the_sessions_with_results_are_left_out_of_the_reference(result: es.EventStudyResult) -> None:
    sessions = result.manifest["masked_dates"]
    assert sum(len(days) for days in sessions.values()) == 41
    assert sessions["NVDA"][0] == "2024-02-22"
    residuals = result.residuals
    used = set(zip(residuals["ticker"], residuals["session"].dt.strftime("%Y-%m-%d"), strict=True))
    assert not used & {(ticker, day) for ticker, days in sessions.items() for day in days}


def test_what_is_named_depends_on_the_sessions_with_results(result: es.EventStudyResult) -> None:
    """Figures of a calculation by other code: 10 and 1 with the 41 sessions left out, 2 and 2 with them."""
    headline = result.view().headline
    assert [headline[name] for name in ("firm_days", "named", "beyond_doubt")] == [110, 10, 1]
    assert result.manifest["unmasked"] == {"firm_days": 110, "named": 2, "beyond_doubt": 2}
    said = "With 41 dates left in the reference, 2 of 110 would be named, 2 of them beyond doubt."
    assert said in headline["sentences"]


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


@pytest.mark.parametrize(
    ("benchmark", "percent"),
    [
        ("SPY ex event", {"NVDA": -17.5, "ORCL": -14.1, "AMD": -6.5, "GOOGL": -4.4, "MSFT": -2.3}),
        ("AAPL+AMZN+META+TSLA", {"NVDA": -17.9, "AMD": -6.8, "GOOGL": -4.6, "MSFT": -2.5}),
        ("SPY", {"NVDA": -13.4, "AMD": -3.1, "GOOGL": -2.5, "MSFT": -0.4}),
    ],
)
def test_without_the_event_s_tickers_all_fall_on_the_day_of_deepseek(
    benchmark: str, percent: dict[str, float]
) -> None:
    """Figures of a calculation by other code, to its digits, with every session in the estimation window."""
    rows = bundled_unmasked().benchmarks
    day = rows[(rows["event_id"] == "deepseek-selloff") & (rows["start"] == 0) & (rows["end"] == 0)]
    found = day[day["benchmark"] == benchmark].set_index("ticker")["car"]
    assert {ticker: round(100 * found[ticker], 1) for ticker in percent} == percent
