"""Least squares, abnormal returns, CARs and their errors of firm-events on one grid of returns."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.errors import UsageError
from eventstudy.models.fitted import PASSED_THROUGH
from eventstudy.numerics.kernels import LeastSquares, least_squares

CHUNK = 1_024  #: firm-events worked on at once: threads seldom wait for Python, and the cache is not exceeded
COMPILED = 16  #: chunks that the compiled kernel takes at once: by security, so that series stay in the cache
MANY = 20_000  #: firm-events from which on compiling is worth the wait, some seconds where it is not cached
OF_SESSIONS = ("residuals", "studentised")  #: what there may be of each session of the estimation window


@dataclass(frozen=True)
class Grid:
    """Returns of S securities and K regressors on one axis of T sessions.

    Attributes
    ----------
    returns
        Shape (S, T), decimal, a security's sessions side by side in memory; NaN = missing.
    regressors
        Of the normal-return model without the constant, shape (K, T); NaN = missing.
    """

    returns: FloatArray
    regressors: FloatArray


@dataclass(frozen=True)
class EventTime:
    """The sessions around day 0: estimation window, event window, and the W windows that are cumulated.

    The W windows lie within the event window.
    """

    estimation: Window
    event: Window
    windows: tuple[Window, ...]

    @property
    def columns(self) -> list[slice]:
        """Where each window lies along the event window."""
        start = self.event.start
        return [slice(each.start - start, each.end - start + 1) for each in self.windows]


@dataclass(frozen=True)
class GridEstimates:
    """The estimates of N firm-events; NaN in every figure of a firm-event that has no regression.

    Attributes
    ----------
    coefficients, std_errors
        The constant first, shape (N, 1 + K).
    rsquared
        Shape (N,); NaN where the returns are constant.
    sigma, n
        Residual standard deviation, by ``n - 1 - K``, and the observations used, shape (N,).
    ar
        Over the event window, shape (N, L), decimal; NaN = missing.
    car, car_se
        Of the W windows, shape (N, W), decimal; NaN where a session of the window is missing.
    residuals, studentised
        Over the estimation window, decimal and over ``s sqrt(1 - h)``, shape (N, L1); NaN where a session was
        not used. Shape (0, L1) where they were not asked for.
    root
        ``G`` with ``G G' = X* (X'X)^-1 X*'`` over the event window, shape (N, L, 1 + K); (0, L, 1 + K)
        where neither was asked for.
    """

    coefficients: FloatArray
    std_errors: FloatArray
    rsquared: FloatArray
    sigma: FloatArray
    n: IntArray
    ar: FloatArray
    car: FloatArray
    car_se: FloatArray
    residuals: FloatArray
    studentised: FloatArray
    root: FloatArray

    @classmethod
    def empty(
        cls, firm_events: int, regressors: int, time: EventTime, sessions: Collection[str]
    ) -> GridEstimates:
        """Return arrays to be filled, those of the ``sessions`` of the estimation window only on request."""
        before = {name: firm_events if name in sessions else 0 for name in OF_SESSIONS}
        return cls(
            coefficients=np.empty((firm_events, 1 + regressors)),
            std_errors=np.empty((firm_events, 1 + regressors)),
            rsquared=np.empty(firm_events),
            sigma=np.empty(firm_events),
            n=np.empty(firm_events, dtype=np.int64),
            ar=np.empty((firm_events, time.event.length)),
            car=np.empty((firm_events, len(time.windows))),
            car_se=np.empty((firm_events, len(time.windows))),
            **{name: np.empty((size, time.estimation.length)) for name, size in before.items()},
            root=np.empty((max(before.values()), time.event.length, 1 + regressors)),
        )

    def part(self, rows: slice) -> GridEstimates:
        """Return those of some firm-events, in the same memory."""
        return GridEstimates(**{name: values[rows] for name, values in vars(self).items()})


#: Fills the figures of some firm-events: ``(grid, security, day0, time, estimates)``.
Kernel = Callable[[Grid, IntArray, IntArray, EventTime, GridEstimates], None]


def estimate_on_grid(
    grid: Grid,
    security: IntArray,
    day0: IntArray,
    time: EventTime,
    *,
    compiled: bool | None = None,
    threads: int = 1,
    sessions: Collection[str] = (),
) -> GridEstimates:
    """Regress each firm-event's returns on the grid's regressors and forecast its event window.

    Figures of a firm-event depend on it alone: they are the same bits for any order, chunk and number of
    threads.

    Parameters
    ----------
    security, day0
        Row and column of the grid, shape (N,). Sessions off the axis are missing.
    compiled
        Whether to take the compiled kernel; None: where Numba is installed and the firm-events are many.
    threads
        Threads that share the firm-events.
    sessions
        Which of ``OF_SESSIONS`` are asked for, and with them the root of the forecast.

    Raises
    ------
    UsageError
        The compiled kernel is asked for and Numba is not installed, or arrays do not fit each other.

    Notes
    -----
    ``AR = R - x'b`` and ``Var CAR = s^2 (1' 1 + 1' X* (X'X)^-1 X*' 1)``, ``s^2 = sum e^2 / (M - k)``
    (MacKinlay 1997, eqs. 4-8; Campbell, Lo & MacKinlay 1997, 4.4), each firm-event on the sessions on which
    its return and all regressors exist. There is no regression with fewer observations than
    ``k + 1``, or with regressors that are constant or collinear there, as in `least_squares`.
    """
    _refuse(grid, security, day0, time)
    kernel = _kernel(len(security), compiled)
    found = GridEstimates.empty(len(security), len(grid.regressors), time, sessions)
    grid = Grid(np.ascontiguousarray(grid.returns), np.ascontiguousarray(grid.regressors))
    step = CHUNK if kernel is estimate_with_numpy else COMPILED * CHUNK

    def fill(start: int) -> None:
        rows = slice(start, start + step)
        kernel(grid, security[rows], day0[rows], time, found.part(rows))

    starts = range(0, len(security), step)
    if threads == 1:
        for start in starts:
            fill(start)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, starts))
    return found


def _refuse(grid: Grid, security: IntArray, day0: IntArray, time: EventTime) -> None:
    sessions = grid.returns.shape[1]
    if grid.regressors.ndim != 2 or grid.regressors.shape[1] != sessions:
        raise UsageError(f"regressors have the shape {grid.regressors.shape}; they need (K, {sessions})")
    if security.shape != day0.shape or security.ndim != 1:
        raise UsageError("security and day0 need one entry for each firm-event")
    if len(security) and not (security.min() >= 0 and security.max() < len(grid.returns)):
        raise UsageError(f"a security is none of the {len(grid.returns)} rows of the grid")
    for window in time.windows:
        if window.start < time.event.start or window.end > time.event.end:
            raise UsageError(f"the window {window} reaches out of the event window {time.event}")


def is_compiled(firm_events: int, compiled: bool | None) -> bool:
    """Return whether the compiled kernel estimates so many firm-events; ``compiled`` as it was asked for."""
    there = find_spec("numba") is not None
    if compiled and not there:
        raise UsageError('compiled kernels need Numba: pip install "eventstudy-impact[fast]"')
    return there and firm_events >= MANY if compiled is None else compiled


def _kernel(firm_events: int, compiled: bool | None) -> Kernel:
    if not is_compiled(firm_events, compiled):
        return estimate_with_numpy
    from eventstudy.engine.compiled_estimation import estimate_compiled

    return estimate_compiled


def estimate_with_numpy(
    grid: Grid, security: IntArray, day0: IntArray, time: EventTime, estimates: GridEstimates
) -> None:
    """Fill the estimates of some firm-events, gathering their windows from the grid."""
    returns, before = gathered(grid, security, day0, time.estimation)
    fit = least_squares(returns, before)
    if len(estimates.residuals):
        estimates.residuals[:] = fit.residuals
    if len(estimates.studentised):
        estimates.studentised[:] = _studentised(fit, before)
    y, x = gathered(grid, security, day0, time.event)
    slopes = np.where(fit.singular[:, None], np.nan, fit.coefficients[:, 1:])
    ar = y - fit.coefficients[:, :1] - np.einsum("nlq,nq->nl", x, slopes)
    root = fit.leverage_root(np.where(np.isfinite(ar)[:, :, None], x, 0.0))
    if len(estimates.root):
        estimates.root[:] = root
    estimates.coefficients[:], estimates.std_errors[:] = fit.coefficients, fit.std_errors
    estimates.rsquared[:], estimates.sigma[:] = fit.rsquared, fit.sigma
    estimates.n[:], estimates.ar[:] = fit.n, ar
    variance, planes = np.empty(estimates.car.shape), np.ascontiguousarray(np.moveaxis(root, 2, 0))
    of_session = (planes * planes).sum(axis=0)
    for place, (window, part) in enumerate(zip(time.windows, time.columns, strict=True)):
        if window.length == 1:
            estimates.car[:, place], variance[:, place] = ar[:, part.start], 1 + of_session[:, part.start]
            continue
        estimates.car[:, place] = ar[:, part].sum(axis=1)
        variance[:, place] = window.length + (planes[:, :, part].sum(axis=2) ** 2).sum(axis=0)
    variance[~np.isfinite(estimates.car)] = np.nan
    np.multiply(fit.sigma[:, None], np.sqrt(variance, out=variance), out=estimates.car_se)


def _studentised(fit: LeastSquares, x: FloatArray) -> FloatArray:
    """Return residuals over ``s sqrt(1 - h)``; NaN where the fit passes through a session."""
    root = fit.leverage_root(x)
    freedom = 1.0 - np.einsum("nlr,nlr->nl", root, root)
    with np.errstate(invalid="ignore"):
        scale = np.sqrt(np.where(freedom > PASSED_THROUGH, freedom, np.nan))
    studentised: FloatArray = fit.residuals / (fit.sigma[:, None] * scale)
    return studentised


def gathered(grid: Grid, security: IntArray, day0: IntArray, window: Window) -> tuple[FloatArray, FloatArray]:
    """Return returns and regressors of some firm-events over a window, (n, L) and (n, L, K).

    Of sessions off the axis returns are NaN.
    """
    first, length = day0 + window.start, window.length
    if len(first) and first.min() >= 0 and first.max() + length <= grid.returns.shape[1]:
        y, x = (sliding_window_view(each, length, axis=1) for each in (grid.returns, grid.regressors))
        return y[security, first], _side_by_side(x[:, first])
    sessions = day0[:, None] + np.arange(window.start, window.end + 1)
    there = (sessions >= 0) & (sessions < grid.returns.shape[1])
    sessions = np.where(there, sessions, 0)
    y = np.where(there, grid.returns[security[:, None], sessions], np.nan)
    return y, _side_by_side(grid.regressors[:, sessions])


def _side_by_side(x: FloatArray) -> FloatArray:
    """Return regressors of shape (K, n, L) as (n, L, K), in one layout: the order of sums depends on it."""
    return np.ascontiguousarray(np.moveaxis(x, 0, 2))
