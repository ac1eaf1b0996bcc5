"""The bundled study: 25 events, five cards, 29 claims, and what the prices say to them."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml

from eventstudy.design import Design
from eventstudy.events.articles import check_articles, check_cards, read_cards
from eventstudy.events.event import Event, Study
from eventstudy.events.json_schema import study_json_schema
from eventstudy.events.study_file import read_study
from eventstudy.prices.claims import ClaimVerdict, claimed_tickers, judge_claims
from eventstudy.prices.source import PriceSeries
from eventstudy.sessions import first_sessions

FIRST_SESSIONS = """
altman-chip-fund 2024-02-09            nvda-passes-amazon 2024-02-12         dubai-summit-altman 2024-02-13
nvda-earnings-fy24q4 2024-02-22        sequoia-600b-question 2024-06-20      alphabet-q2-2024-call 2024-07-24
openai-5b-loss-report 2024-07-24       elliott-bubble-letter 2024-08-02      august-2024-selloff 2024-08-05
deepseek-r1-release 2025-01-21         stargate-announcement 2025-01-22      deepseek-selloff 2025-01-27
oracle-300b-report 2025-09-10          coreweave-nvidia-backstop 2025-09-15  nvidia-openai-100b 2025-09-22
openai-oracle-datacenters 2025-09-23   coreweave-openai-expansion 2025-09-25 amd-openai-deal 2025-10-06
oracle-margin-report 2025-10-07        nvidia-xai-stake 2025-10-08           gemini-3-launch 2025-11-18
code-red-memo 2025-12-02               openai-reasoning-model 2025-12-11
"""
EXPECTED = {
    "nvda-passes-amazon": {"NVDA": "up"},
    "elliott-bubble-letter": {"NVDA": "down"},
    "august-2024-selloff": {"NVDA": "down", "MSFT": "down", "GOOGL": "down"},
    "stargate-announcement": {"ORCL": "up"},
    "deepseek-selloff": {"NVDA": "down", "ORCL": "down", "MSFT": "down"},
    "oracle-300b-report": {"ORCL": "up"},
    "nvidia-openai-100b": {"NVDA": "up"},
    "openai-oracle-datacenters": {"ORCL": "up"},
    "amd-openai-deal": {"AMD": "up"},
    "oracle-margin-report": {"ORCL": "down"},
    "gemini-3-launch": {"GOOGL": "up"},
    "code-red-memo": {"GOOGL": "up", "MSFT": "down", "ORCL": "down"},
}


#: results released after the close of, by ticker
RESULTS = {
    "NVDA": "2024-02-21 2024-05-22 2024-08-28 2024-11-20 2025-02-26 2025-05-28 2025-08-27 2025-11-19",
    "AMD": "2024-01-30 2024-04-30 2024-07-30 2024-10-29 2025-02-04 2025-05-06 2025-08-05 2025-11-04",
    "GOOGL": "2024-01-30 2024-04-25 2024-07-23 2024-10-29 2025-02-04 2025-04-24 2025-07-23 2025-10-29",
    "MSFT": "2024-01-30 2024-04-25 2024-07-30 2024-10-30 2025-01-29 2025-04-30 2025-07-30 2025-10-29",
    "ORCL": "2023-12-11 2024-03-11 2024-06-11 2024-09-09 2024-12-09 2025-03-10 2025-06-11 2025-09-09 "
    "2025-12-10",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(repo: Path) -> Study:
    return read_study(repo / "events.yaml")


@pytest.fixture(scope="module")
def live(study: Study) -> list[Event]:
    return [event for event in study.events if not event.background]


class TestEvents:
    def test_the_study_asks_the_default_question_of_five_tickers(self, study: Study) -> None:
        spy, basket = study.design.benchmarks
        assert study.design == Design(mask_dates="results", benchmarks=(spy, basket))
        assert (spy.exclude, str(spy.as_of), dict(spy.weights)) == (
            "event",
            "2025-01-24",
            {"NVDA": 0.066, "MSFT": 0.062, "GOOGL": 0.04, "ORCL": 0.006, "AMD": 0.004},
        )
        assert "approximate" in dict(spy.source)["en"]
        assert basket.tickers == ("AAPL", "AMZN", "META", "TSLA")
        assert study.tickers == ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")
        assert all(event.tickers == () for event in study.events)

    def test_every_event_reaches_its_first_session(self, live: list[Event]) -> None:
        words = FIRST_SESSIONS.split()
        expected = dict(zip(words[::2], words[1::2], strict=True))
        found = first_sessions([event.when for event in live], [event.timing for event in live], "XNYS")
        sessions = {
            event.id: str(event.session or day)
            for event, day in zip(live, found.session.astype(str), strict=True)
        }
        assert sessions == expected
        assert len(set(sessions.values())) == 22

    def test_two_events_are_background(self, study: Study) -> None:
        names = [event.id for event in study.events if event.background]
        assert names == ["chatgpt-launch", "google-code-red"]

    def test_kinds_group_the_events(self, live: list[Event]) -> None:
        kinds = Counter(event.kind for event in live)
        assert kinds == {"deal": 9, "doubt": 4, "competitor": 4, "selloff": 2, "results": 2, "talk": 2}

    def test_the_story_s_direction_is_kept(self, live: list[Event]) -> None:
        assert {event.id: dict(event.expect) for event in live if event.expect} == EXPECTED

    def test_what_else_moved_a_ticker_is_kept(self, live: list[Event]) -> None:
        known = {
            (event.id, confounder.ticker, str(confounder.date))
            for event in live
            for confounder in event.confounders
        }
        assert known == {("alphabet-q2-2024-call", "GOOGL", "2024-07-24")}

    def test_every_date_of_results_is_known(self, study: Study) -> None:
        dates = {ticker: [] for ticker in RESULTS}  # type: dict[str, list[str]]
        for news in study.known or ():
            if news.kind == "results":
                assert news.timing == "post"
                dates[news.tickers[0]].append(str(news.when))
        assert dates == {ticker: days.split() for ticker, days in RESULTS.items()}
        assert sum(map(len, dates.values())) == 41

    def test_every_event_is_titled_and_proved(self, study: Study) -> None:
        for event in study.events:
            assert event.title, event.id
            assert event.evidence, event.id
            assert all(claim.needle and claim.card for claim in event.claims), event.id


class TestCards:
    def test_every_card_that_is_named_is_there(self, study: Study, repo: Path) -> None:
        cards = check_cards(study, repo / "seeds")
        assert [name[:3] for name in cards] == ["000", "001", "002", "003", "004"]
        assert {evidence.card for event in study.events for evidence in event.evidence} == set(cards)

    def test_the_articles_say_what_is_said_of_them(self, study: Study, repo: Path, shared: Path) -> None:
        cards = read_cards(repo / "seeds")
        needles = (
            sum(len(card.article.figures) for card in cards.values())
            + sum(len(event.evidence) + len(event.claims) for event in study.events)
        )  # fmt: skip
        assert check_articles(cards, study, shared / "seeds") == needles

    def test_no_sentence_of_an_article_is_carried_over(self, repo: Path, shared: Path) -> None:
        ours = [*(repo / "seeds").glob("*.yaml"), repo / "events.yaml"]
        korean = {
            run for path in ours for run in re.findall("[가-힣][가-힣 ,.]{23,}", path.read_text("utf-8"))
        }
        texts = "".join(path.read_text("utf-8") for path in sorted((shared / "seeds").glob("*.txt")))
        carried = {run for run in korean for at in range(len(run) - 23) if run[at : at + 24] in texts}
        assert korean and not carried
        needles = {needle for path in ours for needle in re.findall(r"needle: (.*)", path.read_text("utf-8"))}
        assert all(len(needle) < 40 for needle in needles if needle in texts)


class TestSchema:
    def test_the_committed_schema_is_current(self, repo: Path) -> None:
        committed = json.loads((repo / "eventstudy/events/events.schema.json").read_text("utf-8"))
        assert committed == study_json_schema()

    def test_editors_find_it(self, repo: Path) -> None:
        first = (repo / "events.yaml").read_text("utf-8").partition("\n")[0]
        path = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", first)
        assert path is not None
        assert (repo / path.group(1)).is_file()

    def test_it_is_draft_7_and_the_study_satisfies_it(self, repo: Path) -> None:
        schema = study_json_schema()
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        study = as_an_editor_reads((repo / "events.yaml").read_text("utf-8"))
        assert [error.message for error in validator.iter_errors(study)] == []

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("    kind: deal", "    knd: deal"),
            ("    timing: pre", "    timing: early"),
            ("{NVDA: up}", "{NVDA: higher}"),
            ("window: [-5, 5]", "window: [-5]"),
            ("    basis: stated", "    basis: said"),
            ("    session: 2024-02-12\n", ""),
            ("  returns: simple", "  returns: plain"),
        ],
    )
    def test_it_knows_a_mistake(self, repo: Path, old: str, new: str) -> None:
        text = (repo / "events.yaml").read_text("utf-8")
        assert old in text
        study = as_an_editor_reads(text.replace(old, new, 1))
        assert list(jsonschema.Draft7Validator(study_json_schema()).iter_errors(study))


def as_an_editor_reads(text: str) -> Any:
    """Read YAML as its version 1.2 does, where a date is text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        sign: [(tag, pattern) for tag, pattern in resolvers if "timestamp" not in tag and "int" not in tag]
        for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
    return yaml.load(text, Loader)


@pytest.fixture(scope="module")
def verdicts(study: Study, shared: Path) -> dict[tuple[str, str, str], ClaimVerdict]:
    """Judge every claim by the reference prices; by ticker, kind and figure."""
    series = {ticker: read_prices(shared / "prices", ticker) for ticker in claimed_tickers(study.events)}
    found = judge_claims(study.events, {ticker: prices for ticker, prices in series.items() if prices})
    return {(row.ticker, row.kind, str(row.stated)): row for row in found}


def read_prices(folder: Path, ticker: str) -> PriceSeries | None:
    path = folder / f"{ticker.replace('^', '_')}.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"] >= "2024"]
    columns = {
        name: np.array([float(row[name] or "nan") for row in rows])
        for name in ("open", "high", "low", "close", "volume")
    }
    sessions = np.array([row["date"] for row in rows], dtype="datetime64[D]")
    return PriceSeries(ticker, sessions, **columns, dividend=np.zeros(len(rows)), source="directory")


class TestClaims:
    def test_every_claim_of_the_articles_is_listed(self, study: Study) -> None:
        kinds = Counter(claim.kind for event in study.events for claim in event.claims)
        assert kinds == {
            "close_to_close": 2, "sign": 6, "intraday_high": 1, "intraday": 12, "premarket": 6,
            "since_range": 1, "market_value": 1,
        }  # fmt: skip

    def test_without_prices_nothing_is_testable_and_every_series_is_named(self, study: Study) -> None:
        for verdict in judge_claims(study.events, {}):
            assert verdict.verdict == "not testable"
            assert f"no price series of {verdict.ticker}" in verdict.reason

    def test_closes_signs_and_the_high_are_confirmed(self, verdicts: dict[Any, ClaimVerdict]) -> None:
        kinds = ("close_to_close", "sign", "intraday_high")
        found = {key[:2]: row.verdict for key, row in verdicts.items() if row.kind in kinds}
        assert len(found) == 9
        assert set(found.values()) == {"confirmed"}

    def test_two_figures_at_ten_are_contradicted_and_the_rest_is_consistent(
        self, verdicts: dict[Any, ClaimVerdict]
    ) -> None:
        found: dict[str, set[str]] = {}
        for row in verdicts.values():
            if row.kind == "intraday":
                found.setdefault(row.verdict, set()).add(row.ticker)
        assert found == {
            "contradicted": {"CEG", "SMR"},
            "not testable": {"^IXIC"},
            "consistent": {"NVDA", "AVGO", "MRVL", "MSFT", "META", "PLTR", "^GSPC", "^DJI"},
        }
        assert verdicts["CEG", "intraday", "-0.11"].high == pytest.approx(-0.129, abs=5e-4)
        assert verdicts["SMR", "intraday", "-0.1"].high == pytest.approx(-0.151, abs=5e-4)
        assert "^IXIC" in verdicts["^IXIC", "intraday", "-0.027"].reason

    def test_three_quarters_of_the_summer_s_starts_satisfy_alphabet_s_rise(
        self, verdicts: dict[Any, ClaimVerdict]
    ) -> None:
        row = verdicts["GOOGL", "since_range", "0.6"]
        assert row.verdict == "consistent"
        assert "47 of the 63 sessions" in row.reason

    def test_what_daily_bars_cannot_show_is_shown_as_far_as_they_go(
        self, verdicts: dict[Any, ClaimVerdict]
    ) -> None:
        early = [row for row in verdicts.values() if row.kind == "premarket"]
        assert {row.ticker for row in early} == {"NVDA", "PLTR", "SMCI", "ORCL", "VRT", "TSLA"}
        assert all(row.verdict == "not testable" and row.measured is not None for row in early)
        value = verdicts["ORCL", "market_value", "-315000000000.0"]
        assert value.verdict == "not testable"
        assert all(f"% from 2025-09-{day}" in value.reason for day in ("09", "10", "23"))
