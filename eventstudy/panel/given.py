"""The table of returns that a caller gives in place of prices: its forms, its sessions, and its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from eventstudy._typing import FloatArray, ReturnKind, Values
from eventstudy.design.arguments import refusal
from eventstudy.errors import FileContentError, PriceDataError, UnknownNameError
from eventstudy.errors import place as place_in
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of
from eventstudy.intake.layouts.columns import date_place
from eventstudy.intake.layouts.wide import DATES
from eventstudy.intake.opening import table_of_frame, tables_of
from eventstudy.intake.options import UNSTATED
from eventstudy.intake.stamps import stamps_of_index
from eventstudy.intake.table import Table
from eventstudy.panel.returns import from_simple
from eventstudy.prices.source import Finding
from eventstudy.sessions import Stamps, known_exchange, session_days

if TYPE_CHECKING:
    import pandas as pd

FORMS = "a frame (sessions x series), a Series with a name, a dictionary of Series, or a path"


def as_frame(
    returns: Any, exchanges: Mapping[str, str] = MappingProxyType({})
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a table of returns, sessions x series, from any of its forms, and what its time stamps are.

    Parameters
    ----------
    returns
        A frame of pandas indexed by session, or one of any library with a column of dates; a Series whose
        name is its ticker; Series by ticker; the path of a file of any kind with a column of dates and one
        per series.
    exchanges
        Exchanges that the name of a series does not tell.

    Raises
    ------
    UsageError
        It is none of these.
    PriceDataError
        The file cannot be read, a Series has no name, or time stamps do not tell the session.
    """
    import pandas as pd

    frame: pd.DataFrame
    if isinstance(returns, str | PathLike):
        return _on_sessions(*_read(Path(returns)), exchanges)
    elif isinstance(returns, pd.Series):
        if not isinstance(returns.name, str):
            raise PriceDataError("returns", "the Series has no name", "name it by its ticker: rename('NVDA')")
        frame = returns.to_frame()
    elif isinstance(returns, Mapping) and returns:
        if not all(isinstance(series, pd.Series) for series in returns.values()):
            raise refusal("returns", returns, FORMS)
        frame = pd.DataFrame(dict(returns))
    elif isinstance(returns, pd.DataFrame):
        frame = returns
    elif hasattr(returns, "__arrow_c_stream__") or hasattr(returns, "__dataframe__"):
        return _on_sessions(*_frame_of(lambda: table_of_frame("returns", returns)), exchanges)
    else:
        raise refusal("returns", returns, FORMS)
    return _on_sessions(frame, stamps_of_index(frame.index), exchanges)


def _on_sessions(
    frame: pd.DataFrame, stamps: Stamps | None, exchanges: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the table by session; where time stamps are midnights of one of its exchanges, of that one."""
    import pandas as pd

    if stamps is None:
        return frame, []
    read: dict[str, tuple[Any, str]] = {}
    refused = None
    for column in map(str, frame.columns):
        code = known_exchange(column, exchanges)
        if code not in read:
            try:
                read[code] = session_days("returns", stamps, code)
            except PriceDataError as error:
                refused, read[code] = refused or error, (None, "")
    moved = {code: days for code, (days, why) in read.items() if why}
    days = next(iter(moved.values()), next((each for each, _ in read.values() if each is not None), None))
    if days is None or any((days != other).any() for other in moved.values()):
        raise refused or PriceDataError(
            "returns", f"its time stamps are other days on {' and on '.join(moved)}", "give dates"
        )
    found = [
        Finding(str(frame.columns[0]), None, "time-stamps", "info", f"all returns: {why}")
        for _, why in read.values()
        if why
    ]
    return frame.set_axis(pd.DatetimeIndex(days)), found[:1]


def _read(path: Path) -> tuple[pd.DataFrame, Stamps | None]:
    """Read a file of returns; its numbers are what the caller says they are."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = f"the file of returns {path.name} cannot be read ({error.strerror or error})"
        raise PriceDataError("returns", problem, "check the path") from None
    return _frame_of(lambda: tables_of(path.name, raw, UNSTATED)[0])


def _frame_of(opened: Callable[[], Table]) -> tuple[pd.DataFrame, Stamps | None]:
    """Return a table with a column of dates, indexed by it, and the stamps of that column."""
    import pandas as pd

    try:
        table = opened()
        at = date_place(table, DATES, UNSTATED)
        dates = days_of(table, at, UNSTATED)
        figures = {
            title: figures_of(table, place, UNSTATED)
            for place, title in enumerate(table.titles)
            if place != at
        }
    except FileContentError as error:
        raise PriceDataError(place_in(error.name, error.line, None), error.problem, error.remedy) from None
    columns = {title: each.values for title, each in figures.items()}
    stamps = None if np.isnat(dates.days).any() else dates.stamps  # an empty date is an error of the table
    return pd.DataFrame(columns, index=pd.DatetimeIndex(dates.days)), stamps


def given_values(values: FloatArray, unit: Values | None, kind: ReturnKind) -> FloatArray:
    """Return a table as returns of a kind, shape (T, S), decimal.

    Parameters
    ----------
    values
        What the table holds, shape (T, S); NaN = missing.
    unit
        ``returns`` (decimals, of the kind requested), ``percent`` of that kind, ``log-returns`` or
        ``prices``. None: decimals.

    Raises
    ------
    UnknownNameError
        A unit that does not exist.
    """
    if unit is None:
        return values
    if unit not in get_args(Values):
        raise UnknownNameError("values", str(unit), get_args(Values))
    if unit == "percent":
        return values / 100.0
    if unit == "log-returns":
        return values if kind == "log" else np.expm1(values)
    if unit == "prices":
        before = np.vstack([np.full((1, values.shape[1]), np.nan), values[:-1]])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where((before > 0) & (values > 0), values / before, np.nan)
        return from_simple(ratio - 1.0, kind)
    return values
