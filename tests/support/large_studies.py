"""A small study as a large one: files to read it from, and the folder that one run writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from panels import random_returns

import eventstudy as es
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.engine.study_folder import on_grid

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
KEYS = ("level", "key", "tau", "start", "end", "measure", "unit", "test")  #: of the tables of groups
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
    events["size"] = np.where(rng.random(len(events)) < 0.1, np.nan, rng.uniform(1, 9, len(events)))
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


def placed() -> pd.DataFrame:
    """Return the firm-events that lie on the grid, in the order of the shards."""
    returns, events = market()
    row = returns.index.get_indexer(events["date"])
    there = events.assign(row=row)[(row >= 0) & (row + 3 < len(returns)) & events["ticker"].isin(returns)]
    order = there.sort_values("row", kind="stable")
    dates, count = np.unique(order["row"], return_counts=True)
    shard = ((np.cumsum(count) - count) // SIZE)[np.searchsorted(dates, order["row"])]
    in_shard = order.assign(shard=shard, place=order.index).sort_values(["shard", "place"])
    return in_shard.drop(columns=["shard", "place"])


def same_rows(one: pa.Table, other: pa.Table) -> None:
    """Compare tables but for how their texts are encoded, and the order of groups."""

    def plain(table: pa.Table) -> pa.Table:
        fields = [
            pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema
        ]
        keys = [(name, "ascending") for name in KEYS if name in table.column_names]
        found = table.cast(pa.schema(fields))
        return (found.sort_by(keys) if "level" in table.column_names else found).combine_chunks()

    assert plain(one).equals(plain(other))


def in_memory(design: es.Design) -> dict[str, pa.Table]:
    """Return the tables of the firm-events that lie on the grid, by the engine in memory."""
    returns, _ = market()
    events = placed()
    names = np.array(["A", "B", "C", "D"], dtype=object)
    study = GridStudy.of(
        Grid(np.ascontiguousarray(returns[list(names)].to_numpy().T), returns[["MKT"]].to_numpy().T),
        *(events["ticker"].map({name: row for row, name in enumerate(names)}).to_numpy(),),
        *(events["row"].to_numpy(), on_grid(design)),
        tickers=names,
        groupings={"kind": events["kind"].to_numpy(dtype=object)},
        weights=events[design.weights].to_numpy() if design.weights else None,
        by_ticker=False,
        compiled=False,
    )
    sessions = returns.index.to_numpy().astype("datetime64[D]")
    identity = events["ticker"] + "-" + events["date"].dt.strftime("%Y-%m-%d")
    return run_on_grid(study, tickers=names, sessions=sessions, event_id=identity.to_numpy(dtype=object))
