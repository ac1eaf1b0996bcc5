"""The pinned prices of the bundled study: figure for figure those of record, and never changed."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import eventstudy as es
from eventstudy.errors import OutputError, PriceDataError
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.importing import import_prices
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.cache.status import clear, price_status
from eventstudy.prices.claims import load_claimed
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.series import fingerprint
from eventstudy.sessions import trading_sessions
from eventstudy.soundness import findings

TICKERS = ("AAPL", "AMD", "AMZN", "GOOGL", "META", "MSFT", "NVDA", "ORCL", "SPY", "TSLA")
BARS = ("ARM", "AVGO", "CEG", "MRVL", "PLTR", "SMCI", "SMR", "VRT", "^DJI", "^GSPC")
SPAN = (date(2023, 1, 3), date(2025, 12, 31))


@pytest.fixture(scope="module")
def snapshot(repo: Path) -> SeriesFolder:
    return SeriesFolder(repo / "cache" / "snapshot")


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


@pytest.mark.parametrize("ticker", TICKERS)
def test_every_figure_is_that_of_record(snapshot: SeriesFolder, shared: Path, ticker: str) -> None:
    """Compared cell by cell with the reference, which is read here by the standard library alone."""
    series = snapshot.read(ticker)
    assert series is not None
    reference = list(rows(shared / "reference_prices" / f"{ticker}.csv"))
    assert [str(day) for day in series.sessions] == [row["date"] for row in reference]
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(series, name).tolist() == [float(row[name]) for row in reference]
    paid = {str(series.sessions[at]): float(series.dividend[at]) for at in np.flatnonzero(series.dividend)}
    dividends = rows(shared / "reference_prices" / "dividends.csv")
    assert paid == {row["ex_date"]: float(row["amount"]) for row in dividends if row["ticker"] == ticker}


@pytest.mark.parametrize("ticker", TICKERS)
def test_the_snapshot_is_whole_and_clean(snapshot: SeriesFolder, ticker: str) -> None:
    series = snapshot.read(ticker)
    assert series is not None
    assert (series.sessions == trading_sessions("XNYS", *SPAN)).all()
    assert len(series.sessions) == 752
    assert findings(series) == []
    assert (series.source, series.adjusted_only, series.price_index) == ("snapshot", False, False)
    assert (series.origin["asked_from"], series.origin["asked_to"]) == ("2023-01-03", "2025-12-31")
    assert "fetched_at" not in series.origin  # nothing in it depends on when it was made
    assert math.isclose(series.close.min(), min(series.close)) and not np.isnan(series.volume).any()


def test_the_snapshot_can_be_made_again(snapshot: SeriesFolder, shared: Path, tmp_path: Path) -> None:
    for name in ("once", "again"):
        import_prices(shared / "reference_prices", tmp_path / name, pinned=True)
    for ticker in TICKERS:
        once, again = (SeriesFolder(tmp_path / name).file(ticker) for name in ("once", "again"))
        assert once.read_bytes() == again.read_bytes()
        made, kept = SeriesFolder(tmp_path / "once").read(ticker), snapshot.read(ticker)
        assert made is not None and kept is not None
        assert made.origin == kept.origin  # the sha256 of the figures among it


def test_nothing_else_lies_in_the_snapshot(snapshot: SeriesFolder) -> None:
    names = {path.name for path in snapshot.folder.iterdir()}
    assert names == {"README.md", "claims", *(f"{ticker}.parquet" for ticker in TICKERS)}
    bars = {path.name for path in (snapshot.folder / "claims").iterdir()}
    assert bars == {f"{ticker.replace('^', '_')}.parquet" for ticker in BARS}
    note = (snapshot.folder / "README.md").read_text(encoding="utf-8")
    for fact in ("752 NYSE sessions", "2023-01-03 to 2025-12-31", "SungKyu-Kim39/BackTester39", "249 of 250"):
        assert fact in note


def test_the_program_never_writes_to_the_snapshot(snapshot: SeriesFolder) -> None:
    before = {path: path.read_bytes() for path in snapshot.folder.rglob("*.*")}
    series = snapshot.read("NVDA")
    assert series is not None
    with pytest.raises(OutputError, match="pinned"):
        snapshot.write(series)
    for asked in (None, ["NVDA"]):
        with pytest.raises(OutputError, match="pinned"):
            clear(snapshot.folder, asked)
    assert {path: path.read_bytes() for path in snapshot.folder.rglob("*.*")} == before


def test_the_bars_of_claims_are_those_of_record(snapshot: SeriesFolder, shared: Path, tmp_path: Path) -> None:
    """Compared cell by cell; the import that the note describes makes them again, byte for byte."""
    reference = list(rows(shared / "reference_prices" / "claims_bars.csv"))
    assert {row["ticker"] for row in reference} == set(BARS)
    import_prices(shared / "reference_prices" / "claims_bars.csv", tmp_path / "again", pinned=True)
    for ticker in BARS:
        series = SeriesFolder(snapshot.folder / "claims").read(ticker)
        assert series is not None
        own = [row for row in reference if row["ticker"] == ticker]
        assert [str(day) for day in series.sessions] == [row["session"] for row in own]
        for name in ("open", "high", "low", "close", "volume"):
            assert getattr(series, name).tolist() == [float(row[name]) for row in own]
        made, kept = (
            SeriesFolder(at).file(ticker) for at in (tmp_path / "again", snapshot.folder / "claims")
        )
        assert made.read_bytes() == kept.read_bytes()


@pytest.mark.parametrize("prices", ["auto", "folder"])
def test_no_firm_event_can_use_the_bars_of_claims(repo: Path, prices: str) -> None:
    given = repo / "cache" / "snapshot" if prices == "folder" else "auto"
    with pytest.raises(PriceDataError, match="CEG"):
        es.run(repo / "events.yaml", tickers=["CEG"], prices=given, offline=True)
    bars = DirectorySource(repo / "cache" / "snapshot").load(BARS, *SPAN)
    assert not bars.series
    with pytest.raises(PriceDataError, match="CEG"):
        es.run(repo / "events.yaml", tickers=["NVDA"], benchmark="CEG", prices=given, offline=True)


def test_claims_take_stored_series_then_bars_then_fetched_ones(
    snapshot: SeriesFolder, tmp_path: Path
) -> None:
    source = CachedSource(tmp_path / "cache", snapshot.folder)
    batch = load_claimed(source, ["CEG", "NVDA", "^IXIC"], *SPAN)
    assert [len(series.sessions) for series in batch.series.values()] == [2, 752]
    assert list(batch.failures) == ["^IXIC"]
    assert load_claimed(DirectorySource(snapshot.folder), ["CEG"], *SPAN).series == {}


def test_the_study_needs_nothing_but_the_snapshot(snapshot: SeriesFolder, tmp_path: Path) -> None:
    batch = CachedSource(tmp_path / "cache", snapshot.folder).load(TICKERS, *SPAN)
    assert batch.failures == {}
    assert list(batch.series) == list(TICKERS)
    assert not (tmp_path / "cache").exists()
    assert [status.holes for status in price_status(tmp_path / "cache", snapshot.folder)] == [0] * len(
        TICKERS
    )


def test_the_snapshot_is_a_folder_of_prices_like_any_other(snapshot: SeriesFolder) -> None:
    batch = DirectorySource(snapshot.folder).load(TICKERS, *SPAN)
    for ticker in TICKERS:
        pinned = snapshot.read(ticker)
        assert pinned is not None
        assert fingerprint(batch.series[ticker]) == fingerprint(pinned)


def test_reading_it_loads_nothing_that_fetches(repo: Path) -> None:
    code = """
import sys
from datetime import date
from pathlib import Path
from eventstudy.prices.opening import open_source
source = open_source("auto", cache_dir=Path("nowhere"), snapshot_dir=Path("cache/snapshot"))
batch = source.load(["NVDA", "SPY"], date(2023, 1, 3), date(2025, 12, 31))
assert batch.failures == {}, batch.failures
print(sorted({"yfinance", "tenacity", "filelock", "curl_cffi", "exchange_calendars"} & set(sys.modules)))
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=repo, check=True
    )
    assert answer.stdout.strip() == "[]"
