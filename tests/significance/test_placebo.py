"""Placebo ranks by brute force: a fit without each window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL
from panels import one, random_returns, study

from eventstudy.numerics.kernels import least_squares
from eventstudy.significance.left_out import left_out, left_out_each


def design_matrix(returns: pd.DataFrame, regressors: tuple[str, ...]) -> Any:
    return np.column_stack([np.ones(len(returns)), returns[list(regressors)]])


def refitted_cars(y: Any, x: Any, length: int) -> list[float]:
    """Fit without each complete window in turn and sum its forecast errors."""
    usable = np.isfinite(y)
    cars = []
    for start in range(len(y) - length + 1):
        inside = np.zeros(len(y), dtype=bool)
        inside[start : start + length] = True
        if usable[inside].all():
            b = np.linalg.lstsq(x[usable & ~inside], y[usable & ~inside], rcond=None)[0]
            cars.append(float((y - x @ b)[inside].sum()))
    return cars


@pytest.mark.parametrize("regressors", [(), ("MKT",), ("Mkt-RF", "SMB", "HML")])
@pytest.mark.parametrize("length", [1, 5, 6, 11])
def test_placebo_cars_are_those_of_the_refits(
    regressors: tuple[str, ...], length: int, rng: np.random.Generator
) -> None:
    returns = random_returns(rng, ("A",), n=90)
    y, x = returns["A"].to_numpy(copy=True), design_matrix(returns, regressors)
    y[[20, 21, 60]] = np.nan
    fit = least_squares(y[None], x[None, :, 1:])
    root = np.where(np.isfinite(fit.residuals)[:, :, None], fit.leverage_root(x[None, :, 1:]), np.nan)
    found = left_out_each(fit.residuals, root, [11, 1, 5, 6])[length].car[0]
    np.testing.assert_array_equal(found, left_out(fit.residuals, root, length).car[0])
    np.testing.assert_allclose(
        found[np.isfinite(found)], refitted_cars(y, x, length), rtol=RTOL, atol=RTOL * fit.sigma[0]
    )
    assert np.isfinite(found).sum() < 90 - length + 1, "no placebo window was incomplete"


@pytest.mark.parametrize("model", ["mean", "market", "ff3"])
def test_the_rank_in_the_table_is_the_brute_force_rank(model: str, rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), tails=3)
    returns["RF"] = 0.0
    returns.iloc[[77, 150, 151], 0] = np.nan
    windows = [(0, 0), (-1, 1), (-2, 2), (0, 5), (-5, 5)]
    result = study(returns, [("e", "A", 300)], model=model, car_windows=windows)
    x = design_matrix(returns, {"mean": (), "market": ("MKT",), "ff3": ("Mkt-RF", "SMB", "HML")}[model])
    y, past = returns["A"].to_numpy(), slice(40, 290)
    for start, end in windows:
        length = end - start + 1
        placebos = np.abs(refitted_cars(y[past], x[past], length))
        row = one(result.cars, start=start, end=end)
        assert row["placebo_n"] == len(placebos)
        expected = (1 + (placebos >= abs(row["car"])).sum()) / (1 + len(placebos))
        assert row["placebo_pvalue"] == pytest.approx(expected, rel=RTOL)


def test_a_window_longer_than_the_estimation_has_no_placebo(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",))
    long = study(returns, [("e", "A", 300)], estimation=(-50, -11), window=(0, 45), car_windows=((0, 45),))
    assert one(long.cars, event_id="e")["placebo_n"] == 0
    assert np.isnan(one(long.cars, event_id="e")["placebo_pvalue"])
