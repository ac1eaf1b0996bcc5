"""`SignificanceResult` and `SignificanceTest`: what a test gives, and what the registry says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eventstudy._typing import FloatArray

Unit = Literal["firm-event", "portfolio", "tickers"]
Scope = Literal["firm-event", "cross-section", "one date"]


@dataclass(frozen=True)
class SignificanceResult:
    """One test of one group over W windows; arrays have shape (W,) or broadcast to it.

    Attributes
    ----------
    statistic, pvalue
        NaN where the test cannot be computed; ``note`` says why.
    n
        Units that entered.
    df, df2
        Degrees of freedom of the reference distribution, NaN where it has none.
    note
        What to beware of, one text for all windows or one each.
    """

    statistic: FloatArray
    pvalue: FloatArray
    n: Any
    df: Any = np.nan
    df2: Any = np.nan
    note: Any = ""


@dataclass(frozen=True)
class SignificanceTest:
    """One row of the registry of tests.

    Attributes
    ----------
    name, function
        The name in the tables, and what computes it: a `SignificanceResult` from a group's sample; the tests
        of one firm-event take arrays and give a statistic and a p-value for each.
    scope
        What it speaks of: one ``firm-event``, a ``cross-section`` of firm-events, or several tickers on
        ``one date``.
    unit
        What its observations are.
    distribution
        Reference distribution: t, F, normal or rank.
    parametric
        Whether it rests on a distribution of returns.
    independent_firms
        Whether it assumes that firms do not move together, and so fails on one date.
    robust_to
        What it withstands besides.
    reference
        Author and year.
    over_dates
        It also runs over date means (unit ``date``).
    headline
        It is read first where it applies: over date means if it runs there.
    """

    name: str
    function: Callable[..., Any]
    scope: Scope
    unit: Unit
    distribution: str
    parametric: bool
    independent_firms: bool
    robust_to: tuple[str, ...]
    reference: str
    over_dates: bool = False
    headline: bool = False
