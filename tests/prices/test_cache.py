"""Stored prices: replaced whole or not at all, checked when read, fetched only where they do not suffice."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored_prices import SPAN, FakeProvider, columns_with_a_negative_close, cut, series

from eventstudy.errors import OutputError, PriceDataError, UsageError
from eventstudy.events.names import ticker_problem
from eventstudy.prices.cache import file_format
from eventstudy.prices.cache.coverage import ends_early
from eventstudy.prices.cache.file_format import SCHEMA
from eventstudy.prices.cache.folder import SeriesFolder, covers
from eventstudy.prices.cache.importing import import_prices
from eventstudy.prices.cache.locked_files import take_fetch_lock
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.cache.status import clear, price_status
from eventstudy.prices.opening import cache_directory, open_source, snapshot_directory
from eventstudy.prices.series import fingerprint, series_of
from eventstudy.prices.source import FetchFailure, PriceSeries
from eventstudy.prices.tickers import file_stem, ticker_of
from eventstudy.sessions import last_finished_session


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    marked = series_of("^X", *columns_with_a_negative_close(), "yahoo", origin=series().origin)
    folder = SeriesFolder(tmp_path)
    for original in (
        series(),
        marked,
        replace(series("BBB"), price_index=True, adjusted_only=True, split=None),
    ):
        folder.write(original)
        read = folder.read(original.ticker)
        assert read is not None
        for name in ("sessions", "open", "high", "low", "close", "volume", "dividend"):
            np.testing.assert_array_equal(getattr(read, name), getattr(original, name))
        if original.split is None:
            assert read.split is None
        else:
            np.testing.assert_array_equal(read.split, original.split)
        for name in ("ticker", "source", "adjusted_only", "price_index", "findings"):
            assert getattr(read, name) == getattr(original, name)
        assert read.origin.items() >= original.origin.items()
        assert fingerprint(read) == fingerprint(original) == read.origin["sha256"]
    assert len(marked.findings) == 1
    assert folder.tickers() == ("AAA", "BBB", "^X")
    assert folder.read("CCC") is None


def test_the_format_is_fixed(tmp_path: Path) -> None:
    """A file of an older version must go on being readable: change these only with the format's number."""
    path = SeriesFolder(tmp_path).write(series())
    schema = pq.read_schema(path)
    assert schema.equals(SCHEMA)
    assert str(schema.field("session").type) == "date32[day]"
    assert schema.names == ["session", "open", "high", "low", "close", "volume", "dividend", "split"]
    metadata = {key.decode() for key in schema.metadata}
    expected = (
        "provider symbol asked_from asked_to fetched_at format sha256 seal findings adjusted_only price_index"
    )
    assert metadata == {f"eventstudy_{key}" for key in expected.split()}


def test_the_fingerprint_is_the_same_everywhere() -> None:
    """Noted once: another value on another machine would refuse every stored file there."""
    noted = "9bb265409a77ee5a946537b5120134ceeb3b701f9869ccb9543ad175feca1c10"
    assert fingerprint(series(end=date(2024, 1, 9))) == noted


def damage_bytes(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[100] ^= 0xFF  # among the sessions
    path.write_bytes(raw)


def change_a_price(path: Path) -> None:
    table = pq.ParquetFile(path).read()
    prices = table.column("close").to_numpy().copy()
    prices[3] += 0.01
    place = table.schema.get_field_index("close")
    pq.write_table(table.set_column(place, table.schema.field("close"), pa.array(prices)), path)


def other_format(path: Path) -> None:
    table = pq.ParquetFile(path).read()
    metadata = {**table.schema.metadata, b"eventstudy_format": b"999"}
    pq.write_table(table.replace_schema_metadata(metadata), path)


def without_range(path: Path) -> None:
    table = pq.ParquetFile(path).read()
    metadata = {k: v for k, v in table.schema.metadata.items() if k != b"eventstudy_asked_from"}
    pq.write_table(table.replace_schema_metadata(metadata), path)


def other_ticker(path: Path) -> None:
    SeriesFolder(path.parent).write(series("BBB"))
    (path.parent / "BBB.parquet").replace(path)


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), path)


@pytest.mark.parametrize(
    "harm", [without_range, damage_bytes, cut, change_a_price, other_format, other_ticker, foreign]
)
def test_a_damaged_file_is_never_used(tmp_path: Path, harm: object) -> None:
    path = SeriesFolder(tmp_path).write(series())
    harm(path)  # type: ignore[operator]
    harmed = path.read_bytes()
    remedy = "another --cache" if harm is foreign else "eventstudy prices clear"
    with pytest.raises(PriceDataError, match=remedy) as raised:
        SeriesFolder(tmp_path).read("AAA")
    assert "\n" not in str(raised.value)
    offline = CachedSource(tmp_path).load(["AAA"], *SPAN)
    assert str(path) in offline.failures["AAA"]
    assert path.read_bytes() == harmed  # offline nothing is written: it stays and goes on being reported
    problem = price_status(tmp_path)[0].problem
    assert str(path) in problem
    fetched = CachedSource(tmp_path, provider=FakeProvider({"AAA": series()})).load(["AAA"], *SPAN)
    if harm is foreign:  # it may be anybody's: it is left alone, and the prices are used all the same
        assert pq.read_schema(path).names == ["x"]
        assert [f.rule for f in fetched.series["AAA"].findings] == ["not-stored"]
    else:
        assert SeriesFolder(tmp_path).read("AAA") is not None
        (aside,) = SeriesFolder(tmp_path).beside("AAA")
        assert aside.startswith("AAA.parquet.damaged-2")
        assert (tmp_path / aside).read_bytes() == harmed
        (found,) = fetched.series["AAA"].findings
        assert (found.rule, found.severity) == ("damaged-file", "warning")
        assert aside in found.detail
    assert len(fetched.series["AAA"].close) == len(series().close)


def write_first_format(folder: Path, original: PriceSeries) -> Path:
    """Write a series as version 1 did: with a checksum over the figures alone."""
    names = SCHEMA.names[1:]
    columns = [original.sessions, *(getattr(original, name) for name in names)]
    said = {"format": "1", "symbol": original.ticker, "provider": original.source, "findings": "[]"}
    said |= {"adjusted_only": "no", "price_index": "no", **original.origin}
    schema = SCHEMA.with_metadata({f"eventstudy_{key}": value for key, value in said.items()})
    path = SeriesFolder(folder).file(original.ticker)
    pq.write_table(pa.table([pa.array(values, from_pandas=True) for values in columns], schema=schema), path)
    return path


def test_the_first_format_is_read_and_rewritten_when_it_is_next_written(tmp_path: Path) -> None:
    path = write_first_format(tmp_path, series())
    before = path.read_bytes()
    source = CachedSource(tmp_path, provider=FakeProvider({"AAA": series()}))
    read = source.load(["AAA"], *SPAN).series["AAA"]
    assert fingerprint(read) == fingerprint(series()) and read.findings == ()
    assert path.read_bytes() == before  # reading changes nothing
    replace(source, refresh=True).load(["AAA"], *SPAN)
    assert pq.read_schema(path).metadata[b"eventstudy_format"] == b"2"
    assert SeriesFolder(tmp_path).beside("AAA") == ()  # it was not damaged
    write_first_format(tmp_path, series())
    change_a_price(path)
    with pytest.raises(PriceDataError, match="checksum differs"):
        SeriesFolder(tmp_path).read("AAA")


def test_a_file_of_a_later_version_is_never_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = SeriesFolder(tmp_path)
    with monkeypatch.context() as later:
        later.setattr(file_format, "FORMAT", 4)
        path = folder.write(series())
    before = path.read_bytes()
    says = r"written by a later version of eventstudy \(format 4\); upgrade eventstudy, or choose another"
    with pytest.raises(PriceDataError, match=says):
        folder.read("AAA")
    provider = FakeProvider({"AAA": series()})
    for source in (CachedSource(tmp_path), CachedSource(tmp_path, provider=provider, refresh=True)):
        assert re.search(says, source.load(["AAA"], *SPAN).failures["AAA"])
    assert provider.asked == []
    with pytest.raises(OutputError, match=says):
        folder.write(series())
    with pytest.raises(OutputError, match=says):
        clear(tmp_path)
    assert path.read_bytes() == before
    assert re.search("upgrade", price_status(tmp_path)[0].problem)


def test_offline_what_is_stored_serves_as_far_as_it_goes(tmp_path: Path) -> None:
    """From the start of the need on only: with less to estimate from, figures would depend on the cache."""
    SeriesFolder(tmp_path / "cache").write(series(end=date(2024, 3, 28)))
    pinned = replace(series(end=date(2024, 5, 31)), source="snapshot")
    SeriesFolder(tmp_path / "snapshot").write(pinned)
    source = CachedSource(tmp_path / "cache", tmp_path / "snapshot")
    got = source.load(["AAA", "BBB"], *SPAN)
    used = got.series["AAA"]
    assert (used.source, str(used.sessions[-1])) == ("snapshot", "2024-05-31")  # the one that goes furthest
    (found,) = used.findings
    assert (found.rule, found.severity, found.session) == ("ends-early", "warning", None)
    assert "stored up to 2024-05-31 and needed up to 2024-06-28" in found.detail
    assert "not stored" in got.failures["BBB"]
    assert "not stored" in source.load(["AAA"], date(2023, 12, 1), SPAN[1]).failures["AAA"]
    assert "not stored" in source.load(["AAA"], date(2024, 6, 3), SPAN[1]).failures["AAA"]
    refusing = replace(source, provider=FakeProvider({"AAA": FetchFailure("network", "no answer")}))
    online = refusing.load(["AAA"], *SPAN)  # what was asked for now is not had: the user decides
    assert online.failures["AAA"].startswith("no answer (stored: 2024-01-02 to 2024-03-28")
    assert online.failures["AAA"].endswith("; --offline uses what is stored")


def test_what_is_stored_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes before they get their name, and the folder, which knows the name, after that."""
    synced: list[tuple[bool, bool]] = []
    path = SeriesFolder(tmp_path).file("AAA")

    def noted(descriptor: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(descriptor).st_mode), path.exists()))

    monkeypatch.setattr(os, "fsync", noted)
    SeriesFolder(tmp_path).write(series())
    assert synced == [(False, False)] + ([] if os.name == "nt" else [(True, True)])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = SeriesFolder(tmp_path)
    path = folder.write(series())
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"No space left on device\); what was there is kept"):
        folder.write(series(level=99.0))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["AAA.parquet"]


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    folder = SeriesFolder(tmp_path)
    folder.write(series())

    def rewrite(level: float) -> None:
        folder.write(series(level=level))

    def look(_: int) -> float:
        read = folder.read("AAA")
        assert read is not None  # and its sha256 was right
        return float(read.close[0])

    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(rewrite, float(level)) for level in range(10, 30)]
        seen = [pool.submit(look, turn) for turn in range(60)]
        assert {job.result() for job in seen} <= {float(level) for level in range(10, 30)}
        for write in writes:
            write.result()
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["AAA.parquet"]


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    source = CachedSource(tmp_path / "cache", provider=FakeProvider({"AAA": series()}))
    got = source.load(["AAA"], *SPAN).series["AAA"]
    assert [(f.rule, f.severity) for f in got.findings] == [("not-stored", "warning")]
    assert (tmp_path / "cache").read_text() == "in the way"


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_every_ticker_has_a_file_name_of_its_own(ticker: str) -> None:
    if ticker_problem(ticker):
        return
    stem = file_stem(ticker)
    assert ticker_of(stem) == ticker
    assert file_stem(ticker_of(stem)) == stem
    assert not set(stem) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.=-_%")
    assert not stem.startswith(".")
    assert stem.partition(".")[0] not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


def test_file_names_differ_where_file_systems_fold_case() -> None:
    tickers = [
        "^GSPC",
        "_GSPC",
        "BRK.B",
        "BRK-B",
        "CON",
        "CON.KS",
        "COM1",
        "aapl",
        "AAPL",
        "Aapl",
        "삼성",
        "A%42",
        "AB",
    ]
    assert len({file_stem(ticker).upper() for ticker in tickers}) == len(tickers)
    assert [file_stem(ticker) for ticker in ("^GSPC", "CON", "COM1.KS")] == ["_GSPC", "%43ON", "%43OM1.KS"]


@pytest.mark.parametrize("ticker", ["../AAA", "/etc/passwd", "..", "A\nB", ""])
def test_no_ticker_leads_out_of_the_folder(tmp_path: Path, ticker: str) -> None:
    provider = FakeProvider({})
    batch = CachedSource(tmp_path / "cache", provider=provider).load([ticker], *SPAN)
    assert "ticker " in batch.failures[ticker]
    assert provider.asked == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ticker", ["A/../../B", "C:\\x", "NYSE:IBM", "SPX Index", "@UVR", ".SPXTR"])
def test_an_id_of_a_file_is_stored_under_a_safe_name_and_never_fetched(tmp_path: Path, ticker: str) -> None:
    provider = FakeProvider({})
    source = CachedSource(tmp_path / "cache", provider=provider)
    assert "no symbol of Yahoo's" in source.load([ticker], *SPAN).failures[ticker]
    assert provider.asked == []
    SeriesFolder(tmp_path / "cache").write(replace(series(), ticker=ticker))
    assert [path.parent for path in tmp_path.rglob("*.parquet")] == [tmp_path / "cache"]
    assert SeriesFolder(tmp_path / "cache").tickers() == (ticker,)


def test_returns_are_stored_and_read_as_they_were(tmp_path: Path) -> None:
    held = replace(series(), returns=np.linspace(-0.1, 0.1, len(series().sessions)))
    SeriesFolder(tmp_path).write(held)
    kept = SeriesFolder(tmp_path).read(held.ticker)
    assert kept is not None and kept.returns is not None and held.returns is not None
    assert kept.returns.tolist() == held.returns.tolist()
    assert fingerprint(kept) == fingerprint(held) != fingerprint(series())


def test_coverage_is_what_was_asked_for_not_what_came() -> None:
    young = replace(
        series(start=date(2024, 3, 1)), origin={"asked_from": "2024-01-01", "asked_to": "2024-06-30"}
    )
    assert covers(young, date(2024, 1, 1), date(2024, 6, 30))  # not listed before March, but asked for
    assert not covers(young, date(2023, 12, 31), date(2024, 6, 30))
    assert not covers(young, date(2024, 1, 1), date(2024, 7, 1))
    assert not covers(replace(young, origin={}), *SPAN)


def test_cache_then_snapshot_then_provider(tmp_path: Path) -> None:
    cache, snapshot = SeriesFolder(tmp_path / "cache"), SeriesFolder(tmp_path / "snapshot")
    cache.write(series("AAA", level=20.0))
    snapshot.write(replace(series("AAA"), source="snapshot"))
    snapshot.write(replace(series("BBB"), source="snapshot"))
    cache.write(series("BBB", end=date(2024, 3, 28), level=20.0))  # too short for the need
    provider = FakeProvider(
        {"CCC": series("CCC", level=30.0), "DDD": FetchFailure("empty", "Yahoo has no prices")}
    )
    source = CachedSource(cache.folder, snapshot.folder, provider)
    batch = source.load(["DDD", "CCC", "BBB", "AAA", "CCC"], *SPAN)
    assert {t: (s.source, s.close[0]) for t, s in batch.series.items()} == {
        "CCC": ("yahoo", 30.0),
        "BBB": ("snapshot", 10.0),
        "AAA": ("yahoo", 20.0),
    }
    assert list(batch.series) == ["CCC", "BBB", "AAA"]  # in the order asked for, whoever came first
    assert batch.failures == {"DDD": "Yahoo has no prices (stored: nothing)"}
    assert provider.asked == [("DDD", "CCC")]
    again = source.load(["CCC"], *SPAN)
    assert provider.asked == [("DDD", "CCC")]  # it is stored now
    assert again.series["CCC"].origin == batch.series["CCC"].origin
    assert sorted(path.name for path in snapshot.folder.glob("*.parquet")) == ["AAA.parquet", "BBB.parquet"]


def test_offline_says_what_is_stored_what_was_needed_and_what_to_do(tmp_path: Path) -> None:
    cache = SeriesFolder(tmp_path / "cache")
    cache.write(series("AAA"))
    source = open_source("auto", cache_dir=cache.folder, offline=True)
    batch = source.load(["AAA", "BBB"], date(2023, 1, 3), SPAN[1])
    assert batch.failures["AAA"] == (
        "not stored for 2023-01-03 to 2024-06-28 (stored: 2024-01-02 to 2024-06-28 (yahoo)); "
        "drop --offline, or run `eventstudy prices fetch AAA` online"
    )
    assert "(stored: nothing)" in batch.failures["BBB"]
    assert (
        CachedSource(cache.folder, provider=FakeProvider({})).cached_only().load(["AAA"], *SPAN).failures
        == {}
    )


def test_yahoo_asked_for_by_name_does_without_the_snapshot(tmp_path: Path) -> None:
    snapshot = SeriesFolder(tmp_path / "snapshot")
    snapshot.write(replace(series(), source="snapshot"))
    folders = {"cache_dir": tmp_path / "cache", "snapshot_dir": snapshot.folder}
    assert open_source("auto", **folders, offline=True).load(["AAA"], *SPAN).failures == {}
    assert "AAA" in open_source("yahoo", **folders, offline=True).load(["AAA"], *SPAN).failures


def test_refresh_fetches_what_is_stored_and_replaces_it_whole(tmp_path: Path) -> None:
    SeriesFolder(tmp_path).write(series())
    rebased = halved(series())  # split 2:1 since
    provider = FakeProvider({"AAA": rebased})
    source = CachedSource(tmp_path, provider=provider, refresh=True)
    assert source.load(["AAA"], *SPAN).series["AAA"].close[0] == 5.0
    stored = SeriesFolder(tmp_path).read("AAA")
    assert stored is not None
    np.testing.assert_array_equal(stored.close, rebased.close)


def halved(whole: PriceSeries) -> PriceSeries:
    figures = {name: getattr(whole, name) / 2 for name in ("open", "high", "low", "close", "dividend")}
    return replace(whole, **figures)


def test_progress_counts_what_is_fetched(tmp_path: Path) -> None:
    SeriesFolder(tmp_path).write(series("AAA"))
    seen: list[tuple[str, int, int]] = []
    provider = FakeProvider({"BBB": series("BBB"), "CCC": FetchFailure("empty", "no")})
    source = CachedSource(tmp_path, provider=provider, progress=lambda *step: seen.append(step))
    source.load(["AAA", "BBB", "CCC"], *SPAN)
    assert seen == [("CCC", 1, 2), ("BBB", 2, 2)]


def test_what_was_fetched_before_an_interruption_is_kept(tmp_path: Path) -> None:
    class Interrupted(FakeProvider):
        def fetch(
            self, tickers: Iterable[str], start: date, end: date
        ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
            for ticker in tickers:
                if ticker == "BBB":
                    raise KeyboardInterrupt
                yield ticker, series(ticker)

    with pytest.raises(KeyboardInterrupt) as raised:
        CachedSource(tmp_path, provider=Interrupted({})).load(["AAA", "BBB"], *SPAN)
    assert SeriesFolder(tmp_path).tickers() == ("AAA",)
    for ticker in ("AAA", "BBB"):  # although the traceback still holds whatever it held
        assert take_fetch_lock(SeriesFolder(tmp_path).file(ticker)) is not None
    assert raised.tb is not None


def test_the_future_is_not_asked_for(tmp_path: Path) -> None:
    """A need that ends ahead of time is served by a series up to the last finished session."""
    last = last_finished_session("XNYS")
    recent = series(start=last - timedelta(days=60), end=last)
    SeriesFolder(tmp_path).write(recent)
    start = last - timedelta(days=50)
    for ahead in (0, 1, 400):
        batch = CachedSource(tmp_path).load(["AAA"], start, datetime.now(UTC).date() + timedelta(days=ahead))
        assert str(batch.series["AAA"].sessions[-1]) == last.isoformat()
    stale = series(start=last - timedelta(days=60), end=last - timedelta(days=5))
    SeriesFolder(tmp_path).write(stale)
    short = CachedSource(tmp_path).load(["AAA"], start, last).series["AAA"]
    assert f"stored up to {last - timedelta(days=5)} and needed up to {last}" in ends_early(short)


def test_a_ticker_of_an_unknown_exchange_may_still_be_stored(tmp_path: Path) -> None:
    now = datetime.now(UTC).date()
    origin = {"asked_from": "2024-01-02", "asked_to": now.isoformat()}
    SeriesFolder(tmp_path).write(replace(series("AAA.ZZ"), origin=origin))
    assert CachedSource(tmp_path).load(["AAA.ZZ"], SPAN[0], now).failures == {}


def test_the_snapshot_is_no_cache(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds the pinned prices"):
        open_source("auto", cache_dir=tmp_path, snapshot_dir=tmp_path)


def write_csv(folder: Path, ticker: str, start: str, *closes: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    first = date.fromisoformat(start)
    rows = [f"{first + timedelta(days=place)},{close}" for place, close in enumerate(closes)]
    (folder / f"{ticker}.csv").write_text("date,close\n" + "\n".join(rows) + "\n")


def test_imported_files_serve_from_the_start_of_the_earliest(tmp_path: Path) -> None:
    write_csv(tmp_path / "mine", "OLD", "2024-01-02", 1, 2, 3)
    write_csv(tmp_path / "mine", "NEW", "2024-01-03", 5, 6)
    (tmp_path / "mine" / "BAD.csv").write_text("date,close\nsoon,1\n")
    batch = import_prices(tmp_path / "mine", tmp_path / "cache")
    assert sorted(batch.series) == ["NEW", "OLD"]
    assert list(batch.failures) == ["BAD"]
    source = CachedSource(tmp_path / "cache")
    got = source.load(["OLD", "NEW"], date(2024, 1, 2), date(2024, 1, 4))
    assert got.failures == {}
    assert got.series["NEW"].source == "directory"
    late = source.load(["OLD"], date(2024, 1, 2), date(2024, 1, 5))
    assert "stored up to 2024-01-04" in ends_early(late.series["OLD"])


def test_status_tells_span_holes_age_and_file(tmp_path: Path) -> None:
    whole = series()
    kept = np.ones(len(whole.sessions), dtype=bool)
    kept[[5, 6]] = False
    holed = series_of("AAA", whole.sessions[kept], {"close": whole.close[kept]}, "yahoo", origin=whole.origin)
    SeriesFolder(tmp_path / "cache").write(holed)
    SeriesFolder(tmp_path / "cache").write(series("AAA.ZZ"))
    SeriesFolder(tmp_path / "snapshot").write(replace(series("BBB"), source="snapshot", origin={**SNAPSHOT}))
    one, other, pinned = price_status(tmp_path / "cache", tmp_path / "snapshot")
    assert (one.ticker, one.source, one.first, one.last) == ("AAA", "cache", *SPAN)
    assert (one.rows, one.holes) == (len(whole.sessions) - 2, 2)
    assert (one.asked_from, one.asked_to) == SPAN
    assert one.fetched_at == datetime(2024, 7, 1, 12, tzinfo=UTC)
    assert one.age_days is not None and one.age_days > 500
    assert one.file == tmp_path / "cache" / "AAA.parquet"
    assert one.sha256 == fingerprint(holed)
    assert other.holes is None  # nobody knows its exchange
    assert (pinned.source, pinned.ticker, pinned.fetched_at, pinned.age_days) == (
        "snapshot",
        "BBB",
        None,
        None,
    )
    assert [s.ticker for s in price_status(tmp_path / "cache", tmp_path / "snapshot", ["BBB"])] == ["BBB"]
    assert price_status(tmp_path / "nothing") == []


SNAPSHOT = {"asked_from": SPAN[0].isoformat(), "asked_to": SPAN[1].isoformat()}


def test_clearing_removes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    folder = SeriesFolder(tmp_path)
    for ticker in ("AAA", "BBB", "CCC"):
        folder.write(series(ticker))
    cut(folder.file("CCC"))
    (tmp_path / "notes.txt").write_text("mine")
    assert clear(tmp_path, ["AAA", "ZZZ"]) == ["AAA"]
    assert clear(tmp_path) == ["BBB", "CCC"]
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert clear(tmp_path) == []
    assert clear(tmp_path / "nothing") == []


@pytest.mark.skipif(os.name == "nt", reason="pipes and links are of POSIX")
@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (os.mkfifo, "is a device or a pipe"),
        (lambda path: path.symlink_to("gone"), "is a link to nothing"),
        (lambda path: path.symlink_to("notes.txt"), r"is a link to notes\.txt"),
    ],
)
def test_a_pipe_and_a_link_are_no_stored_series(
    tmp_path: Path, make: Callable[[Path], None], problem: str
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    folder = SeriesFolder(tmp_path)
    make(folder.file("AAA"))
    with pytest.raises(OutputError, match=problem):
        folder.write(series("AAA"))
    assert not folder.file("AAA").is_file() or (tmp_path / "notes.txt").read_text() == "mine"


def test_clearing_refuses_pinned_and_foreign_files(tmp_path: Path) -> None:
    folder = SeriesFolder(tmp_path)
    folder.write(replace(series("AAA"), source="snapshot"))
    folder.write(series("BBB"))
    with pytest.raises(OutputError, match="is pinned and never changed"):
        clear(tmp_path)
    assert folder.tickers() == ("AAA",)
    with pytest.raises(OutputError, match="is pinned"):
        folder.write(series("AAA"))
    foreign(tmp_path / "CCC.parquet")
    with pytest.raises(OutputError, match="is not a stored price series"):
        clear(tmp_path, ["CCC"])
    assert (tmp_path / "CCC.parquet").exists()


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTSTUDY_CACHE_DIR", raising=False)
    study = tmp_path / "study" / "events.yaml"
    assert cache_directory(None, study) == tmp_path / "study" / "cache" / "prices"
    assert "eventstudy" in cache_directory().parts
    assert snapshot_directory(study) is None
    (tmp_path / "study" / "cache" / "snapshot").mkdir(parents=True)
    assert snapshot_directory(study) == tmp_path / "study" / "cache" / "snapshot"
    assert snapshot_directory() is None
    monkeypatch.setenv("EVENTSTUDY_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert cache_directory(None, study) == tmp_path / "elsewhere"
    assert cache_directory(tmp_path / "here", study) == tmp_path / "here"
    monkeypatch.setenv("EVENTSTUDY_CACHE_DIR", "")
    assert cache_directory(None, study) == tmp_path / "study" / "cache" / "prices"
