"""Whether closes hold the listed dividends already, told by the gaps on ex-dates and by the grid of ticks.

A price falls by its dividend between the close before the ex-date and the open after it. Closes that hold
the dividend do not show that fall. ``n`` such gaps, with dividends of ``d`` and a standard deviation of
``s``, are worth log odds of about ``n (d / s)^2 / 2``. Often that is little, and the ticks add to it: closes
as they were traded lie on a grid, or on one divided by a split; closes adjusted by a factor lie anywhere.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.prices.corporate_actions.actions import LEAST, TO_SIGMA, Columns

#: Logs of odds. In windows of 250 to 2,500 sessions of 16 payers of dividends the gaps of closes as they were
#: traded gave at least -2.5, those of the same closes adjusted at most 5.4 (-2.5 and 1.9 on the half of the
#: payers on which this was set). Gaps alone reach `ODDS` (20 to 1) in few windows, with ticks in nearly all.
ODDS = 3.0
TICKS = 6.0  #: of closes on a grid, against closes on none
ENOUGH = 4  #: ex-dates without which the lack of a fall says nothing
#: Log odds of one ex-date at the most: news may hide a fall, and hardly ever makes one of that size.
NO_FALL, FALL = -2.0, 10.0
DEGREES = 4.0  #: of freedom of t, whose tails gaps have
GRIDS = (0.01, 0.005, 0.0025, 0.001, 0.0005)  #: ticks, and ticks divided by earlier splits
FINE_GRID = (
    0.0001  #: values with four decimals: net asset values as well as adjusted closes that were rounded
)
ON_GRID = 0.2  #: share of closes on some grid by which they are as traded; adjusted ones are there by chance
ROUNDING = (2e-7, 1e-6)  #: of a close, and absolute: closes kept in single precision, or with six decimals
#: Of a standard deviation of daily moves: a smaller dividend changes the t of its ex-date by less than that,
#: and the t of any other day by less than a hundredth of it.
NEGLIGIBLE = 0.05
LEAST_RATIO = 1e-4  #: by which adjusted closes over closes vary where they are adjusted; less is rounding
LARGE, ALMOST_ALL = 0.2, 0.99  #: of the close; so large a dividend without half of the fall is a wrong one
MOST_OPENS = 0.9  #: share of ex-dates with an open, from which gaps are overnight

Verdict = Literal["hold", "do not hold", "unclear"]


class Judged(NamedTuple):
    """Whether closes hold the listed dividends, the log odds that they do not, and on how many ex-dates."""

    verdict: Verdict
    odds: float
    ex_dates: int
    largest: float


def judge_closes(columns: Columns) -> Judged | None:
    """Judge closes by the dividends that are listed with them; None where there is nothing to judge.

    Nothing is judged where adjusted closes show the dividends next to the closes, without dividends, and with
    fewer than `LEAST` closes before the last of them. A verdict is "unclear" where the figures would differ
    and neither the gaps nor the ticks decide.
    """
    close, dividend = columns.get("close"), columns.get("dividend")
    if close is None or dividend is None or _told_apart(close, columns.get("adj_close")):
        return None
    rows = np.flatnonzero(np.isfinite(close))
    paid = dividend[rows] > 0
    paid[:1] = False
    before = np.concatenate([close[rows[:1]], close[rows[:-1]]])
    moves, shares = np.log(close[rows] / before), np.nan_to_num(dividend[rows]) / before
    paid &= (shares <= LARGE) | (moves < np.log1p(-np.minimum(shares, ALMOST_ALL)) / 2)  # others are wrong
    if not paid.any() or (last := int(np.flatnonzero(paid)[-1])) < LEAST:
        return None
    share = np.where(paid, np.minimum(shares, ALMOST_ALL), 0.0)
    opens = columns["open"][rows] if "open" in columns else np.full(len(rows), np.nan)
    gaps = np.log(opens / before)
    overnight = np.isfinite(gaps[paid]).mean() >= MOST_OPENS and abs(np.nanmedian(gaps)) < np.nanstd(moves)
    odds = log_odds(gaps if overnight else moves, share) + _ticks(close[rows][:last])
    verdict: Verdict = "do not hold" if odds > 0 else "hold"
    if abs(odds) < ODDS and share.max() > NEGLIGIBLE * float(np.nanstd(moves)):
        verdict = "unclear"
    return Judged(verdict, float(odds), int(paid.sum()), float(share.max()))


def log_odds(gaps: FloatArray, share: FloatArray) -> float:
    """Return the log odds that gaps show dividends, against that they do not.

    Parameters
    ----------
    gaps
        Log changes over which a price falls by its dividend, shape (n,); NaN where unknown.
    share
        Dividend of the session as a share of the close before, shape (n,); 0 where none.
    """
    known = np.isfinite(gaps)
    centred = gaps - np.median(gaps[known])
    sigma = TO_SIGMA * float(np.median(np.abs(centred[known])))
    at = known & (share > 0)
    if not sigma > 0 or not at.any():
        return 0.0
    fall = np.log1p(-share[at])
    each = _log_density(centred[at] - fall, sigma) - _log_density(centred[at], sigma)
    total = float(np.clip(each, NO_FALL, FALL).sum())
    return total if total > 0 or at.sum() >= ENOUGH else 0.0


def _log_density(x: FloatArray, sigma: float) -> FloatArray:
    """Return the log of a t density, less its constant."""
    density: FloatArray = -(DEGREES + 1) / 2 * np.log1p((x / sigma) ** 2 / DEGREES)
    return density


def _told_apart(close: FloatArray, adjusted: FloatArray | None) -> bool:
    """Whether adjusted closes change against the closes, and so tell what these hold."""
    if adjusted is None:
        return False
    ratio = adjusted / close
    ratio = ratio[np.isfinite(ratio)]
    return len(ratio) > 0 and float(np.ptp(ratio)) > LEAST_RATIO * float(np.median(ratio))


def _ticks(close: FloatArray) -> float:
    """Return the log odds of closes before the last ex-date, by the grid on which they lie."""
    if any(_on_grid(close, grid) >= _by_chance(close, grid) for grid in GRIDS):
        return TICKS
    return 0.0 if _on_grid(close, FINE_GRID) >= _by_chance(close, FINE_GRID) else -TICKS


def _on_grid(close: FloatArray, grid: float) -> float:
    off = np.abs(close / grid - np.round(close / grid)) * grid
    return float((off <= ROUNDING[0] * close + ROUNDING[1]).mean())


def _by_chance(close: FloatArray, grid: float) -> float:
    """Return the share of closes that may lie on a grid where they lie anywhere."""
    return ON_GRID + float(np.minimum(2 * (ROUNDING[0] * close + ROUNDING[1]) / grid, 1.0).mean())
