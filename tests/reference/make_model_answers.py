"""Write `model_answers.csv`: one firm-event of every model by another program, the row of a new one included.

PYTHONPATH=.:tests/support python tests/reference/make_model_answers.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from oracles import EXCESS, REGRESSORS, fit, simplex_weights
from scipy.optimize import minimize

HERE = Path(__file__).parent
TICKER, DAY0, ESTIMATION, WINDOW = "A", 140, (-120, -11), (-5, 5)
LARGEST_GAP = 0.05  #: share of the estimation sessions that a peer may lack
POSITIVE = 1e-7  #: an interior point leaves about 1e-10 where a weight is zero


def rows() -> Iterator[dict[str, Any]]:
    """Yield the figures of each model: regressions, and the one model that estimates no coefficient."""
    returns = pd.read_csv(HERE / "model_returns.csv", index_col="session", parse_dates=True)
    stocks = [name for name in returns if name[0] in "BP"]  # all but the security, the market and factors
    window = returns.iloc[DAY0 + ESTIMATION[0] : DAY0 + ESTIMATION[1] + 1]
    most = LARGEST_GAP * len(window.loc[window["A"].first_valid_index() : window["A"].last_valid_index()])
    peers = [name for name in stocks if window[name].isna().sum() <= most]
    returns["peers"] = returns[peers].mean(axis=1, skipna=False)
    for name, regressors in REGRESSORS.items():
        found = fit(
            returns,
            TICKER,
            returns.index[DAY0],
            regressors,
            excess=name in EXCESS,
            estimation=ESTIMATION,
            window=WINDOW,
        )
        car, car_se, _ = found.over(-1, 1)
        day0 = -WINDOW[0]
        yield row(name, found.n, found.df, found.sigma, found.ar[day0], found.ar_se[day0], car, car_se)
    spread = returns[TICKER] - returns["MKT"]
    past = spread.iloc[DAY0 + ESTIMATION[0] : DAY0 + ESTIMATION[1] + 1]
    sigma, n, car = past.std(ddof=1), past.count(), spread.iloc[DAY0 - 1 : DAY0 + 2].sum()
    yield row(
        "market-adjusted", n, n - 1, sigma, spread.iloc[DAY0], sigma, car, np.sqrt(3) * sigma, by="pandas"
    )
    yield portfolio(returns, stocks)
    yield scholes_williams(returns)
    yield robust(returns)
    yield garch(pd.read_csv(HERE / "long_returns.csv", index_col="session", parse_dates=True))


def portfolio(returns: pd.DataFrame, stocks: list[str]) -> dict[str, Any]:
    """Return the row of the portfolio of donors: its weights by clarabel, its errors by statsmodels."""
    past, ahead = (
        returns.iloc[DAY0 + start : DAY0 + end + 1].dropna(subset="A") for start, end in (ESTIMATION, WINDOW)
    )
    donors = [name for name in stocks if past[name].notna().all() and ahead[name].notna().all()]
    weights = simplex_weights(past["A"].to_numpy(), past[donors].to_numpy())
    positive = [name for name, weight in zip(donors, weights, strict=True) if weight > POSITIVE]
    z = returns[positive[:-1]].sub(returns[positive[-1]], axis=0)
    fit = sm.OLS((past["A"] - past[positive[-1]]).to_numpy(), z.loc[past.index].to_numpy()).fit()
    event = z.iloc[DAY0 - 1 : DAY0 + 2].to_numpy()
    spread = (returns["A"] - returns[positive[-1]]).iloc[DAY0 - 1 : DAY0 + 2].to_numpy()
    ar, covariance = spread - event @ fit.params, fit.scale * np.eye(3) + event @ fit.cov_params() @ event.T
    sigma, error = np.sqrt(fit.scale), np.sqrt(covariance[1, 1])
    figures = (sigma, ar[1], error, ar.sum(), np.sqrt(covariance.sum()))
    return row("synthetic", fit.nobs, fit.df_resid, *figures, by="clarabel, statsmodels OLS")


def scholes_williams(returns: pd.DataFrame) -> dict[str, Any]:
    """Return the row of Scholes and Williams' model, from covariances of pandas."""
    market = returns["MKT"]
    frame = pd.DataFrame(
        {"y": returns[TICKER], "before": market.shift(1), "now": market, "after": market.shift(-1)}
    )
    past = frame.iloc[DAY0 + ESTIMATION[0] + 1 : DAY0 + ESTIMATION[1]].dropna()
    slopes = [past["y"].cov(past[lag]) / past[lag].var() for lag in ("before", "now", "after")]
    beta = sum(slopes) / (1 + 2 * past["now"].corr(past["before"]))
    alpha = past["y"].mean() - beta * past["now"].mean()
    instruments = np.column_stack([np.ones(len(past)), past[["before", "now", "after"]].sum(axis=1)])
    inverse = np.linalg.inv(instruments.T @ np.column_stack([np.ones(len(past)), past["now"]]))
    error = ((past["y"] - alpha - beta * past["now"]) ** 2).sum() / (len(past) - 2)
    covariance = inverse @ instruments.T @ instruments @ inverse.T
    return forecast(
        "scholes-williams", returns, (alpha, beta), len(past), error, error * covariance, by="pandas"
    )


def robust(returns: pd.DataFrame) -> dict[str, Any]:
    """Return the row of the M-estimator by statsmodels' RLM."""
    past = returns.iloc[DAY0 + ESTIMATION[0] : DAY0 + ESTIMATION[1] + 1][[TICKER, "MKT"]].dropna()
    model = sm.RLM(past[TICKER].to_numpy(), sm.add_constant(past["MKT"].to_numpy()), sm.robust.norms.HuberT())
    found = model.fit(tol=1e-14, maxiter=2000, cov="H1")
    error = (found.resid**2).sum() / (len(past) - 2)
    return forecast(
        "robust", returns, found.params, len(past), error, found.bcov_scaled, by="statsmodels RLM"
    )


def forecast(
    name: str, returns: pd.DataFrame, b: Any, n: int, error: Any, covariance: Any, by: str
) -> dict[str, Any]:
    """Return the row of a forecast by the market with the variance ``error + x'covariance x``."""
    ahead = returns.iloc[DAY0 - 1 : DAY0 + 2]
    x = np.column_stack([np.ones(3), ahead["MKT"]])
    ar = ahead[TICKER].to_numpy() - x @ np.asarray(b)
    v = np.asarray(error) * np.eye(3) + x @ covariance @ x.T
    return row(name, n, n - 2, np.sqrt(error), ar[1], np.sqrt(v[1, 1]), ar.sum(), np.sqrt(v.sum()), by=by)


def garch(returns: pd.DataFrame) -> dict[str, Any]:
    """Return the row of GARCH(1,1) with normal errors, day 0 on row 280, estimation [-260,-11].

    The likelihood is written out in a loop and its optimum found by scipy, from several starts.
    """
    y, market = 100 * returns[TICKER].to_numpy(), 100 * returns["MKT"].to_numpy()
    past, gap, ahead = slice(20, 270), slice(270, 275), slice(275, 286)
    plain = np.polynomial.polynomial.polyfit(market[past], y[past], 1)
    weights = 0.94 ** np.arange(75)
    first = weights @ (y[past] - plain[0] - plain[1] * market[past])[:75] ** 2 / weights.sum()

    def path(theta: Any, e: Any) -> list[float]:
        omega, a, b = theta[2:]
        h = [omega + (a + b) * first]
        for each in e:
            h.append(omega + a * each**2 + b * h[-1])
        return h

    def loss(theta: Any) -> float:
        e = y[past] - theta[0] - theta[1] * market[past]
        h = np.array(path(theta, e)[:-1])
        return float(0.5 * (np.log(2 * np.pi) + np.log(h) + e**2 / h).sum())

    bounds = [(None, None), (None, None), (1e-8, None), (0, 1), (0, 1)]
    starts = [[*plain, first * (1 - a - b), a, b] for a, b in ((0.05, 0.9), (0.1, 0.8), (0.2, 0.5))]
    rough = [minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(rough, key=lambda each: each.fun).x
    for _ in range(3):  # finite differences leave four digits, a simplex ten
        best = minimize(
            loss, best, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-13, "maxiter": 9_999}
        ).x
    alpha, beta, omega, a, b = best
    e = y - alpha - beta * market
    h = path(best, np.concatenate([e[past], e[gap]]))
    inside, future = np.array(h[:250]), [h[-1]]
    for _ in range(10):
        future.append(omega + (a + b) * future[-1])
    x = np.column_stack([np.ones(len(y)), market])
    spread = np.linalg.inv(x[past].T @ (x[past] / inside[:, None]))
    v = (np.diag(future) + x[ahead] @ spread @ x[ahead].T)[4:7, 4:7]
    sigma = np.sqrt((e[past] ** 2).sum() / 248)
    figures = (sigma, e[280], np.sqrt(v[1, 1]), e[279:282].sum(), np.sqrt(v.sum()))
    return row("garch", 250, 248, *(each / 100 for each in figures), by="scipy on the likelihood")


def long_returns() -> pd.DataFrame:
    """Draw the returns of the models that need many: errors whose variance changes, a + b = 0.93."""
    rng = np.random.default_rng(20)
    n, h = 300, 0.0004
    market, e = rng.normal(0.0003, 0.01, n), np.empty(n)
    for session in range(n):
        e[session] = np.sqrt(h) * rng.normal()
        h = 0.000028 + 0.13 * e[session] ** 2 + 0.80 * h
    index = pd.bdate_range("2018-01-02", periods=n, name="session")
    return pd.DataFrame({"MKT": market, TICKER: 0.0004 + 1.2 * market + e}, index=index).round(8)


def row(name: str, n: Any, df: Any, *figures: float, by: str = "statsmodels OLS") -> dict[str, Any]:
    """Return the row of a model."""
    stated = dict(zip(("sigma", "ar", "ar_se", "car", "car_se"), map(float, figures), strict=True))
    return {"model": name, "n": int(n), "df": int(df), **stated, "source": by}


if __name__ == "__main__":
    long_returns().to_csv(HERE / "long_returns.csv", lineterminator="\n")
    pd.DataFrame(rows()).to_csv(HERE / "model_answers.csv", index=False, lineterminator="\n")
