"""Write `model_answers.csv`: one firm-event of every model by another program, the row of a new one included.

PYTHONPATH=.:tests/support python tests/reference/make_model_answers.py
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from engines import OTHERS, engine_of, portfolio
from oracles import REGRESSORS, Fitted

HERE = Path(__file__).parent
TICKER, DAY0, ESTIMATION, WINDOW = "A", 140, (-120, -11), (-5, 5)
LONG, LONG_DAY0, LONG_ESTIMATION = ("garch",), 280, (-260, -11)
LARGEST_GAP = 0.05  #: share of the estimation sessions that a peer may lack
STOCKS = "BP"  #: first letters of all but the security, the market and factors
SOURCES = {
    "market-adjusted": "pandas",
    "synthetic": "clarabel, statsmodels OLS",
    "scholes-williams": "pandas",
    "robust": "statsmodels RLM",
    "garch": "scipy on the likelihood",
}


def rows() -> Iterator[dict[str, Any]]:
    """Yield the figures of each model, by its engine."""
    returns, long = (read(f"{name}_returns.csv") for name in ("model", "long"))
    window = returns.iloc[DAY0 + ESTIMATION[0] : DAY0 + ESTIMATION[1] + 1]
    most = LARGEST_GAP * len(window.loc[window["A"].first_valid_index() : window["A"].last_valid_index()])
    peers = [name for name in returns if name[0] in STOCKS and window[name].isna().sum() <= most]
    returns["peers"] = returns[peers].mean(axis=1, skipna=False)
    for name in (*REGRESSORS, *OTHERS):
        engine = partial(portfolio, pool=STOCKS) if name == "synthetic" else engine_of(name)
        if name in LONG:
            found = engine(long, TICKER, long.index[LONG_DAY0], estimation=LONG_ESTIMATION, window=WINDOW)
        else:
            found = engine(returns, TICKER, returns.index[DAY0], estimation=ESTIMATION, window=WINDOW)
        yield row(name, found)


def read(file: str) -> pd.DataFrame:
    """Read a table of returns of this folder."""
    return pd.read_csv(HERE / file, index_col="session", parse_dates=True)


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


def row(name: str, found: Fitted) -> dict[str, Any]:
    """Return the row of a model."""
    car, car_se, _ = found.over(-1, 1)
    day0 = -WINDOW[0]
    figures = {"sigma": found.sigma, "ar": found.ar[day0], "ar_se": found.ar_se[day0]}
    stated = {name: float(value) for name, value in {**figures, "car": car, "car_se": car_se}.items()}
    source = SOURCES.get(name, "statsmodels OLS")
    return {"model": name, "n": int(found.n), "df": int(found.df), **stated, "source": source}


if __name__ == "__main__":
    long_returns().to_csv(HERE / "long_returns.csv", lineterminator="\n")
    pd.DataFrame(rows()).to_csv(HERE / "model_answers.csv", index=False, lineterminator="\n")
