"""The likelihood of GARCH(1,1) with normal errors, written out, and its maximum by scipy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

BACKCAST, DECAY = 75, 0.94  #: squared residuals that make the variance before the first, and their weights
STARTS = ((0.05, 0.9), (0.1, 0.8), (0.2, 0.5))  #: a and b from which the maximum is looked for


class Maximum(NamedTuple):
    """``alpha, beta, omega, a, b`` of returns in percent, the log-likelihood and the variance before them."""

    parameters: Any
    likelihood: float
    backcast: float


def variances(e: Any, backcast: float, omega: float, a: float, b: float) -> Any:
    """Return ``h_1 .. h_T+1`` of ``h_t+1 = omega + a e_t^2 + b h_t``, shape (T + 1,)."""
    steps = np.concatenate([[omega + (a + b) * backcast], omega + a * e**2])
    return lfilter([1.0], [1.0, -b], steps)


def garch_maximum(y: Any, market: Any) -> Maximum:
    """Return the maximum over several starts."""
    beta, alpha = np.polyfit(market, y, 1)
    weights = DECAY ** np.arange(BACKCAST)
    first = float(weights @ (y - alpha - beta * market)[:BACKCAST] ** 2 / weights.sum())

    def loss(theta: Any) -> float:
        e = y - theta[0] - theta[1] * market
        h = variances(e, first, *theta[2:])[:-1]
        if h.min() <= 0:
            return np.inf
        return float(0.5 * (np.log(2 * np.pi) + np.log(h) + e**2 / h).sum())

    bounds = [(None, None), (None, None), (1e-8, None), (0, 1), (0, 1)]
    starts = [[alpha, beta, first * (1 - a - b), a, b] for a, b in STARTS]
    rough = [minimize(loss, start, method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(rough, key=lambda each: each.fun)
    for _ in range(2):  # finite differences leave four digits, a simplex eight
        options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 9_999}
        best = minimize(loss, best.x, method="Nelder-Mead", bounds=bounds, options=options)
    return Maximum(best.x, -float(best.fun), first)
