"""The page of a large study: counted shard by shard, and nothing claimed that is not known."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from commands import said
from large_studies import run_large, write_files

import eventstudy as es
from eventstudy.engine.large_result import LargeResult
from eventstudy.report.large_summary import MOST, summarised
from eventstudy.report.page import chosen, page_view, report

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
