"""Write `model_answers.csv`: one firm-event of every model by another program, the row of a new one included.

PYTHONPATH=.:tests/support python tests/reference/make_model_answers.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from oracles import EXCESS, REGRESSORS, fit, simplex_weights

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
    yield row("market-adjusted", n, n - 1, sigma, spread.iloc[DAY0], sigma, car, np.sqrt(3) * sigma)
    yield portfolio(returns, stocks)


def portfolio(returns: pd.DataFrame, stocks: list[str]) -> dict[str, Any]:
    """Return the row of the portfolio of donors: its weights by clarabel, its errors by statsmodels."""
    import statsmodels.api as sm

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
    return row("synthetic", fit.nobs, fit.df_resid, sigma, ar[1], error, ar.sum(), np.sqrt(covariance.sum()))


def row(name: str, n: Any, df: Any, *figures: float) -> dict[str, Any]:
    """Return the row of a model."""
    stated = dict(zip(("sigma", "ar", "ar_se", "car", "car_se"), map(float, figures), strict=True))
    source = {"market-adjusted": "pandas", "synthetic": "clarabel, statsmodels OLS"}
    return {
        "model": name, "n": int(n), "df": int(df), **stated, "source": source.get(name, "statsmodels OLS")
    }  # fmt: skip


if __name__ == "__main__":
    pd.DataFrame(rows()).to_csv(HERE / "model_answers.csv", index=False, lineterminator="\n")
