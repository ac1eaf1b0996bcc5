"""The page of a large study: counted shard by shard, and nothing claimed that is not known."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import said
from large_studies import DESIGN, SIZE, market, run_large, write_files

import eventstudy as es
from eventstudy.engine.large_result import LargeResult
from eventstudy.engine.shard_tables import OF_FIRM_EVENTS
from eventstudy.report.large_reasons import together
from eventstudy.report.large_summary import MOST, summarised
from eventstudy.report.page import chosen, page_view, report
from eventstudy.results import largest_groups
from eventstudy.words.sentences import Translator

SECTIONS = ["answer", "skipped", "question", "methods", "provenance"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> es.LargeResult:
    """Return a study of several shards, three firm-events of which are skipped."""
    folder = tmp_path_factory.mktemp("large")
    write_files(folder)
    return run_large(folder, "study")


@pytest.fixture(scope="module")
def reading(large: es.LargeResult) -> str:
    """Return the text of the page in English."""
    return text_of(report(summarised(large)))


def text_of(page: str) -> str:
    body = page.partition("<header>")[2].partition('<script id="report-library"')[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_what_is_counted_is_that_of_the_tables(large: es.LargeResult) -> None:
    events, cars = large.table("events").to_pandas(), large.table("cars").to_pandas()
    first = cars[(cars["start"] == 0) & (cars["end"] == 0)].reset_index(drop=True)
    about = summarised(large).manifest["large"]
    skipped = events[events["status"] != "ok"]
    assert about["skipped"] == len(skipped) == 3
    assert about["reasons"] == Counter(skipped["reason"]) and not about["other_reasons"]
    assert about["tickers"] == events["ticker"].nunique()
    assert about["last"] == str(events["session"].dropna().max())
    assert about["known"] == first["pvalue"].notna().sum()
    assert about["small"] == (first["pvalue"] < 0.05).sum() > 0
    order = np.argsort(-first["statistic"].abs().fillna(-1.0), kind="stable")[:MOST]
    assert [row["event_id"] for row in about["largest"]] == first["event_id"][order].tolist()
    assert [row["session"] for row in about["largest"]] == events["session"][order].astype(str).tolist()
    assert [row["car"] for row in about["largest"]] == first["car"][order].tolist()


def test_the_page_says_it(large: es.LargeResult, reading: str) -> None:
    about = summarised(large).manifest["large"]
    expected = f"{0.05 * about['known']:.0f} are expected"
    assert f"{about['small']} p-values of {about['known']} firm-events are below 5 %; {expected}" in reading
    assert "51 of 54 firm-events were measured" in reading
    assert "3 of 54 firm-events could not be measured" in reading
    assert "no prices: not in the table" in reading
    for row in about["largest"]:
        assert f"{row['event_id']} {row['ticker']} {row['session']}" in reading
    files = large.manifest["tables"]["cars"]
    assert f"cars/ : {files['rows']} rows in {len(files['parts'])} files" in reading
    assert str(large.path) in reading


def test_nothing_is_claimed_that_is_not_known(large: es.LargeResult, reading: str) -> None:
    made = chosen(page_view(summarised(large), "en"))
    assert [section.id for section in made] == SECTIONS
    known = reading.replace(" claims ,", "")  # in the list of tables that the folder does not have
    for word in (" named", "beyond doubt", "claims", "Benjamini-Hochberg and", " 0 events", " 0 tickers"):
        assert word not in known, word
    for test in ("conformal", "placebo", "study_count"):
        assert test not in reading, test


def test_a_shard_at_a_time_is_read(large: es.LargeResult, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[str] = []
    table = LargeResult.table
    monkeypatch.setattr(
        LargeResult, "table", lambda self, name, *rest: whole.append(name) or table(self, name, *rest)
    )
    summarised(large)
    assert whole == ["averages", "tests"]


def test_what_was_not_kept_is_said(large: es.LargeResult) -> None:
    result = run_large(large.path.parent, "cars-alone", keep="cars")
    reading = text_of(report(summarised(result)))
    assert "so the reasons are not known here" in reading
    assert summarised(result).manifest["large"]["largest"][0]["session"] is None
    result = run_large(large.path.parent, "events-alone", keep="events")
    assert "51 of 54 firm-events were measured" in text_of(report(summarised(result)))


def test_reasons_that_differ_in_numbers_are_one(large: es.LargeResult) -> None:
    returns, events = market()
    early = pd.DataFrame({"date": returns.index[[30, 24, 18]], "ticker": "A", "kind": "k0"})
    listed = pd.concat([events.drop(events[events["date"] == returns.index[30]].index), early])
    listed.to_csv(large.path.parent / "early.csv", index=False)
    given = {"design": DESIGN, "shard_size": SIZE}
    paths = (large.path.parent / name for name in ("early.csv", "returns.parquet", "early"))
    result = es.run_large(*paths, **given)
    reasons = Counter(result.table("events")["reason"].drop_null().to_pylist())
    few = sorted(int(text.split()[1]) for text in reasons if text.startswith("only"))
    assert len(few) == 3
    span = f"{few[0]}\N{EN DASH}{few[-1]}"
    said = f"only {span} of 65 estimation returns are usable; 39 are needed"
    about = summarised(result).manifest["large"]
    assert about["reasons"][said] == 3 and sum(about["reasons"].values()) == reasons.total()
    assert f"3: {said}" in text_of(report(summarised(result)))
    korean = Translator("ko").translate(said)
    assert span in korean and "usable" not in korean
    assert together({"day 0 lies after the last price (2024-01-05)": 2, "day 0 lies": 1}).total() == 3


def test_levels_of_many_groups_are_shortened(large: es.LargeResult, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_GROUPS", "SHOWN_GROUPS"):
        monkeypatch.setattr(largest_groups, name, 2)
    tests = large.table("tests").to_pandas()
    size = tests[tests["level"] == "kind"].groupby("key", observed=True, sort=False)["n"].max()
    size = size.sort_values(ascending=False, kind="stable")
    found = summarised(large).tables["tests"].to_pandas()
    assert set(found[found["level"] == "kind"]["key"]) == set(size.index[:2])
    assert len(found) == len(tests) - (tests["key"] == size.index[2]).sum() > 40
    reading = text_of(report(summarised(large)))
    assert "kind : the 2 of 3 groups with the most firm-events; the table tests has all of them" in reading
    assert f" {size.index[2]} " not in reading and f" {size.index[0]} " in reading
    assert "이 가장 많은 2개" in text_of(report(summarised(large), "ko"))


def test_every_table_that_can_be_kept_is_listed_and_exported(large: es.LargeResult, tmp_path: Path) -> None:
    result = run_large(large.path.parent, "all-tables", keep=OF_FIRM_EVENTS)
    reading = text_of(report(summarised(result)))
    for name in OF_FIRM_EVENTS:
        about = result.manifest["tables"][name]
        assert f"{name}/ : {about['rows']:,} rows in {len(about['parts'])} files" in reading
    for form in ("parquet", "csv"):
        done = said("export", result.path, "--format", form, "--out", form, cwd=tmp_path)
        assert done.code == 0, done.err
    for name in OF_FIRM_EVENTS:
        rows = len(result.table(name))
        assert len(pd.read_csv(tmp_path / "csv" / f"{name}.csv")) == rows
        assert len(pd.read_parquet(tmp_path / "parquet" / f"{name}.parquet")) == rows > 0
    done = said("export", large.path, "--format", "csv", "--table", "residuals", "--out", "no", cwd=tmp_path)
    assert done.code == 2 and "residuals was not kept" in done.err and "keep='residuals'" in done.err


def test_the_page_in_korean(large: es.LargeResult) -> None:
    reading = text_of(report(summarised(large), "ko"))
    assert "가격 없음: 표에 없음" in reading and "파일" in reading
    assert not re.search(r"firm-event|p-values|expected", reading)


def test_the_command_writes_pages_and_documents(large: es.LargeResult, tmp_path: Path) -> None:
    for out in ("page.html", "page.md"):
        done = said("report", large.path, "--out", out, cwd=tmp_path)
        assert done.code == 0, done.err
        assert "firm-events" in (tmp_path / out).read_text("utf-8")
    done = said("report", large.path, "--figures", "figures", "--out", "new.html", cwd=tmp_path)
    assert done.code == 2 and "--figures" in done.err
    assert not (tmp_path / "new.html").exists()
