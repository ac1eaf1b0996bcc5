"""The currency of a series, where a column states it of each row: one throughout, or an error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import DateArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.figures import Texts, short, texts_of
from eventstudy.intake.table import Table


@dataclass(frozen=True)
class Currencies:
    """The currency of each row of a table; none where no column states it."""

    table: Table
    texts: Texts | None

    def of(self, name: str, days: DateArray, rows: IntArray) -> str:
        """Return the code of the currency of a series, "" where nothing states it; GBX and GBP are two.

        Parameters
        ----------
        name, rows
            The series, and the rows of the table that it has.
        days
            The date of every row of the table, shape (T,).

        Raises
        ------
        FileContentError
            The code changes, with the first row of the second one in order of date.
        """
        if self.texts is None:
            return ""
        stated = rows[self.texts.codes[rows] >= 0]
        stated = stated[np.argsort(days[stated], kind="stable")]
        codes = self.texts.codes[stated]
        if not len(codes):
            return ""
        others = codes != codes[0]
        first: str = self.texts.names[codes[0]]
        if others.any():
            row = int(stated[others][0])
            other = self.texts.names[self.texts.codes[row]]
            problem = f"{short(name)} is in {short(first)} and from {days[row]} on in {short(other)}"
            remedy = "give each series in one currency"
            raise FileContentError(self.table.name, problem, remedy, line=self.table.line(row))
        return first


def currencies_of(table: Table, place: int | None) -> Currencies:
    """Return the currencies that a column states, by its place; None: there is no such column."""
    return Currencies(table, None if place is None else texts_of(table, place))
