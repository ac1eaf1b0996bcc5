"""Reading of files: a long CSV beside the readers of polars and DuckDB, the returns of a large Parquet.

Run with the project's interpreter: `.venv/bin/python benchmarks/reading.py [ROWS]`; the default is 10,000,000
rows of Parquet. The CSV has 300 series of eight years (ticker, date, open, high, low, close, volume: 626,100
rows). Ratios of one run on one machine can be compared; seconds from different machines cannot.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from eventstudy import read_prices
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

SERIES, SESSIONS = 300, 2_087
ROUNDS = 7
GROUP = 1_000_000  #: rows of a row group
SECURITIES = 400  #: in a row group


def sessions(n: int) -> pa.Array:
    """Return weekdays from 2015 on."""
    days = np.arange(np.datetime64("2015-01-01"), np.datetime64("2015-01-01") + 2 * n)
    return pa.array(days[np.is_busday(days)][:n])


def write_csv(path: Path) -> None:
    """Write the long table."""
    rng = np.random.default_rng(0)
    n = SERIES * SESSIONS
    columns = {
        "ticker": np.repeat([f"T{number:04}" for number in range(SERIES)], SESSIONS),
        "date": pa.concat_arrays([sessions(SESSIONS)] * SERIES),
        **{name: np.round(rng.uniform(10, 500, n), 2) for name in ("open", "high", "low", "close")},
        "volume": rng.integers(100_000, 10_000_000, n),
    }
    options = pyarrow.csv.WriteOptions(quoting_style="none")
    pyarrow.csv.write_csv(pa.table(columns), path, options)


def ours(path: Path) -> Table:
    """Read the table, and cast what a reader of prices does: figures, and the texts that repeat."""
    (table,) = tables_of(path.name, path.read_bytes(), ReadingOptions())
    for place in range(2, 7):
        table.columns[place].cast(pa.float64())
    for place in range(2):
        table.columns[place].unify_dictionaries()
    return table


def by_polars(path: Path) -> object:
    import polars

    return polars.read_csv(path, try_parse_dates=True)


def by_duckdb(path: Path) -> object:
    import duckdb

    return duckdb.sql(f"select * from read_csv('{path}')").to_arrow_table()


def timed(read: Callable[[Path], object], path: Path) -> float:
    start = time.perf_counter()
    read(path)
    return time.perf_counter() - start


def compare(path: Path) -> None:
    """Print the median time of each reader, in turns, and the ratio to the faster of the others."""
    readers = {"polars": by_polars, "DuckDB": by_duckdb, "eventstudy": ours}
    rounds = [{name: timed(read, path) for name, read in readers.items()} for _ in range(ROUNDS + 1)][1:]
    medians = {name: statistics.median(each[name] for each in rounds) for name in readers}
    for name, seconds in medians.items():
        print(f"{name:12s} {seconds:7.3f} s")
    ratios = [each["eventstudy"] / min(each["polars"], each["DuckDB"]) for each in rounds]
    print(f"ratio        {statistics.median(ratios):7.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")


def write_parquet(path: Path, rows: int) -> None:
    """Write a daily file as CRSP has it, of columns that are needed and of others."""
    rng = np.random.default_rng(0)
    each = GROUP // SECURITIES
    market = rng.normal(0, 0.01, each)
    writer = None
    for group in range(rows // GROUP):
        columns = {
            "PERMNO": np.repeat(np.arange(SECURITIES, dtype=np.int32) + 10_000 + SECURITIES * group, each),
            "date": pa.concat_arrays([sessions(each)] * SECURITIES),
            "RET": np.where(rng.random(GROUP) < 0.01, np.nan, rng.normal(0, 0.02, GROUP)),
            "COMNAM": np.repeat([f"FIRM {number} INC" for number in range(SECURITIES)], each),
            **{name: rng.random(GROUP) for name in ("PRC", "VOL", "SHROUT")},
            "vwretd": np.tile(market, SECURITIES),
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def peak(path: Path) -> None:
    """Print time and peak memory of reading the returns of every security, in this process."""
    start = time.perf_counter()
    series = len(read_prices(str(path)).tickers())
    seconds, most = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 2**20
    print(f"Parquet      {seconds:7.3f} s   {series:,} series of {size:,.0f} MiB, peak {most:,.0f} MiB")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text, parquet = Path(folder) / "long.csv", Path(folder) / "crsp.parquet"
        write_csv(text)
        compare(text)
        write_parquet(parquet, rows)
        subprocess.run([sys.executable, __file__, "--peak", str(parquet)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        peak(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 10_000_000)
