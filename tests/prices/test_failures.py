"""What a provider does not have is remembered for a day, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from stored_prices import SPAN, FakeProvider, series

from eventstudy.prices.cache.failures import (
    KEPT,
    RecordedFailure,
    failed_tickers,
    failure_file,
    record_failure,
    recorded_failure,
)
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.importing import import_prices
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.cache.status import clear, price_status
from eventstudy.prices.source import FailureKind, FetchFailure

GONE = FetchFailure("not-found", "Yahoo does not know it")


def refusing(
    folder: Path, refused: FetchFailure = GONE, *, refresh: bool = False
) -> tuple[FakeProvider, str]:
    """Ask for a ticker that is refused; give the provider, and why there was nothing."""
    provider = FakeProvider({"GONE": refused})
    batch = CachedSource(folder, provider=provider, refresh=refresh).load(["GONE"], *SPAN)
    return provider, batch.failures["GONE"]


def aged(folder: Path, age: timedelta) -> None:
    noted = recorded_failure(folder, "GONE")
    assert noted is not None
    record_failure(
        folder, replace(noted, answered_at=(datetime.now(UTC) - age).isoformat(timespec="seconds"))
    )


@pytest.mark.parametrize("kind", ["not-found", "empty"])
def test_what_is_not_there_is_not_asked_for_again(tmp_path: Path, kind: FailureKind) -> None:
    first, why = refusing(tmp_path, FetchFailure(kind, "Yahoo does not have it"))
    assert (first.asked, why) == ([("GONE",)], "Yahoo does not have it (stored: nothing)")
    second, why = refusing(tmp_path)
    assert second.asked == []
    assert why.startswith("Yahoo does not have it (answered 20") and "--refresh" in why
    third, why = refusing(tmp_path, refresh=True)
    assert (third.asked, why) == ([("GONE",)], "Yahoo does not know it (stored: nothing)")


@pytest.mark.parametrize("kind", ["rate-limited", "network", "garbled"])
def test_what_may_be_otherwise_in_a_moment_is_asked_again(tmp_path: Path, kind: FailureKind) -> None:
    for _ in range(2):
        provider, _ = refusing(tmp_path, FetchFailure(kind, "later"))
        assert provider.asked == [("GONE",)]
    assert failed_tickers(tmp_path) == []


def test_after_a_day_it_is_asked_again(tmp_path: Path) -> None:
    refusing(tmp_path)
    aged(tmp_path, KEPT - timedelta(minutes=5))
    assert refusing(tmp_path)[0].asked == []
    aged(tmp_path, KEPT + timedelta(minutes=5))
    assert refusing(tmp_path)[0].asked == [("GONE",)]
    aged(tmp_path, -timedelta(hours=1))  # a clock ran ahead
    assert refusing(tmp_path)[0].asked == [("GONE",)]


def test_a_range_that_was_not_asked_for_is(tmp_path: Path) -> None:
    refusing(tmp_path, FetchFailure("empty", "nothing in these years"))
    provider = FakeProvider({"GONE": series("GONE")})
    batch = CachedSource(tmp_path, provider=provider).load(["GONE"], date(2023, 1, 3), SPAN[1])
    assert provider.asked == [("GONE",)] and batch.failures == {}
    assert failed_tickers(tmp_path) == []  # a series is the better answer


def test_offline_tells_asked_from_never_asked(tmp_path: Path) -> None:
    refusing(tmp_path)
    batch = CachedSource(tmp_path).load(["GONE", "NEVER"], *SPAN)
    assert "when last requested, Yahoo does not know it (answered 20" in batch.failures["GONE"]
    assert "asked" not in batch.failures["NEVER"]


def test_status_shows_refusals_and_clear_forgets_them(tmp_path: Path) -> None:
    refusing(tmp_path)
    SeriesFolder(tmp_path).write(series("AAA"))
    stored, refused = price_status(tmp_path)
    assert (stored.ticker, stored.problem, refused.ticker) == ("AAA", "", "GONE")
    assert refused.problem.startswith("Yahoo does not know it (answered 20")
    assert (refused.asked_from, refused.asked_to) == SPAN
    assert refused.file == failure_file(tmp_path, "GONE")
    assert [entry.ticker for entry in price_status(tmp_path, tickers=["AAA"])] == ["AAA"]
    assert clear(tmp_path, ["GONE", "NEVER"]) == ["GONE"]
    refusing(tmp_path)
    assert clear(tmp_path) == ["AAA", "GONE"]
    assert price_status(tmp_path) == []
    refusing(tmp_path)
    aged(tmp_path, 2 * KEPT)
    assert price_status(tmp_path) == []  # it has expired


def test_a_file_of_the_users_own_ends_a_refusal(tmp_path: Path) -> None:
    refusing(tmp_path / "cache")
    (tmp_path / "GONE.csv").write_text("date,close\n2024-01-02,1\n2024-01-03,2\n")
    import_prices(tmp_path / "GONE.csv", tmp_path / "cache")
    assert failed_tickers(tmp_path / "cache") == []


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"ticker": 1}', b"\xff\xfe", b'{"a": NaN}', b"null", b"[" * 100_000]
)
def test_a_damaged_note_is_none(tmp_path: Path, content: bytes) -> None:
    refusing(tmp_path)
    failure_file(tmp_path, "GONE").write_bytes(content)
    assert recorded_failure(tmp_path, "GONE") is None
    assert refusing(tmp_path)[0].asked == [("GONE",)]
    assert clear(tmp_path) == ["GONE"]


def test_a_note_of_another_ticker_or_time_is_none(tmp_path: Path) -> None:
    when = "2024-07-01T00:00:00+00:00"
    record_failure(tmp_path, RecordedFailure("OTHER", "empty", "x", "2024-01-01", "2024-12-31", when))
    failure_file(tmp_path, "OTHER").replace(failure_file(tmp_path, "GONE"))
    assert recorded_failure(tmp_path, "GONE") is None
    refusing(tmp_path)
    note = json.loads(failure_file(tmp_path, "GONE").read_text())
    note["answered_at"] = "soon"
    failure_file(tmp_path, "GONE").write_text(json.dumps(note))
    assert recorded_failure(tmp_path, "GONE") is None
