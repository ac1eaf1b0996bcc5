"""From a warm cache of 500 tickers and 11 years to returns, beside `pyarrow.dataset` reading the same bytes.

Run with the project's interpreter: `.venv/bin/python benchmarks/warm_cache.py [TICKERS]`. The cache holds
seeded random walks in a temporary folder. Every measurement is a process of its own, so that its peak memory
is its own; reader and dataset take turns.
"""

from __future__ import annotations

import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROUNDS = 5
START, END = date(2014, 1, 2), date(2024, 12, 31)


def fill(folder: Path, tickers: int) -> None:
    """Write a cache of random walks on the sessions of New York."""
    from dataclasses import replace

    import numpy as np

    from eventstudy.prices.cache.folder import SeriesFolder
    from eventstudy.prices.series import series_of
    from eventstudy.sessions import trading_sessions

    sessions = trading_sessions("XNYS", START, END)
    for number in range(tickers):
        rng = np.random.default_rng(number)
        close = 50 * np.cumprod(1 + rng.normal(0, 0.02, len(sessions)))
        spread = np.abs(rng.normal(0, 0.01, (2, len(sessions))))
        figures = {
            "open": close * (1 + rng.normal(0, 0.005, len(sessions))),
            "high": close * (1.02 + spread[0]),
            "low": close * (0.98 - spread[1]),
            "close": close,
            "volume": rng.integers(10**5, 10**8, len(sessions)).astype(float),
        }
        dividend = np.where(np.arange(len(sessions)) % 63 == 0, 0.1, 0.0)
        series = series_of(f"T{number:03d}", sessions, figures, "yahoo", dividend=dividend)
        told = {"asked_from": f"{START}", "asked_to": f"{END}", "currency": "USD"}
        SeriesFolder(folder).write(replace(series, origin={**series.origin, **told}))


def ours(folder: Path, tickers: int) -> int:
    """Read every series, each checked against its seal, and take returns on the exchange's sessions."""
    from eventstudy.panel.returns import returns_from_prices
    from eventstudy.prices.cache.source import CachedSource
    from eventstudy.sessions import trading_sessions

    batch = CachedSource(folder).load([f"T{number:03d}" for number in range(tickers)], START, END)
    assert not batch.failures
    axes = {"XNYS": trading_sessions("XNYS", START, END)}
    return int(returns_from_prices(batch.series, axes, "simple").values.size)


def dataset(folder: Path, tickers: int) -> int:
    """Read every column of every file into one table, and do nothing with it."""
    import pyarrow.dataset as ds

    files = [f"{path}" for path in sorted(folder.glob("T*.parquet"))]
    return int(ds.dataset(files, format="parquet").to_table().num_rows)


WAYS = {"eventstudy": ours, "pyarrow.dataset": dataset}


def main(tickers: int) -> None:
    """Measure both ways in turns and print medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, tickers)
        size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
        print(f"{tickers} tickers, {START} to {END}, {size / 2**20:.0f} MiB of Parquet, median of {ROUNDS}")
        taken: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way in WAYS:
                command = [sys.executable, __file__, way, name, f"{tickers}"]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                taken[way].append(json.loads(done.stdout))
        for way, runs in taken.items():
            seconds, processor, memory = (
                statistics.median(run[what] for run in runs) for what in ("seconds", "processor", "memory")
            )
            cells = int(runs[0]["result"])
            print(
                f"{way:16s} {seconds:6.2f} s   processor {processor:6.2f} s   "
                f"peak {memory / 2**20:5.0f} MiB   {cells:,} returns or rows"
            )
        for what in ("seconds", "processor"):
            ratios = [one[what] / other[what] for one, other in zip(*taken.values(), strict=True)]
            middle = statistics.median(ratios)
            print(f"ratio of {what:9s} {middle:5.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


def measured(way: str, folder: Path, tickers: int) -> None:
    """Run one way in this process; imports are not counted, and are in the memory of both."""
    for module in (
        "pyarrow.dataset",
        "pyarrow.parquet",
        "eventstudy.prices.cache.source",
        "eventstudy.panel.returns",
    ):
        importlib.import_module(module)
    begin, worked = time.perf_counter(), time.process_time()
    result = WAYS[way](folder, tickers)
    seconds, processor = time.perf_counter() - begin, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "memory": memory, "result": result}))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        measured(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else 500)
