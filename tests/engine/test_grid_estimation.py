"""The kernels of estimation on a grid: one contract for NumPy's and the compiled one."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import REPOSITORY

from eventstudy.design import Window
from eventstudy.engine import grid_estimation
from eventstudy.engine.grid_estimation import (
    OF_SESSIONS,
    EventTime,
    Grid,
    GridEstimates,
    estimate_on_grid,
)
from eventstudy.errors import UsageError

REFERENCE = REPOSITORY / "tests" / "reference"
RTOL = 1e-10  #: of the stored reference values: what statsmodels' pseudo-inverse is good for
EXACT = 1e-12  #: sums of 250 numbers of float64, some thousand roundings, against 64 bits of mantissa
#: Regressors correlated at 1 - 1e-5 magnify rounding by the condition of X, 450, as in QR, not by its square.
CORRELATED = 1e-11
ERRORS = 10.0  #: times that for standard errors, which the square of that condition does magnify
TIME = EventTime(
    Window(-60, -6), Window(-3, 3), (Window(0, 0), Window(-1, 1), Window(-3, 3), Window(2, 2), Window(0, 1))
)
KERNELS = [False, pytest.param(True, marks=pytest.mark.skipif(not find_spec("numba"), reason="no Numba"))]

kernels = pytest.mark.parametrize("compiled", KERNELS, ids=["numpy", "compiled"])


def by_hand(grid: Grid, security: int, day0: int, time: EventTime) -> dict[str, Any]:
    """Return the estimates of one firm-event by Gram and Schmidt, twice over, in long double."""
    T, real = grid.returns.shape[1], np.longdouble
    sessions = [s for s in range(day0 + time.estimation.start, day0 + time.estimation.end + 1) if 0 <= s < T]
    columns = [grid.returns[security], *grid.regressors]
    used = [s for s in sessions if all(np.isfinite(column[s]) for column in columns)]
    y, *x = (np.array([column[s] for s in used], dtype=real) for column in columns)
    design = np.column_stack([np.ones(len(used), dtype=real), *x])
    k = design.shape[1]
    q, r = design.copy(), np.eye(k, dtype=real)
    for _ in range(2):
        step = np.eye(k, dtype=real)
        for j in range(k):
            for i in range(j):
                step[i, j] = q[:, i] @ q[:, j]
                q[:, j] -= step[i, j] * q[:, i]
            step[j, j] = np.sqrt(q[:, j] @ q[:, j])
            q[:, j] /= step[j, j]
        r = step @ r

    def back(values: Any) -> Any:
        solved = np.zeros(k, dtype=real)
        for j in reversed(range(k)):
            solved[j] = (values[j] - r[j, j + 1 :] @ solved[j + 1 :]) / r[j, j]
        return solved

    b = back(q.T @ y)
    b += back(q.T @ (y - design @ b))
    residuals = y - design @ b
    sigma = np.sqrt(residuals @ residuals / (len(used) - k))
    inverse = np.column_stack([back(unit) for unit in np.eye(k, dtype=real)])
    std_errors, about_mean = sigma * np.sqrt((inverse**2).sum(axis=1)), y - y.mean()
    rsquared = 1 - residuals @ residuals / (about_mean @ about_mean)
    ar, rows = [], []
    for s in range(day0 + time.event.start, day0 + time.event.end + 1):
        there = 0 <= s < T
        row = np.array([1.0, *(column[s] if there else np.nan for column in grid.regressors)], dtype=real)
        rows.append(row)
        ar.append((grid.returns[security, s] if there else np.nan) - row @ b)
    car, car_se = [], []
    for part in time.columns:
        total = np.sum(rows[part], axis=0)
        w = np.zeros(k, dtype=real)  # R'w = total
        for j in range(k):
            w[j] = (total[j] - r[:j, j] @ w[:j]) / r[j, j]
        car.append(np.sum(ar[part]))
        car_se.append(sigma * np.sqrt(part.stop - part.start + w @ w) + 0 * car[-1])
    figures = {"coefficients": b, "std_errors": std_errors, "rsquared": rsquared, "sigma": sigma}
    figures |= {"ar": ar, "car": car, "car_se": car_se}
    return {name: np.array(value, dtype=float) for name, value in figures.items()} | {"n": len(used)}


def agree(
    found: GridEstimates, grid: Grid, security: Any, day0: Any, time: EventTime, rtol: float = EXACT
) -> None:
    """Each firm-event is as by hand: coefficients and returns to a share of what they are sums of."""
    for i, (s, d) in enumerate(zip(security, day0, strict=True)):
        own = by_hand(grid, s, d, time)
        size = {"ar": own["sigma"], "car": own["sigma"], "coefficients": np.abs(own["coefficients"]).max()}
        size |= {"rsquared": 1.0}
        assert found.n[i] == own["n"]
        for name in ("coefficients", "std_errors", "rsquared", "sigma", "ar", "car", "car_se"):
            expected = own[name]
            np.testing.assert_array_equal(np.isnan(getattr(found, name)[i]), np.isnan(expected))
            largest = max(size.get(name, 0.0), np.nanmax(np.abs(expected), initial=0.0))
            share = rtol * ERRORS if name == "std_errors" else rtol
            np.testing.assert_allclose(getattr(found, name)[i], expected, rtol=share, atol=share * largest)


def market(rng: np.random.Generator, K: int, T: int = 200, S: int = 6, missing: float = 0.0) -> Grid:
    regressors = rng.normal(0, 0.01, (K, T))
    returns = rng.normal(0, 0.02, (S, T)) + rng.uniform(0.5, 1.5, (S, K)) @ regressors
    returns[rng.random(returns.shape) < missing] = np.nan
    regressors[rng.random(regressors.shape) < missing / 4] = np.nan
    return Grid(returns, regressors)


def drawn(rng: np.random.Generator, grid: Grid, n: int = 25) -> tuple[Any, Any]:
    """Firm-events, some so near the ends that windows reach off the axis."""
    S, T = grid.returns.shape
    return rng.integers(0, S, n), rng.integers(30, T, n)


@kernels
@pytest.mark.parametrize(("name", "columns"), [("mean", []), ("market", ["MKT"])])
def test_the_reference_value(name: str, columns: list[str], compiled: bool) -> None:
    returns = pd.read_csv(REFERENCE / "model_returns.csv", index_col="session")
    with (REFERENCE / "model_answers.csv").open(newline="") as file:
        answer = {row["model"]: row for row in csv.DictReader(file)}[name]
    grid = Grid(returns[["A"]].to_numpy().T, returns[columns].to_numpy().T)
    time = EventTime(Window(-120, -11), Window(-5, 5), (Window(-1, 1), Window(0, 0)))
    found = estimate_on_grid(grid, np.zeros(1, dtype=int), np.array([140]), time, compiled=compiled)
    assert found.n[0] == int(answer["n"])
    figures = {
        "sigma": found.sigma[0],
        "ar": found.ar[0, 5],
        "ar_se": found.car_se[0, 1],
        "car": found.car[0, 0],
        "car_se": found.car_se[0, 0],
    }
    for column, value in figures.items():
        assert value == pytest.approx(float(answer[column]), rel=RTOL), column


@kernels
@pytest.mark.parametrize("K", [0, 1, 3, 6])
def test_missing_data_and_the_ends_of_the_axis(K: int, compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, K, missing=0.08)
    security, day0 = drawn(rng, grid)
    found = estimate_on_grid(grid, security, day0, TIME, compiled=compiled)
    agree(found, grid, security, day0, TIME)
    assert np.isnan(found.car).any() and np.isfinite(found.car).any()


@kernels
def test_an_absurd_return(compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, 2)
    grid.returns[:, 100] = 1e4
    agree(
        estimate_on_grid(grid, np.arange(6), np.full(6, 130), TIME, compiled=compiled),
        *(grid, range(6), [130] * 6, TIME),
    )


@kernels
def test_an_index_tracker(compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, 1, S=1)
    tracker = Grid(grid.regressors + rng.normal(0, 1e-6, (1, 200)), grid.regressors)
    found = estimate_on_grid(tracker, np.zeros(1, dtype=int), np.array([120]), TIME, compiled=compiled)
    # the returns are 1e4 times the residuals, so rounding of a return is as much of them
    agree(found, tracker, [0], [120], TIME, rtol=EXACT * 100)


@kernels
def test_fifteen_thousand_sessions(compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, 1, T=15_000, S=1, missing=0.02)
    grid.returns[0, 50] = 25.0
    day0 = np.array([200, 9_000, 14_900])
    found = estimate_on_grid(grid, np.zeros(3, dtype=int), day0, TIME, compiled=compiled)
    agree(found, grid, [0] * 3, day0, TIME)
    whole = EventTime(Window(-14_800, -20), TIME.event, TIME.windows)
    long = estimate_on_grid(grid, np.zeros(1, dtype=int), day0[2:], whole, compiled=compiled)
    agree(long, grid, [0], day0[2:], whole)


@kernels
@pytest.mark.parametrize("apart", [1e-5, 1e-8])
def test_correlated_regressors(apart: float, compiled: bool, rng: np.random.Generator) -> None:
    """The second are beyond what elimination can judge, and have 4,000 times the error of the first."""
    grid = market(rng, 1, S=2)
    twin = grid.regressors + np.sqrt(apart) * rng.normal(0, 0.01, (1, 200))
    grid = Grid(grid.returns, np.vstack([grid.regressors, twin, rng.normal(0, 0.01, (1, 200))]))
    found = estimate_on_grid(grid, np.arange(2), np.full(2, 100), TIME, compiled=compiled)
    agree(found, grid, range(2), [100] * 2, TIME, rtol=CORRELATED * (1e-5 / apart) ** 1.5)


@kernels
def test_what_has_no_regression_is_nan(compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, 2)
    grid.regressors[1, :80] = 0.003  # constant over the first estimation window, and twice the other later
    grid.regressors[1, 80:] = 2 * grid.regressors[0, 80:]
    grid.returns[2, :] = np.nan
    grid.returns[2, 50:53] = 0.01  # too few
    own = np.array([0, 1, 2]), np.array([70, 180, 80])
    found = estimate_on_grid(grid, *own, TIME, compiled=compiled, sessions=OF_SESSIONS)
    np.testing.assert_array_equal(found.n, [55, 55, 3])
    for name in ("coefficients", "sigma", "ar", "car", "car_se", "residuals", "studentised"):
        assert np.isnan(getattr(found, name)).all(), name


@kernels
def test_sessions_that_are_not_asked_for_are_left_out(compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, 3, missing=0.05)
    grid.returns[1, :] = np.nan
    security, day0 = drawn(rng, grid, 50)
    whole = estimate_on_grid(grid, security, day0, TIME, compiled=compiled, sessions=OF_SESSIONS)
    for name, other in (OF_SESSIONS, OF_SESSIONS[::-1]):
        found = estimate_on_grid(grid, security, day0, TIME, compiled=compiled, sessions=[name])
        assert not len(getattr(found, other))
        for each in (name, "root", "sigma", "ar", "car", "car_se"):
            np.testing.assert_array_equal(getattr(found, each), getattr(whole, each))


@kernels
def test_a_figure_depends_on_its_firm_event_alone(
    compiled: bool, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bits for any order, chunk and number of threads."""
    grid = market(rng, 2, missing=0.05)
    security, day0 = drawn(rng, grid, 50)
    whole = estimate_on_grid(grid, security, day0, TIME, compiled=compiled, sessions=OF_SESSIONS)
    monkeypatch.setattr(grid_estimation, "CHUNK", 7)
    monkeypatch.setattr(grid_estimation, "COMPILED", 1)
    order = rng.permutation(50)
    mixed = estimate_on_grid(
        *(grid, security[order], day0[order], TIME), compiled=compiled, threads=3, sessions=OF_SESSIONS
    )
    for name, values in vars(whole).items():
        np.testing.assert_array_equal(getattr(mixed, name), values[order])


@kernels
@pytest.mark.parametrize("K", [0, 1, 3])
def test_residuals_and_leverages(K: int, compiled: bool, rng: np.random.Generator) -> None:
    """Beside the hat matrix of each firm-event."""
    grid = market(rng, K, missing=0.08)
    security, day0 = drawn(rng, grid)
    found = estimate_on_grid(grid, security, day0, TIME, compiled=compiled, sessions=OF_SESSIONS)
    first, length = TIME.estimation.start, TIME.estimation.length
    for i, (s, d) in enumerate(zip(security, day0, strict=True)):
        residuals, studentised = np.full((2, length), np.nan)
        sessions = [t for t in range(length) if 0 <= d + first + t < grid.returns.shape[1]]
        rows = np.array([[1.0, *grid.regressors[:, d + first + t]] for t in sessions])
        y = grid.returns[s, [d + first + t for t in sessions]]
        used = np.isfinite(y) & np.isfinite(rows).all(axis=1)
        x, y, sessions = rows[used], y[used], np.array(sessions)[used]
        inverse = np.linalg.inv(x.T @ x)
        e = y - x @ (inverse @ (x.T @ y))
        sigma = np.sqrt(e @ e / (len(y) - 1 - K))
        residuals[sessions] = e
        studentised[sessions] = e / (sigma * np.sqrt(1 - np.einsum("tk,kl,tl->t", x, inverse, x)))
        np.testing.assert_allclose(found.residuals[i], residuals, rtol=RTOL, atol=EXACT)
        np.testing.assert_allclose(found.studentised[i], studentised, rtol=RTOL, atol=EXACT / 0.01)
        for t in np.flatnonzero(np.isfinite(found.ar[i])):
            new = np.array([1.0, *grid.regressors[:, d + TIME.event.start + t]])
            assert found.root[i, t] @ found.root[i, t] == pytest.approx(new @ inverse @ new, rel=RTOL)


@kernels
def test_residuals_are_not_computed_unless_asked_for(compiled: bool, rng: np.random.Generator) -> None:
    grid = market(rng, 1)
    found = estimate_on_grid(grid, np.zeros(3, dtype=int), np.full(3, 100), TIME, compiled=compiled)
    assert found.residuals.shape == (0, 55) and found.root.shape == (0, 7, 2)


@pytest.mark.skipif(not find_spec("numba"), reason="no Numba")
def test_both_kernels_agree(rng: np.random.Generator) -> None:
    """Not bit for bit: NumPy adds pairwise, the compiled kernel in four partial sums."""
    grid = market(rng, 3, T=600, S=40, missing=0.03)
    security, day0 = drawn(rng, grid, 3_000)
    one, other = (
        estimate_on_grid(grid, security, day0, TIME, compiled=each, sessions=OF_SESSIONS)
        for each in (False, True)
    )
    np.testing.assert_array_equal(one.n, other.n)
    for name in ("coefficients", "sigma", "ar", "car", "car_se", "residuals", "studentised"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=RTOL, atol=EXACT)


def test_what_does_not_fit_is_refused(rng: np.random.Generator) -> None:
    grid = market(rng, 1)
    one = np.zeros(1, dtype=int)
    with pytest.raises(UsageError, match="regressors have the shape"):
        estimate_on_grid(Grid(grid.returns, grid.regressors[:, 1:]), one, one, TIME)
    with pytest.raises(UsageError, match="one entry for each"):
        estimate_on_grid(grid, one, np.zeros(2, dtype=int), TIME)
    with pytest.raises(UsageError, match="none of the 6 rows"):
        estimate_on_grid(grid, one + 6, one, TIME)
    with pytest.raises(UsageError, match="reaches out of the event window"):
        estimate_on_grid(grid, one, one, EventTime(TIME.estimation, TIME.event, (Window(0, 9),)))


def test_without_numba_the_extra_is_named(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_estimation, "find_spec", lambda name: None)
    monkeypatch.setattr(grid_estimation, "MANY", 1)
    grid, one = market(rng, 1), np.full(1, 100)
    assert np.isfinite(estimate_on_grid(grid, one - 100, one, TIME).sigma).all()
    with pytest.raises(UsageError, match=r"eventstudy-impact\[fast\]"):
        estimate_on_grid(grid, one - 100, one, TIME, compiled=True)
