"""`SignificanceResult` and `SignificanceTest`: what a test gives, and what the registry says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eventstudy._typing import FloatArray, TextArray

Unit = Literal["firm-event", "portfolio", "tickers"]
Scope = Literal["firm-event", "cross-section", "one date"]
Measure = Literal["CAR", "BHAR", "volatility"]

SIZE = 0.05  #: where a test cannot reach so small a p-value, its note says so


@dataclass(frozen=True)
class SignificanceResult:
    """One test of G groups over W windows; arrays have shape (G, W), of one date (W,), or broadcast to it.

    Attributes
    ----------
    statistic, pvalue
        NaN where the test cannot be computed; ``note`` says why.
    n
        Units that entered.
    df, df2
        Degrees of freedom of the reference distribution, NaN where it has none.
    se
        Standard error of the mean abnormal return that is tested, decimal; NaN where the test has none.
    note
        What to beware of, one text for all or one each.
    """

    statistic: FloatArray
    pvalue: FloatArray
    n: Any
    df: Any = np.nan
    df2: Any = np.nan
    se: Any = np.nan
    note: Any = ""


@dataclass(frozen=True, kw_only=True)
class SignificanceTest:
    """One row of the registry of tests.

    Attributes
    ----------
    name, function
        The name in the tables, and what computes it: a `SignificanceResult` from a sample; the tests of one
        firm-event take arrays and give a statistic and a p-value for each.
    scope
        What it speaks of: one ``firm-event``, a ``cross-section`` of firm-events, or several tickers on
        ``one date``.
    unit
        What its observations are.
    distribution
        Reference distribution: t, F, normal, binomial, exact, rank or bootstrap.
    parametric
        Whether it rests on a distribution of returns.
    independent_firms
        Whether it assumes that firms do not move together, and so fails on one date.
    robust_to
        What it withstands besides.
    reference
        Author and year.
    measures
        What it tests: the CAR, the BHAR, or the variance.
    over_dates
        It also runs over date means (unit ``date``).
    headline
        It is read first where it applies: over date means if it runs there.
    exact
        Its size is at most the nominal one, however few the observations.
    resampled
        Its p-value is drawn, seeded by the design.
    """

    name: str
    function: Callable[..., Any]
    scope: Scope
    unit: Unit = "firm-event"
    distribution: str
    parametric: bool
    independent_firms: bool
    robust_to: tuple[str, ...] = ()
    reference: str
    measures: tuple[Measure, ...] = ("CAR",)
    over_dates: bool = False
    headline: bool = False
    exact: bool = False
    resampled: bool = False


def too_few(smallest: FloatArray) -> TextArray:
    """Return a note wherever the smallest p-value that can be attained, shape (G, W), is above 5 %."""
    note = np.full(smallest.shape, "", dtype=object)
    with np.errstate(invalid="ignore"):
        for value in np.unique(smallest[smallest > SIZE]):
            note[smallest == value] = f"too few: p cannot fall below {value:.3g}"
    return note
