"""Chernozhukov, Wuthrich & Zhu: the conformal p-value and interval of one firm-event's CAR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.numerics.kernels import rolling_sum, solve_symmetric, whole_part
from eventstudy.significance.past_sessions import EVENT, IN_NO_BLOCK, PLAIN, PastSessions
from eventstudy.significance.result import SignificanceTest
from eventstudy.significance.romano_wolf import towards

#: Residuals of least squares are orthogonal to the regressors: their product is rounding, below this share of
#: the residuals' length. A fit that is not least squares exceeds it by far.
ORTHOGONAL = 1e-8


@dataclass(frozen=True)
class Conformal:
    """The conformal inference of n CARs; arrays of shape (n,), NaN where there is none.

    Attributes
    ----------
    pvalue, path_pvalue
        Of no effect on the CAR, and on any of its sessions.
    low, high, estimate
        The interval of the CAR at the confidence asked for, decimal; infinite where too few sessions bound
        it. The estimate is the effect whose removal leaves a window with a residual sum of zero.
    n
        Sessions in estimation and event window together, T.
    """

    pvalue: FloatArray
    path_pvalue: FloatArray
    low: FloatArray
    high: FloatArray
    estimate: FloatArray
    n: FloatArray


def conformal(
    residuals: FloatArray,
    root: FloatArray,
    ar: FloatArray,
    event_root: FloatArray,
    alternative: Alternative = "two-sided",
    confidence: float = 0.95,
    past: PastSessions = PLAIN,
    instruments: FloatArray | None = None,
) -> Conformal:
    """Rank the residual sum of a window among all circular blocks of a fit that contains the window.

    Parameters
    ----------
    residuals, root
        Of the estimation window, shapes (n, L1) and (n, L1, r): see `left_out.left_out`.
    ar, event_root
        Abnormal returns of the window, shape (n, L), and ``G``, (n, L, r), so that the rows of ``Q`` and
        ``G`` together span the regressors of both windows; NaN in ``ar`` = no result.
    confidence
        Of the interval, which is two-sided whatever the alternative.
    past
        Parts of the estimation sessions: no block holds sessions of two of them, and a return of several
        sessions is in the fit but in no block. And ``P`` of a fit that is not least squares.
    instruments
        ``Z*`` of the window in the basis ``Q``, shape (n, L, r), of a linear estimator ``(Z'X)^-1 Z'y``; None
        for least squares, where it is ``G``. With ``P`` alone there is no result.

    Notes
    -----
    With ``X = [Q; G]`` the fit on both windows changes the residuals ``[e; AR]`` by ``X (I + G'G)^-1 G'AR``
    and turns ``1_w / L`` into ``1_w / L - X (I + G'G)^-1 G'1 / L``, so nothing is fitted anew. With
    instruments ``X = [P; G]``, and ``I + Z*'G`` and ``Z*'`` stand for ``I + G'G`` and ``G'``.
    """
    length = ar.shape[1]
    parts, regressors = past.conformal_parts(), past.regressors
    used = np.isfinite(residuals)
    fitted: BoolArray = np.asarray(np.isfinite(ar).all(axis=1) & used.any(axis=1))
    if instruments is not None:
        fitted &= np.isfinite(instruments).all(axis=(1, 2))
    else:
        fitted &= regressors is None and _is_least_squares(residuals, root)
        instruments = event_root
    y = np.where(fitted[:, None], np.concatenate([residuals, ar], axis=1), 0.0)
    x = np.concatenate([root if regressors is None else regressors, event_root], axis=1)
    x = np.where(fitted[:, None, None] & np.isfinite(x), x, 0.0)
    ranked = used if parts is None else used & (parts != IN_NO_BLOCK)
    z = np.where(fitted[:, None, None], instruments, 0.0)
    shift = np.zeros(y.shape)
    shift[:, -length:] = 1.0 / length
    both = np.stack([np.nan_to_num(y), shift])
    both = both - _explained(both, x, z)
    sessions = ranked.sum(axis=1) + length
    part = np.where(ranked, 0 if parts is None else parts, IN_NO_BLOCK)
    part = np.concatenate([part, np.full(ar.shape, EVENT)], axis=1)
    order = np.argsort(part, axis=1, kind="stable")
    place = np.arange(y.shape[1] + length - 1) % sessions[:, None]
    circle = np.take_along_axis(order, place, axis=1)
    a, g = (np.take_along_axis(values, circle, axis=1) for values in both)
    start = np.arange(y.shape[1])
    block, own = start < sessions[:, None], (sessions - length)[:, None]
    if parts is not None:
        block &= ~_straddles(np.take_along_axis(part, circle, axis=1), length, past.apart)
    total, slope, path = (rolling_sum(values, length) for values in (a, g, np.abs(a)))
    rank = whole_part((1 - confidence) * block.sum(axis=1))
    low, high = _interval(total, slope, block & (start != own), own, rank)
    at = np.take_along_axis
    found = {
        "pvalue": _share(towards(total, alternative), block, own),
        "path_pvalue": _share(path, block, own),
        "low": low,
        "high": high,
        "estimate": (at(total, own, axis=1) / at(slope, own, axis=1))[:, 0],
        "n": sessions.astype(float),
    }
    return Conformal(**{name: np.where(fitted, values, np.nan) for name, values in found.items()})


CONFORMAL = SignificanceTest(
    function=conformal,
    scope="firm-event",
    distribution="rank",
    parametric=False,
    robust_to=("skewness", "fat tails"),
    summary="Rank of the window's residual sum among all blocks of a fit that contains the window.",
    null="the sessions of the window are exchangeable with those of the estimation window",
    formulas=(
        r"p(\theta) = \#\{j : |S_j(\theta)| \ge |S_w(\theta)|\} / T, \quad "
        r"S_j(\theta) = A_j - \theta B_j, \quad T = M + L",
        r"\hat\theta = A_w / B_w, \quad \{\theta : p(\theta) > \alpha\} = \left[\mathrm{lo}_{(m)}, "
        r"\mathrm{hi}_{(m)}\right], \quad m = \lfloor \alpha T \rfloor",
    ),
    notes="""The model is fitted to the `M` usable sessions of the estimation window and the `L` of the CAR's
    window together, after `theta / L` is taken from each of the latter; `A_j` and `B_j` are the sums of the
    residuals of the return and of `1/L` in the window, over the `L` neighbours from position `j` on of these
    `T` sessions in a circle. The p-value is `p(0)`, one-sided by the signed sums.

    Each block `j` other than the window's own accepts the `theta` between the two values of
    `(A_w -+ A_j) / (B_w -+ B_j)`; the interval runs from the `m`-th smallest lower end to the `m`-th largest
    upper end, and has no end where `m` is 0. It holds the CAR's effect with the confidence of the design and
    is two-sided whatever the alternative. `conformal_path_pvalue` ranks the sums of `|u|` and has no
    direction: it finds effects that cancel over the window.

    Exact for exchangeable sessions of any distribution, also where `placebo` is not; not robust to
    event-induced variance. The smallest p is `1 / T`. NaN where the window has a missing return, and for
    models that weigh a session by its own return (`robust`) or follow the variance (`garch`).""",
    references="""Chernozhukov, Wüthrich & Zhu 2021, Journal of the American Statistical Association 116,
    1849-1864, doi:10.1080/01621459.2021.1920957""",
)


def _straddles(part: IntArray, length: int, apart: bool) -> BoolArray:
    """Return which blocks hold sessions of two parts, shape (n, T); the window is one where it is apart.

    Parameters
    ----------
    part
        Of each session in the circle, shape (n, T + length - 1).
    """
    join = part[:, 1:] != part[:, :-1]
    if not apart:
        join &= (part[:, 1:] < EVENT) & (part[:, :-1] < EVENT)
    before = np.concatenate([np.zeros((len(part), 1), dtype=np.int64), np.cumsum(join, axis=1)], axis=1)
    return np.asarray(before[:, length - 1 :] > before[:, : part.shape[1] - length + 1])


def _is_least_squares(residuals: FloatArray, root: FloatArray) -> BoolArray:
    """Tell whether residuals are orthogonal to the basis of the regressors, shape (n,)."""
    e = np.nan_to_num(residuals)
    inner = np.einsum("nlr,nl->nr", np.nan_to_num(root), e)
    size = np.sqrt(np.einsum("nl,nl->n", e, e))
    return np.asarray((np.abs(inner) <= ORTHOGONAL * size[:, None]).all(axis=1))


def _explained(values: FloatArray, x: FloatArray, z: FloatArray) -> FloatArray:
    """Return what a regression on ``X = [Q; G]`` explains of values orthogonal to ``Q``.

    Parameters
    ----------
    values, x, z
        Shapes (v, n, L1 + L), (n, L1 + L, r) and (n, L, r); the last L rows of ``x`` are ``G``, and ``z`` is
        ``G`` too, or ``Z*``.
    """
    length = z.shape[1]
    system = np.eye(x.shape[2]) + np.einsum("nlr,nls->nrs", z, x[:, -length:])
    inner = np.einsum("nlr,vnl->rvn", z, values[:, :, -length:])
    coefficients = solve_symmetric(np.moveaxis(system, 0, 2)[:, :, None], inner)
    return np.asarray(np.einsum("nlr,rvn->vnl", x, coefficients))


def _share(statistic: FloatArray, block: BoolArray, own: IntArray) -> FloatArray:
    """Return the share of the blocks whose statistic is at least that of the window's own, shape (n,)."""
    reached = (statistic >= np.take_along_axis(statistic, own, axis=1)) & block
    return np.asarray(reached.sum(axis=1) / block.sum(axis=1))


def _interval(
    total: FloatArray, slope: FloatArray, other: BoolArray, own: IntArray, rank: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the ``rank``-th smallest lower and largest upper end that the other blocks accept, (n,)."""
    a, b = (np.take_along_axis(values, own, axis=1) for values in (total, slope))
    with np.errstate(invalid="ignore", divide="ignore"):
        ends = (a - total) / (b - slope), (a + total) / (b + slope)
    bounded = np.abs(slope) < b  # always but for a window whose regressors outweigh all others
    low, high = (
        np.where(other, np.where(bounded, side(*ends), end), -end)
        for side, end in ((np.minimum, -np.inf), (np.maximum, np.inf))
    )
    last = np.maximum(rank - 1, 0)
    kth = np.unique(last)
    low, high = np.partition(low, kth, axis=1), -np.partition(-high, kth, axis=1)
    low, high = (np.take_along_axis(values, last[:, None], axis=1)[:, 0] for values in (low, high))
    return np.where(rank > 0, low, -np.inf), np.where(rank > 0, high, np.inf)
