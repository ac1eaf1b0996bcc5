"""`claims`, `events`, `prices` and `export`: what they say of the example study."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest
from commands import example, fingerprint, said

from eventstudy.prices import opening
from eventstudy.prices.series import series_of
from eventstudy.prices.source import FetchFailure, PriceSeries


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("commands") / "study")


@pytest.fixture
def own(study: Path, tmp_path: Path) -> Path:
    shutil.copytree(study, tmp_path / "study", symlinks=True)
    return tmp_path / "study"


def rewrite(folder: Path, old: str, new: str) -> None:
    """Change the study file, which must hold what is to be changed."""
    text = (folder / "events.yaml").read_text("utf-8")
    assert old in text
    (folder / "events.yaml").write_text(text.replace(old, new), encoding="utf-8")


class Market:
    """A provider that has everything but one ticker."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], date, date]] = []

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
        tickers = list(tickers)
        self.asked.append((tickers, start, end))
        days = np.arange(start, end, dtype="datetime64[D]")
        days = days[np.is_busday(days)]
        close = 100 + np.arange(len(days)) % 7
        for ticker in tickers:
            if ticker == "GONE":
                yield ticker, FetchFailure("not-found", "is not known there")
                continue
            asked = {"asked_from": start.isoformat(), "asked_to": end.isoformat()}
            hour = {"fetched_at": "2025-06-01T00:00:00+00:00"}
            yield (
                ticker,
                series_of(ticker, days, {"close": close.astype(float)}, "market", origin=asked | hour),
            )


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Market:
    provider = Market()
    monkeypatch.setattr(opening, "_yahoo", lambda *_: provider)
    return provider


def test_claims_give_verdict_and_reason(study: Path) -> None:
    done = said("claims", cwd=study)
    text = " ".join(done.out.split())
    assert "DEMO-A 2025-02-06 close -6.5% -6.47% confirmed -6.47% from the close of 2025-02-05" in text
    assert text.endswith("1 claim: 1 confirmed")
    (row,) = said("claims", "--json", cwd=study).document["claims"]
    assert (row["as_stated"], row["verdict"]) == ("-6.5%", "confirmed")
    assert row["measured"] == pytest.approx(-0.0647, abs=5e-5)


def test_a_claim_that_the_prices_contradict_and_one_without_prices(own: Path) -> None:
    claim = "{ticker: DEMO-X, kind: sign, date: 2025-02-06, stated: up}"
    rewrite(own, "stated: -6.5%}", f"stated: -6.3%}}\n      - {claim}")
    done = said("claims", "--offline", cwd=own)
    assert done.code == 0
    assert "2 claims: 1 contradicted, 1 not testable" in done.out
    assert done.err.startswith("No prices for DEMO-X: ") and done.err.count("\n") == 1
    assert list(said("claims", "--offline", "--json", cwd=own).document["no_prices"]) == ["DEMO-X"]


def test_a_study_without_claims_says_so(own: Path) -> None:
    rewrite(own, "      - {ticker: DEMO-A, kind: close_to_close, date: 2025-02-06, stated: -6.5%}\n", "")
    assert said("claims", cwd=own).out == "No event of the study has a claim.\n"


def test_events_are_listed_with_day_0_and_reason(own: Path) -> None:
    rewrite(own, "events:\n", "events:\n  - {id: long-ago, when: 2010-01-04, background: true, kind: deal}\n")
    done = said("events", "list", cwd=own)
    text = " ".join(done.out.split())
    assert "product-recall product" in text
    assert (
        "when: 2025-02-05T16:45:00-05:00 day 0: 2025-02-06 (after the close: next session): DEMO-A, DEMO-B"
        in text
    )
    assert "long-ago deal background: listed, not measured when: 2010-01-04" in text
    assert text.endswith("3 events on 3 sessions, 1 in the background")
    rows = {row["event_id"]: row for row in said("events", "list", "--json", cwd=own).document["events"]}
    assert rows["holiday-rumour"]["day0"][0]["session"] == "2025-04-21"
    assert rows["long-ago"]["background"] and rows["long-ago"]["day0"] == []


@pytest.mark.more
def test_tickers_of_two_exchanges_have_their_own_day_0(own: Path) -> None:
    rewrite(own, "    kind: rumour", "    tickers: [DEMO-A, 005930.KS]")
    rows = said("events", "list", "--json", cwd=own).document["events"]
    assert [(day["session"], day["tickers"]) for day in rows[2]["day0"]] == [
        ("2025-04-21", ["DEMO-A"]),
        ("2025-04-18", ["005930.KS"]),
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("model: market", "model: markt", "unknown model 'markt' (did you mean 'market'?)"),
        ("model: market", "tests: [pattell_z]", "unknown test 'pattell_z'"),
        ("    kind: rumour", "    tickers: [NVDA.XYZ]", "events.yaml:42: event holiday-rumour: NVDA.XYZ"),
        ("when: 2025-04-18", "when: 2055-04-18", "event holiday-rumour: 2055-04-18 lies outside"),
        ("    kind: rumour", "    evidence: {card: x, needle: y, basis: public}", "there is no such folder"),
    ],
)
def test_check_finds_what_a_run_would_stumble_on(own: Path, old: str, new: str, words: str) -> None:
    rewrite(own, old, new)
    done = said("events", "check", cwd=own)
    assert (done.code, done.err) == (3, "events.yaml: 1 problem\n")
    assert words in done.out
    assert said("events", "check", "--json", cwd=own).document["error"]["problems"] == [done.out.rstrip("\n")]


def test_check_lists_everything(own: Path) -> None:
    rewrite(own, "model: market", "model: markt")
    rewrite(own, "when: 2025-04-18", "when: 2055-04-18")
    rewrite(own, "when: 2025-03-12 08:00", "when: 2056-03-12 08:00")
    done = said("events", "check", cwd=own)
    assert (done.code, done.err) == (3, "events.yaml: 3 problems\n")
    assert len(done.out.splitlines()) == 3


def card(folder: Path, text: str, needle: str) -> None:
    """Write an article, its card, and an event that cites it."""
    import hashlib

    (folder / "articles").mkdir()
    (folder / "articles/one.txt").write_text(text, encoding="utf-8")
    (folder / "seeds").mkdir()
    digest = hashlib.sha256(text.encode()).hexdigest()
    figures = f"figures: [{{what: a rise, value: 5%, needle: {needle}}}]"
    head = "publisher: Example\ndate: 2025-02-06\nlanguage: en\nfile: one.txt\nreports: A recall.\n"
    (folder / "seeds/one.yaml").write_text(f"{head}sha256: {digest}\n{figures}\n")
    rewrite(folder, "    kind: rumour", f"    evidence: {{card: one, needle: {needle}, basis: stated}}")


def test_check_holds_cards_against_the_articles(own: Path) -> None:
    card(own, "Shares rose 5% on Monday.", "rose 5%")
    assert "1 card, 1 claim" in said("events", "check", cwd=own).out
    done = said("events", "check", "--articles", "articles", cwd=own)
    assert done.code == 0, done.out
    assert "2 needles found in the texts" in done.out
    (own / "articles/one.txt").write_text("Shares fell.")
    changed = said("events", "check", "--articles", "articles", cwd=own)
    assert changed.code == 3
    assert "it is not the one that was read" in changed.out


def test_status_of_an_empty_cache(tmp_path: Path) -> None:
    done = said("prices", "status", "--cache", "nowhere", cwd=tmp_path)
    assert done.code == 0
    assert done.out.startswith("No series in nowhere")


def test_fetch_brings_what_study_and_claims_need(own: Path, market: Market) -> None:
    claim = "{ticker: OTHER, kind: sign, date: 2023-02-06, stated: up}"
    rewrite(own, "stated: -6.5%}", f"stated: -6.5%}}\n      - {claim}")
    before = fingerprint(own / "cache/snapshot")
    done = said("prices", "fetch", cwd=own)
    assert done.code == 0, done.err
    ((tickers, start, end),) = market.asked
    assert tickers == ["DEMO-A", "DEMO-B", "DEMO-MKT", "OTHER"]
    assert start < date(2023, 2, 6) and end == date(2025, 4, 28)
    assert sorted(path.stem for path in (own / "cache/prices").glob("*.parquet")) == sorted(tickers)
    assert fingerprint(own / "cache/snapshot") == before
    assert said("prices", "fetch", cwd=own).code == 0
    assert len(market.asked) == 1  # all is stored now
    assert said("prices", "fetch", "--refresh", "OTHER", cwd=own).code == 0
    assert market.asked[1][0] == ["OTHER"]


def test_fetch_says_what_it_could_not_get(own: Path, market: Market) -> None:
    done = said("prices", "fetch", "DEMO-A", "GONE", cwd=own)
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert "GONE: is not known there" in done.err and "1 of 2 series are missing" in done.err
    assert (own / "cache/prices/DEMO-A.parquet").is_file()


def test_import_carries_own_files_into_the_cache(own: Path) -> None:
    done = said("prices", "import", "prices.csv", "--cache", "mine", cwd=own)
    assert done.code == 0, done.err
    stored = said("prices", "status", "--cache", "mine", "--json", cwd=own).document["series"]
    imported = [entry for entry in stored if entry["source"] == "cache"]
    assert [(entry["ticker"], entry["rows"]) for entry in imported] == [
        ("DEMO-A", 354),
        ("DEMO-B", 354),
        ("DEMO-MKT", 354),
    ]
    shutil.rmtree(own / "cache")
    assert said("run", "--offline", "--cache", "mine", cwd=own).code == 0


def test_clear_removes_fetched_series_only(own: Path) -> None:
    assert said("prices", "import", "prices.csv", cwd=own).code == 0
    before = fingerprint(own / "cache/snapshot")
    one = said("prices", "clear", "DEMO-A", cwd=own)
    assert one.out == "removed DEMO-A\n"
    assert said("prices", "clear", "--json", cwd=own).document["removed"] == ["DEMO-B", "DEMO-MKT"]
    again = said("prices", "clear", cwd=own)
    assert (again.code, again.out) == (0, "") and "Nothing to remove" in again.err
    assert fingerprint(own / "cache/snapshot") == before


def test_export_prints_the_files_it_wrote(own: Path) -> None:
    done = said("export", "--format", "csv", "--table", "cars", "--table", "tests", "--out", "csv", cwd=own)
    assert done.code == 0, done.err
    assert done.out == "csv/cars.csv\ncsv/tests.csv\n"
    assert pyarrow.csv.read_csv(own / "csv/cars.csv").num_rows == 24
    document = said(
        "export", "--format", "json", "--table", "claims", "--out", "j", "--json", cwd=own
    ).document
    assert document == {"files": ["j/claims.json"]}


@pytest.mark.parametrize("form", ["parquet", "xlsx", "latex", "json"])
def test_export_knows_the_formats_of_the_contract(form: str, own: Path) -> None:
    done = said("export", "--format", form, "--table", "cars", "--table", "events", "--out", "out", cwd=own)
    assert done.code == 0, done.err
    assert done.out
    assert all((own / name).is_file() for name in done.out.splitlines())


def test_export_names_what_a_workbook_leaves_out(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.results.formats.workbook.ROWS", 20)
    words = ("export", "--format", "xlsx", "--table", "cars", "--table", "events", "--out", "study.xlsx")
    done = said(*words, cwd=own)
    assert (done.code, done.out) == (0, "study.xlsx\n")
    assert done.err == "left out, since a sheet holds 19 rows: cars; export to csv or parquet\n"


def test_export_partitions_by_a_column(own: Path) -> None:
    words: list[Any] = ["export", "--format", "parquet", "--table", "cars", "--partition-by", "ticker"]
    done = said(*words, "--out", "out", cwd=own)
    assert done.code == 0, done.err
    assert {name.split("/")[2] for name in done.out.splitlines()} == {"ticker=DEMO-A", "ticker=DEMO-B"}


def test_the_manifest_of_a_run_repeats_it(own: Path) -> None:
    assert said("run", "--car=0:2", "--out", "other", cwd=own).code == 0
    manifest = json.loads((own / "other/manifest.json").read_text("utf-8"))
    sums = {name: table["sha256"] for name, table in manifest["tables"].items()}
    assert said(*manifest["command"], cwd=own).code == 0
    again = json.loads((own / "other/manifest.json").read_text("utf-8"))
    assert {name: table["sha256"] for name, table in again["tables"].items()} == sums
    assert again == manifest


def test_the_exchange_of_tickers_without_a_suffix_is_stated(tmp_path: Path) -> None:
    from eventstudy.sessions import trading_sessions

    sessions = trading_sessions("XKRX", date(2023, 1, 2), date(2023, 12, 28))
    (tmp_path / "p").mkdir()
    rows = [f"{day},{100 + at % 7}" for at, day in enumerate(sessions) if at != 50]
    (tmp_path / "p" / "000660.csv").write_text("\n".join(["date,close", *rows]), "utf-8")
    words = ("--json", "prices", "verify", "--prices", "p")
    asked = said(*words, cwd=tmp_path).document["findings"]
    assert [each["rule"] for each in asked if "000660.KS" in each["detail"]] == ["no-calendar"]
    told = said(*words, "--exchange", "XKRX", cwd=tmp_path).document["findings"]
    holes = [each["session"] for each in told if each["rule"] == "missing-session"]
    assert holes == [str(sessions[50])]
    wrong = said("prices", "fetch", "NVDA", "--exchange", "XQQQ", cwd=tmp_path)
    assert (wrong.code, "unknown exchange 'XQQQ'" in wrong.err) == (3, True)


def test_a_ticker_in_lower_case_is_the_one_of_its_file_and_a_line_says_so(
    shared: Path, tmp_path: Path
) -> None:
    case = shared / "cases" / "39-lower-case-ticker"
    words = ("run", case / "ev.csv", "--prices", case / "p", "--offline", "--json", "--out", "r")
    lower = said(*words, cwd=tmp_path)
    assert "nvda: taken for NVDA, the only name that differs in capitals alone" in lower.err
    (tmp_path / "upper.csv").write_text((case / "ev.csv").read_text().replace("nvda", "NVDA"))
    upper = said("run", "upper.csv", *words[2:], cwd=tmp_path)
    assert "taken for" not in upper.err
    (own,), (same,) = (run.document["firm_events"] for run in (lower, upper))
    assert [car["car"] for car in own["cars"]] == [car["car"] for car in same["cars"]]
