"""`AbnormalReturns`: AR, standardised AR, CAR, BHAR and their variances.

The forecast-error covariance of firm-event i over the event window is ``V_i = s_i^2 (D_i + G_i G_i')``, as
the model states it. For least squares ``D_i = I`` and ``G_i G_i' = X*_i (X_i'X_i)^-1 X*_i'`` (Campbell, Lo &
MacKinlay 1997, 4.4); a lumped return that spans g sessions has g in place of 1. Every variance below is a
quadratic form in that matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, ReturnKind
from eventstudy.design import Window
from eventstudy.numerics.autocorrelation import variance_of_sum, whitened
from eventstudy.significance.past_sessions import PLAIN, PastSessions


@dataclass(frozen=True)
class AbnormalReturns:
    """Abnormal returns of N firm-events over one event window.

    Attributes
    ----------
    kind
        Of the returns, simple or log; None for a measure that does not compound, such as log volume.
    window
        The event window; axis 1 of the arrays below, length L.
    ret, normal, ar
        Realised, expected and abnormal return, shape (N, L), decimal; NaN = no return on that session.
    span
        Sessions each return covers, shape (N, L).
    noise
        Diagonal of ``D``, shape (N, L).
    root
        ``G``, shape (N, L, r); r = 0 for a model that estimates no coefficient.
    sigma, df, n
        Residual standard deviation, its degrees of freedom and the observations used, shape (N,).
    residuals
        Estimation-window residuals, shape (N, L1); NaN where the session was not used. That of a return of
        several sessions is divided by the root of their number.
    studentised
        The same over ``s sqrt(1 - h)``, ``h`` the leverage of the session; shape (N, L1).
    past
        In what the sessions behind the residuals differ from independent ones of one part.
    tail
        Degrees of freedom of the noise of one session, shape (N,), for a model that states its distribution
        (`ModelFit.tail`); None: t by ``df``.
    instruments
        ``Z*`` of an estimator that is not least squares, shape (N, L, r): `ModelFit.event_instruments`.
    """

    kind: ReturnKind | None
    window: Window
    ret: FloatArray
    normal: FloatArray
    ar: FloatArray
    span: FloatArray
    noise: FloatArray
    root: FloatArray
    sigma: FloatArray
    df: FloatArray
    n: IntArray
    residuals: FloatArray
    studentised: FloatArray
    past: PastSessions = PLAIN
    tail: FloatArray | None = None
    instruments: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.sigma)

    def turned(self, direction: FloatArray) -> AbnormalReturns:
        """Return the abnormal returns times +1 or -1, one for each firm-event, shape (N,)."""
        names = ("ret", "normal", "ar", "residuals", "studentised")
        return replace(self, **{name: direction[:, None] * getattr(self, name) for name in names})

    def reference(self, lengths: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Return the t distribution of CARs over so many sessions: df, and the factor of CAR / se; (N, C).

        By ``df`` and 1. With ``tail`` nu one session is ``t(nu)`` after the factor ``sqrt(nu / (nu - 2))``,
        as the noise and not its estimate has these tails; several sessions are normal, df infinite.
        """
        shape = (len(self), len(lengths))
        if self.tail is None:
            return np.broadcast_to(self.df[:, None], shape), np.ones(shape)
        tail = np.where(
            np.array(lengths) == 1, self.tail[:, None], np.where(self.df > 0, np.inf, np.nan)[:, None]
        )
        with np.errstate(invalid="ignore"):
            return tail, np.where(np.isfinite(tail), np.sqrt(tail / (tail - 2.0)), 1.0)

    @property
    def rho(self) -> FloatArray | None:
        """Autocorrelation of the noise, shape (N,): ``D`` becomes ``sqrt(d_t d_s) rho^|t - s|``."""
        return self.past.rho

    @property
    def residual_df(self) -> FloatArray:
        """Degrees of freedom of ``s``, by which squared residuals are divided, shape (N,)."""
        return self.df if self.rho is None else self.df + 1

    @property
    def ar_se(self) -> FloatArray:
        """Forecast standard deviation of each AR, shape (N, L)."""
        variance = self.noise + np.einsum("nlr,nlr->nl", self.root, self.root)
        return np.where(np.isfinite(self.ar), self.sigma[:, None] * np.sqrt(variance), np.nan)

    def complete(self, window: Window) -> BoolArray:
        """Return which firm-events have every session of a window, lumped ones counted; shape (N,)."""
        there, span = self._there(window), self.span[:, self.columns(window)]
        if (span == 1).all():
            return np.asarray(there.all(axis=1))
        span = np.where(there, span, 0)
        inside = (span <= np.arange(1, window.length + 1)).all(axis=1)  # none reaches back over the start
        return np.asarray((span.sum(axis=1) == window.length) & there[:, -1] & inside)

    def count(self, window: Window) -> IntArray:
        """Return how many sessions of a window have an abnormal return, shape (N,)."""
        return np.asarray(self._there(window).sum(axis=1))

    def car(self, window: Window) -> FloatArray:
        """Return ``CAR = sum AR`` over a window, shape (N,); NaN where the window is not complete."""
        return self._summed(self.ar, window)

    def car_se(self, window: Window) -> FloatArray:
        """Return ``sqrt(1'V 1)``: the whole covariance matrix, not L times its diagonal; shape (N,)."""
        part, there = self.columns(window), self._there(window)
        total = np.where(there[:, :, None], self.root[:, part], 0.0).sum(axis=1)
        own = self._noise_of_sum(np.where(there, self.noise[:, part], 0.0))
        variance = own + np.einsum("nr,nr->n", total, total)
        return np.where(self.complete(window), self.sigma * np.sqrt(variance), np.nan)

    def quadratic(self, window: Window) -> FloatArray:
        """Return ``AR' V^-1 AR`` over a window, shape (N,); NaN where the window is not complete.

        ``V^-1`` by Woodbury's identity, from the sessions' own noise and the r columns of ``G``.
        """
        part, there = self.columns(window), self._there(window)
        with np.errstate(invalid="ignore", divide="ignore"):
            both = np.concatenate([self.ar[:, part, None], self.root[:, part]], axis=2)
            if not (self.noise[:, part] == 1).all():
                both /= np.sqrt(self.noise[:, part, None])
        both[~there] = 0.0
        if self.rho is not None:
            both = whitened(both, there, np.nan_to_num(self.rho))
        ar, root = both[:, :, 0], both[:, :, 1:]
        loaded = np.einsum("nlr,nl->nr", root, ar)
        kept = np.eye(root.shape[2]) + np.einsum("nlr,nls->nrs", root, root)
        explained = np.einsum("nr,nr->n", loaded, np.linalg.solve(kept, loaded[:, :, None])[:, :, 0])
        usable = self.complete(window) & (self.sigma > 0)
        size = np.where(usable, self.sigma, np.nan) ** 2
        return np.asarray((np.einsum("nl,nl->n", ar, ar) - explained) / size)

    def bhar(self, windows: Sequence[Window]) -> FloatArray:
        """Return ``prod(1 + R) - prod(1 + E[R])`` in simple returns whatever the kind, shape (N, W).

        NaN for what does not compound.
        """
        if self.kind is None:
            return np.full((len(self), len(windows)), np.nan)
        realised, expected = self._log(self.ret), self._log(self.normal)
        return np.column_stack(
            [
                np.exp(self._summed(realised, window)) - np.exp(self._summed(expected, window))
                for window in windows
            ]
        )

    def cumulated(self, start: int | None = None) -> tuple[FloatArray, FloatArray]:
        """Return CAR and its standard error from a session to every session, each (N, L); NaN before it.

        Without ``start`` from the first session of the window.
        """
        first = 0 if start is None else max(start - self.window.start, 0)
        there = np.isfinite(self.ar[:, first:])
        span = np.where(there, self.span[:, first:], 0)
        sessions = np.arange(1, span.shape[1] + 1)
        inside = np.logical_and.accumulate(span <= sessions, axis=1)  # none reaches back over the start
        complete = there & inside & (np.cumsum(span, axis=1) == sessions)
        total = np.cumsum(np.where(there[:, :, None], self.root[:, first:], 0.0), axis=1)
        noise = np.where(there, self.noise[:, first:], 0.0)
        if self.rho is None:
            own = np.cumsum(noise, axis=1)
        else:
            own = np.array([self._noise_of_sum(noise[:, :length]) for length in sessions])
            own = own.reshape(-1, len(self)).T
        variance = own + np.einsum("nlr,nlr->nl", total, total)
        path, error = np.full((2, *self.ar.shape), np.nan)
        path[:, first:] = np.where(
            complete, np.cumsum(np.where(there, self.ar[:, first:], 0.0), axis=1), np.nan
        )
        error[:, first:] = np.where(complete, self.sigma[:, None] * np.sqrt(variance), np.nan)
        return path, error

    def columns(self, window: Window) -> slice:
        """Return where a window lies along axis 1."""
        return slice(window.start - self.window.start, window.end - self.window.start + 1)

    def _there(self, window: Window) -> BoolArray:
        return np.isfinite(self.ar[:, self.columns(window)])

    def _noise_of_sum(self, noise: FloatArray) -> FloatArray:
        """Return the variance of the sum of the sessions' own noise, over ``s^2``, shape (N,)."""
        return noise.sum(axis=1) if self.rho is None else variance_of_sum(np.sqrt(noise), self.rho)

    def _summed(self, values: FloatArray, window: Window) -> FloatArray:
        part = np.where(self._there(window), values[:, self.columns(window)], 0.0)
        return np.where(self.complete(window), part.sum(axis=1), np.nan)

    def _log(self, returns: FloatArray) -> FloatArray:
        if self.kind == "log":
            return returns
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(returns >= -1.0, np.log1p(returns), np.nan)
