"""What a study on a grid follows besides its windows: models, masks and weights, as `run` does."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from grid_studies import assert_figures_of_run, assert_same_bytes, by_run, drawn_events, on_grid
from panels import FACTORS, random_returns

import eventstudy as es
from eventstudy.engine.grid_tables import run_on_grid

TICKERS = ("A", "B", "C", "D")
THREE = list(FACTORS[:3])
DESIGN = es.Design(
    *(),
    benchmark="MKT",
    estimation=(-70, -6),
    window=(-3, 3),
    car_windows=[(0, 0), (-3, 3)],
    mask_events=False,
    tests=["patell_z", "bmp_adj_t", "calendar_time", "grank_t", "corrado_rank", "bhar_skew_t"],
)
MODELS: dict[str, Any] = {
    "mean": lambda returns: returns[[]],
    "market-adjusted": lambda returns: returns[["MKT"]],
    "capm": lambda returns: returns[["MKT"]].sub(returns["RF"], axis=0),
    "ff3": lambda returns: returns[THREE],
    "factors": lambda returns: returns[THREE[1:]],
}


def both(design: es.Design, model: str = "market", **asked: Any) -> Any:
    """Return a market, its firm-events, and the study on a grid with what `run_on_grid` takes."""
    rng = np.random.default_rng(5)
    returns = random_returns(rng, TICKERS, n=420, missing=0.03)
    events = drawn_events(rng, TICKERS, 18, range(90, 400))
    regressors = MODELS.get(model, MODELS["market-adjusted"])(returns)
    if model in ("capm", "ff3"):
        asked["risk_free"] = returns["RF"].to_numpy()
    if design.weights:
        asked["weights"] = events["weight"].to_numpy()
    return returns, events, *on_grid(returns, events, design, regressors, **asked)


@pytest.mark.parametrize("model", MODELS)
def test_models(model: str) -> None:
    design = DESIGN.replace(model=model, factors=THREE[1:] if model == "factors" else ())
    returns, events, made, names = both(design, model)
    found = run_on_grid(made, **names)
    assert_figures_of_run(found, by_run(returns, events, design))
    assert_same_bytes(run_on_grid(made, **names, most=7), found)


def test_masks_and_weights() -> None:
    """So few estimation returns that some masks reach as far as is asked, some less far, some not at all."""
    design = DESIGN.replace(mask_events=True, min_estimation=58, weights="weight", tests=())
    returns, events, made, names = both(design)
    expected, found = by_run(returns, events, design), run_on_grid(made, **names)
    assert len(set(expected["events"].to_pandas()["mask_note"].fillna(""))) == 3
    assert_figures_of_run(found, expected)
    assert "value_weighted_t" in set(found["tests"].to_pandas()["test"])
    assert_same_bytes(run_on_grid(made, **names, most=5), found)


@pytest.mark.skipif(not find_spec("numba"), reason="no Numba")
def test_masks_with_the_compiled_kernel() -> None:
    design = DESIGN.replace(mask_events=True, tests=["patell_z"])
    returns, events, made, names = both(design, compiled=True)
    assert_figures_of_run(run_on_grid(made, **names), by_run(returns, events, design))
