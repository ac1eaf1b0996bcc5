"""A cache that several processes use, and disks and folders that get in their way.

The file is a test and, called with arguments, a program: ``fetch FOLDER LOG`` loads three tickers from a slow
provider that notes in LOG what it was asked for; ``hold FOLDER`` takes the turn and the lock of a ticker and
waits to be killed.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from disks import as_ordinary_user, tiny_disk
from effort import ended
from processes import ENVIRONMENT, posix
from stored_prices import SPAN, FakeProvider, series

from eventstudy.prices.cache import fetching
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.locked_files import locked, take_fetch_lock
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.source import FetchFailure, PriceSeries

THIS = str(Path(__file__).resolve())
TICKERS = ("AAA", "BBB", "CCC")


@dataclass
class SlowProvider:
    """Takes its time, one ticker after the other, and notes what it was asked for."""

    pause: float = 0.15
    refused: FetchFailure | None = None
    asked: list[str] = field(default_factory=list)
    note: Callable[[str], object] = lambda _: None

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
        for ticker in tickers:
            self.asked.append(ticker)
            self.note(ticker)
            time.sleep(self.pause)
            yield ticker, self.refused or series(ticker)


def together(*loads: Callable[[], object]) -> list[object]:
    """Call functions at the same time and return what they return, in order."""
    gate = threading.Barrier(len(loads))

    def begin(load: Callable[[], object]) -> object:
        gate.wait()
        return load()

    with ThreadPoolExecutor(len(loads)) as pool:
        return [job.result(timeout=60) for job in [pool.submit(begin, load) for load in loads]]


@pytest.mark.parametrize("refresh", [False, True])
def test_what_two_want_is_fetched_once(tmp_path: Path, refresh: bool) -> None:
    if refresh:
        for ticker in TICKERS:
            SeriesFolder(tmp_path).write(series(ticker))
    provider = SlowProvider()
    source = CachedSource(tmp_path, provider=provider, refresh=refresh)
    one, other = together(
        lambda: source.load(TICKERS, *SPAN), lambda: source.load(list(reversed(TICKERS)), *SPAN)
    )
    for batch in (one, other):
        assert batch.failures == {} and set(batch.series) == set(TICKERS)  # type: ignore[attr-defined]
    assert sorted(provider.asked) == list(TICKERS)


@posix
@pytest.mark.kill
def test_what_four_processes_want_is_fetched_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, THIS, "fetch", str(tmp_path / "cache"), str(log)]
    running = [subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE) for _ in range(4)]
    for process in running:
        _, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint
    assert sorted(log.read_text().split()) == list(TICKERS)


def test_nobody_waits_for_a_ticker_that_another_does_not_want(tmp_path: Path) -> None:
    """Nor with a turn in hand: what is free is fetched and stored before anything is waited for."""
    end_turn = take_fetch_lock(SeriesFolder(tmp_path).file("AAA"))
    assert end_turn is not None
    provider = SlowProvider(pause=0)
    seen: list[str] = []

    def done(ticker: str, _: int, __: int) -> None:
        seen.append(ticker)
        if ticker == "CCC":
            for free in ("BBB", "CCC"):
                own = take_fetch_lock(SeriesFolder(tmp_path).file(free))
                assert own is not None, "a turn was kept after its ticker was done"
                own()
            SeriesFolder(tmp_path).write(series("AAA"))
            end_turn()

    batch = CachedSource(tmp_path, provider=provider, progress=done).load(TICKERS, *SPAN)
    assert seen == ["BBB", "CCC", "AAA"]
    assert provider.asked == ["BBB", "CCC"]
    assert batch.failures == {}


def test_a_refusal_for_a_moment_is_not_taken_over_and_a_lasting_one_is(tmp_path: Path) -> None:
    for kind, times in (("rate-limited", 2), ("not-found", 1)):
        provider = SlowProvider(refused=FetchFailure(kind, "no"))  # type: ignore[arg-type]
        load = partial(CachedSource(tmp_path, provider=provider).load, ["AAA"], *SPAN)
        batches = together(load, load)
        assert len(provider.asked) == times
        assert all("no" in batch.failures["AAA"] for batch in batches)  # type: ignore[attr-defined]


def test_a_process_that_was_suspended_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "FETCH_TIMEOUT", 0.2)
    end_turn = take_fetch_lock(SeriesFolder(tmp_path).file("AAA"))
    assert end_turn is not None
    batch = CachedSource(tmp_path, provider=SlowProvider(pause=0)).load(["AAA"], *SPAN)
    end_turn()
    assert list(batch.series) == ["AAA"]
    assert SeriesFolder(tmp_path).tickers() == ("AAA",)


@posix
@pytest.mark.kill
def test_the_locks_of_a_killed_process_are_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, THIS, "hold", str(tmp_path)], env=ENVIRONMENT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdout.readline()
        turn = take_fetch_lock(SeriesFolder(tmp_path).file("AAA"))
        process.send_signal(signal.SIGKILL)
    assert turn is None  # it was the other's
    assert len([*(tmp_path / ".locks").iterdir()]) == 2  # they lie there still
    left = tmp_path / ".AAA.parquet~1.part"
    left.write_bytes(b"half of a fi")
    source = CachedSource(tmp_path, provider=SlowProvider(pause=0))
    batch = ended(lambda: source.load(["AAA"], *SPAN))
    assert batch.series["AAA"].findings == ()
    assert not left.exists()


def test_a_part_of_another_ticker_is_left_to_it(tmp_path: Path) -> None:
    other = tmp_path / ".BRK.B.parquet~1.part"
    other.write_bytes(b"being written")
    SeriesFolder(tmp_path).write(series("BRK"))
    assert other.exists()
    assert SeriesFolder(tmp_path).tickers() == ("BRK",)
    SeriesFolder(tmp_path).write(series("BRK.B"))
    assert not other.exists()


def test_a_part_of_a_copy_that_was_being_kept_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".AAA.parquet.revised-20260102T030405.000006Z~1.part"
    left.write_bytes(b"half of a copy")
    SeriesFolder(tmp_path).write(series("AAA"))
    assert not left.exists()


def test_a_read_only_cache_serves_and_is_not_written_to(tmp_path: Path) -> None:
    SeriesFolder(tmp_path).write(series("AAA"))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    for folder in (tmp_path / ".locks", tmp_path):
        folder.chmod(0o555)
    for parent in [folder for folder in tmp_path.parents if not folder.stat().st_mode & 0o001]:
        parent.chmod(parent.stat().st_mode | 0o055)
    try:
        with as_ordinary_user():
            batch = CachedSource(tmp_path, provider=SlowProvider(pause=0)).load(["AAA", "BBB"], *SPAN)
            gone = CachedSource(
                tmp_path, provider=FakeProvider({"CCC": FetchFailure("not-found", "unknown")})
            )
            assert gone.load(["CCC"], *SPAN).failures == {"CCC": "unknown (stored: nothing)"}
    finally:
        for folder in (tmp_path, tmp_path / ".locks"):
            folder.chmod(0o755)
    assert batch.failures == {}
    assert [found.rule for found in batch.series["BBB"].findings] == ["not-stored"]
    assert batch.series["AAA"].findings == ()
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk", 64) as disk:
        folder = SeriesFolder(disk)
        folder.write(series("AAA"))
        before = folder.file("AAA").read_bytes()
        with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)
        source = CachedSource(disk, provider=SlowProvider(pause=0), refresh=True)
        batch = source.load(["AAA", "BBB"], *SPAN)
        assert batch.failures == {}
        for got in batch.series.values():
            assert [found.rule for found in got.findings] == ["not-stored"]
            assert "No space left on device" in got.findings[0].detail
        assert folder.file("AAA").read_bytes() == before
        assert folder.tickers() == ("AAA",)
        assert not [*disk.glob(".*.part")]
        (disk / "ballast").unlink()
        assert source.load(["AAA"], *SPAN).series["AAA"].findings == ()


def test_a_folder_that_vanishes_meanwhile_is_made_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    SeriesFolder(cache).write(series("AAA"))
    provider = SlowProvider(pause=0, note=lambda _: shutil.rmtree(cache))
    batch = CachedSource(cache, provider=provider).load(["BBB"], *SPAN)
    assert batch.series["BBB"].findings == ()
    assert SeriesFolder(cache).tickers() == ("BBB",)


@posix
def test_a_cache_behind_a_link_is_the_same_cache(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    provider = SlowProvider()
    one, other = (CachedSource(tmp_path / name, provider=provider) for name in ("real", "link"))
    together(lambda: one.load(["AAA"], *SPAN), lambda: other.load(["AAA"], *SPAN))
    assert provider.asked == ["AAA"]
    (tmp_path / "nowhere").symlink_to("missing")
    lost = CachedSource(tmp_path / "nowhere", provider=provider).load(["BBB"], *SPAN)
    assert [found.rule for found in lost.series["BBB"].findings] == ["not-stored"]


@posix
def test_a_file_behind_a_link_is_replaced_and_what_it_led_to_is_not(tmp_path: Path) -> None:
    elsewhere = SeriesFolder(tmp_path / "elsewhere").write(series("AAA"))
    before = elsewhere.read_bytes()
    cache = SeriesFolder(tmp_path / "cache")
    cache.folder.mkdir()
    cache.file("AAA").symlink_to(elsewhere)
    provider = SlowProvider(pause=0)
    assert CachedSource(cache.folder, provider=provider).load(["AAA"], *SPAN).failures == {}
    assert provider.asked == []
    cache.write(series("AAA", end=date(2024, 7, 31)))
    assert not cache.file("AAA").is_symlink()
    assert elsewhere.read_bytes() == before


def test_odd_tickers_share_nothing(tmp_path: Path) -> None:
    odd = (
        "^GSPC",
        "aapl",
        "AAPL",
        "BRK.B",
        "BRK",
        "CON",
        "AAA",
        "X.PARQUET",
        "X",
    )
    provider = SlowProvider(pause=0)
    batch = CachedSource(tmp_path, provider=provider).load(odd, *SPAN)
    assert batch.failures == {} and len(provider.asked) == len(odd)
    no_symbols = ("삼성", "A B", "AAA~FETCH")
    refused = CachedSource(tmp_path, provider=provider).load(no_symbols, *SPAN)
    assert set(refused.failures) == set(no_symbols) and len(provider.asked) == len(odd)
    again = CachedSource(tmp_path).load(odd, *SPAN)
    assert list(again.series) == list(odd)
    names = [path.name.casefold() for path in tmp_path.rglob("*")]
    assert len(set(names)) == len(names)


if __name__ == "__main__":
    _, task, place, *rest = sys.argv
    if task == "fetch":

        def noted(ticker: str) -> None:
            with Path(rest[0]).open("a") as log:
                log.write(f"{ticker}\n")

        got = CachedSource(Path(place), provider=SlowProvider(note=noted)).load(TICKERS, *SPAN)
        sys.exit(0 if set(got.series) == set(TICKERS) else 1)
    held = SeriesFolder(Path(place)).file("AAA")
    turn = take_fetch_lock(held)
    with locked(held):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        time.sleep(60)
