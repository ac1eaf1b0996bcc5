"""Seeded studies on a grid, one whose shard kills a worker, and the bytes of result tables."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import eventstudy as es
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_study import GridShard, GridStudy

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


def bits(table: pa.Table) -> bytes:
    """Return a table as bytes, whatever its chunks."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


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
        return cls(**vars(study), marker=marker)

    def shards(self, most: int) -> Iterator[GridShard]:
        """Yield the shards of the study; the third is deadly."""
        own = {name: value for name, value in vars(self).items() if name != "marker"}
        for place, shard in enumerate(GridStudy(**own).shards(most)):
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
