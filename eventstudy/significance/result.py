"""`SignificanceResult` and `SignificanceTest`: what a test returns, and its record in the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eventstudy._typing import FloatArray, TextArray

Unit = Literal["firm-event", "portfolio", "tickers"]
Scope = Literal["firm-event", "cross-section", "one date"]
Measure = Literal["CAR", "BHAR", "volatility"]
Distribution = Literal["t", "F", "normal", "binomial", "exact", "rank", "bootstrap"]
Violation = Literal["event-induced variance", "cross-correlation", "skewness", "fat tails"]

SIZE = 0.05  #: a test that cannot reach so small a p-value says so in its note


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
        Limitations, one text for all or one each.
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
    """The record of one test: how to compute it, when it is valid, and how to explain it.

    The methods page, the report and the options of the command line read it. Texts may span lines; backticks
    mark code.

    Attributes
    ----------
    name, function
        Its name in the tables, and what computes it: a `SignificanceResult` from a `CrossSection` or a
        `OneDate`; tests of one firm-event take arrays and return statistics and p-values.
    scope
        One ``firm-event``, a ``cross-section`` of firm-events, or several tickers on ``one date``.
    unit
        What its observations are.
    distribution
        Reference distribution.
    parametric
        Whether it assumes a distribution of returns.
    robust_to
        Violations under which it keeps its size.
    measures
        What it tests.
    over_dates
        It also runs over date means (unit ``date``).
    headline
        It is read first where it applies: over date means if it runs there.
    summary, null
        The statistic in a sentence, and the null hypothesis.
    formulas
        In LaTeX, without delimiters.
    notes
        Symbols, assumptions, missing values, smallest N; paragraphs are separated by blank lines.
    references
        Author, year, journal, DOI and equation, separated by semicolons.
    """

    name: str
    function: Callable[..., Any]
    scope: Scope = "cross-section"
    unit: Unit = "firm-event"
    distribution: Distribution
    parametric: bool = True
    robust_to: tuple[Violation, ...] = ()
    measures: tuple[Measure, ...] = ("CAR",)
    over_dates: bool = False
    headline: bool = False
    summary: str
    null: str
    formulas: tuple[str, ...]
    notes: str
    references: str

    @property
    def independent_firms(self) -> bool:
        """Whether it assumes that firms do not move together, and so fails on one date."""
        return self.scope == "cross-section" and "cross-correlation" not in self.robust_to

    @property
    def exact(self) -> bool:
        """Whether its size is at most the nominal one, however few the observations."""
        return self.distribution in ("binomial", "exact")

    @property
    def resampled(self) -> bool:
        """Whether its p-value is drawn, seeded by the design."""
        return self.distribution == "bootstrap"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The notes, each paragraph on one line."""
        return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", self.notes.strip()))

    @property
    def sources(self) -> str:
        """The references on one line."""
        return " ".join(self.references.split())

    @property
    def reference(self) -> str:
        """Authors and years of the references."""
        return "; ".join(re.findall(r"(?:^|; )([^;]*? \d{4})", self.sources))


def too_few(smallest: FloatArray) -> TextArray:
    """Return a note wherever the smallest p-value that can be attained, shape (G, W), is above 5 %."""
    note = np.full(smallest.shape, "", dtype=object)
    with np.errstate(invalid="ignore"):
        for value in np.unique(smallest[smallest > SIZE]):
            note[smallest == value] = f"too few: p cannot fall below {value:.3g}"
    return note
