"""`OneDate`: several tickers on one event date, fitted on the same sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.numerics.autocorrelation import variance_of_sum, whitened
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.left_out import LeftOut, left_out_each
from eventstudy.significance.romano_wolf import centred

ROUNDING = 1e-12  #: share of the largest residual below which a mean is zero


@dataclass(frozen=True)
class OneDate:
    """n tickers of one date: the multivariate regression model (Schipper & Thompson 1983; Binder 1985).

    Attributes
    ----------
    abnormal
        Abnormal returns from a fit on the estimation sessions that all tickers have which are complete in the
        windows; axis 0 = ticker.
    estimation_root
        Basis ``Q`` of each ticker's regressors over the estimation window, shape (n, L1, r).
    sessions
        Which estimation sessions were used, as indices.
    windows
        The W windows to test.
    alternative
        Of t tests.
    same_regressors
        Whether all tickers have the same regressors: only then is the joint F exact.
    """

    abnormal: AbnormalReturns
    estimation_root: FloatArray
    sessions: IntArray
    windows: tuple[Window, ...]
    alternative: Alternative
    same_regressors: bool

    @cached_property
    def found(self) -> dict[Any, Any]:
        """What several tests ask of these tickers, kept by what was asked."""
        return {}

    @cached_property
    def df(self) -> float:
        """Degrees of freedom ``M - k``, the same for every ticker that has all sessions."""
        return float(np.nanmax(self.abnormal.df))

    @cached_property
    def residual_df(self) -> float:
        """Degrees of freedom of the residual covariance, one more than ``df`` where ``rho`` is estimated."""
        return float(np.nanmax(self.abnormal.residual_df))

    @property
    def residuals(self) -> FloatArray:
        """Estimation-window residuals of the common sessions about their mean, shape (n, M).

        Those of autocorrelated noise are scaled so that their sum of squares is ``s^2 (M - k)``. NaN for a
        ticker that lacks some sessions: it is complete in none of the windows.
        """
        residuals = self.abnormal.residuals[:, self.sessions]
        centred = residuals - residuals.mean(axis=1, keepdims=True)
        if self.abnormal.rho is None:
            return np.asarray(centred)
        size = np.sqrt((centred**2).sum(axis=1) / self.residual_df)
        return np.asarray(centred * (self.abnormal.sigma / size)[:, None])

    @cached_property
    def sigma(self) -> FloatArray:
        """Residual covariance ``E'E / (M - k)``, shape (n, n)."""
        return self.residuals @ self.residuals.T / self.residual_df

    @cached_property
    def car(self) -> FloatArray:
        """CAR of each ticker over each window, shape (n, W); NaN where a session is missing."""
        return np.column_stack([self.abnormal.car(window) for window in self.windows])

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the tickers' CARs in each window to test, shape (W, n, n).

        ``sigma_ij (L + w_i'w_j)`` with ``w_i = Q_i G_i'1`` the weights by which the estimation sessions enter
        the forecast; with common regressors ``w_i'w_j = 1'X*(X'X)^-1 X*'1``, so one session has
        ``Sigma (1 + h)``. Where the noise is autocorrelated ``L`` is the mean of the two tickers'
        ``1' Omega 1`` (that of a first-order vector autoregression in which each depends on its own past).
        """
        noise, loading = self._noise(self.windows), self._loading(self.windows)
        weights = (self.basis[:, self.sessions] @ loading).transpose(2, 0, 1)
        own = (noise.T[:, :, None] + noise.T[:, None, :]) / 2
        return self.sigma * (own + weights @ weights.transpose(0, 2, 1))

    @cached_property
    def basis(self) -> FloatArray:
        """``Q`` of the sessions' independent noise, shape (n, L1, r): orthonormal over the sessions used."""
        if self.abnormal.rho is None:
            return self.estimation_root
        used = np.isfinite(self.abnormal.residuals)
        return whitened(self.estimation_root, used, np.nan_to_num(self.abnormal.rho))

    def _noise(self, windows: Sequence[Window]) -> FloatArray:
        """Return the variance of the sum of each window's noise over that of one session, shape (n, W)."""
        n = len(self.abnormal)
        if self.abnormal.rho is None:
            return np.tile([float(window.length) for window in windows], (n, 1))
        sums = {
            length: variance_of_sum(np.ones((n, length)), self.abnormal.rho)
            for length in dict.fromkeys(window.length for window in windows)
        }
        return np.column_stack([sums[window.length] for window in windows])

    def mean_variance(self, there: BoolArray, windows: Sequence[Window]) -> FloatArray:
        """Return the variance of the mean CAR over some tickers in each window, shape (W,).

        The mean of `covariance` over those tickers, from sums of residuals and without a matrix of tickers by
        tickers: ``(L |E'a|^2 + |E'(a W)|^2) / (M - k)``.

        Parameters
        ----------
        there
            Which tickers enter which window, shape (n, W); NaN where none does.
        """
        noise, loading = np.nan_to_num(self._noise(windows)), self._loading(windows)
        residuals = np.nan_to_num(self.residuals)
        with np.errstate(invalid="ignore"):
            share = there / there.sum(axis=0)
        mixed = (residuals.T @ share) * (residuals.T @ (share * noise))
        covariance: FloatArray = (
            mixed.sum(axis=0) + self._through(residuals, share, loading)
        ) / self.residual_df
        return covariance

    def _through(self, residuals: FloatArray, share: FloatArray, loading: FloatArray) -> FloatArray:
        """Return ``|E'(a W)|^2``, the part of the variance due to the estimated coefficients."""
        basis = self.basis[:, self.sessions]
        if (
            self.same_regressors and self.abnormal.rho is None
        ):  # one orthonormal basis: it drops out of the norm
            inner = np.tensordot(residuals.T, share[:, None, :] * loading, axes=1)
            return np.asarray((inner**2).sum(axis=(0, 1)))
        weights = ((basis @ loading[:, :, [w]])[:, :, 0] for w in range(share.shape[1]))
        return np.array([((residuals.T @ (share[:, [w]] * own)) ** 2).sum() for w, own in enumerate(weights)])

    def _loading(self, windows: Sequence[Window]) -> FloatArray:
        """Return ``G_i'1`` over each window, shape (n, r, W)."""
        first = np.array([window.start for window in windows]) - self.abnormal.window.start
        end = np.array([window.end for window in windows]) - self.abnormal.window.start + 1
        path = np.cumsum(np.nan_to_num(self.abnormal.root), axis=1)
        path = np.concatenate([np.zeros((len(path), 1, path.shape[2])), path], axis=1)
        return np.asarray((path[:, end] - path[:, first]).transpose(0, 2, 1))

    @cached_property
    def left_out(self) -> dict[int, LeftOut]:
        """Every estimation window of each length, forecast by a fit without it, by length."""
        return self._left_out(self.abnormal.residuals)

    @cached_property
    def blocks(self) -> dict[int, LeftOut]:
        """Those of residuals about their mean, which is zero where the model has a constant."""
        residuals = self.abnormal.residuals
        about = centred(residuals)
        size = np.fmax.reduce(np.abs(residuals), axis=None, initial=0.0)
        moved = np.fmax.reduce(np.abs(residuals - about), axis=None, initial=0.0)
        return self.left_out if moved <= ROUNDING * size else self._left_out(about)

    def _left_out(self, residuals: FloatArray) -> dict[int, LeftOut]:
        lengths = (window.length for window in self.windows)
        return left_out_each(residuals, self.estimation_root, lengths, self.abnormal.past)

    @property
    def placebos(self) -> dict[int, FloatArray]:
        """CARs of every estimation window of each length from a fit without it, shape (n, P) by length."""
        return {length: each.car for length, each in self.left_out.items()}

    @cached_property
    def patterns(self) -> tuple[tuple[IntArray, IntArray], ...]:
        """The tickers that are complete, and the windows in which exactly these are."""
        there: BoolArray = np.isfinite(self.car)
        return tuple(
            (np.flatnonzero(pattern), np.flatnonzero((np.array(pattern) == there.T).all(axis=1)))
            for pattern in dict.fromkeys(map(tuple, there.T.tolist()))
        )
