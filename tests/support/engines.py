"""One firm-event of every model by another program: each model of the registry has its engine here.

A regression names its regressors in `REGRESSORS`; any other model has a function in `OTHERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from garch_likelihood import garch_maximum, variances
from oracles import EXCESS, REGRESSORS, Fitted, fit, simplex_weights

POSITIVE = 1e-7  #: an interior point leaves about 1e-10 where a weight is zero
BEND = 1.345  #: of Huber's weights

Engine = Callable[..., Fitted]


@dataclass(frozen=True)
class Place:
    """A security and the market, and the rows of a firm-event on them: the windows, and what is used."""

    y: Any
    market: Any
    past: Any
    ahead: Any
    used: Any  #: of the estimation window, those with a return
    day0: int

    @property
    def x(self) -> Any:
        """Constant and market of every session, shape (T, 2)."""
        return np.column_stack([np.ones(len(self.y)), self.market])


def placed(
    returns: pd.DataFrame,
    ticker: str,
    session: Any,
    *,
    estimation: tuple[int, int] = (-260, -11),
    window: tuple[int, int] = (-5, 5),
) -> Place:
    """Place a firm-event on a table of returns."""
    day0, y = returns.index.get_loc(pd.Timestamp(session)), returns[ticker].to_numpy()
    past = np.arange(max(day0 + estimation[0], 0), day0 + estimation[1] + 1)
    ahead = np.arange(day0 + window[0], day0 + window[1] + 1)
    return Place(y, returns["MKT"].to_numpy(), past, ahead, past[np.isfinite(y[past])], day0)


def figures(at: Place, normal: Any, variance: float, df: float, covariance: Any, **stated: Any) -> Fitted:
    """Return a firm-event with the expected returns ``normal`` of all sessions, shape (T,).

    ``stated`` are coefficients and their errors, R squared, the rows used unless all with a return, and the
    degrees of freedom of one session.
    """
    used = stated.get("used", at.used)
    residuals = np.full(len(at.past), np.nan)
    residuals[used - at.past[0]] = at.y[used] - normal[used]
    about = ((at.y[used] - at.y[used].mean()) ** 2).sum()
    return Fitted(
        params=np.array(stated.get("params", ()), dtype=float),
        bse=np.array(stated.get("bse", ()), dtype=float),
        rsquared=stated.get("rsquared", 1 - np.nansum(residuals**2) / about),
        sigma=float(np.sqrt(variance)),
        df=df,
        n=len(used),
        residuals=residuals,
        ret=at.y[at.ahead],
        normal=normal[at.ahead],
        ar=at.y[at.ahead] - normal[at.ahead],
        ar_se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        tau=at.ahead - at.day0,
        tail=stated.get("tail", np.nan),
    )


def difference(returns: pd.DataFrame, ticker: str, session: Any, **windows: Any) -> Fitted:
    """Return the market-adjusted figures: ``V = s^2 I``, and ``s`` the deviation about the mean."""
    at = placed(returns, ticker, session, **windows)
    spread = pd.Series(at.y - at.market)[at.used]
    covariance = spread.var() * np.eye(len(at.ahead))
    return figures(at, at.market, spread.var(), len(spread) - 1, covariance, rsquared=np.nan)


def scholes_williams(returns: pd.DataFrame, ticker: str, session: Any, **windows: Any) -> Fitted:
    """Return the figures of Scholes and Williams' model, from covariances of pandas."""
    at = placed(returns, ticker, session, **windows)
    market = pd.Series(at.market)
    lags = {"before": market.shift(1), "now": market, "after": market.shift(-1)}
    past = pd.DataFrame({"y": at.y, **lags}).loc[at.past[1:-1]].dropna()
    slopes = [past["y"].cov(past[lag]) / past[lag].var() for lag in lags]
    rho = past["now"].corr(past["before"])
    beta = sum(slopes) / (1 + 2 * rho)
    alpha = past["y"].mean() - beta * past["now"].mean()
    instruments = np.column_stack([np.ones(len(past)), past[[*lags]].sum(axis=1)])
    inverse = np.linalg.inv(instruments.T @ np.column_stack([np.ones(len(past)), past["now"]]))
    variance = ((past["y"] - alpha - beta * past["now"]) ** 2).sum() / (len(past) - 2)
    spread = variance * inverse @ instruments.T @ instruments @ inverse.T
    ahead = at.x[at.ahead]
    return figures(
        at,
        alpha + beta * at.market,
        variance,
        len(past) - 2,
        variance * np.eye(len(ahead)) + ahead @ spread @ ahead.T,
        params=(alpha, beta, *slopes, rho, slopes[1]),
        bse=(*np.sqrt(np.diag(spread)), *[np.nan] * 5),
        used=past.index.to_numpy(),
    )


def robust(returns: pd.DataFrame, ticker: str, session: Any, **windows: Any) -> Fitted:
    """Return the figures of the M-estimator by statsmodels' RLM."""
    import statsmodels.api as sm

    at = placed(returns, ticker, session, **windows)
    model = sm.RLM(at.y[at.used], at.x[at.used], sm.robust.norms.HuberT(BEND))
    found = model.fit(tol=1e-14, maxiter=2000, cov="H1")
    df, ahead = len(at.used) - 2, at.x[at.ahead]
    variance = (found.resid**2).sum() / df
    return figures(
        at,
        at.x @ found.params,
        variance,
        df,
        variance * np.eye(len(ahead)) + ahead @ found.bcov_scaled @ ahead.T,
        params=(*found.params, (np.abs(found.resid) > BEND * found.scale).sum()),
        bse=(*found.bse, np.nan),
    )


def garch(returns: pd.DataFrame, ticker: str, session: Any, **windows: Any) -> Fitted:
    """Return the figures of GARCH(1,1) with normal errors: the likelihood written out, its maximum by scipy.

    The variance is followed through the gap before the event window, and then forecast.
    """
    at = placed(returns, ticker, session, **windows)
    found = garch_maximum(100 * at.y[at.used], 100 * at.market[at.used])
    alpha, beta, omega, a, b = found.parameters
    normal = (alpha + 100 * beta * at.market) / 100
    gap = np.arange(at.past[-1] + 1, at.ahead[0])
    followed = np.concatenate([at.used, gap[np.isfinite(at.y[gap])]])
    h = variances(100 * (at.y - normal)[followed], found.backcast, omega, a, b) / 100**2
    inside, future = h[: len(at.used)], [h[-1]]
    for _ in at.ahead[1:]:
        future.append(omega / 100**2 + (a + b) * future[-1])
    spread = np.linalg.inv(at.x[at.used].T @ (at.x[at.used] / inside[:, None]))
    ahead = at.x[at.ahead]
    df = len(at.used) - 2
    day0 = future[at.day0 - at.ahead[0]] / inside.mean()
    further = (omega / 100**2, a, b, a + b, np.nan, found.likelihood, day0)
    return figures(
        at,
        normal,
        ((at.y - normal)[at.used] ** 2).sum() / df,
        df,
        np.diag(future) + ahead @ spread @ ahead.T,
        params=(alpha / 100, beta, *further),
        bse=(*np.sqrt(np.diag(spread)), *[np.nan] * len(further)),
        tail=np.inf,
    )


def portfolio(returns: pd.DataFrame, ticker: str, session: Any, *, pool: str = "P", **windows: Any) -> Fitted:
    """Return the figures of the portfolio of donors: its weights by clarabel, its errors by statsmodels.

    Donors are the columns whose name begins with a letter of ``pool``, but for those with gaps.
    """
    import statsmodels.api as sm

    at = placed(returns, ticker, session, **windows)
    there = np.concatenate([at.used, at.ahead[np.isfinite(at.y[at.ahead])]])
    table = returns[[name for name in returns if name[0] in pool and name != ticker]]
    d = table.loc[:, table.iloc[there].notna().all()].to_numpy()
    d = d[:, simplex_weights(at.y[at.used], d[at.used]) > POSITIVE]
    z, last = d[:, :-1] - d[:, -1:], d[:, -1]
    found = sm.OLS((at.y - last)[at.used], z[at.used]).fit()
    ahead = z[at.ahead]
    covariance = found.scale * np.eye(len(ahead)) + ahead @ found.cov_params() @ ahead.T
    return figures(at, last + z @ found.params, found.scale, found.df_resid, covariance)


OTHERS: dict[str, Engine] = {
    "market-adjusted": difference,
    "synthetic": portfolio,
    "scholes-williams": scholes_williams,
    "robust": robust,
    "garch": garch,
}


def engine_of(model: str) -> Engine:
    """Return ``(returns, ticker, session, *, estimation, window) -> Fitted`` of a model."""
    if model in OTHERS:
        return OTHERS[model]
    assert model in REGRESSORS, f"{model} has no second engine: a line of REGRESSORS, or a function in OTHERS"
    return partial(fit, regressors=REGRESSORS[model], excess=model in EXCESS)
