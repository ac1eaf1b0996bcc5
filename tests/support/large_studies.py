"""A small study as a large one: files to read it from, and the folder that one run writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from panels import random_returns

import eventstudy as es

TICKERS = ("A", "B", "C", "D")
DESIGN = es.Design(
    benchmark="MKT",
    estimation=(-70, -6),
    window=(-3, 3),
    car_windows=[(0, 0), (-1, 1)],
    mask_events=False,
    by=["kind"],
    tests=["cross_section_t", "bmp_t", "corrado_rank", "wilcoxon", "grank_t", "grank_z", "bhar_skew_t"],
)
OPTIONS = (
    *("--benchmark", "MKT", "--estimation=-70:-6", "--window=-3:3", "--car=0:0", "--car=-1:1"),
    *("--by", "kind", "--shard-size", "12"),
    *(word for name in DESIGN.tests for word in ("--test", name)),
)
SIZE = 12  #: firm-events of a shard
ABSENT = ("X", "2019-01-02")  #: a security without returns


@cache
def market() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns with holes by session, and firm-events with dates; some share one, some cannot be placed."""
    rng = np.random.default_rng(11)
    returns = random_returns(rng, TICKERS, n=400, missing=0.03)[["MKT", *TICKERS]].rename_axis("date")
    returns["MKT"] = returns["MKT"].fillna(0.0)
    day0 = np.sort(rng.choice(np.arange(90, 390), 20, replace=False))
    rows = [
        (returns.index[day], ticker)
        for day in day0
        for ticker in rng.choice(TICKERS, rng.integers(1, 5), replace=False)
    ]
    rows += [(returns.index[30], "A"), (returns.index[399], "B"), (pd.Timestamp(ABSENT[1]), ABSENT[0])]
    order = rng.permutation(len(rows))
    events = pd.DataFrame([rows[place] for place in order], columns=["date", "ticker"])
    events["kind"] = [f"k{each % 3}" for each in range(len(events))]
    return returns, events


def write_files(folder: Path) -> None:
    """Write the study as ``events.csv`` and ``returns.parquet``."""
    returns, events = market()
    returns.to_parquet(folder / "returns.parquet")
    events.to_csv(folder / "events.csv", index=False)


def run_large(folder: Path, out: str, **given: Any) -> es.LargeResult:
    """Run the study of a folder."""
    options = {"design": DESIGN, "shard_size": SIZE, **given}
    return es.run_large(folder / "events.csv", folder / "returns.parquet", folder / out, **options)


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
