"""A study on a grid: the tables of `run`, and the same bytes however it is cut into shards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import random_returns

import eventstudy as es
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.errors import UsageError

#: Both estimate by the same least squares; sums over firm-events are exact here and rounded there.
RTOL, ATOL = 1e-9, 1e-12
TICKERS = ("A", "B", "C", "D")
DESIGN = es.Design(
    *(),
    benchmark="MKT",
    estimation=(-70, -6),
    window=(-3, 3),
    car_windows=[(0, 0), (-1, 1), (-3, 3)],
    mask_events=False,
)
PLAIN = DESIGN.replace(benchmark="SPY")  #: regressors are on the grid
TABLES = ("events", "cars", "averages", "tests")


@cache
def market() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns with holes, and 50 firm-events: some share a date, two cannot be measured."""
    rng = np.random.default_rng(11)
    returns = random_returns(rng, TICKERS, n=400, missing=0.03)[["MKT", *TICKERS]]
    returns["MKT"] = returns["MKT"].fillna(0.0)
    day0 = np.sort(rng.choice(np.arange(90, 390), 20, replace=False))
    rows = [
        (day, ticker) for day in day0 for ticker in rng.choice(TICKERS, rng.integers(1, 5), replace=False)
    ]
    rows += [(30, "A"), (20, "B")]
    order = rng.permutation(len(rows))
    events = pd.DataFrame([rows[place] for place in order], columns=["day0", "ticker"])
    events["event_id"] = [f"e{day}" for day in events["day0"]]
    events["kind"] = [f"k{each % 3}" for each in range(len(events))]
    return returns, events


def study(design: es.Design = PLAIN, compiled: bool | None = False) -> tuple[GridStudy, dict[str, Any]]:
    returns, events = market()
    tickers = np.array(TICKERS, dtype=object)
    security = events["ticker"].map({name: row for row, name in enumerate(TICKERS)}).to_numpy()
    event_id = events["event_id"].to_numpy(dtype=object)
    made = GridStudy.of(
        Grid(np.ascontiguousarray(returns[list(TICKERS)].to_numpy().T), returns[["MKT"]].to_numpy().T),
        *(security, events["day0"].to_numpy(), design),
        tickers=tickers,
        groupings={"event": event_id, "kind": events["kind"].to_numpy(dtype=object)},
        compiled=compiled,
    )
    sessions = returns.index.to_numpy().astype("datetime64[D]")
    return made, {"tickers": tickers, "sessions": sessions, "event_id": event_id}


@cache
def in_one_piece() -> dict[str, pa.Table]:
    made, names = study()
    return run_on_grid(made, **names)


def bits(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


def assert_same(found: dict[str, pa.Table]) -> None:
    for name in TABLES:
        assert bits(found[name]) == bits(in_one_piece()[name]), name


def test_the_figures_of_run() -> None:
    returns, events = market()
    listed = events[["event_id", "ticker", "kind"]].assign(session=returns.index[events["day0"]])
    expected = es.run(listed, returns=returns, design=DESIGN)
    keys = {
        "events": ["event_id", "ticker", "session"],
        "cars": ["start", "end"],
        "averages": ["level", "key", "tau"],
        "tests": ["level", "key", "unit", "measure", "test", "start", "end"],
    }
    for name in TABLES:
        own, other = in_one_piece()[name].to_pandas(), expected.tables[name].to_pandas()
        if name in ("events", "cars"):  # in the order in which they are listed
            assert len(own) == len(other)
            pairs = own.join(other.add_suffix("_run"))
            assert (pairs["ticker"].astype(str) == pairs["ticker_run"].astype(str)).all()
        else:
            pairs = own.merge(other, on=keys[name], suffixes=("", "_run"))
            assert len(pairs) == len(own) > 50
        if name == "averages":  # of one date `run` has the error of a portfolio
            pairs = pairs[pairs["n_dates"] > 1]
        compared = 0
        for column in own.columns:
            if f"{column}_run" not in pairs or own[column].isna().all() or column.startswith("pvalue_"):
                continue
            mine, theirs = pairs[column], pairs[f"{column}_run"]
            if mine.dtype.kind == "f":
                np.testing.assert_allclose(mine, theirs, rtol=RTOL, atol=ATOL, err_msg=f"{name}.{column}")
            elif column not in ("reason", "note"):  # causes of absence are not known on a grid
                assert (mine.astype(str) == theirs.astype(str)).all(), (name, column)
            compared += 1
        assert compared >= 5
    assert (in_one_piece()["events"].to_pandas()["status"] == "skipped").sum() >= 2


@pytest.mark.parametrize("most", [1, 7, 25])
def test_shards_cut_at_dates(most: int) -> None:
    made, names = study()
    assert len(list(made.shards(most))) > 1
    assert_same(run_on_grid(made, **names, most=most))


@settings(max_examples=8)
@given(st.data())
def test_any_partition(data: st.DataObject) -> None:
    made, names = study()
    n = len(made.day0)
    part = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))

    class Cut(GridStudy):
        def shards(self, most: int) -> Iterator[GridShard]:
            for each in np.unique(part):
                yield GridShard.of(self, np.flatnonzero(part == each))

    assert_same(run_on_grid(Cut(**vars(made)), **names))


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_executors(kind: str) -> None:
    made, names = study()
    pool: Executor = (
        ThreadPoolExecutor(2)
        if kind == "threads"
        else ProcessPoolExecutor(2, mp_context=get_context("forkserver"))
    )
    with pool as executor:
        assert_same(run_on_grid(made, **names, most=20, executor=executor))


@pytest.mark.skipif(not find_spec("numba"), reason="no Numba")
def test_the_compiled_kernel_shard_by_shard() -> None:
    made, names = study(compiled=True)
    whole, found = (run_on_grid(made, **names, most=most) for most in (1_000, 7))
    for name in TABLES:
        assert bits(found[name]) == bits(whole[name]), name


def test_a_shard_has_only_the_returns_that_it_needs() -> None:
    made, _ = study()
    for shard in made.shards(3):
        assert shard.study.grid.returns.shape[0] == len(np.unique(shard.ticker))
        assert shard.study.grid.returns.shape[1] <= np.ptp(shard.date) + 70 + 3 + 1


def test_what_a_grid_does_not_follow_is_refused() -> None:
    with pytest.raises(UsageError, match="winsorise"):
        study(PLAIN.replace(winsorise=0.1))
    with pytest.raises(UsageError, match="not garch"):
        study(PLAIN.replace(model="garch"))
    with pytest.raises(UsageError, match="mean has 0 regressors"):
        study(PLAIN.replace(model="mean"))
    made, names = study(PLAIN.replace(tests=["joint_f"]))
    with pytest.raises(UsageError, match="no test joint_f"):
        run_on_grid(made, **names)
    with pytest.raises(UsageError, match="listed twice"):
        twice = np.zeros(2, dtype=np.int64)
        GridStudy.of(made.grid, twice, twice + 90, PLAIN, tickers=names["tickers"])
