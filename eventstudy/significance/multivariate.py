"""What the tests of several tickers on one date share: Wald tests, placebo ranks, patterns of tickers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.numerics.distributions import f_pvalue
from eventstudy.numerics.kernels import rank_pvalue
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.placebo import ENOUGH, TOO_SHORT
from eventstudy.significance.result import SignificanceResult

TOO_MANY = "more tickers than degrees of freedom"
NONE_COMPLETE = "no ticker has complete returns"
NOT_EXACT = "the tickers' regressors differ: approximate"
NOT_LEAST_SQUARES = "the model is not fitted by least squares: its fits without a window do not follow"
SINGULAR = "the tickers' residuals are linearly dependent"
#: beyond this condition number of a correlation matrix its inverse keeps fewer than four correct digits
DEPENDENT = 1e12


class Part(NamedTuple):
    """A test's numbers for the windows that one set of tickers is complete in."""

    statistic: FloatArray | float = np.nan
    pvalue: FloatArray | float = np.nan
    df: float = np.nan
    df2: float = np.nan
    note: str | list[str] = ""


def wald(
    system: OneDate, tickers: IntArray, windows: IntArray, n: int, contrasts: Callable[[int], FloatArray]
) -> Part:
    """Return the F of ``contrasts(n) @ CAR = 0``, n restrictions, from Hotelling's T squared.

    Parameters
    ----------
    tickers, windows
        Indices of those to test together.
    contrasts
        Gives the restrictions as rows, shape (n, len(tickers)).
    """
    asked = contrasts, n, tickers.tobytes(), windows.tobytes()
    if asked not in system.found:
        system.found[asked] = _wald(system, tickers, windows, n, contrasts)
    part: Part = system.found[asked]
    return part


def _wald(
    system: OneDate, tickers: IntArray, windows: IntArray, n: int, contrasts: Callable[[int], FloatArray]
) -> Part:
    df2 = system.df - n + 1
    if df2 < 1:
        return Part(note=TOO_MANY)
    covariance = system.covariance[np.ix_(windows, tickers, tickers)]
    if _dependent(covariance).any():  # asked of the CARs: what is left of a contrast of equals is rounding
        return Part(note=SINGULAR)
    rows = contrasts(n)
    covariance = rows @ covariance @ rows.T
    value = (rows @ system.car[np.ix_(tickers, windows)]).T[:, :, None]
    form = (value * np.linalg.solve(covariance, value)).sum(axis=(1, 2))
    statistic = form * df2 / (n * system.df)
    note = "" if system.same_regressors else NOT_EXACT
    return Part(statistic, f_pvalue(statistic, n, df2), float(n), df2, note)


def placebo_rank(
    system: OneDate, windows: IntArray, observed: FloatArray, placebos: Callable[[int], FloatArray]
) -> tuple[FloatArray, IntArray]:
    """Rank one value per window among the ``placebos`` of its length: p-values and their numbers, (W,)."""
    lengths = np.array([system.windows[window].length for window in windows])
    pvalue, n = np.empty(len(lengths)), np.empty(len(lengths), dtype=np.int64)
    for length in np.unique(lengths).tolist():
        at = np.flatnonzero(lengths == length)
        pvalue[at], n[at] = rank_pvalue(observed[at], placebos(length)[None])
    return pvalue, n


def rank_notes(system: OneDate, windows: IntArray, n: IntArray, none: str = "") -> list[str]:
    """Say among how many placebo windows each value was ranked, and where that rank rejects too often."""
    notes = []
    for window, count in zip(windows, n, strict=True):
        few = len(system.sessions) < ENOUGH * system.windows[window].length
        among = f"rank among {count} placebo windows" + (f"; {TOO_SHORT}" if few else "")
        notes.append(among if count or not none else none)
    return notes


def _dependent(covariances: FloatArray) -> BoolArray:
    """Tell which covariance matrices, shape (W, n, n), cannot be inverted with four correct digits."""
    scale = np.sqrt(np.einsum("wnn->wn", covariances))
    flat = (scale == 0).any(axis=1)
    scale = np.where(scale == 0, 1.0, scale)
    dependent: BoolArray = flat | (
        np.linalg.cond(covariances / (scale[:, :, None] * scale[:, None, :])) > DEPENDENT
    )
    return dependent


def collect(system: OneDate, part: Callable[[IntArray, IntArray], Part]) -> SignificanceResult:
    """Run a test on each set of windows that the same tickers are complete in."""
    width = len(system.windows)
    columns = np.full((4, width), np.nan)
    notes = np.full(width, NONE_COMPLETE, dtype=object)
    n = np.zeros(width, dtype=np.int64)
    for tickers, windows in system.patterns:
        if tickers.size:
            *numbers, note = part(tickers, windows)
            for row, values in zip(columns, numbers, strict=True):
                row[windows] = values
            n[windows], notes[windows] = len(tickers), note
    return SignificanceResult(columns[0], columns[1], n, columns[2], columns[3], note=notes)
