"""`OneDate`: several tickers on one event date, fitted on the same sessions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.abnormal import AbnormalReturns
from eventstudy.design import Window
from eventstudy.significance.placebo import placebo_cars


@dataclass(frozen=True)
class OneDate:
    """n tickers of one date: the multivariate regression model (Schipper & Thompson 1983; Binder 1985).

    Attributes
    ----------
    abnormal
        Abnormal returns from a fit on the estimation sessions that all n tickers have; axis 0 = ticker.
    estimation_root
        Basis ``Q`` of each ticker's regressors over the estimation window, shape (n, L1, r).
    sessions
        Which estimation sessions were used, as indices.
    alternative
        Of t tests.
    same_regressors
        Whether all tickers have the same regressors: only then is the joint F exact.
    """

    abnormal: AbnormalReturns
    estimation_root: FloatArray
    sessions: IntArray
    alternative: Alternative
    same_regressors: bool
    _placebos: dict[int, FloatArray] = field(default_factory=dict, repr=False)

    @property
    def df(self) -> float:
        """Degrees of freedom ``M - k``, the same for every ticker."""
        return float(self.abnormal.df[0]) if len(self.abnormal) else np.nan

    @property
    def residuals(self) -> FloatArray:
        """Residuals of the common sessions, shape (n, M)."""
        return self.abnormal.residuals[:, self.sessions]

    @property
    def sigma(self) -> FloatArray:
        """Residual covariance ``E'E / (M - k)``, shape (n, n)."""
        return self.residuals @ self.residuals.T / self.df

    def complete(self, window: Window) -> IntArray:
        """Return the tickers that have every session of a window."""
        return np.flatnonzero(self.abnormal.complete(window))

    def covariance(self, window: Window) -> FloatArray:
        """Return the covariance of the tickers' CARs over a window, shape (n, n).

        ``sigma_ij (L + w_i'w_j)`` with ``w_i = Q_i G_i'1`` the weights by which the estimation sessions enter
        the forecast; with common regressors ``w_i'w_j = 1'X*(X'X)^-1 X*'1``, so that one session gives
        ``Sigma (1 + h)`` (METHODS.md 6).
        """
        part = slice(window.start - self.abnormal.window.start, window.end - self.abnormal.window.start + 1)
        loading = self.abnormal.root[:, part].sum(axis=1)
        weights = np.einsum("nmr,nr->nm", self.estimation_root[:, self.sessions], loading)
        return self.sigma * (window.length + weights @ weights.T)

    def placebos(self, length: int) -> FloatArray:
        """Return the placebo CARs of every window of a length, shape (n, P); computed once per length."""
        if length not in self._placebos:
            self._placebos[length] = placebo_cars(self.abnormal.residuals, self.estimation_root, length)
        return self._placebos[length]
