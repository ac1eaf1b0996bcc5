"""Daily factor returns from the user's files, read by their layouts, side by side.

The factors of Ken French are revised every month: his files name the month of the CRSP database they were
made from (the vintage).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray
from eventstudy.errors import FileContentError, PriceDataError, UnknownNameError, place
from eventstudy.intake.layouts.factor_names import FRENCH
from eventstudy.intake.layouts.factors import FACTOR_LAYOUTS
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import UNSTATED, FactorUnit, ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.series import FactorReading
from eventstudy.intake.understood import Understood

SUFFIXES = (".csv", ".txt", ".zip", ".parquet", ".xlsx", ".xls", ".dta", ".sas7bdat", ".gz")  #: in a folder
LARGEST_FILE = 50_000_000  #: bytes of a file of factors; the largest daily ones have 5
SATURDAY, SUNDAY = 5, 6
LEAST_ROWS = 60  #: rows without which the days of the week are not judged
SOME, EVERY_DAY = 0.01, 0.25  #: share of either day that is no chance; of both where each day has a row
LARGEST_MOVE = 0.5  #: decimal; no portfolio of Ken French's moved by half of that on any day since 1926
STATED = ("sheet", "value_column", "date_order", "encoding")  #: what a factor file may need beside its unit


@dataclass(frozen=True)
class FactorTable:
    """Factor returns, one row per session.

    ``sessions`` are datetime64[D] of shape (T,), ascending; ``names`` the k factors in Ken French's spelling
    (the risk-free rate is ``RF``, momentum ``Mom``); ``values`` decimals of shape (T, k), NaN where missing.
    ``vintage`` is the month of the CRSP database, such as ``202610``, "" if unknown; ``sha256`` that of the
    file, or of the sha256 of several files. ``understood`` says what each file was taken for.
    """

    sessions: DateArray
    names: tuple[str, ...]
    values: FloatArray
    vintage: str
    sha256: str
    understood: tuple[Understood, ...] = ()


def read_factors(
    path: str | Path | Sequence[str | Path],
    unit: FactorUnit | None = None,
    wanted: Sequence[str] = (),
    options: ReadingOptions = UNSTATED,
) -> FactorTable:
    """Return the factors of a file, of a folder, or of several files side by side.

    Parameters
    ----------
    path
        Ken French's CSV or zip, the factors of WRDS or AQR, or any table of a date and a column per factor.
    unit
        ``percent`` or ``decimal``; None where names or layout tell it.
    wanted
        The factors of one model (empty: all). Each is taken from the file made for such a model, as the SMB
        of three factors is not the SMB of five.
    options
        What is stated about the files: a sheet, a country (``value_column``), the order of dates.

    Notes
    -----
    A PriceDataError refuses unreadable files, other than daily ones, unknown units, and files that disagree.
    """
    if unit is not None and unit not in get_args(FactorUnit):
        raise UnknownNameError("unit", str(unit), get_args(FactorUnit))
    options = replace(options, factor_unit=unit or options.factor_unit)
    files = [(file, table) for file in _files(path) for table in _read(file, options)]
    files.sort(key=lambda entry: _foreign(entry[1], wanted))
    sessions = np.unique(np.concatenate([table.sessions for _, table in files]))
    columns: dict[str, tuple[Path, FactorTable, FloatArray]] = {}
    for file, table in files:
        at = np.searchsorted(sessions, table.sessions)
        for name, values in zip(table.names, table.values.T, strict=True):
            column = np.full(len(sessions), np.nan)
            column[at] = values
            if name in columns and _foreign(columns[name][1], wanted) == _foreign(table, wanted):
                _refuse_disagreement(name, file, column, columns[name][0], columns[name][2])
            if name in wanted or not wanted:
                columns.setdefault(name, (file, table, column))
    used = [table for _, table in files if any(table is origin for _, origin, _ in columns.values())]
    return FactorTable(
        sessions,
        tuple(columns),
        np.column_stack([np.empty((len(sessions), 0)), *(column for _, _, column in columns.values())]),
        "+".join(dict.fromkeys(table.vintage for table in used if table.vintage)),
        used[0].sha256 if len(used) == 1 else _sha256("".join(table.sha256 for table in used).encode()),
        tuple(understood for table in used for understood in table.understood),
    )


def _foreign(table: FactorTable, wanted: Sequence[str]) -> tuple[int, int]:
    """Rank a file by the factors it has besides the wanted ones, then by the wanted ones it lacks."""
    if not wanted:
        return 0, 0
    return len(set(table.names) - set(wanted)), len(set(wanted) - set(table.names))


def _files(path: str | Path | Sequence[str | Path]) -> list[Path]:
    paths = [Path(path)] if isinstance(path, str | Path) else [Path(entry) for entry in path]
    if len(paths) == 1 and paths[0].is_dir():
        paths = sorted(entry for entry in paths[0].iterdir() if entry.suffix.lower() in SUFFIXES)
        if not paths:
            raise PriceDataError(str(path), "holds no file of factors", f"use {', '.join(SUFFIXES)}")
    if not paths:
        raise PriceDataError("factors", "no file is given", "name a file of factor returns")
    for file in paths:
        if not file.is_file():
            raise PriceDataError(str(file), "no such file of factors", "check the path")
    return paths


def _read(file: Path, options: ReadingOptions) -> list[FactorTable]:
    """Return the factors of a file, of each file in an archive.

    What is stated beside the unit may be meant for prices alone: it counts where a file leaves a doubt.
    """
    raw = _bytes(file)
    unstated = ReadingOptions(factor_unit=options.factor_unit)
    stated = replace(unstated, **{name: getattr(options, name) for name in STATED})
    try:
        try:
            readings = _readings(file.name, raw, unstated)
        except FileContentError:
            if stated == unstated:
                raise
            readings = _readings(file.name, raw, stated)
    except FileContentError as error:
        where = place(error.name, error.line, None)
        raise PriceDataError(where, error.problem, error.remedy) from None
    return [_checked(reading, _sha256(raw)) for reading in readings]


def _readings(name: str, raw: bytes, options: ReadingOptions) -> list[FactorReading]:
    tables = tables_of(name, raw, options, least_rows=1)
    return [read_by_layout(table, FACTOR_LAYOUTS, options) for table in tables]


def _checked(reading: FactorReading, sha256: str) -> FactorTable:
    name = reading.understood.file
    _refuse_what_is_not_daily(name, reading.sessions)
    names = tuple(FRENCH.get(plain(each), each) for each in reading.names)
    _refuse_what_is_no_return(name, names, reading.sessions, reading.values)
    return FactorTable(
        reading.sessions, names, reading.values, reading.vintage, sha256, (reading.understood,)
    )


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PriceDataError(file.name, f"cannot be read ({error.strerror or error})") from None
    if len(raw) > LARGEST_FILE:
        raise PriceDataError(file.name, f"has more than {LARGEST_FILE:,} bytes", "give daily factors alone")
    return raw


def _refuse_what_is_not_daily(file: str, sessions: DateArray) -> None:
    steps = np.diff(sessions).astype(int)
    if (steps == 0).any():
        twice = sessions[1:][steps == 0][0]
        raise PriceDataError(file, f"{twice} appears more than once", "keep one row per session")
    if len(steps) and np.median(steps) > 5:
        raise PriceDataError(file, f"has a row every {np.median(steps):.0f} days", "give daily factors")
    weekday = (sessions.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    saturdays, sundays = (float((weekday == day).mean()) for day in (SATURDAY, SUNDAY))
    both = saturdays + sundays
    if len(sessions) >= LEAST_ROWS and min(saturdays, sundays) > SOME and both < EVERY_DAY:
        problem = f"has {both:.0%} of its rows on Saturdays and Sundays: day and month are exchanged"
        raise PriceDataError(file, problem, "write dates as YYYY-MM-DD")


def _refuse_what_is_no_return(
    file: str, names: Sequence[str], sessions: DateArray, values: FloatArray
) -> None:
    """Refuse infinite figures, and moves of Ken French's factors that cannot be daily returns."""
    for name, column in zip(names, values.T, strict=True):
        most = LARGEST_MOVE if name in FRENCH.values() else np.finfo(np.float64).max
        odd = np.flatnonzero(np.abs(column) > most)
        if len(odd):
            problem = (
                f"{name} on {sessions[odd[0]]} is {column[odd[0]]:g} in decimals, which is no daily return"
            )
            raise PriceDataError(
                file,
                problem,
                "correct it, or say --factor-unit percent or decimal (factors: {unit: percent})",
            )


def _refuse_disagreement(name: str, file: Path, new: FloatArray, first: Path, old: FloatArray) -> None:
    differs: BoolArray = np.abs(new - old) > 1e-9
    if differs.any():
        problem = f"{name} differs from that in {first.name} on {differs.sum()} sessions"
        raise PriceDataError(file.name, problem, "name the files that are meant, not both")


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
