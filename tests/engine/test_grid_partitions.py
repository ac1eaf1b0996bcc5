"""Five hundred firm-events cut into shards at random: the same bytes, and the figures of `run`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from grid_studies import assert_figures_of_run, assert_same_bytes, by_run, drawn_events, on_grid
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from panels import random_returns

import eventstudy as es
from eventstudy.engine import grid_study
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.significance import TESTS

EXACT = 1e-11  #: both add the same numbers exactly; regressions and quantiles keep some fewer digits
DESIGN = es.Design(
    *(),
    benchmark="MKT",
    estimation=(-60, -6),
    window=(-2, 2),
    car_windows=[(0, 0), (-2, 2)],
    min_estimation=40,
    weights="weight",
    tests=[name for name, test in TESTS.items() if test.scope == "cross-section"],
)


@cache
def market() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rounded returns, of which many tie, with holes in those of most tickers; dates beside each other."""
    rng = np.random.default_rng(3)
    tickers = tuple(f"T{number}" for number in range(24))
    returns = random_returns(rng, tickers, n=330, missing=0.01)
    returns[list(tickers[::3])] = returns[list(tickers[::3])].ffill().fillna(0.0)
    returns[list(tickers)] = returns[list(tickers)].round(3)
    events = drawn_events(rng, tickers, 100, range(70, 325), most=9)
    return returns, events[:500]


def cut(part: Any = None) -> tuple[GridStudy, dict[str, Any]]:
    """Return the study; its shards are the firm-events of equal number in ``part``, or whole dates."""

    class Cut(GridStudy):
        def shards(self, most: int, *, alone: bool = False) -> Iterator[GridShard]:
            for each in np.unique(part):
                yield GridShard.of(self, np.flatnonzero(part == each), alone=alone)

    returns, events = market()
    kind = GridStudy if part is None else Cut
    return on_grid(
        *(returns, events, DESIGN, returns[["MKT"]]),
        kind=kind,
        weights=events["weight"].to_numpy(),
        by_ticker=True,
    )


@cache
def whole() -> dict[str, pa.Table]:
    made, names = cut()
    return run_on_grid(made, **names)


def test_the_figures_of_run() -> None:
    assert len(market()[1]) > 450
    assert_figures_of_run(whole(), by_run(*market(), DESIGN.replace(max_loss=1.0)), tests=EXACT)
    found = whole()["tests"].to_pandas()
    assert set(found["test"]) == set(DESIGN.tests)
    assert set(found["level"]) == {"all", "ticker", "event", "kind"}


@settings(max_examples=3, phases=[Phase.explicit, Phase.generate])  # an example takes seconds
@given(seed=st.integers(0, 2**32 - 1), shards=st.integers(2, 6), by_date=st.booleans())
def test_any_partition(seed: int, shards: int, by_date: bool) -> None:
    """Firm-events in shards of their own choice, or all of a date together."""
    rng, day0 = np.random.default_rng(seed), market()[1]["day0"].to_numpy()
    part = rng.integers(0, shards, day0.max() + 1)[day0] if by_date else rng.integers(0, shards, len(day0))
    made, names = cut(part)
    assert_same_bytes(run_on_grid(made, **names), whole())


@pytest.mark.parametrize("most", [60, 200])
def test_any_size_of_shards_and_groups(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With levels of many groups computed some groups after the other, whatever the shards."""
    monkeypatch.setattr(grid_study, "MANY", 20)
    made, names = cut()
    once, again = (run_on_grid(made, **names, most=each) for each in (1_000, most))
    assert_same_bytes(again, once)
    assert_figures_of_run(again, whole(), tests=EXACT)


def test_many_firm_events_in_any_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Correlated by session: whole dates in shards of any size."""
    paired = whole()["tests"].to_pandas()
    monkeypatch.setattr(grid_study, "MOST_PAIRED", 100)
    made, names = cut()
    once, again = (run_on_grid(made, **names, most=most) for most in (1_000, 60))
    assert_same_bytes(again, once)
    tests = once["tests"].to_pandas()
    adjusted = tests["test"].isin(["patell_adj_z", "bmp_adj_t"])
    assert (
        tests["note"][adjusted & tests["statistic"].notna()].str.contains("of sessions, not of pairs").all()
    )
    differs = tests["statistic"] != paired["statistic"]
    assert differs[adjusted].mean() > 0.5 and not (differs & tests["statistic"].notna())[~adjusted].any()
