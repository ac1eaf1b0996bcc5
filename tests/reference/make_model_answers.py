"""Write `model_answers.csv`: one firm-event of every model by statsmodels, the row of a new one included.

PYTHONPATH=.:tests/support python tests/reference/make_model_answers.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from oracles import EXCESS, REGRESSORS, fit

HERE = Path(__file__).parent
TICKER, DAY0, ESTIMATION, WINDOW = "A", 140, (-120, -11), (-5, 5)


def rows() -> Iterator[dict[str, Any]]:
    """Yield the figures of each model: regressions, and the one model that estimates no coefficient."""
    returns = pd.read_csv(HERE / "model_returns.csv", index_col="session", parse_dates=True)
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


def row(name: str, n: Any, df: Any, *figures: float) -> dict[str, Any]:
    """Return the row of a model."""
    stated = dict(zip(("sigma", "ar", "ar_se", "car", "car_se"), map(float, figures), strict=True))
    source = "pandas" if name == "market-adjusted" else "statsmodels OLS"
    return {"model": name, "n": int(n), "df": int(df), **stated, "source": source}


if __name__ == "__main__":
    pd.DataFrame(rows()).to_csv(HERE / "model_answers.csv", index=False, lineterminator="\n")
