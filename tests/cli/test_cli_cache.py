"""What the command line says of stored files that are damaged, too short or not there."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from commands import example, said
from stored_prices import FakeProvider, cut

from eventstudy import results as store
from eventstudy.prices import opening
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.source import FetchFailure, PriceSeries

STORED = ("DEMO-A", "DEMO-B", "DEMO-MKT")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the example study with its prices in the cache and no snapshot."""
    folder = example(tmp_path_factory.mktemp("example") / "study")
    assert said("prices", "import", "prices.csv", cwd=folder).code == 0
    shutil.rmtree(folder / "cache" / "snapshot")
    return folder


@pytest.fixture
def own(study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(study, tmp_path / "study", symlinks=True))


@pytest.fixture
def provider(own: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """Have Yahoo give what is stored now."""
    gives: dict[str, PriceSeries | FetchFailure] = {
        "GONE": FetchFailure("not-found", "Yahoo does not know it")
    }
    for ticker in STORED:
        series = SeriesFolder(own / "cache" / "prices").read(ticker)
        assert series is not None
        gives[ticker] = series
    provider = FakeProvider(gives)
    monkeypatch.setattr(opening, "_yahoo", lambda *_: provider)
    return provider


def test_a_damaged_file_is_reported_kept_and_fetched_again(own: Path, provider: FakeProvider) -> None:
    cache = SeriesFolder(own / "cache" / "prices")
    cut(cache.file("DEMO-A"))
    offline = said("run", "--offline", cwd=own)
    assert (offline.code, offline.err.count("\n")) == (4, 1)
    assert "DEMO-A.parquet is damaged" in offline.err
    assert cache.beside("DEMO-A") == ()
    online = said("run", cwd=own)
    assert online.code == 0
    (kept,) = cache.beside("DEMO-A")
    assert f"it is kept as {kept} and was fetched again" in online.err
    assert online.err.startswith("DEMO-A: ")
    assert provider.asked == [("DEMO-A",)]
    status = said("prices", "status", "DEMO-A", "--json", cwd=own).document["series"]
    assert [entry["beside"] for entry in status] == [[kept]]


def test_events_past_the_stored_prices_are_skipped_offline(own: Path, provider: FakeProvider) -> None:
    events = own / "events.yaml"
    events.write_text(events.read_text("utf-8").replace("when: 2025-04-18", "when: 2025-06-18"), "utf-8")
    run = ("run", "--offline", "--max-loss", "0.5")
    offline = said(*run, cwd=own)
    assert offline.code == 0
    assert "DEMO-A: prices are stored up to 2025-05-30 and needed up to 2025-06-" in offline.err
    rows = store.load(own / "results").table("events").to_pylist()
    late = [row for row in rows if row["event_id"] == "holiday-rumour"]
    assert {row["status"] for row in late} == {"skipped"}
    assert all("day 0 lies after the last price (2025-05-30)" in row["reason"] for row in late)
    cache = SeriesFolder(own / "cache" / "prices")
    cache.file("DEMO-MKT").unlink()
    assert said(*run, cwd=own).code == 4  # without a benchmark nothing can be measured
    assert said("prices", "fetch", "--offline", "DEMO-A", cwd=own).code == 4  # it promises the whole need
    plan = said("run", "--dry-run", "--json", cwd=own).document["series"]
    assert [series["at_hand"] for series in plan] == [False] * 3
    assert provider.asked == []


def test_what_does_not_exist_is_asked_for_once_a_day(own: Path, provider: FakeProvider) -> None:
    for _ in range(2):
        fetch = said("prices", "fetch", "GONE", cwd=own)
        assert fetch.code == 4 and "Yahoo does not know it" in fetch.err
    assert provider.asked == [("GONE",)]
    status = " ".join(said("prices", "status", cwd=own).out.split())
    assert "asked again after a day or by --refresh" in status
    assert said("prices", "fetch", "GONE", "--refresh", cwd=own).code == 4
    assert said("prices", "clear", "GONE", cwd=own).out == "removed GONE\n"
    said("prices", "fetch", "GONE", cwd=own)
    assert len(provider.asked) == 3


def test_a_revised_series_is_reported(own: Path, provider: FakeProvider) -> None:
    given = provider.gives["DEMO-B"]
    assert isinstance(given, PriceSeries)
    given.close[200] *= 1.05
    done = said("prices", "fetch", "--refresh", "DEMO-B", cwd=own)
    assert done.code == 0
    assert "DEMO-B: 1 figures differ from those stored before" in done.err
    assert said("run", "--offline", cwd=own).code == 0
    rows = store.load(own / "results").table("findings").to_pylist()
    revised = [row["session"] for row in rows if row["rule"] == "revised"]
    assert revised == [None, given.sessions[200].astype(date)]
