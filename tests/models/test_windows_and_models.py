"""Models with several estimation windows, with trades, and with autocorrelated noise: what goes together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one, random_returns, study

import eventstudy as es
from eventstudy.errors import DesignError
from eventstudy.models import model_of
from eventstudy.models.penalised_peers import FOLDS
from eventstudy.models.refusals import refuse_design

BOTH = ((-130, -11), (11, 130))
DONORS = tuple("BCDEFGHIJKLMN")
DESIGN: dict[str, Any] = {"estimation": BOTH, "window": (-2, 2), "car_windows": [(0, 0), (-1, 1)]}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return random_returns(np.random.default_rng(5), ("A", *DONORS))


@pytest.mark.parametrize("estimation", [BOTH, (11, 130)])
def test_no_variance_is_followed_through_a_gap_between_windows(table: pd.DataFrame, estimation: Any) -> None:
    with pytest.raises(DesignError, match="one window before the event"):
        study(table, [("e", "A", 200)], model="garch", **DESIGN | {"estimation": estimation})


def test_sessions_beside_a_gap_are_no_neighbours(table: pd.DataFrame) -> None:
    """Scholes and Williams leave out the first and the last session of each window."""
    result = study(table, [("e", "A", 200)], model="scholes-williams", **DESIGN)
    assert one(result.events)["n_estimation"] == 240 - 4
    market = table["MKT"].to_numpy()
    parts = [(200 + start, 200 + end + 1) for start, end in BOTH]
    inner = np.concatenate([np.arange(start + 1, end - 1) for start, end in parts])
    frame = pd.DataFrame(
        {"y": table["A"].to_numpy()[inner]} | {f"m{lag}": market[inner + lag] for lag in (-1, 0, 1)}
    )
    slopes = [frame["y"].cov(frame[name]) / frame[name].var() for name in ("m-1", "m0", "m1")]
    beta = sum(slopes) / (1 + 2 * frame["m0"].corr(frame["m-1"]))
    found = result.coefficients.set_index("term")["estimate"]
    assert found["MKT"] == pytest.approx(beta, rel=1e-9)


def test_folds_of_penalised_peers_end_at_a_gap_too(table: pd.DataFrame) -> None:
    result = study(table, [("e", "A", 200)], model="peers", peers=DONORS, peer_method="ridge", **DESIGN)
    errors = result.residuals["residual"].to_numpy()
    assert len(errors) == 240 and 120 % (240 // FOLDS) == 0  # here the gap lies between two folds
    row = one(result.cars, start=-1, end=1)
    assert row["placebo_n"] == 240 - 2 * FOLDS
    assert row["conformal_pvalue"] == pytest.approx(row["placebo_pvalue"])


def test_peers_need_no_returns_between_the_windows(table: pd.DataFrame) -> None:
    holes = table.copy()
    holes.iloc[191:198, holes.columns.get_loc("B")] = np.nan
    holes.iloc[203:210, holes.columns.get_loc("B")] = np.nan
    result = study(holes, [("e", "A", 200)], model="peers", peers=DONORS, **DESIGN)
    told = result.weights.set_index("security")["reason"]
    assert pd.isna(told["B"])


@pytest.mark.parametrize("model", ["garch", "robust", "scholes-williams", "peers", "synthetic"])
def test_models_that_weight_no_trades_are_refused(model: str, table: pd.DataFrame) -> None:
    design = es.Design(model=model, benchmark="MKT", gaps="trade-to-trade")
    with pytest.raises(DesignError, match="trade-to-trade"):
        refuse_design(model_of(design), design, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["garch", "robust", "scholes-williams", "peers", "synthetic", "dimson"])
def test_models_without_autocorrelated_noise_are_refused(model: str) -> None:
    with pytest.raises(DesignError, match="ar1"):
        model_of(es.Design(model=model, benchmark="MKT", noise="ar1"))


def test_trades_have_no_neighbouring_sessions() -> None:
    with pytest.raises(DesignError, match="ar1"):
        model_of(es.Design(benchmark="MKT", noise="ar1", gaps="trade-to-trade"))
    with pytest.raises(DesignError, match="trade-to-trade is about returns"):
        es.Design(measure="volume", gaps="trade-to-trade")


def test_autocorrelated_noise_counts_the_sessions_of_a_gap(table: pd.DataFrame) -> None:
    """The two windows are correlated by ``rho`` to the power of the sessions between them."""
    result = study(table, [("e", "A", 200)], noise="ar1", **DESIGN)
    tau = np.concatenate([np.arange(start, end + 1) for start, end in BOTH])
    y, x = (table[name].to_numpy()[200 + tau] for name in ("A", "MKT"))
    x = np.column_stack([np.ones(len(tau)), x])
    e = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    pairs = np.flatnonzero(np.diff(tau) == 1)
    rho = (e[pairs] @ e[pairs + 1]) / (e[pairs] @ e[pairs])
    weights = np.linalg.inv(rho ** np.abs(tau[:, None] - tau))
    b = np.linalg.solve(x.T @ weights @ x, x.T @ weights @ y)
    found = result.coefficients.set_index("term")["estimate"]
    assert found["MKT"] == pytest.approx(b[1], rel=1e-9)
