"""Cells to figures: decimal marks, thousands, size letters, money, percent signs and missing codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import FloatArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.numerics.arrow import from_arrow


class Figures(NamedTuple):
    """Figures of a column: shape (T,), NaN where missing; whether each had a percent sign (then divided)."""

    values: FloatArray
    percent: bool


def figures_of(
    table: Table, place: int, options: ReadingOptions, *, missing: tuple[str, ...] = ()
) -> Figures:
    """Return the figures of a column.

    Parameters
    ----------
    table, place
        The column.
    missing
        Codes of the layout that stand for a missing value, beside those that always do.

    Raises
    ------
    FileContentError
        A cell that is neither a number nor a known missing code, with its line; marks that can be read in two
        ways with different figures, with the option.
    """
    column = table.columns[place]
    try:
        return Figures(from_arrow(pc.cast(column, pa.float64())), percent=False)
    except pa.ArrowInvalid as error:
        raise FileContentError(table.name, f"{table.titles[place]}: {error}") from None


class Texts(NamedTuple):
    """A column of names: a code per row (-1 where empty), and the text of each code."""

    codes: IntArray
    names: list[str]


def texts_of(table: Table, place: int) -> Texts:
    """Return the texts of a column; numbers as they stand (a whole number without a point)."""
    column = table.columns[place]
    if pa.types.is_floating(column.type) and pc.all(pc.equal(column, pc.floor(column))).as_py():
        column = column.cast(pa.int64())
    array = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = np.nan_to_num(from_arrow(array.indices), nan=-1.0).astype(np.int64)
    return Texts(codes, [str(name) for name in array.dictionary.to_pylist()])
