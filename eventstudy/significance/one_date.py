"""`OneDate`: several tickers on one event date, fitted on the same sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.left_out import LeftOut, left_out
from eventstudy.significance.romano_wolf import centred


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
    estimation_regressors, noise
        Of `left_out`, for a model that is not least squares.
    """

    abnormal: AbnormalReturns
    estimation_root: FloatArray
    sessions: IntArray
    windows: tuple[Window, ...]
    alternative: Alternative
    same_regressors: bool
    estimation_regressors: FloatArray | None = None
    noise: FloatArray | None = None

    @property
    def df(self) -> float:
        """Degrees of freedom ``M - k``, the same for every ticker that has all sessions."""
        return float(np.nanmax(self.abnormal.df))

    @property
    def residuals(self) -> FloatArray:
        """Estimation-window residuals of the common sessions about their mean, shape (n, M).

        NaN for a ticker that lacks some of them: it is complete in none of the windows.
        """
        residuals = self.abnormal.residuals[:, self.sessions]
        return np.asarray(residuals - residuals.mean(axis=1, keepdims=True))

    @cached_property
    def sigma(self) -> FloatArray:
        """Residual covariance ``E'E / (M - k)``, shape (n, n)."""
        return self.residuals @ self.residuals.T / self.df

    @cached_property
    def car(self) -> FloatArray:
        """CAR of each ticker over each window, shape (n, W); NaN where a session is missing."""
        return np.column_stack([self.abnormal.car(window) for window in self.windows])

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the tickers' CARs in each window to test, shape (W, n, n).

        ``sigma_ij (L + w_i'w_j)`` with ``w_i = Q_i G_i'1`` the weights by which the estimation sessions enter
        the forecast; with common regressors ``w_i'w_j = 1'X*(X'X)^-1 X*'1``, so one session has
        ``Sigma (1 + h)``.
        """
        length, loading = self._loading(self.windows)
        weights = (self.estimation_root[:, self.sessions] @ loading).transpose(2, 0, 1)
        return self.sigma * (length[:, None, None] + weights @ weights.transpose(0, 2, 1))

    def mean_variance(self, there: BoolArray, windows: Sequence[Window]) -> FloatArray:
        """Return the variance of the mean CAR over some tickers in each window, shape (W,).

        The mean of `covariance` over those tickers, from sums of residuals and without a matrix of tickers by
        tickers: ``(L |E'a|^2 + |E'(a W)|^2) / (M - k)``.

        Parameters
        ----------
        there
            Which tickers enter which window, shape (n, W); NaN where none does.
        """
        length, loading = self._loading(windows)
        residuals = np.nan_to_num(self.residuals)
        with np.errstate(invalid="ignore"):
            share = there / there.sum(axis=0)
        mixed = residuals.T @ share
        covariance: FloatArray = (
            length * (mixed**2).sum(axis=0) + self._through(residuals, share, loading)
        ) / self.df
        return covariance

    def _through(self, residuals: FloatArray, share: FloatArray, loading: FloatArray) -> FloatArray:
        """Return ``|E'(a W)|^2``, the part of the variance due to the estimated coefficients."""
        basis = self.estimation_root[:, self.sessions]
        if self.same_regressors:  # one orthonormal basis: it drops out of the norm
            inner = np.tensordot(residuals.T, share[:, None, :] * loading, axes=1)
            return np.asarray((inner**2).sum(axis=(0, 1)))
        weights = ((basis @ loading[:, :, [w]])[:, :, 0] for w in range(share.shape[1]))
        return np.array([((residuals.T @ (share[:, [w]] * own)) ** 2).sum() for w, own in enumerate(weights)])

    def _loading(self, windows: Sequence[Window]) -> tuple[IntArray, FloatArray]:
        """Return the length of each window and ``G_i'1`` over it, shapes (W,) and (n, r, W)."""
        first = np.array([window.start for window in windows]) - self.abnormal.window.start
        end = np.array([window.end for window in windows]) - self.abnormal.window.start + 1
        path = np.cumsum(np.nan_to_num(self.abnormal.root), axis=1)
        path = np.concatenate([np.zeros((len(path), 1, path.shape[2])), path], axis=1)
        return end - first, (path[:, end] - path[:, first]).transpose(0, 2, 1)

    @cached_property
    def placebos(self) -> dict[int, FloatArray]:
        """CARs of every estimation window of each length from a fit without it, shape (n, P) by length."""
        lengths = dict.fromkeys(window.length for window in self.windows)
        residuals = self.abnormal.residuals
        return {length: self._left_out(residuals, length).car for length in lengths}

    @cached_property
    def blocks(self) -> dict[int, LeftOut]:
        """Every block of centred residuals of each length, forecast without it, by length."""
        residuals = centred(self.abnormal.residuals)
        return {
            length: self._left_out(residuals, length)
            for length in dict.fromkeys(window.length for window in self.windows)
        }

    def _left_out(self, residuals: FloatArray, length: int) -> LeftOut:
        return left_out(residuals, self.estimation_root, length, self.estimation_regressors, self.noise)

    def patterns(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield the tickers that are complete, and the windows in which exactly these are."""
        there: BoolArray = np.isfinite(self.car)
        for pattern in dict.fromkeys(map(tuple, there.T.tolist())):
            yield np.flatnonzero(pattern), np.flatnonzero((np.array(pattern) == there.T).all(axis=1))
