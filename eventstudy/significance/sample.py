"""`CrossSection`: the firm-events of one group, as the cross-sectional tests see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray

ROUNDING = 1e-12  #: share of a mean that float64 sums of identical values may be off by


@dataclass(frozen=True)
class CrossSection:
    """n firm-events of one group over W windows.

    Attributes
    ----------
    car, scar
        Shape (n, W), decimal and standardised; NaN where the firm-event is not complete in the window.
    df
        Degrees of freedom of each firm-event's residual variance, shape (n,).
    ticker, date
        Codes of the security and of the day-0 session, shape (n,).
    alternative
        Of every p-value.
    correlation
        Computes the mean correlation of each window, shape (W,); called when a test asks for it.
    """

    car: FloatArray
    scar: FloatArray
    df: FloatArray
    ticker: IntArray
    date: IntArray
    alternative: Alternative
    correlation: Callable[[], FloatArray]

    @cached_property
    def n(self) -> IntArray:
        """Complete firm-events per window, shape (W,)."""
        count: IntArray = np.isfinite(self.car).sum(axis=0)
        return count

    @cached_property
    def n_dates(self) -> IntArray:
        """Distinct day-0 sessions per window, shape (W,)."""
        count: IntArray = np.isfinite(self.date_means).sum(axis=0)
        return count

    @cached_property
    def mean_correlation(self) -> FloatArray:
        """``r-bar`` per window, shape (W,) (Kolari & Pynnonen 2010 on one date)."""
        return self.correlation()

    @cached_property
    def date_means(self) -> FloatArray:
        """CAR averaged over the firms of each session, shape (D, W).

        Two events of one ticker on one session are the same return and count once.
        """
        cells, cell = np.unique(np.column_stack([self.date, self.ticker]), axis=0, return_inverse=True)
        once = group_means(self.car, cell.ravel(), len(cells))
        dates, date = np.unique(cells[:, 0], return_inverse=True)
        return group_means(once, date.ravel(), len(dates))

    def over_dates(self) -> CrossSection:
        """Return the sample whose observations are the date means: firms of one date may move together."""
        dates = np.arange(len(self.date_means))
        unknown = np.full(self.date_means.shape, np.nan)
        return replace(self, car=self.date_means, scar=unknown, df=unknown[:, 0], ticker=dates, date=dates)


def group_means(values: FloatArray, group: IntArray, groups: int) -> FloatArray:
    """Return the mean of the finite ``values``, shape (n, W), within each group: shape (groups, W)."""
    there = np.isfinite(values)
    total, count = np.zeros((groups, values.shape[1])), np.zeros((groups, values.shape[1]))
    np.add.at(total, group, np.where(there, values, 0.0))
    np.add.at(count, group, there)
    with np.errstate(invalid="ignore"):
        return total / count


def moments(values: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return mean, standard deviation (ddof 1) and count of the finite values over axis 0.

    The deviation is NaN below two values, and where it is no more than rounding: identical values have no
    noise to be measured against.
    """
    there = np.isfinite(values)
    n = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=0) / n
        squares = np.where(there, (values - mean) ** 2, 0.0).sum(axis=0)
        deviation = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
        return mean, np.where(deviation > ROUNDING * np.abs(mean), deviation, np.nan), n
