"""Returns of any size as a matrix on disk, security by security."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import DateArray, FloatArray, IntArray, ReturnKind, Values
from eventstudy.engine.large_files import LargeTable
from eventstudy.errors import FileContentError, PriceDataError
from eventstudy.errors import place as place_in
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layouts.columns import date_place
from eventstudy.intake.layouts.returns_long import DATES, IDS, RETURNS
from eventstudy.intake.layouts.wide import DATES as WIDE_DATES
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.numerics.arrow import values_of
from eventstudy.panel.given import given_values
from eventstudy.soundness.units import ask_stated, refuse_huge

COLUMNS = 64  #: series that are read at once


@dataclass(frozen=True)
class Axes:
    """What the rows and the columns of a matrix of returns are.

    Attributes
    ----------
    tickers
        The securities, S.
    sessions
        datetime64[D], ascending, shape (T,).
    regressors
        Returns of each regressor, shape (K, T); NaN = missing.
    """

    tickers: tuple[str, ...]
    sessions: DateArray
    regressors: FloatArray


@dataclass(frozen=True)
class Wanted:
    """Which series are read, and what their figures are.

    Attributes
    ----------
    tickers
        Of the events.
    regressors
        Series that explain the returns, in order.
    unit, kind
        As in `given_values`.
    """

    tickers: Collection[str]
    regressors: tuple[str, ...]
    unit: Values | None
    kind: ReturnKind
    options: ReadingOptions


def write_matrix(table: LargeTable, wanted: Wanted, target: Path) -> Axes:
    """Write the returns of the tickers to ``target`` (NumPy's format, shape (S, T)), and return its axes.

    The table has a column of dates and one per series; or a row per security and date. Sessions are the dates
    of all its rows. Figures are never all in memory.

    Raises
    ------
    PriceDataError
        It cannot be read, has a date, or a security and a date, twice, lacks a regressor, or looks like
        another unit than is stated.
    """
    try:
        return (
            _long(table, wanted, target) if _is_long(table, wanted.options) else _wide(table, wanted, target)
        )
    except FileContentError as error:
        raise PriceDataError(place_in(error.name, error.line, None), error.problem, error.remedy) from None


def _is_long(table: LargeTable, options: ReadingOptions) -> bool:
    head = table.head()
    has_id = bool(options.id_column or head.places(*IDS))
    has_return = bool(options.value_column or head.places(*RETURNS))
    return has_id and has_return and bool(options.date_column or head.places(*DATES))


def _wide(table: LargeTable, wanted: Wanted, target: Path) -> Axes:
    options, titles = wanted.options, table.titles
    at = date_place(table.head(), WIDE_DATES, options)
    days = np.concatenate([_days(part, 0, options) for part in table.parts([at])])
    sessions, position = np.unique(days, return_inverse=True)
    if len(sessions) < len(days):
        twice = sessions[np.bincount(position) > 1][0]
        raise FileContentError(table.name, f"has two rows of {twice}", "keep one")
    places = {title: place for place, title in enumerate(titles) if place != at}
    names = [title for title in places if title in wanted.tickers]
    count = Counter(titles)
    for title in (*wanted.regressors, *names):
        if count[title] > 1:
            raise FileContentError(table.name, f"has two columns {title}", "keep one")
    matrix = _created(target, len(names), len(sessions))
    for start in range(0, len(names), COLUMNS):
        chosen = names[start : start + COLUMNS]
        block = _columns(table, [places[name] for name in chosen], position, options)
        matrix[start : start + COLUMNS] = _returns(chosen, sessions, block, wanted).T
    matrix.flush()
    regressors = np.empty((len(wanted.regressors), len(sessions)))
    for row, name in enumerate(wanted.regressors):
        if name not in places:
            raise _no_series(table, name)
        block = _columns(table, [places[name]], position, options)
        regressors[row] = _returns([name], sessions, block, wanted)[:, 0]
    return Axes(tuple(names), sessions, regressors)


def _columns(
    table: LargeTable, places: Sequence[int], position: IntArray, options: ReadingOptions
) -> FloatArray:
    """Return some series in the order of the sessions, shape (T, n)."""
    block, row = np.empty((len(position), len(places))), 0
    for part in table.parts(places):
        rows = position[row : row + part.n_rows]
        for column in range(len(places)):
            block[rows, column] = figures_of(part, column, options).values
        row += part.n_rows
    return block


def _long(table: LargeTable, wanted: Wanted, target: Path) -> Axes:
    options = wanted.options
    head = table.head()
    date = _place(head, options.date_column, DATES, "--date-column")
    identity = _place(head, options.id_column, IDS, "--id-column")
    value = _place(head, options.value_column, RETURNS, "--value-column")
    days: list[DateArray] = []
    ids: dict[str, None] = {}
    for part in table.parts([date, identity]):
        days.append(np.unique(_days(part, 0, options)))
        ids |= dict.fromkeys(codes_of(part.columns[1])[1])
    sessions = np.unique(np.concatenate(days)) if days else np.empty(0, "datetime64[D]")
    own = [name for name in wanted.regressors if name in ids]
    columns = {
        name: table.titles.index(name)
        for name in wanted.regressors
        if name not in ids and name in table.titles
    }
    for name in wanted.regressors:
        if name not in ids and name not in columns:
            raise _no_series(table, name)
    names = sorted(name for name in ids if name in wanted.tickers or name in own)
    matrix = _created(target, len(names), len(sessions))
    seen = np.zeros(matrix.shape, dtype=bool)
    beside = {name: np.full(len(sessions), np.nan) for name in columns}
    row_of = {name: row for row, name in enumerate(names)}
    for part in table.parts([date, identity, value, *columns.values()]):
        column = np.searchsorted(sessions, _days(part, 0, options))
        codes, found = codes_of(part.columns[1])
        row = np.array([*(row_of.get(name, -1) for name in found), -1])[codes]  # the last one: null
        figures = figures_of(part, 2, options).values
        kept = np.flatnonzero(row >= 0)
        _mark(seen, row[kept], column[kept], table.name, names, sessions)
        matrix[row[kept], column[kept]] = figures[kept]
        for place, name in enumerate(columns, 3):
            market = figures_of(part, place, options).values
            there = np.isfinite(market)
            beside[name][column[there]] = market[there]
    for start in range(0, len(names), COLUMNS):
        rows = slice(start, start + COLUMNS)
        matrix[rows] = _returns(names[rows], sessions, np.array(matrix[rows].T), wanted).T
    matrix.flush()
    regressors = np.empty((len(wanted.regressors), len(sessions)))
    for place, name in enumerate(wanted.regressors):
        regressors[place] = (
            matrix[row_of[name]]
            if name in row_of
            else _returns([name], sessions, beside[name][:, None], wanted)[:, 0]
        )
    return Axes(tuple(names), sessions, regressors)


def _returns(names: Sequence[str], sessions: DateArray, given: FloatArray, wanted: Wanted) -> FloatArray:
    """Return what is given as returns in decimals, asked about as in `run`; shapes (T, n)."""
    ask_stated(names, given, wanted.unit)
    returns = given_values(given, wanted.unit, wanted.kind)
    refuse_huge(names, sessions, returns)
    return returns


def _mark(
    seen: Any, row: IntArray, column: IntArray, name: str, names: Sequence[str], sessions: DateArray
) -> None:
    """Note which returns were read; a FileContentError where one was there before."""
    flat = row * seen.shape[1] + column
    distinct, counts = np.unique(flat, return_counts=True)
    again = np.concatenate([distinct[counts > 1], distinct[seen.reshape(-1)[distinct]]])
    if len(again):
        security, session = divmod(int(again[0]), seen.shape[1])
        problem = f"has two rows of {names[security]} on {sessions[session]}"
        raise FileContentError(name, problem, "keep one")
    seen.reshape(-1)[distinct] = True


def traded_in(path: Path) -> IntArray:
    """Return the first and the last session with a return of each row of a matrix on disk, shape (S, 2).

    Both ends of the axis of a row without one.
    """
    matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    found = np.empty((len(matrix), 2), dtype=np.int64)
    for start in range(0, len(matrix), COLUMNS):
        there = np.isfinite(matrix[start : start + COLUMNS])
        found[start : start + COLUMNS, 0] = there.argmax(axis=1)
        found[start : start + COLUMNS, 1] = there.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    return found


def _created(target: Path, securities: int, sessions: int) -> Any:
    """Return a matrix on disk without figures, whose bytes are written: a full disk is an error here.

    To write to a mapped file that the disk has no room for would end the process.
    """
    layout = {"descr": "<f8", "fortran_order": False, "shape": (securities, sessions)}
    row = np.full(sessions, np.nan, "<f8").tobytes()
    with target.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, layout)
        for _ in range(securities):
            file.write(row)
        file.flush()
        os.fsync(file.fileno())
    return np.lib.format.open_memmap(target, mode="r+")


def _place(head: Table, stated: str | None, names: tuple[str, ...], option: str) -> int:
    """Return the column of a role: as stated, or the one of its name; a FileContentError asks."""
    if stated is not None:
        if stated not in head.titles:
            raise FileContentError(head.name, f"has no column {stated}", f"state it with {option}")
        return head.titles.index(stated)
    found = head.places(*names)
    if len(found) != 1:
        shown = ", ".join(head.titles[place] for place in found)
        raise FileContentError(
            head.name, f"has several columns for one role: {shown}", f"state one with {option}"
        )
    return found[0]


def _days(part: Table, place: int, options: ReadingOptions) -> DateArray:
    days = days_of(part, place, options).days
    if len(empty := np.flatnonzero(np.isnat(days))):
        raise FileContentError(
            part.name, "a date is missing", "give every row one", line=part.line(int(empty[0]))
        )
    return days


def codes_of(column: pa.ChunkedArray) -> tuple[IntArray, list[str]]:
    """Return the codes of the texts of a column, -1 for null, and the texts; numbers and dates are, too.

    Whole numbers are written without a point where all are whole, and time stamps as dates where all are
    midnights, by their own zone.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.add(pc.if_else(pc.is_nan(column), None, column), pa.scalar(0.0, column.type))  # no -0
        with suppress(pa.ArrowInvalid):  # some are no whole numbers
            column = column.cast(pa.int64())
    elif pa.types.is_timestamp(column.type):
        wall = pc.local_timestamp(column) if column.type.tz else column
        days = wall.cast(pa.date32(), safe=False)
        column = days if pc.all(pc.equal(days.cast(wall.type), wall)).as_py() is not False else column
    coded = pc.dictionary_encode(column.cast(pa.string())).combine_chunks()
    codes = values_of(coded.indices).astype(np.int64)
    if coded.null_count:
        there = values_of(coded.indices.is_valid().cast(pa.int8())).astype(bool)
        codes = np.where(there, codes, -1)
    return codes, coded.dictionary.to_pylist()


def _no_series(table: LargeTable, name: str) -> PriceDataError:
    problem = f"is a regressor and not among the returns of {table.name}"
    return PriceDataError(name, problem, "add the series, or name another benchmark or factor")
