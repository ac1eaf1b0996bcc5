"""Processes that share a cache and are killed at any moment leave every stored series whole.

The file is a test and, called with arguments, the program that is killed: ``herd FOLDER KILLS SEED`` lets
four processes fetch, refresh and read the same few tickers for ever, kills one of them at random moments,
looks at every file after each kill, starts another in its place, and prints what it counted.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from effort import ended
from processes import ENVIRONMENT, forked, posix

from eventstudy.prices.cache.file_format import from_bytes
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.series import series_of
from eventstudy.prices.source import FetchFailure, PriceSeries

THIS = str(Path(__file__).resolve())

TICKERS = ("AAA", "BRK.B", "^GSPC", "aapl", "CON", "GONE")
SPAN = date(2024, 1, 1), date(2024, 1, 30)
PROCESSES = 4
LONGEST = 0.12  #: seconds between two kills: some ten fetches and writes of each process


def sealed(ticker: str, seal: int) -> PriceSeries:
    """Return a series that bears its seal in every figure; one in eight has a price of its own, too."""
    days = np.arange(SPAN[0], SPAN[1] + timedelta(days=1), dtype="datetime64[D]")
    close = seal * (100.0 + np.arange(len(days)))
    if seal % 8 == 0:
        close[5] *= 1.01
    columns = {
        "open": close * 0.99,
        "high": close * 1.01,
        "low": close * 0.98,
        "close": close,
        "volume": np.full(len(days), float(seal)),
        "dividend": np.where(np.arange(len(days)) == 9, 0.01 * seal, 0.0),
    }
    origin = {"asked_from": f"{SPAN[0]}", "asked_to": f"{SPAN[1]}", "drawn": f"{seal}", "currency": "USD"}
    return series_of(ticker, days, columns, "sealed", origin=origin)


def seal_of(series: PriceSeries) -> int:
    """Return the seal of a series, all of which must bear it."""
    seal = int(series.origin["drawn"])
    wanted = sealed(series.ticker, seal)
    for name in ("sessions", "open", "high", "low", "close", "volume", "dividend"):
        assert np.array_equal(getattr(series, name), getattr(wanted, name)), f"{name} is not of {seal}"
    return seal


@dataclass(frozen=True)
class SealedProvider:
    """Gives series with one seal after the other, and knows all tickers but one."""

    seals: Iterator[int]

    def fetch(
        self, tickers: Iterable[str], start: date, end: date
    ) -> Iterator[tuple[str, PriceSeries | FetchFailure]]:
        for ticker in tickers:
            seal = next(self.seals)
            time.sleep(seal % 5 / 2000)  # so that some are killed while they fetch
            yield ticker, FetchFailure("not-found", "gone") if ticker == "GONE" else sealed(ticker, seal)


def work_for_ever(folder: Path, seed: int) -> None:
    """Fetch, refresh and read some tickers after the other, and see that each is whole."""
    chance = random.Random(seed)
    provider = SealedProvider(itertools.count(chance.randrange(1, 10**6)))
    for turn in itertools.count():
        source = CachedSource(folder, provider=provider, refresh=turn % 4 > 0)
        wanted = chance.sample(TICKERS, 3)
        batch = source.load(wanted, *SPAN)
        assert batch.failures.keys() <= {"GONE"}, batch.failures
        assert {*batch.series} == {*wanted} - {"GONE"}
        for series in batch.series.values():
            seal_of(series)
            assert not [found for found in series.findings if found.rule in ("damaged-file", "not-stored")]


def look(folder: Path, known: set[str]) -> None:
    """See that every stored series is whole, and every one that was ever complete is there."""
    stored = SeriesFolder(folder)
    names = set(stored.tickers())
    assert known <= names, f"{known - names} are gone"
    for ticker in names:
        series = stored.read(ticker)
        assert series is not None
        seal_of(series)


def herd(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill one of four processes again and again; look at all files after each kill."""
    chance, outcomes = random.Random(seed), Counter[str]()
    seeds = itertools.count(seed * 1000)

    def another() -> int:
        own = next(seeds)
        return forked(partial(work_for_ever, folder, own))

    herded = [another() for _ in range(PROCESSES)]
    known: set[str] = set()
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0, LONGEST))
            place = chance.randrange(PROCESSES)
            os.kill(herded[place], signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(herded[place], 0)[1])
            assert status == -signal.SIGKILL, "a process found something broken and ended by itself"
            outcomes["a part was left"] += any(folder.glob(".*.part"))
            checked = os.waitpid(forked(partial(look, folder, known)), 0)[1]
            assert checked == 0, f"after {outcomes['kills']} kills"
            outcomes["kills"] += 1
            known |= set(SeriesFolder(folder).tickers())
            herded[place] = another()
    finally:
        for process in herded:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    outcomes["complete"] = len(known)
    return outcomes


def check_herd(folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Let the herd loose, then see what is left: whole series, no parts, no lock that anybody holds."""
    command = [sys.executable, THIS, "herd", str(folder), str(kills), str(seed)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes: dict[str, int] = json.loads(done.stdout)
    assert (outcomes["kills"], outcomes["complete"]) == (kills, len(TICKERS) - 1)
    source = CachedSource(folder, provider=SealedProvider(itertools.count(10**7)), refresh=True)
    batch = ended(lambda: source.load(TICKERS, *SPAN))  # nobody waits for the dead
    assert {seal_of(series) for series in batch.series.values()} <= {*range(10**7, 10**7 + len(TICKERS))}
    assert not [*folder.glob(".*.part")]
    stored = SeriesFolder(folder)
    for ticker in stored.tickers():
        for name in stored.beside(ticker):
            kept: Any = from_bytes((folder / name).read_bytes(), ticker, folder / name)
            seal_of(kept)
            assert "revised" in name, "nothing was ever damaged"
    return outcomes


@posix
@pytest.mark.kill
def test_a_few_kills(tmp_path: Path) -> None:
    check_herd(tmp_path, kills=10, seed=10)


@posix
@pytest.mark.slow
def test_five_hundred_kills(tmp_path: Path) -> None:
    outcomes = check_herd(tmp_path, kills=500, seed=500)
    assert outcomes["a part was left"] >= 5, "the kills did not meet the writes"


if __name__ == "__main__":
    _, task, place, kills, seed = sys.argv
    import filelock
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    assert task == "herd" and filelock.FileLock
    sys.stdout.write(json.dumps(herd(Path(place), int(kills), int(seed))))
