"""Whether a column of returns is in decimals, in percent or in logs: stated, or told by its figures."""

from __future__ import annotations

import re

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

LEAST_PERCENT = 0.2  #: median size of returns from which they may be in percent
LEAST_NEGATIVE = 1 / 3  #: share of figures that are not above 0 among returns
FEWEST = 20  #: figures from which a share is taken seriously

_LOG = re.compile(r"log|(^|[^a-z])ln", re.IGNORECASE)
_PERCENT = re.compile(r"%|pct|perc", re.IGNORECASE)


def simple_returns(
    table: Table, place: int, values: FloatArray, options: ReadingOptions, *, percent: bool = False
) -> tuple[FloatArray, str]:
    """Return a column as simple returns in decimals, and what it was taken for.

    Parameters
    ----------
    values
        Figures of the column, shape (T,).
    percent
        The cells had percent signs, so the figures are decimals already.

    Returns
    -------
    tuple
        Returns of shape (T,), and ``decimal``, ``percent`` or ``log``.

    Raises
    ------
    FileContentError
        Figures that may be in percent and of which nothing says so; figures that are prices; a decimal return
        below -100 %.
    """
    title = table.titles[place]
    log = bool(_LOG.search(title)) or options.values == "log-returns"
    if options.values == "prices" or (options.values is None and _looks_like_prices(values)):
        problem = (
            f"{title} is called a return, and its figures are all above 0, such as {_largest(values)[1]:g}"
        )
        remedy = "say --values prices, returns or percent (data: {values: returns})"
        if options.values == "prices":
            problem, remedy = f"{title} is a return", "leave out --values prices (data: {values: prices})"
        raise FileContentError(table.name, problem, remedy)
    in_percent = not percent and (options.values == "percent" or (options.values is None and _states(title)))
    if options.values is None and not in_percent and not percent:
        _ask_for_percent(table, title, values)
    decimals = values / 100 if in_percent else values
    if log:
        return np.expm1(decimals), "log"
    with np.errstate(invalid="ignore"):
        below = np.flatnonzero(decimals < -1)
    if len(below):
        row = int(below[0])
        problem = f"{title} is {values[row]:g}, a return of {decimals[row]:.0%}"
        remedy = "correct it, or say --values percent or log-returns (data: {values: percent})"
        raise FileContentError(table.name, problem, remedy, line=table.line(row))
    return decimals, "percent" if in_percent else "decimal"


def _states(title: str) -> bool:
    return bool(_PERCENT.search(title))


def _looks_like_prices(values: FloatArray) -> bool:
    known = values[np.isfinite(values)]
    return len(known) >= FEWEST and bool((known > 0).all())


def _ask_for_percent(table: Table, title: str, values: FloatArray) -> None:
    known = values[np.isfinite(values)]
    moving = np.abs(known[known != 0])
    if not len(moving) or np.median(moving) < LEAST_PERCENT:
        return
    row, figure = _largest(values)
    problem = (
        f"{title} is {figure:g}, which is a return of {figure / 100:.2%} (percent) or {figure:.0%} (decimal)"
    )
    remedy = "likely percent; say --values percent or returns (data: {values: percent})"
    raise FileContentError(table.name, problem, remedy, line=table.line(row))


def _largest(values: FloatArray) -> tuple[int, float]:
    row = int(np.nanargmax(np.abs(values)))
    return row, float(values[row])
