"""Any byte of any file of the cache may change: it is noticed, or nothing that matters is different."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from stored_prices import columns_with_a_negative_close, series

from eventstudy.prices.cache import file_format
from eventstudy.prices.cache.failures import RecordedFailure, failure_file, record_failure, recorded_failure
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.series import series_of
from eventstudy.prices.source import PriceSeries

NOTE = RecordedFailure(
    "GONE", "not-found", "is not known", "1990-01-01", "2024-06-28", "2024-07-01T10:00:00+00:00"
)


def filled(folder: Path, repo: Path) -> dict[Path, Callable[[], object]]:
    """Fill a cache with every kind of file there is, and say how each is read."""
    cache = SeriesFolder(folder)
    pinned = SeriesFolder(repo / "cache" / "snapshot").read("NVDA")
    assert pinned is not None
    origin = {**series().origin, "currency": "USD", "zone": "America/New_York"}
    whole = [
        replace(pinned, source="yahoo", origin={**pinned.origin, **origin}),
        series("BRK.B"),
        replace(series("ADJ"), adjusted_only=True, price_index=True, split=None),
        series_of("^X", *columns_with_a_negative_close(), "yahoo", origin=origin),  # it has a finding
    ]
    for one in whole:
        cache.write(one)
    record_failure(folder, NOTE)
    readers: dict[Path, Callable[[], object]] = {
        cache.file(one.ticker): lambda ticker=one.ticker: cache.look(ticker)  # type: ignore[misc]
        for one in whole
    }
    return {**readers, failure_file(folder, "GONE"): lambda: recorded_failure(folder, "GONE")}


def same(found: object, whole: object) -> bool:
    """Tell whether two readings are the same in everything that a study could come to see."""
    if not isinstance(found, PriceSeries) or not isinstance(whole, PriceSeries):
        return found == whole
    for name in ("sessions", "open", "high", "low", "close", "volume", "dividend", "split"):
        ours, theirs = getattr(found, name), getattr(whole, name)
        if (ours is None) != (theirs is None):
            return False
        if ours is not None and not np.array_equal(ours, theirs, equal_nan=name != "sessions"):
            return False
    names = ("ticker", "source", "adjusted_only", "price_index", "findings", "origin")
    return all(getattr(found, name) == getattr(whole, name) for name in names)


def rot(readers: dict[Path, Callable[[], object]], flips: int, seed: int) -> Counter[str]:
    """Change one byte at a time, any byte of all files, and count what comes of it."""
    chance = random.Random(seed)
    files = {path: path.read_bytes() for path in readers}
    whole = {path: read() for path, read in readers.items()}
    paths, sizes = list(files), [len(content) for content in files.values()]
    outcomes = Counter[str]()
    for _ in range(flips):
        path = chance.choices(paths, sizes)[0]
        content = bytearray(files[path])
        at = chance.randrange(len(content))
        content[at] ^= chance.randrange(1, 256)
        path.write_bytes(content)
        found = readers[path]()
        if isinstance(found, file_format.Unusable):
            assert (found.kind, "\n" in found.problem) == ("damaged", False)
            outcomes["detected"] += 1
        elif found is None and whole[path] == NOTE:
            outcomes["detected"] += 1
        else:
            assert same(found, whole[path]), f"byte {at} of {path.name} changed unseen"
            outcomes["harmless"] += 1
        path.write_bytes(files[path])
    return outcomes


def test_a_hundred_flips(tmp_path: Path, repo: Path) -> None:
    outcomes = rot(filled(tmp_path, repo), flips=100, seed=100)
    assert outcomes["detected"] >= 80


@pytest.mark.slow
def test_two_thousand_flips(tmp_path: Path, repo: Path) -> None:
    outcomes = rot(filled(tmp_path, repo), flips=2_000, seed=2_000)
    assert outcomes.total() == 2_000
    assert outcomes["detected"] >= 1_600


@pytest.mark.slow
def test_every_bit_of_a_small_file(tmp_path: Path) -> None:
    path = SeriesFolder(tmp_path).write(series(end=date(2024, 1, 9)))
    whole, content = SeriesFolder(tmp_path).look("AAA"), path.read_bytes()
    for at, bit in itertools.product(range(len(content)), range(8)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << bit
        found = file_format.from_bytes(bytes(flipped), "AAA", path)
        assert isinstance(found, file_format.Unusable) or same(found, whole), f"bit {bit} of byte {at}"


def test_the_words_are_sealed_too(tmp_path: Path) -> None:
    """What the first format did not protect: ranges, provider, currency, kind, findings, split."""
    original = replace(series(), origin={**series().origin, "currency": "USD"})
    path = SeriesFolder(tmp_path).write(original)
    content = path.read_bytes()
    for was, now in [
        (b"2024-01-02", b"2014-01-02"),
        (b"2024-06-28", b"2024-06-29"),
        (b"USD", b"EUR"),
        (b"yahoo", b"mahoo"),
        (b"2024-07-01T12", b"2024-07-02T12"),
        (b"eventstudy_currency", b"eventstudy_currencz"),
        (b"eventstudy_seal", b"eventstudy_sea1"),
        (b"eventstudy_findings\x18\x02[]", b"eventstudy_findings\x18\x02{}"),
    ]:
        assert was in content
        path.write_bytes(content.replace(was, now))
        assert isinstance(SeriesFolder(tmp_path).look("AAA"), file_format.Unusable), (was, now)
        offline = CachedSource(tmp_path).load(["AAA"], date(2024, 1, 2), date(2024, 6, 28))
        assert "is damaged" in offline.failures["AAA"]
    path.write_bytes(content)
    assert isinstance(SeriesFolder(tmp_path).look("AAA"), PriceSeries)
