"""Daily factor returns from the user's files: Ken French's own, or tidy tables.

Ken French's files are in percent, with -99.99 and -999 for missing. Their first line names the month of the
CRSP database they were made from (the vintage): the factors are revised every month.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray
from eventstudy.errors import PriceDataError, UnknownNameError
from eventstudy.prices.factors.french_layout import LARGEST_FILE, parse, unzipped
from eventstudy.prices.files.reading import read_table

Unit = Literal["percent", "decimal"]

SUFFIXES = (".csv", ".txt", ".zip", ".parquet")
FRENCH = {
    **{
        re.sub("[^a-z]", "", name.lower()): name
        for name in ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF", "Mom")
    },
    **dict.fromkeys(("umd", "wml"), "Mom"),
}
MISSING = (-99.99, -999.0)
SATURDAY, SUNDAY = 5, 6
LEAST_ROWS = 60  #: rows without which the days of the week are not judged
SOME, EVERY_DAY = 0.01, 0.25  #: share of either day that is no chance; of both where each day has a row
NEARLY_ALL = 0.99  #: of the moves: a code for what is missing may have been scaled with the rest
LARGEST_MOVE = 0.5  #: decimal; no portfolio of Ken French's moved by half of that on any day since 1926


@dataclass(frozen=True)
class FactorTable:
    """Factor returns, one row per session.

    ``sessions`` are datetime64[D] of shape (T,), ascending; ``names`` the k factors in Ken French's spelling
    (the risk-free rate is ``RF``, momentum ``Mom``); ``values`` decimals of shape (T, k), NaN where missing.
    ``vintage`` is the month of the CRSP database, such as ``202610``, "" if unknown; ``sha256`` that of the
    file, or of the sha256 of several files.
    """

    sessions: DateArray
    names: tuple[str, ...]
    values: FloatArray
    vintage: str
    sha256: str


def read_factors(
    path: str | Path | Sequence[str | Path], unit: Unit | None = None, wanted: Sequence[str] = ()
) -> FactorTable:
    """Return the factors of a file, of a folder, or of several files side by side.

    Parameters
    ----------
    path
        Ken French's CSV or zip, or a tidy CSV or Parquet table: a date and a column per factor.
    unit
        ``percent`` or ``decimal``; None for Ken French's names, which are in percent.
    wanted
        The factors of one model (empty: all). Each is taken from the file made for such a model, as the SMB
        of three factors is not the SMB of five.

    Notes
    -----
    A PriceDataError refuses unreadable files, other than daily ones, unknown units, and files that disagree.
    """
    if unit is not None and unit not in get_args(Unit):
        raise UnknownNameError("unit", str(unit), get_args(Unit))
    files = [(file, _read(file, unit)) for file in _files(path)]
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
        if file.suffix.lower() not in SUFFIXES:
            raise PriceDataError(str(file), "is no file of factors", f"use {', '.join(SUFFIXES)}")
    return paths


def _read(file: Path, unit: Unit | None) -> FactorTable:
    raw = _bytes(file)
    if file.suffix.lower() == ".parquet":
        table, vintage = read_table(file.name, raw), ""
    else:
        table, vintage = parse(file.name, unzipped(file.name, raw) if file.suffix.lower() == ".zip" else raw)
    order = np.argsort(table.sessions, kind="stable")
    sessions = table.sessions[order]
    _refuse_what_is_not_daily(file, sessions)
    names = [FRENCH.get(re.sub("[^a-z0-9]", "", name.lower()), name.strip()) for name in table.columns]
    values = np.column_stack(list(table.columns.values()))[order]
    values[np.isin(values, MISSING)] = np.nan
    in_unit = unit or _unit(file, names, values)
    values = values / 100 if in_unit == "percent" else values
    _refuse_what_is_no_return(file, names, sessions, values)
    return FactorTable(sessions, tuple(names), values, vintage, _sha256(raw))


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PriceDataError(file.name, f"cannot be read ({error.strerror or error})") from None
    if len(raw) > LARGEST_FILE:
        raise PriceDataError(file.name, f"has more than {LARGEST_FILE:,} bytes", "give daily factors alone")
    return raw


def _refuse_what_is_not_daily(file: Path, sessions: DateArray) -> None:
    steps = np.diff(sessions).astype(int)
    if (steps == 0).any():
        twice = sessions[1:][steps == 0][0]
        raise PriceDataError(file.name, f"{twice} appears more than once", "keep one row per session")
    if len(steps) and np.median(steps) > 5:
        raise PriceDataError(file.name, f"has a row every {np.median(steps):.0f} days", "give daily factors")
    weekday = (sessions.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    saturdays, sundays = (float((weekday == day).mean()) for day in (SATURDAY, SUNDAY))
    both = saturdays + sundays
    if len(sessions) >= LEAST_ROWS and min(saturdays, sundays) > SOME and both < EVERY_DAY:
        problem = f"has {both:.0%} of its rows on Saturdays and Sundays: day and month are exchanged"
        raise PriceDataError(file.name, problem, "write dates as YYYY-MM-DD")


def _refuse_what_is_no_return(
    file: Path, names: Sequence[str], sessions: DateArray, values: FloatArray
) -> None:
    """Refuse infinite figures, and moves of Ken French's factors that cannot be daily returns."""
    for name, column in zip(names, values.T, strict=True):
        most = LARGEST_MOVE if name in FRENCH.values() else np.finfo(np.float64).max
        odd = np.flatnonzero(np.abs(column) > most)
        if len(odd):
            problem = (
                f"{name} on {sessions[odd[0]]} is {column[odd[0]]:g} in decimals, which is no daily return"
            )
            raise PriceDataError(file.name, problem, "correct it, or say unit: percent or unit: decimal")


def _unit(file: Path, names: Sequence[str], values: FloatArray) -> Unit:
    """Return the unit that the names imply, unless the figures contradict it."""
    remedy = "say unit: percent or unit: decimal"
    if unknown := [name for name in names if name not in FRENCH.values()]:
        raise PriceDataError(file.name, f"the unit of {', '.join(unknown)} is unknown", remedy)
    moving = np.nan_to_num(values[:, [name != "RF" for name in names]])
    if len(values) >= LEAST_ROWS and moving.size and np.quantile(np.abs(moving), NEARLY_ALL) < 0.5:
        raise PriceDataError(file.name, "has Ken French's names but no move of half a percent", remedy)
    return "percent"


def _refuse_disagreement(name: str, file: Path, new: FloatArray, first: Path, old: FloatArray) -> None:
    differs: BoolArray = np.abs(new - old) > 1e-9
    if differs.any():
        problem = f"{name} differs from that in {first.name} on {differs.sum()} sessions"
        raise PriceDataError(file.name, problem, "name the files that are meant, not both")


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
