"""The slow way: one firm-event at a time by statsmodels, against which the batched core is held."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

#: Batched float64 normal equations against statsmodels' pseudo-inverse: with regressors as
#: little correlated as here both keep twelve digits or more, so ten are a fair demand of either.
RTOL = 1e-10
#: AR and CAR may fall near 0, where no relative error is fair: they are held to RTOL of their standard error.
REGRESSORS = {
    "mean": (),
    "market": ("MKT",),
    "dimson": ("MKT[-1]", "MKT", "MKT[+1]"),
    "capm": ("MKT",),
    "ff3": ("Mkt-RF", "SMB", "HML"),
    "carhart": ("Mkt-RF", "SMB", "HML", "Mom"),
    "ff5": ("Mkt-RF", "SMB", "HML", "RMW", "CMA"),
    "ff5+mom": ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom"),
    "factors": ("SMB", "Mom"),
    "peers": ("MKT", "peers"),
}
EXCESS = ("capm", "ff3", "carhart", "ff5", "ff5+mom")


@dataclass(frozen=True)
class Fitted:
    """One firm-event: the regression and its forecast of the event window, NaN where a return is missing."""

    params: Any
    bse: Any
    rsquared: float
    sigma: float
    df: float
    n: int
    residuals: Any
    ret: Any
    normal: Any
    ar: Any
    ar_se: Any
    covariance: Any
    tau: Any
    tail: float = np.nan  #: degrees of freedom of one session, where its variance is known from the model

    @property
    def session_df(self) -> float:
        """Degrees of freedom of the statistic of one session."""
        return self.df if np.isnan(self.tail) else self.tail

    def window_df(self, start: int, end: int) -> float:
        """Return those of a CAR: with a variance that the model knows, the normal distribution's."""
        return self.session_df if start == end or np.isnan(self.tail) else np.inf

    def over(self, start: int, end: int) -> tuple[float, float, float]:
        """Return CAR, its error from the whole covariance, and BHAR; NaN where a session is missing."""
        inside = (self.tau >= start) & (self.tau <= end)
        car = float(self.ar[inside].sum())
        if np.isnan(car):
            return np.nan, np.nan, np.nan
        se = float(np.sqrt(self.covariance[np.ix_(inside, inside)].sum()))
        return car, se, float(np.prod(1 + self.ret[inside]) - np.prod(1 + self.normal[inside]))


def column(returns: pd.DataFrame, name: str) -> pd.Series:
    """Return a regressor; ``MKT[-1]`` is the column MKT of the session before, ``MKT[+1]`` of the next."""
    found = re.fullmatch(r"(.+)\[([+-]\d+)\]", name)
    return returns[found[1]].shift(-int(found[2])) if found else returns[name]


def fit(
    returns: pd.DataFrame,
    ticker: str,
    session: Any,
    regressors: Sequence[str],
    *,
    excess: bool = False,
    benchmark: str = "MKT",
    estimation: tuple[int, int] = (-260, -11),
    window: tuple[int, int] = (-5, 5),
    leave_out: Sequence[int] = (),
) -> Fitted:
    """Regress one security on its regressors with statsmodels and forecast its event window.

    Parameters
    ----------
    excess
        Security and benchmark are taken over the column RF; factors are long-short already.
    leave_out
        Estimation sessions, as tau, that are not used.
    """
    import statsmodels.api as sm

    day0 = returns.index.get_loc(pd.Timestamp(session))
    free = returns["RF"] if excess else pd.Series(0.0, returns.index)
    y = returns[ticker] - free
    x = pd.DataFrame(
        {name: column(returns, name) - (free if name == benchmark else 0.0) for name in regressors}
    )
    exog = (
        np.column_stack([np.ones(len(returns)), x.to_numpy()]) if regressors else np.ones((len(returns), 1))
    )
    past = np.arange(max(day0 + estimation[0], 0), day0 + estimation[1] + 1)
    left = np.isin(past - day0, list(leave_out))
    usable = np.isfinite(y.to_numpy()[past]) & np.isfinite(exog[past]).all(axis=1) & ~left
    model = sm.OLS(y.to_numpy()[past[usable]], exog[past[usable]]).fit()
    ahead = np.arange(day0 + window[0], day0 + window[1] + 1)
    prediction = model.get_prediction(exog[ahead])
    residuals = np.full(estimation[1] - estimation[0] + 1, np.nan)
    residuals[past[usable] - day0 - estimation[0]] = model.resid
    return Fitted(
        params=model.params,
        bse=model.bse,
        rsquared=model.rsquared,
        sigma=float(np.sqrt(model.scale)),
        df=model.df_resid,
        n=int(model.nobs),
        residuals=residuals,
        ret=returns[ticker].to_numpy()[ahead],
        normal=prediction.predicted + free.to_numpy()[ahead],
        ar=y.to_numpy()[ahead] - prediction.predicted,
        ar_se=prediction.se_obs,
        covariance=model.scale * np.eye(len(ahead)) + exog[ahead] @ model.cov_params() @ exog[ahead].T,
        tau=ahead - day0,
    )


def simplex_weights(y: Any, donors: Any) -> Any:
    """Return the weights ``w >= 0`` with sum 1 that minimise ``|y - D w|``, by clarabel's interior point."""
    import clarabel
    from scipy import sparse

    scale = float(np.sqrt((y**2).mean()))
    d, target, n = donors / scale, y / scale, donors.shape[1]
    rows = sparse.csc_matrix(np.vstack([np.ones(n), -np.eye(n)]))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    for name in ("tol_gap_abs", "tol_gap_rel", "tol_feas"):
        setattr(settings, name, 1e-14)
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(n)]
    bounds = np.concatenate([[1.0], np.zeros(n)])
    problem = sparse.csc_matrix(np.triu(d.T @ d))
    solver = clarabel.DefaultSolver(problem, -d.T @ target, rows, bounds, cones, settings)
    return np.array(solver.solve().x)
