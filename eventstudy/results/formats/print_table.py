"""`PrintTable`: a small table as papers have it, before it is LaTeX, Word or Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eventstudy.errors import UnknownNameError
from eventstudy.words.formatting import Figures, ratio

Brackets = Literal["t", "se"]
BRACKETS: tuple[Brackets, ...] = ("t", "se")
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))  #: p-values up to the first have the second


@dataclass(frozen=True)
class PrintTable:
    """A table for print: cells are text, a row of one cell is a heading of those below it.

    Attributes
    ----------
    name
        Of its file and label.
    caption, notes
        What stands above and below it.
    head
        Names of the columns.
    rows
        Cells; a number is written with a point, and may have brackets before and after, and stars.
    numbers
        Whether a column holds numbers, one flag per column.
    rounding
        What its figures are rounded to.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]
    notes: str = ""
    rounding: str = "2 decimals"


@dataclass(frozen=True)
class PaperStyle:
    """How figures are printed: what stands in brackets below an abnormal return, and whether it has stars.

    Raises
    ------
    UnknownNameError
        ``brackets`` is neither ``t`` nor ``se``.
    """

    brackets: Brackets = "t"
    stars: bool = False

    def __post_init__(self) -> None:
        if self.brackets not in BRACKETS:
            raise UnknownNameError("figure in brackets", self.brackets, BRACKETS)

    def bracketed(self, figures: Figures, statistic: float | None, se: float | None) -> str:
        """Write t or the standard error in brackets."""
        text = ratio(statistic) if self.brackets == "t" else plain(figures, se)
        return f"({text})"

    def starred(self, text: str, pvalue: float | None) -> str:
        """Add the stars of a p-value, where they are wanted."""
        if not self.stars or pvalue is None:
            return text
        return text + next((stars for level, stars in STARS if pvalue <= level), "")


def plain(figures: Figures, value: float | None) -> str:
    """Write an abnormal figure for a column whose head states the unit: no plus, no percent sign."""
    return figures.effect(value).removeprefix("+").removesuffix("%")
