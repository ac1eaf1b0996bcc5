"""The regressions of a result as models: what is shown of each, in a terminal, on a page and in print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from eventstudy.design import Window
from eventstudy.words.formatting import car_label

if TYPE_CHECKING:
    from eventstudy.results.row_groups import Row

CONSTANT = "Intercept"  #: the term that a table for print has last
#: What every row of a model repeats.
SHARED = ("formula", "estimator", "covariance", "n", "dropped", "n_dates", "n_firms", "clusters",
          "rsquared", "winsorised", "note")  # fmt: skip


@dataclass(frozen=True)
class RegressionModel:
    """One regression in one window: its rows of the table ``regressions``, one per term."""

    number: int
    window: Window
    rows: tuple[Row, ...]

    @property
    def shared(self) -> Row:
        """What all terms have in common."""
        return {name: self.rows[0][name] for name in SHARED}

    @property
    def label(self) -> str:
        """The measure and its window, such as ``CAR[-1,+1]``; of another measure its name."""
        measure = left_side(self.rows[0]["formula"])
        return car_label(self.window) if measure == "car" else f"{measure}{self.window}"


def left_side(formula: str) -> str:
    """Return what a formula has on its left side."""
    return formula.partition("~")[0].strip()


def coefficient(value: float | None, formula: str) -> str:
    """Write a coefficient, or its standard error, with four digits: of a return in percentage points."""
    if value is None:
        return "-"
    return f"{100 * value if left_side(formula) in ('car', 'bhar') else value:.4g}"


def regression_models(rows: Iterable[Row]) -> list[RegressionModel]:
    """Return the models of the rows of a table ``regressions``, in its order."""
    return [
        RegressionModel(number, Window(start, end), tuple(own))
        for (number, start, end), own in groupby(
            rows, lambda row: (row["regression"], row["start"], row["end"])
        )
    ]
