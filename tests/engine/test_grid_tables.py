"""A study on a grid: the tables of `run`, and the same bytes however it is cut into shards."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from grid_studies import (
    ATOL,
    RTOL,
    TABLES,
    assert_figures_of_run,
    assert_same_bytes,
    by_run,
    drawn_events,
    on_grid,
)
from panels import random_returns

import eventstudy as es
from eventstudy.engine import grid_design, grid_measured, grid_study
from eventstudy.engine.grid_shards import first_pass, kinds_by_measure
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.errors import UsageError
from eventstudy.numerics import compiling
from eventstudy.significance.history import History

TICKERS = ("A", "B", "C", "D")
DESIGN = es.Design(
    *(),
    benchmark="MKT",
    estimation=(-70, -6),
    window=(-3, 3),
    car_windows=[(0, 0), (-1, 1), (-3, 3)],
    mask_events=False,
)


@cache
def market() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns with holes, and some 50 firm-events: some share a date, two cannot be measured."""
    rng = np.random.default_rng(11)
    returns = random_returns(rng, TICKERS, n=400, missing=0.03)
    events = drawn_events(rng, TICKERS, 20, range(90, 390))
    early = events[:2].assign(day0=[30, 20], ticker=["A", "B"], event_id=["e30", "e20"])
    return returns, pd.concat([events, early], ignore_index=True)


def study(design: es.Design = DESIGN, **asked: Any) -> tuple[GridStudy, dict[str, Any]]:
    returns, events = market()
    return on_grid(returns, events, design, returns[["MKT"]], **asked)


@cache
def in_one_piece() -> dict[str, pa.Table]:
    made, names = study()
    return run_on_grid(made, **names)


def test_the_figures_of_run() -> None:
    assert_figures_of_run(in_one_piece(), by_run(*market(), DESIGN))
    assert (in_one_piece()["events"].to_pandas()["status"] == "skipped").sum() >= 2


@pytest.mark.parametrize("most", [1, 7, 25])
def test_shards_cut_at_dates(most: int) -> None:
    made, names = study()
    assert len(list(made.shards(most))) > 1
    assert_same_bytes(run_on_grid(made, **names, most=most), in_one_piece())


@pytest.mark.skipif(not find_spec("numba"), reason="no Numba")
def test_the_compiled_kernel_shard_by_shard() -> None:
    made, names = study(compiled=True)
    whole, found = (run_on_grid(made, **names, most=most) for most in (1_000, 7))
    assert_same_bytes(found, whole)


@pytest.mark.skipif(not find_spec("numba"), reason="no Numba")
def test_compiled_kernels_fill_the_same_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "MANY", 0)
    monkeypatch.setattr(compiling, "FEW", 0)
    made, names = study(compiled=True)
    found = run_on_grid(made, **names)
    for name in TABLES:
        own, other = found[name].to_pandas(), in_one_piece()[name].to_pandas()
        for column in own.columns:
            mine, theirs = own[column], other[column]
            if mine.dtype.kind == "f":
                np.testing.assert_allclose(mine, theirs, rtol=RTOL, atol=ATOL, err_msg=f"{name}.{column}")
            else:
                assert (mine.astype(object).fillna("") == theirs.astype(object).fillna("")).all(), (
                    name,
                    column,
                )


def test_tickers_need_not_be_a_level() -> None:
    made, names = study(by_ticker=False)
    rest = in_one_piece()["averages"].to_pandas().query("level != 'ticker'")
    found = run_on_grid(made, **names)["averages"].to_pandas()
    assert set(found["level"].astype(str)) == {"all", "event", "kind"}
    np.testing.assert_array_equal(found["aar"], rest["aar"])


def test_a_shard_has_only_the_returns_that_it_needs() -> None:
    made, _ = study()
    for shard in made.shards(3):
        assert shard.study.grid.returns.shape[0] == len(np.unique(shard.ticker))
        assert shard.study.grid.returns.shape[1] <= np.ptp(shard.date) + 70 + 3 + 1


def test_a_level_of_many_groups_is_computed_group_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of sums, whether some groups or one are estimated at once."""
    made, names = study()
    sizes = {level.name: len(level.keys) for level in made.levels}
    assert sizes["event"] > sizes["ticker"] > 3
    monkeypatch.setattr(grid_study, "MANY", 3)
    for most in (20_000, 10):
        monkeypatch.setattr(grid_study, "FIRM_EVENTS", most)
        assert_same_bytes(run_on_grid(made, **names, most=20), in_one_piece())


def test_groups_of_one_ticker_are_computed_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = in_one_piece()["tests"].to_pandas()
    assert in_one_piece()["findings"].num_rows == 0 and "ticker" in set(whole["level"])
    monkeypatch.setattr(grid_study, "MOST_BY_TICKER", 10)
    made, names = study()
    found = run_on_grid(made, **names)
    assert set(found["tests"].to_pandas()["level"]) == set(whole["level"]) - {"ticker"}
    assert "by_ticker=True" in found["findings"]["detail"][0].as_py()
    refused, asked = study(by_ticker=False)[0], study(by_ticker=True)[0]
    assert not refused.left_out and not asked.left_out
    assert [level.name for level in asked.levels] == ["all", "ticker", "event", "kind"]


def test_costly_tests_of_many_firm_events_are_computed_where_they_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = in_one_piece()
    monkeypatch.setattr(grid_design, "MANY_DRAWN", 10)
    made, names = study()
    found = run_on_grid(made, **names)
    assert found["findings"]["detail"][0].as_py().startswith("wild_bootstrap, bhar_skew_t: ")
    drawn = {"wild_bootstrap", "bhar_skew_t"}
    left = set(found["tests"].to_pandas()["test"])
    assert left | drawn == set(whole["tests"].to_pandas()["test"]) and not left & drawn
    made, names = study(DESIGN.replace(tests=[*drawn]))
    named = run_on_grid(made, **names)
    assert set(named["tests"].to_pandas()["test"]) == drawn and named["findings"].num_rows == 0


def test_what_a_grid_does_not_follow_is_refused() -> None:
    with pytest.raises(UsageError, match="winsorise"):
        study(DESIGN.replace(winsorise=0.1))
    with pytest.raises(UsageError, match="not garch"):
        study(DESIGN.replace(model="garch"))
    with pytest.raises(UsageError, match="not dimson"):
        study(DESIGN.replace(model="dimson"))
    with pytest.raises(UsageError, match="mean has 0 regressors"):
        study(DESIGN.replace(model="mean"))
    with pytest.raises(UsageError, match="capm needs risk_free"):
        study(DESIGN.replace(model="capm"))
    with pytest.raises(UsageError, match="weights are given"):
        study(DESIGN.replace(weights="weight"))
    with pytest.raises(UsageError, match="0 or more"):
        study(DESIGN.replace(weights="weight"), weights=-market()[1]["weight"].to_numpy())
    with pytest.raises(UsageError, match="no test joint_f"):
        study(DESIGN.replace(tests=["joint_f"]))
    made, names = study()
    with pytest.raises(UsageError, match="listed twice"):
        twice = np.zeros(2, dtype=np.int64)
        GridStudy.of(made.grid, twice, twice + 90, made.design, tickers=names["tickers"])


def test_ranks_are_computed_once_for_all_levels_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = study()
    (shard,) = made.shards(1_000)
    histories = []

    def counted(*parts: Any) -> Any:
        histories.append(parts)
        return History(*parts)

    monkeypatch.setattr(grid_measured, "History", counted)
    first_pass(shard, kinds_by_measure(made.tests, second=False))
    assert len(made.levels) > 2 and len(histories) == 1
