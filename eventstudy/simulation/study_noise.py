"""Residuals of a study in which nothing happens: fat tails, common volatility, clustering, unlike tickers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.numerics.distributions import normal_pvalue, t_quantile

DF = 4  #: degrees of freedom of the fat tails
ARCH, GARCH = 0.08, 0.90  #: of the conditional variance; their sum is the persistence
BURN_IN = 500  #: sessions before the first, after which the start of the variance is forgotten
UNLIKE_DF = (3.0, 4.0, 6.0, 10.0, np.inf)  #: of the tickers in turn; infinite = normal

#: Draw (securities, sessions) residuals with mean 0, variance 1 and about a correlation.
StudyNoise = Callable[[np.random.Generator, int, int, float], FloatArray]


def _normal(rng: np.random.Generator, securities: int, sessions: int, correlation: float) -> FloatArray:
    shared, own = rng.standard_normal(sessions), rng.standard_normal((securities, sessions))
    return np.asarray(np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)


def _common_scale(rng: np.random.Generator, securities: int, sessions: int, correlation: float) -> FloatArray:
    """Multivariate t: a loud day is loud for every security."""
    scale = np.sqrt((DF - 2) / rng.chisquare(DF, sessions))
    return _normal(rng, securities, sessions, correlation) * scale


def _copula(rng: np.random.Generator, securities: int, sessions: int, correlation: float) -> FloatArray:
    """Fat tails of each security's own, joined by a normal copula."""
    normal = _normal(rng, securities, sessions, correlation)
    return _student(normal, DF)


def _student(normal: FloatArray, df: float) -> FloatArray:
    """Turn normal draws into Student's t of unit variance, quantile by quantile."""
    return np.asarray(np.sqrt((df - 2) / df) * t_quantile(normal_pvalue(normal, "less"), df))


def _unlike(rng: np.random.Generator, securities: int, sessions: int, correlation: float) -> FloatArray:
    """Tails from t(3) to the normal, in turn."""
    normal = _normal(rng, securities, sessions, correlation)
    for place in range(securities):
        df = UNLIKE_DF[place % len(UNLIKE_DF)]
        if np.isfinite(df):
            normal[place] = _student(normal[place], df)
    return normal


def _garch(rng: np.random.Generator, securities: int, sessions: int, correlation: float) -> FloatArray:
    """GARCH(1, 1) of every security; quiet and loud spells."""
    shocks = _normal(rng, securities, BURN_IN + sessions, correlation)
    residuals = np.empty_like(shocks)
    variance = np.ones(securities)
    for session in range(shocks.shape[1]):
        residuals[:, session] = np.sqrt(variance) * shocks[:, session]
        variance = (1 - ARCH - GARCH) + ARCH * residuals[:, session] ** 2 + GARCH * variance
    return residuals[:, BURN_IN:]


STUDY_NOISE: dict[str, StudyNoise] = {
    "normal": _normal,
    "t4-common-scale": _common_scale,
    "t4-copula": _copula,
    "unlike-tails": _unlike,
    "garch": _garch,
}
