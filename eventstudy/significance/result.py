"""`SignificanceResult` and `SignificanceTest`: what a test returns, and its record in the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from eventstudy._typing import FloatArray, TextArray

Unit = Literal["firm-event", "portfolio", "tickers", "firm-day"]
Scope = Literal["firm-event", "cross-section", "one date", "slopes", "study", "donors"]
Measure = Literal["CAR", "BHAR", "volatility", "return"]
Distribution = Literal["t", "F", "normal", "binomial", "exact", "rank", "bootstrap"]
Violation = Literal["event-induced variance", "cross-correlation", "skewness", "fat tails"]

EXACT = 50  #: observations up to which the signed-rank test counts the sign patterns
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
    expected
        What a count is by chance; NaN for tests that count nothing.
    note
        Limitations, one text for all or one each.
    estimate
        The slope or weighted mean that is tested, decimal; NaN for other tests.
    effective_n, largest_share
        Of a weighted mean: number of equal weights that would average as much, and the largest weight's share
        of all; NaN for other tests.
    """

    statistic: FloatArray
    pvalue: FloatArray
    n: Any
    df: Any = np.nan
    df2: Any = np.nan
    se: Any = np.nan
    note: Any = ""
    expected: Any = np.nan
    estimate: Any = np.nan
    effective_n: Any = np.nan
    largest_share: Any = np.nan


@dataclass(frozen=True, kw_only=True)
class SignificanceTest:
    """The record of one test: how to compute it, when it is valid, and how to explain it.

    The methods page, the report and the options of the command line read it. Texts may span lines; backticks
    mark code.
    """

    #: Returns a `SignificanceResult` for a `CrossSection`, a `OneDate`, a `DateAndBefore`, a
    #: `StudyReference` or an `InSpace`. Tests of one firm-event take arrays and return figures and p-values.
    function: Callable[..., Any]
    #: The kinds of sums that the function is computed from: of a test that states them, shards of firm-events
    #: add up. Empty for one that needs the whole sample.
    sums: tuple[Callable[..., Any], ...] = ()
    #: Those of a second pass, each taken of a shard that knows the sums of the study.
    second: tuple[Callable[..., Any], ...] = ()
    name: str = ""  #: in the tables; by default that of the function
    scope: Scope = "cross-section"  #: firm-event, many, tickers of one date, their slopes, study, donors
    unit: Unit = "firm-event"  #: what its observations are
    distribution: Distribution  #: reference distribution
    parametric: bool = True  #: whether it assumes a distribution of returns
    robust_to: tuple[Violation, ...] = ()  #: violations under which it keeps its size
    measures: tuple[Measure, ...] = ("CAR",)
    weighted: bool = False  #: whether it needs weights, which the design names
    of_returns: bool = False  #: whether it is about returns alone, not about volume or volatility
    independent_sessions: bool = (
        False  #: whether it takes the sessions of a window as independent of each other
    )
    over_dates: bool = False  #: whether it also runs over date means (unit ``date``)
    headline: bool = False  #: whether it is read first where it applies: over date means if it runs there
    summary: str  #: the statistic in a sentence
    null: str  #: the null hypothesis
    formulas: tuple[str, ...]  #: in LaTeX, without delimiters
    notes: str  #: symbols, assumptions, missing values, smallest N; blank lines separate paragraphs
    references: str  #: author, year, journal, DOI and equation, separated by semicolons

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.function.__name__)

    def __str__(self) -> str:
        return self.name

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
