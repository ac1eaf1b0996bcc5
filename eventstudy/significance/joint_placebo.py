"""Gelbach, Helland & Klick, for several tickers: the joint F among those of the estimation windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.kernels import solve_symmetric
from eventstudy.significance.multivariate import (
    NOT_LEAST_SQUARES,
    TOO_MANY,
    Part,
    collect,
    placebo_rank,
    rank_notes,
    wald,
)
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.result import SignificanceResult, SignificanceTest

Cell = tuple[OneDate, IntArray]  #: a system, and indices of the tickers that are complete in some window
IN_CACHE = 2**18  #: numbers per step in the equations of windows: enough to vectorise, and bounds the memory


def joint_placebo(system: OneDate) -> SignificanceResult:
    """Rank the joint F of the event among those of the estimation windows, each fitted without itself."""

    def part(tickers: IntArray, windows: IntArray) -> Part:
        n = len(tickers)
        if system.abnormal.past.regressors is not None:
            return Part(note=NOT_LEAST_SQUARES)
        observed = wald(system, tickers, windows, n, np.eye)
        statistic = np.asarray(observed.statistic)
        if statistic.ndim == 0:  # it cannot be computed, and the note says why
            return observed
        pvalue, count = placebo_rank(
            system, windows, statistic, lambda length: placebo_f(system, tickers, length)
        )
        distance = statistic * (n * system.df / (system.df - n + 1))
        notes = rank_notes(system, windows, count, TOO_MANY)
        return Part(np.where(count > 0, distance, np.nan), pvalue, note=notes)

    return collect(system, part)


JOINT_PLACEBO = SignificanceTest(
    function=joint_placebo,
    scope="one date",
    unit="tickers",
    distribution="rank",
    parametric=False,
    robust_to=("cross-correlation", "fat tails"),
    headline=True,
    independent_sessions=True,
    summary="Rank of the joint F of the event among those of the estimation windows.",
    null="the event's CARs have the distribution of those in the estimation window",
    formulas=(r"p = (1 + \#\{F_j \ge F\}) / (1 + n), \quad T^2 = CAR' C^{-1} CAR",),
    notes="""Over the `n` windows of the same length inside the estimation window; the statistic is `T^2`.
    `F_j` is `joint_f` of window `j` from a fit and a residual covariance on the other sessions: distances
    inside the fitted sample are bounded when there are many tickers, so every event would be extreme. Has no
    direction. Needs no normality; includes the correlation of the tickers. Over-rejects where the event day
    itself is more volatile. Missing returns as in `joint_f`. NaN for a model that is
    not fitted by least squares.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht009""",
)


def placebo_f(system: OneDate, tickers: IntArray, length: int) -> FloatArray:
    """Return the joint F of every estimation window of ``length`` sessions, from a fit without it.

    Returns
    -------
    FloatArray
        Shape (P,), one per window whose sessions all tickers have; empty where too few sessions are left.

    Notes
    -----
    Leaving block B out turns its residuals into ``A e_B`` with ``A = (I - Q_B Q_B')^-1``, their forecast
    variance into ``1'A 1`` and the sum of squares ``S`` into ``S - e_B'A e_B`` (Woodbury), so that with
    ``K = e S^-1 e'`` the distance is ``1'A [K + K (A^-1 - K)^-1 K] A 1`` over the block: no refit.
    """
    return placebo_f_each([(system, tickers)], length)[0]


def placebo_f_each(cells: Sequence[Cell], length: int) -> list[FloatArray]:
    """Return `placebo_f` of several systems; those with as many tickers are solved together."""
    asked = [(placebo_f, tickers.tobytes(), length) for _, tickers in cells]
    alike: dict[tuple[int, ...], list[int]] = {}
    for place, ((system, tickers), key) in enumerate(zip(cells, asked, strict=True)):
        if key in system.found:
            continue
        system.found[key] = np.empty(0)
        if _freedom(system, tickers, length) >= 1:
            alike.setdefault((len(tickers), *system.estimation_root.shape[1:]), []).append(place)
    for (_, sessions, _), places in alike.items():
        step = max(IN_CACHE // (sessions * length**2), 1)
        for some in (places[start : start + step] for start in range(0, len(places), step)):
            for place, values in zip(some, _placebo_f([cells[place] for place in some], length), strict=True):
                cells[place][0].found[asked[place]] = values
    return [np.asarray(system.found[key]) for (system, _), key in zip(cells, asked, strict=True)]


def _freedom(system: OneDate, tickers: IntArray, length: int) -> float:
    return system.df - length - len(tickers) + 1


def _placebo_f(cells: Sequence[Cell], length: int) -> list[FloatArray]:
    """Return `placebo_f` of systems with as many tickers and regressors, whose sessions follow each other."""
    sessions = [_whitened(*cell) for cell in cells]
    root, about, raw, centred = (np.concatenate(each, axis=-2) for each in zip(*sessions, strict=True))
    windows = [_blocks(system.sessions, length) for system, _ in cells]
    first = np.cumsum([0, *(len(system.sessions) for system, _ in cells)])
    blocks = np.concatenate([each + start for each, start in zip(windows, first, strict=False)])
    own, left = root[blocks], centred[blocks]
    forecast = np.eye(root.shape[1]) - own.transpose(0, 2, 1) @ own
    weights = 1.0 + (own @ _solved(forecast, own.sum(axis=1))[:, :, None])[:, :, 0]  # A 1
    car = (weights[:, None] @ raw[blocks])[:, 0]
    inside = (left @ car[:, :, None])[:, :, 0]
    spread = np.concatenate([about[blocks], left], axis=2)
    kept = np.eye(length) - spread @ spread.transpose(0, 2, 1)  # A^-1 - K
    distance = (car**2).sum(axis=1) + (inside * _solved(kept, inside)).sum(axis=1)
    counts = [len(each) for each in windows]
    scale = np.repeat([_freedom(*cell, length) / len(cell[1]) for cell in cells], counts)
    return np.split(distance / weights.sum(axis=1) * scale, np.cumsum(counts)[:-1])


def _whitened(system: OneDate, tickers: IntArray) -> tuple[FloatArray, ...]:
    """Return ``Q``, that of ``S``, and the residuals and those about their mean, over the root of ``S``."""
    asked = _whitened, tickers.tobytes()
    if asked not in system.found:
        centred = system.residuals[tickers]
        raw = system.abnormal.residuals[np.ix_(tickers, system.sessions)]
        whitened = np.linalg.solve(np.linalg.cholesky(centred @ centred.T), np.hstack([raw, centred]))
        raw, centred = np.hsplit(whitened, 2)
        root = system.estimation_root[tickers[0]][system.sessions]
        # a model that estimates nothing has residuals about their mean in S, and forecasts with none
        about = root if root.shape[1] else np.full((len(root), 1), len(root) ** -0.5)
        system.found[asked] = root, about, raw.T, centred.T
    kept: tuple[FloatArray, ...] = system.found[asked]
    return kept


def _solved(systems: FloatArray, right: FloatArray) -> FloatArray:
    """Solve P symmetric systems of k equations, shapes (P, k, k) and (P, k), which are few and alike."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return solve_symmetric(np.moveaxis(systems, 0, 2), right.T).T


def _blocks(sessions: IntArray, length: int) -> IntArray:
    """Return the windows of consecutive sessions that are all there, as places in ``sessions``, (P, L)."""
    blocks = np.arange(len(sessions) - length + 1)[:, None] + np.arange(length)
    return np.asarray(blocks[sessions[blocks[:, -1]] - sessions[blocks[:, 0]] == length - 1])
