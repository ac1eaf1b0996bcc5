"""Studies on a grid: beside `run`, seeded ones, one whose shard kills a worker, and the bytes of tables."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

import eventstudy as es
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_study import GridShard, GridStudy

TABLES = ("events", "cars", "averages", "tests")
KEYS = {
    "averages": ["level", "key", "tau"],
    "tests": ["level", "key", "unit", "measure", "test", "start", "end"],
}
#: Digits that an average of `run` loses, which sums what is exact on a grid.
RTOL, ATOL = 1e-9, 1e-12


DESIGN = es.Design(
    *(),
    estimation=(-70, -6),
    window=(-3, 3),
    car_windows=[(0, 0), (-1, 1), (-3, 3)],
    tests=("cross_section_t", "bmp_t", "wilcoxon", "grank_t"),  # the last takes two passes
    mask_events=False,
)
EDGE = 80  #: sessions before the first day 0


def drawn_study(
    firm_events: int, *, securities: int = 40, sessions: int = 600, **options: Any
) -> tuple[GridStudy, dict[str, Any]]:
    """Return a study of seeded returns, some of them missing, and the names that its tables need."""
    rng = np.random.default_rng(20_240_208)
    market = rng.normal(0.0, 0.01, (1, sessions))
    returns = rng.uniform(0.5, 1.5, (securities, 1)) * market
    returns += rng.normal(0.0, 0.02, returns.shape)
    returns[rng.random(returns.shape) < 0.02] = np.nan
    cells = rng.choice(securities * (sessions - EDGE), firm_events, replace=False)
    tickers = np.array([f"S{at:03d}" for at in range(securities)], dtype=object)
    study = GridStudy.of(
        *(Grid(returns, market), cells % securities, EDGE + cells // securities, DESIGN),
        **{"tickers": tickers, "compiled": False, **options},
    )
    names = {
        "tickers": tickers,
        "sessions": np.datetime64("2010-01-01", "D") + np.arange(sessions).astype("timedelta64[D]"),
        "event_id": np.array([f"e{cell}" for cell in cells], dtype=object),
    }
    return study, names


def drawn_events(
    rng: np.random.Generator, tickers: Sequence[str], dates: int, sessions: range, most: int = 4
) -> pd.DataFrame:
    """Return firm-events on so many dates, up to ``most`` on each, in no order; ``day0`` is a row of returns.

    Columns besides: ticker, event_id, kind (one of three) and weight.
    """
    day0 = np.sort(rng.choice(np.array(sessions), dates, replace=False))
    rows = [
        (day, ticker)
        for day in day0
        for ticker in rng.choice(tickers, rng.integers(1, most + 1), replace=False)
    ]
    order = rng.permutation(len(rows))
    events = pd.DataFrame([rows[place] for place in order], columns=["day0", "ticker"])
    return events.assign(
        event_id=[f"e{day}" for day in events["day0"]],
        kind=[f"k{each % 3}" for each in range(len(events))],
        weight=rng.uniform(1, 9, len(events)),
    )


def on_grid(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    design: es.Design,
    regressors: Any,
    *,
    kind: type[GridStudy] = GridStudy,
    **asked: Any,
) -> tuple[GridStudy, dict[str, Any]]:
    """Return a study of some columns of returns on a grid, and the names that `run_on_grid` takes.

    Parameters
    ----------
    regressors
        Shape (T, K).
    """
    names = sorted(set(events["ticker"]))
    tickers = np.array(names, dtype=object)
    event_id = events["event_id"].to_numpy(dtype=object)
    made = kind.of(
        Grid(np.ascontiguousarray(returns[names].to_numpy().T), np.asarray(regressors, dtype=float).T),
        events["ticker"].map({name: row for row, name in enumerate(names)}).to_numpy(),
        events["day0"].to_numpy(),
        design.replace(benchmark="SPY"),
        tickers=tickers,
        groupings={"event": event_id, "kind": events["kind"].to_numpy(dtype=object)},
        **{"compiled": False, **asked},
    )
    sessions = returns.index.to_numpy().astype("datetime64[D]")
    return made, {"tickers": tickers, "sessions": sessions, "event_id": event_id}


def by_run(returns: pd.DataFrame, events: pd.DataFrame, design: es.Design) -> Mapping[str, pa.Table]:
    """Return the tables of the same study by `run`."""
    listed = events.drop(columns="day0").assign(session=returns.index[events["day0"]])
    return es.run(listed, returns=returns, design=design).tables


def assert_figures_of_run(
    found: Mapping[str, pa.Table], expected: Mapping[str, pa.Table], *, tests: float = RTOL
) -> None:
    """Hold the tables of a study on a grid against those of `run`; ``tests`` is their relative tolerance."""
    for name in TABLES:
        own, other = found[name].to_pandas(), expected[name].to_pandas()
        if name in KEYS:
            pairs = own.merge(other, on=KEYS[name], suffixes=("", "_run"))
            assert len(pairs) == len(own) > 50
        else:  # in the order in which they are listed
            assert len(own) == len(other)
            pairs = own.join(other.add_suffix("_run"))
            assert (pairs["ticker"].astype(str) == pairs["ticker_run"].astype(str)).all()
        if name == "averages":  # of one date `run` has the error of a portfolio
            pairs = pairs[pairs["n_dates"] > 1]
        compared = 0
        for column in own.columns:
            if f"{column}_run" not in pairs or own[column].isna().all() or column.startswith("pvalue_"):
                continue
            mine, theirs = pairs[column], pairs[f"{column}_run"]
            if mine.dtype.kind == "f":
                rtol = tests if name == "tests" else RTOL
                np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=ATOL, err_msg=f"{name}.{column}")
            elif column not in ("reason", "note"):  # causes of absence are not known on a grid
                mine, theirs = (each.astype(object).fillna("").astype(str) for each in (mine, theirs))
                assert (mine == theirs).all(), (name, column)
            compared += 1
        assert compared >= 5


def bits(table: pa.Table) -> bytes:
    """Return a table as bytes, whatever its chunks."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def assert_same_bytes(found: Mapping[str, pa.Table], expected: Mapping[str, pa.Table]) -> None:
    """Hold all tables of a study on a grid against those of the same study cut in another way."""
    for name in TABLES:
        assert bits(found[name]) == bits(expected[name]), name


@dataclass(frozen=True)
class Killing(GridStudy):
    """A study one of whose shards kills the process that reads it, once or each time.

    Attributes
    ----------
    marker
        A file that says that it was done; None: each time.
    """

    marker: Path | None = None

    @classmethod
    def like(cls, study: GridStudy, marker: Path | None) -> Killing:
        """Return the same study with a deadly shard."""
        own = {each.name: getattr(study, each.name) for each in fields(GridStudy)}
        return cls(**own, marker=marker)

    def shards(self, most: int, *, alone: bool = False) -> Iterator[GridShard]:
        """Yield the shards of the study; the third is deadly."""
        for place, shard in enumerate(super().shards(most, alone=alone)):
            yield Deadly(**vars(shard), marker=self.marker) if place == 2 else shard


@dataclass(frozen=True)
class Deadly(GridShard):
    """A shard that kills the process in which it is unpickled."""

    marker: Path | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        shard = {name: value for name, value in vars(self).items() if name != "marker"}
        return kill_and_restore, (self.marker, shard)


def kill_and_restore(marker: Path | None, shard: dict[str, Any]) -> GridShard:
    """Kill this process by SIGKILL unless that was done already; return the shard."""
    if marker is None or not marker.exists():
        if marker is not None:
            marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return GridShard(**shard)
