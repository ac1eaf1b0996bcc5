"""Cross-sectional regressions of CARs on characteristics of the firm-events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Regression
from eventstudy.inference.fama_macbeth import fama_macbeth
from eventstudy.inference.formulas import design_matrix
from eventstudy.inference.wild_clusters import FEW_CLUSTERS, wild_pvalues
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.regression import (
    Fit,
    clustered,
    clustered_two_ways,
    dependent_columns,
    fit_weighted,
    homoskedastic,
    robust,
)
from eventstudy.numerics.winsorising import winsorise
from eventstudy.words.formatting import counted

ENOUGH_DATES = 10  #: below it Fama and MacBeth's t is no evidence
ONE_DATE = "one date: its firms are not independent; read the tests prologue_ols and prologue_gls"
NO_SPREAD = "a firm-day alone determines a term: hc3 has no figure"
NOT_DEFINITE = "the covariance clustered by session and ticker is not positive definite"


@dataclass(frozen=True)
class FirmDays:
    """The measured firm-days of a study in one window, each once, n of them.

    Attributes
    ----------
    columns
        The measures ``car``, ``scar``, ``bhar``, and columns of the event list, by name: numbers with NaN or
        text with None, shape (n,).
    car_se
        Standard error of each CAR, decimal, shape (n,).
    session, ticker
        Codes of day 0 and of the security, shape (n,).
    """

    columns: Mapping[str, Any]
    car_se: FloatArray
    session: IntArray
    ticker: IntArray

    def winsorised(self, share: float) -> FirmDays:
        """Return the firm-days with their CARs and BHARs clipped to two quantiles over all of them."""
        if not share:
            return self
        given = np.column_stack([self.columns["car"], self.columns["bhar"]])
        car, bhar = winsorise(given, np.zeros(len(given), dtype=np.int64), 1, share).T
        measures = {"car": car, "bhar": bhar, "scar": car / self.car_se}
        return FirmDays({**self.columns, **measures}, self.car_se, self.session, self.ticker)


@dataclass(frozen=True)
class _Inference:
    """Coefficients of one regression, each of shape (k,), and what they rest on."""

    estimate: FloatArray
    std_error: FloatArray
    df: float
    covariance: str
    rsquared: float
    n: int
    clusters: float = np.nan
    pvalue_wild: Any = np.nan
    note: str = ""


def car_regression(regression: Regression, days: FirmDays, share: float = 0.0) -> Columns:
    """Return the rows of the table ``regressions`` of one regression: one per term.

    Parameters
    ----------
    days
        Of the window.
    share
        Of winsorising; 0 leaves the CARs as they are.

    Returns
    -------
    dict
        Arrays by column. Standard errors and p-values are NaN where the note says why. ``clusters`` are the
        dates of Fama and MacBeth's regressions; of two-way clusters they are the fewer.

    Notes
    -----
    ``b = (X'X)^-1 X'y``. Clusters: ``(X'X)^-1 (sum_g X_g'e_g e_g'X_g) (X'X)^-1`` times ``G/(G-1)
    (n-1)/(n-k)``, with t(G - 1); both: the sum of the two less the intersection, with t(min G - 1). WLS has
    the weights ``1 / car_se^2``. All p-values are two-sided.

    References
    ----------
    Cameron, Gelbach & Miller 2011, Journal of Business & Economic Statistics 29, 238-249,
    doi:10.1198/jbes.2010.07136
    """
    used = days.winsorised(share)
    columns = dict(used.columns)
    if regression.estimator == "wls":  # a firm-day without a weight has no place in it
        columns["car"] = np.where(used.car_se > 0, columns["car"], np.nan)
    made = design_matrix(regression.formula, columns)
    rows, (n, k) = made.rows, made.x.shape
    dependent = dependent_columns(made.x) if n else np.zeros(k, dtype=bool)
    if n <= k or dependent.any():
        found = _without(made.terms, n, dependent)
    elif regression.estimator == "fama-macbeth":
        found = _by_date(made.y, made.x, used.session[rows])
    else:
        weights = 1.0 / used.car_se[rows] ** 2 if regression.estimator == "wls" else None
        found = _inferred(regression, fit_weighted(made.y, made.x, weights), used, rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(found.std_error > 0, found.estimate / found.std_error, np.nan)
    measure = next(name for name in ("bhar", "car") if name == "car" or name in _left(regression.formula))
    changed = used.columns[measure][rows] != days.columns[measure][rows]
    alike: dict[str, Any] = {
        "formula": regression.formula,
        "estimator": regression.estimator,
        "covariance": found.covariance,
        "n": found.n,
        "dropped": len(days.car_se) - n,
        "n_dates": len(np.unique(used.session[rows])),
        "n_firms": len(np.unique(used.ticker[rows])),
        "clusters": found.clusters,
        "rsquared": found.rsquared,
        "winsorised": int(changed.sum()) if share else np.nan,
        "note": found.note,
    }
    own = {
        "term": np.array(made.terms or ("Intercept",), dtype=object),
        "estimate": found.estimate,
        "std_error": found.std_error,
        "statistic": statistic,
        "df": np.broadcast_to(found.df, statistic.shape),
        "pvalue": t_pvalue(statistic, found.df),
        "pvalue_wild": np.broadcast_to(found.pvalue_wild, statistic.shape),
    }
    return {**{name: _repeated(value, len(statistic)) for name, value in alike.items()}, **own}


def _left(formula: str) -> str:
    return formula.partition("~")[0]


def _repeated(value: Any, times: int) -> Any:
    return np.full(times, value, dtype=object if isinstance(value, str) else None)


def _without(terms: tuple[str, ...], n: int, dependent: Any) -> _Inference:
    """Return a regression that has no figures, with the reason."""
    names = ", ".join(term for term, depends in zip(terms, dependent, strict=True) if depends)
    note = f"linearly dependent on the terms before: {names}" if names else ""
    if n <= len(terms):
        note = f"{counted(n, 'firm-day')} for {counted(len(terms), 'term')}"
    nothing = np.full(max(len(terms), 1), np.nan)
    return _Inference(nothing, nothing, np.nan, "none", np.nan, n, note=note)


def _by_date(y: FloatArray, x: FloatArray, session: IntArray) -> _Inference:
    """Return Fama and MacBeth's figures, t(D - 1)."""
    found = fama_macbeth(y, x, session)
    used, k = int(found.used.sum()), x.shape[1]
    left = len(np.unique(session)) - found.dates
    notes = []
    if left:
        unused = counted(len(y) - used, "firm-day")
        notes.append(f"{unused} of {counted(left, 'date')} without {k + 2} firms or full rank not used")
    if found.dates < ENOUGH_DATES:
        notes.append(f"{counted(found.dates, 'date')}, fewer than {ENOUGH_DATES}: no evidence")
    df = found.dates - 1.0 if found.dates > 1 else np.nan
    return _Inference(
        *(found.coefficients, found.std_errors, df, "dates", found.rsquared, used),
        clusters=found.dates,
        note="; ".join(notes),
    )


def _inferred(regression: Regression, fit: Fit, days: FirmDays, rows: IntArray) -> _Inference:
    """Return estimates with the standard errors that were requested, or those that the dates allow."""
    n, session, ticker = len(rows), days.session[rows], days.ticker[rows]
    one_date = len(np.unique(session)) < 2
    cluster = regression.cluster or ("session" if regression.cov == "auto" and not one_date else None)
    note = ONE_DATE if one_date else ""
    if cluster is None:
        kind = "none" if regression.cov == "auto" else regression.cov
        covariance = _unclustered(fit, kind)
        if kind == "hc3" and np.isnan(covariance).any():
            note = "; ".join(filter(None, (note, NO_SPREAD)))
        return _Inference(
            fit.coefficients, _errors(covariance), float(fit.df), kind, fit.rsquared, n, note=note
        )
    codes = {"session": (session,), "ticker": (ticker,), "both": (session, ticker)}[cluster]
    clusters = min(len(np.unique(each)) for each in codes)
    covariance = clustered_two_ways(fit, *codes) if len(codes) > 1 else clustered(fit, codes[0])
    few, wild = clusters < FEW_CLUSTERS, np.full(len(fit.coefficients), np.nan)
    if few and clusters > 1:
        instead = ", read pvalue_wild" if len(codes) == 1 else ""
        note = f"{clusters} clusters, fewer than {FEW_CLUSTERS}: t rejects too often{instead}"
        wild = wild_pvalues(fit, codes[0]) if len(codes) == 1 else wild
    if len(codes) > 1 and clusters > 1 and np.isnan(covariance).any():
        note = "; ".join(filter(None, (note, NOT_DEFINITE)))
    return _Inference(
        *(fit.coefficients, _errors(covariance), float(max(clusters - 1, 0)), cluster, fit.rsquared, n),
        clusters=clusters,
        pvalue_wild=wild,
        note=note or ("one cluster" if clusters < 2 else ""),
    )


def _unclustered(fit: Fit, kind: str) -> FloatArray:
    if kind == "none":
        return np.full(fit.inverse.shape, np.nan)
    return homoskedastic(fit) if kind == "ols" else robust(fit, kind)


def _errors(covariance: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.diag(covariance))
