"""The articles' claims: each kind judged on prices small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import said

from eventstudy.events.claim import Claim
from eventstudy.events.event import Event
from eventstudy.prices.claims import ClaimVerdict, claim_columns, claimed_tickers, judge_claims
from eventstudy.prices.source import PriceSeries
from eventstudy.schema import TABLES

# Thursday to Wednesday; the closes make returns of +10%, -10%, +1%, -20%
DAYS = np.array(["2025-01-02", "2025-01-03", "2025-01-06", "2025-01-07", "2025-01-08"], dtype="datetime64[D]")
CLOSE = np.array([100.0, 110.0, 99.0, 99.99, 79.992])
LAST = date(2025, 1, 8)


def prices(ticker: str = "A", **changes: Any) -> PriceSeries:
    series = PriceSeries(
        ticker, DAYS, open=CLOSE * 1.02, high=CLOSE * 1.05, low=CLOSE * 0.95, close=CLOSE,
        volume=CLOSE * 0 + 1e6, dividend=CLOSE * 0, source="frame",
    )  # fmt: skip
    return replace(series, **changes)


def judged(series: PriceSeries | None = None, **claim: Any) -> ClaimVerdict:
    event = Event("e", LAST, claims=(Claim(**({"ticker": "A", "on": LAST} | claim)),))
    (verdict,) = judge_claims([event], {"A": series or prices()})
    return verdict


class TestCloseToClose:
    @pytest.mark.parametrize(
        ("stated", "on", "sessions", "verdict"),
        [
            ("-20%", "2025-01-08", 1, "confirmed"),
            ("-20.00%", "2025-01-08", 1, "confirmed"),
            ("-20.1%", "2025-01-08", 1, "contradicted"),
            ("20%", "2025-01-08", 1, "contradicted"),
            ("10%", "2025-01-03", 1, "confirmed"),
            ("-20.01%", "2025-01-08", 4, "confirmed"),  # 79.992 / 100 - 1 = -20.008%
            ("-20.00%", "2025-01-08", 4, "contradicted"),
            ("-20.0%", "2025-01-08", 4, "confirmed"),
            ("1.0%", "2025-01-07", 1, "confirmed"),
        ],
    )
    def test_counts_within_half_a_unit_of_the_last_digit(
        self, stated: str, on: str, sessions: int, verdict: str
    ) -> None:
        day, at = date.fromisoformat(on), [str(day) for day in DAYS].index(on)
        found = judged(kind="close_to_close", stated=stated, on=day, sessions=sessions)
        assert found.verdict == verdict, found.reason
        assert found.measured == pytest.approx(CLOSE[at] / CLOSE[at - sessions] - 1)
        assert (found.low, found.high) == (None, None)

    def test_half_a_unit_is_still_within(self) -> None:
        close = np.array([100.0, 100.0, 100.0, 100.0, 93.635])
        assert judged(prices(close=close), kind="close_to_close", stated="-6.36%").verdict == "confirmed"
        close[-1] = 93.634
        assert judged(prices(close=close), kind="close_to_close", stated="-6.36%").verdict == "contradicted"

    @pytest.mark.parametrize(
        ("stated", "bound", "verdict"),
        [
            ("9%", "over", "confirmed"),
            ("10%", "over", "contradicted"),
            ("10%", "at_least", "confirmed"),
            ("11%", "at_least", "contradicted"),
            ("-9%", "over", "contradicted"),
        ],
    )
    def test_a_bound_is_exact(self, stated: str, bound: str, verdict: str) -> None:
        found = judged(kind="close_to_close", stated=stated, bound=bound, on=date(2025, 1, 3))
        assert found.verdict == verdict, found.reason

    def test_a_bound_on_a_fall_is_passed_downwards(self) -> None:
        assert judged(kind="close_to_close", stated="-19%", bound="over").verdict == "confirmed"
        assert judged(kind="close_to_close", stated="-21%", bound="over").verdict == "contradicted"

    def test_dividends_do_not_count(self) -> None:
        paid = prices(dividend=np.array([0.0, 0.0, 0.0, 0.0, 20.0]))
        assert judged(paid, kind="close_to_close", stated="-20%").verdict == "confirmed"

    def test_adjusted_closes_are_said_to_be_so(self) -> None:
        found = judged(prices(adjusted_only=True), kind="close_to_close", stated="-20%")
        assert found.reason.endswith("(dividend-adjusted closes)")

    @pytest.mark.parametrize(
        ("stated", "on", "verdict"),
        [
            ("down", LAST, "confirmed"),
            ("up", LAST, "contradicted"),
            ("up", date(2025, 1, 7), "confirmed"),
        ],
    )
    def test_a_sign(self, stated: str, on: date, verdict: str) -> None:
        found = judged(kind="sign", stated=stated, on=on)
        assert (found.verdict, found.stated) == (verdict, None)

    def test_no_change_is_no_sign(self) -> None:
        flat = prices(close=CLOSE * 0 + 100)
        assert {judged(flat, kind="sign", stated=stated).verdict for stated in ("up", "down")} == {
            "contradicted"
        }


class TestWithinTheSession:
    # on the last day: close before 99.99, high 83.9916 (-16.0%), low 75.9924 (-24.0%)
    @pytest.mark.parametrize(
        ("stated", "verdict"),
        [
            ("-16.0%", "consistent"),
            ("-15.9%", "contradicted"),
            ("-15.96%", "contradicted"),
            ("-20%", "consistent"),
            ("-24%", "consistent"),
            ("-25%", "contradicted"),
            ("20%", "contradicted"),
            ("80", "consistent"),
            ("84", "consistent"),
            ("85", "contradicted"),
            ("75.9", "contradicted"),
            ("75.99", "consistent"),
        ],
    )
    def test_a_figure_at_a_time_lies_in_the_session_s_range(self, stated: str, verdict: str) -> None:
        found = judged(kind="intraday", stated=stated, at="10:00")
        assert found.verdict == verdict, found.reason
        scale = (99.99, 1.0) if stated.endswith("%") else (1.0, 0.0)
        assert found.low == pytest.approx(75.9924 / scale[0] - scale[1])
        assert found.high == pytest.approx(83.9916 / scale[0] - scale[1])
        assert found.measured is None

    def test_a_price_is_the_one_of_that_day_before_later_splits(self) -> None:
        split = prices(split=np.array([0.0, 0.0, 0.0, 0.0, 10.0]))
        day = date(2025, 1, 7)
        assert judged(split, kind="intraday", stated="1000", at="10:00", on=day).verdict == "consistent"
        assert judged(split, kind="intraday", stated="100", at="10:00", on=day).verdict == "contradicted"
        assert judged(split, kind="intraday", stated="80", at="10:00").verdict == "consistent"

    @pytest.mark.parametrize(
        ("stated", "bound", "verdict"),
        [("6%", None, "confirmed"), ("6.1%", "at_least", "contradicted"), ("6%", "over", "confirmed")],
    )
    def test_what_was_reached_at_some_point(self, stated: str, bound: str | None, verdict: str) -> None:
        found = judged(kind="intraday_high", stated=stated, bound=bound, on=date(2025, 1, 7))
        assert found.verdict == verdict  # 1.05 * 99.99 / 99 - 1 = 6.05%
        assert found.measured == pytest.approx(1.05 * 99.99 / 99 - 1)

    @pytest.mark.parametrize(
        "claim",
        [
            {"kind": "intraday", "stated": "1%", "at": "10:00"},
            {"kind": "intraday_high", "stated": "1%"},
        ],
    )
    def test_without_high_and_low_nothing_is_said(self, claim: Mapping[str, Any]) -> None:
        found = judged(prices(high=CLOSE * np.nan), **claim)
        assert found.verdict == "not testable"
        assert "no high and low on 2025-01-08" in found.reason


class TestBeyondDailyBars:
    def test_before_the_open_the_gap_is_shown(self) -> None:
        found = judged(kind="premarket", stated="-12%", at="07:50")
        assert found.verdict == "not testable"
        assert found.measured == pytest.approx(1.02 * 79.992 / 99.99 - 1)
        assert "trades before the open" in found.reason
        assert "-18.40%" in found.reason

    def test_without_an_open_there_is_no_gap(self) -> None:
        found = judged(prices(open=CLOSE * np.nan), kind="premarket", stated="-12%")
        assert (found.verdict, found.measured) == ("not testable", None)

    def test_market_value_shows_the_change_from_every_candidate(self) -> None:
        days = (date(2025, 1, 2), date(2025, 1, 4), date(2025, 1, 6))
        found = judged(kind="market_value", stated="-5 billion dollars", since=days)
        assert (found.verdict, found.stated) == ("not testable", -5e9)
        assert "shares outstanding" in found.reason
        assert found.reason.endswith("-20.0% from 2025-01-02, no close on 2025-01-04, -19.2% from 2025-01-06")


class TestSinceARange:
    # to the last close: -20.0%, -27.3%, -19.2%, -20%
    @pytest.mark.parametrize(
        ("stated", "bound", "verdict", "share"),
        [
            ("-19%", "over", "confirmed", "4 of the 4 sessions"),
            ("-20%", "over", "consistent", "2 of the 4 sessions"),
            ("-27.3%", None, "consistent", "1 of the 4 sessions"),
            ("-30%", "at_least", "contradicted", "0 of the 4 sessions"),
        ],
    )
    def test_counts_the_starts_that_satisfy_it(
        self, stated: str, bound: str | None, verdict: str, share: str
    ) -> None:
        since = (date(2025, 1, 2), date(2025, 1, 7))
        found = judged(kind="since_range", stated=stated, bound=bound, since=since)
        assert found.verdict == verdict, found.reason
        assert share in found.reason
        assert found.low == pytest.approx(79.992 / 110 - 1)
        assert found.high == pytest.approx(79.992 / 99 - 1)

    @pytest.mark.parametrize(
        ("since", "words"),
        [
            ((date(2025, 1, 1), date(2025, 1, 7)), "begins on 2025-01-02, after 2025-01-01"),
            ((date(2025, 1, 4), date(2025, 1, 5)), "no close from 2025-01-04 to 2025-01-05"),
        ],
    )
    def test_needs_the_whole_range(self, since: tuple[date, date], words: str) -> None:
        found = judged(kind="since_range", stated="1%", since=since)
        assert found.verdict == "not testable"
        assert words in found.reason


class TestMissingPrices:
    @pytest.mark.parametrize(
        ("series", "claim", "words"),
        [
            (prices(), {"ticker": "^IXIC"}, "no price series of ^IXIC"),
            (prices(), {"on": date(2025, 1, 4)}, "no session 2025-01-04"),
            (prices(), {"on": date(2025, 1, 9)}, "runs from 2025-01-02 to 2025-01-08, without 2025-01-09"),
            (prices(), {"on": date(2024, 1, 9)}, "without 2024-01-09"),
            (prices(), {"sessions": 5}, "begins on 2025-01-02, not 5 sessions before"),
            (prices(close=np.array([1, 1, 1, 1, np.nan])), {}, "no close on 2025-01-08"),
            (prices(close=np.array([1, 1, 1, np.nan, 1])), {}, "no close on 2025-01-07"),
        ],
    )
    def test_are_named(self, series: PriceSeries, claim: Mapping[str, Any], words: str) -> None:
        found = judged(series, **({"kind": "close_to_close", "stated": "1%"} | claim))
        assert found.verdict == "not testable"
        assert words in found.reason
        assert found.stated == 0.01
        assert found.measured is None

    def test_an_empty_series_is_none(self) -> None:
        nothing = CLOSE[:0]
        empty = prices(sessions=DAYS[:0], open=nothing, high=nothing, low=nothing, close=nothing)
        assert "no price series of A" in judged(empty, kind="sign", stated="up").reason

    def test_a_session_that_only_this_series_lacks_is_a_hole(self) -> None:
        event = Event("e", LAST, claims=(Claim(ticker="A", kind="sign", on=LAST, stated="down"),))
        keep = [0, 1, 2, 4]
        parts = {name: getattr(prices(), name)[keep] for name in ("sessions", "open", "high", "low", "close")}
        holed = prices(**parts)
        (alone,) = judge_claims([event], {"A": holed})
        assert alone.verdict == "confirmed"
        (among,) = judge_claims([event], {"A": holed, "B": prices("B"), "C": prices("C")})
        assert among.verdict == "not testable"
        assert "lacks the session 2025-01-07" in among.reason


class TestTable:
    CLAIMS = (
        Claim(ticker="A", kind="sign", on=LAST, stated="down", card="001-fall"),
        Claim(ticker="^IXIC", kind="sign", on=LAST, stated="down"),
        Claim(ticker="A", kind="close_to_close", on=LAST, stated="-20%"),
    )

    def test_has_the_columns_of_the_schema_in_the_order_of_the_claims(self) -> None:
        columns = claim_columns(judge_claims([Event("e", LAST, claims=self.CLAIMS)], {"A": prices()}))
        assert list(columns) == [column.name for column in TABLES["claims"]]
        assert columns["ticker"] == ["A", "^IXIC", "A"]
        assert columns["card"] == ["001-fall", "", ""]
        assert columns["stated"] == [None, None, -0.2]
        assert columns["verdict"] == ["confirmed", "not testable", "confirmed"]
        assert {len(values) for values in columns.values()} == {3}

    def test_is_never_without_its_columns(self) -> None:
        columns = claim_columns(judge_claims([Event("e", LAST)], {}))
        assert list(columns) == [field.name for field in fields(ClaimVerdict)]
        assert all(values == [] for values in columns.values())

    def test_tells_which_tickers_it_needs(self) -> None:
        assert claimed_tickers([Event("e", LAST, claims=self.CLAIMS), Event("f", LAST)]) == ("A", "^IXIC")


class TestSentences:
    """Close before: 99.99. So -20% is a price from 79.49 to 80.49, and 80 a return from -20.5% to -19.5%."""

    @staticmethod
    def together(*claims: dict[str, Any], series: PriceSeries | None = None) -> ClaimVerdict:
        shared = {"ticker": "A", "on": LAST, "kind": "intraday", "at": "10:00", "sentence": "s"}
        event = Event("e", LAST, claims=tuple(Claim(**shared | claim) for claim in claims))
        rows = judge_claims([event], {"A": series or prices()})
        assert {row.sentence for row in rows} == {"s"}
        assert len({(row.sentence_verdict, row.sentence_reason) for row in rows}) == 1
        return rows[0]

    @pytest.mark.parametrize(
        ("stated", "level", "verdict"),
        [
            ("-20%", "80", "consistent"),
            ("-20.0%", "80", "consistent"),
            ("-21%", "80", "contradicted"),  # at most -20.5%, and 79.5 is -20.49%
            ("-21%", "79", "consistent"),
            ("-22%", "80", "contradicted"),
            ("-20.4%", "80", "consistent"),
            ("-20.4%", "80.0", "contradicted"),
        ],
    )
    def test_a_return_and_a_price_may_exclude_each_other(self, stated: str, level: str, verdict: str) -> None:
        found = self.together({"stated": stated}, {"stated": level})
        assert found.verdict == "consistent"
        assert found.sentence_verdict == verdict
        assert (f"not {stated}: one excludes the other" in found.sentence_reason) == (verdict != "consistent")

    def test_a_price_is_in_the_money_of_its_day(self) -> None:
        split = prices(split=np.array([0, 0, 0, 0, 0.0]))
        later = replace(
            prices(),
            sessions=np.append(DAYS, np.datetime64("2025-01-09")),
            **{name: np.append(getattr(prices(), name), 40.0) for name in ("open", "high", "low", "close")},
            volume=np.ones(6),
            dividend=np.zeros(6),
            split=np.array([0, 0, 0, 0, 0, 2.0]),
        )
        assert (
            self.together({"stated": "-20%"}, {"stated": "80"}, series=split).sentence_verdict == "consistent"
        )
        assert (
            self.together({"stated": "-20%"}, {"stated": "160"}, series=later).sentence_verdict
            == "consistent"
        )
        assert (
            self.together({"stated": "-20%"}, {"stated": "150"}, series=later).sentence_verdict
            == "contradicted"
        )

    def test_it_is_as_weak_as_its_weakest(self) -> None:
        assert self.together({"stated": "-20%"}, {"stated": "-50%"}).sentence_verdict == "contradicted"
        found = self.together({"stated": "-20%"}, {"stated": "-20%", "kind": "premarket", "at": ""})
        assert found.sentence_verdict == "not testable"

    def test_figures_of_other_moments_exclude_nothing(self) -> None:
        found = self.together({"stated": "-20%"}, {"stated": "-22%", "at": "11:00"})
        assert found.sentence_verdict == "consistent"
        assert self.together({"stated": "-20%"}, {"stated": "-22%"}).sentence_verdict == "contradicted"

    def test_a_claim_without_a_label_is_no_sentence(self) -> None:
        assert judged(kind="sign", stated="down").sentence_verdict is None


def test_the_claims_of_the_articles(repo: Path) -> None:
    """Judged without a network: what daily bars can judge is judged, and two figures contradict them."""
    rows = said("claims", "--offline", "--json", cwd=repo).document["claims"]
    verdicts: dict[str, set[str]] = {}
    for row in rows:
        verdicts.setdefault(row["verdict"], set()).add(f"{row['ticker']} {row['kind']}")
    assert verdicts["contradicted"] == {"CEG intraday", "SMR intraday"}
    assert verdicts["confirmed"] == {
        "NVDA intraday_high",
        "ARM close_to_close",
        "NVDA close_to_close",
        *(f"{ticker} sign" for ticker in ("MSFT", "GOOGL", "AAPL", "AMZN", "META", "TSLA")),
    }
    assert verdicts["not testable"] == {
        "^IXIC intraday",
        "ORCL market_value",
        *(f"{ticker} premarket" for ticker in ("NVDA", "PLTR", "SMCI", "ORCL", "VRT", "TSLA")),
    }
    assert verdicts["consistent"] == {
        "GOOGL since_range",
        *(f"{t} intraday" for t in ("NVDA", "AVGO", "MRVL", "MSFT", "META", "PLTR", "^GSPC", "^DJI")),
    }
    pair = [row for row in rows if row["sentence"]]
    assert [row["as_stated"] for row in pair] == ["-11.5%", "125"]
    assert {row["sentence_verdict"] for row in pair} == {"contradicted"}
    assert "125 at 10:00 is -12.4%" in pair[0]["sentence_reason"]
