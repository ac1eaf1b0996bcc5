"""Whether figures are prices or returns, and the unit of returns: by all of them, or as stated."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from eventstudy._typing import FloatArray, Values
from eventstudy.errors import FileContentError
from eventstudy.intake.figures import Figures, short, title_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

LEAST_DOWN = 1 / 3  #: share of figures not above 0 from which they are returns
FEW_NEGATIVE = 0.05  #: share of negative figures that prices may have: marks of missing trades, slips
LARGE = 0.2  #: median size from which returns are not decimals: 20 % on an ordinary day
FEWEST = 20  #: figures, below which their signs say nothing
_LOG, _PERCENT = re.compile(r"log|\bln|^ln", re.IGNORECASE), re.compile(r"%|pct|percent", re.IGNORECASE)
Largest = tuple[str, float, int]  #: title, figure and line of the figure largest in size
READINGS = {"returns": "decimal", "percent": "percent", "log-returns": "log"}


def kind_of(
    table: Table, places: Sequence[int], columns: Sequence[Figures], options: ReadingOptions
) -> Values:
    """Return what the figures of a wide table are.

    All above 0 are prices (0 is a missing one, and a few below 0 are marks); a third or more not above 0 with
    a median size below 0.2 are decimal returns. A FileContentError asks about everything else.
    """
    values = np.concatenate([given.values for given in columns])
    at = int(np.argmax(np.where(np.isfinite(values), np.abs(values), -1.0)))
    largest = title_of(table, places[at // table.n_rows]), float(values[at]), table.line(at % table.n_rows)
    values = values[np.isfinite(values)]
    percent = any(given.percent for given in columns)
    for place, given in zip(places, columns, strict=True):
        if percent and not given.percent and (np.nan_to_num(given.values) != 0).any():
            problem = f"{title_of(table, place)} has no percent signs, and another column has"
            raise FileContentError(table.name, problem, "write all with them, or none")
    down, size = _down(values), _size(values)
    if options.values:
        _refuse_contradiction(table, options.values, values, largest)
        return "returns" if percent and options.values == "percent" else options.values
    if percent:
        return "returns"  # a percent sign has been counted
    if not (values < 0).any() or (values < 0).mean() < FEW_NEGATIVE:
        return "prices"
    if down >= LEAST_DOWN and size < LARGE:
        _refuse_impossible(table, values)
        return "returns"
    if down >= LEAST_DOWN:
        raise _percent_or_decimal(table, largest)
    problem = (
        f"{(values < 0).mean():.0%} of its figures are negative, such as {values[values < 0][0]:g}: prices"
    )
    raise FileContentError(
        table.name, f"{problem} that are marked, or returns", "say --values prices, returns or percent "
        "(data: {values: prices})",
    )  # fmt: skip


def simple_returns(
    table: Table, places: Sequence[int], columns: Sequence[Figures], options: ReadingOptions
) -> tuple[FloatArray, str]:
    """Return the simple returns, decimal, of columns that are returns by name, and the unit they were in.

    Raises
    ------
    FileContentError
        Figures all above 0, as of prices; figures that could be in percent, with ``--values``; returns of
        less than -100 %.
    """
    titles = [table.titles[place] for place in places]
    values = columns[0].values if len(columns) == 1 else np.concatenate([given.values for given in columns])
    kind = options.values or ("log-returns" if any(map(_LOG.search, titles)) else None)
    finite = values[np.isfinite(values)]
    title = short(titles[0])
    if options.values == "prices":
        raise FileContentError(table.name, f"{title} holds returns by its title", "leave out --values prices")
    if len(finite) >= FEWEST and (finite > 0).all():
        problem = f"{title} holds figures above 0 alone, such as {finite[0]:g}: prices, not returns"
        raise FileContentError(
            table.name, problem, f"name it close if they are prices (data: {{columns: {{value: {title}}}}})"
        )
    percent = any(given.percent for given in columns)
    if percent and kind == "percent":
        kind = "returns"  # the sign has been counted
    if kind is None and not percent and any(map(_PERCENT.search, titles)):
        kind = "percent"
    if kind != "percent" and not percent and _size(finite) >= LARGE:
        row = int(np.nanargmax(np.where(np.isfinite(values), np.abs(values), np.nan)))
        raise _percent_or_decimal(table, (title, float(values[row]), table.line(row % table.n_rows)))
    found = as_simple(values, kind or "returns")
    _refuse_impossible(table, found[np.isfinite(found)])
    return found, READINGS[kind or "returns"]


def as_simple(values: FloatArray, kind: Values) -> FloatArray:
    """Return figures of a kind as simple decimal returns."""
    if kind == "percent":
        return values / 100
    return np.expm1(values) if kind == "log-returns" else values


def _refuse_contradiction(table: Table, stated: Values, values: FloatArray, largest: Largest) -> None:
    """Refuse what is stated where the figures show that it is not so."""
    if len(values) < FEWEST:
        return
    if stated == "prices":
        if _down(values) >= LEAST_DOWN and (values < 0).any():
            problem = f"is said to hold prices, and {_down(values):.0%} of its figures are not above 0"
            raise FileContentError(table.name, problem, "say --values returns or percent")
    elif (values > 0).all():
        problem = f"is said to hold {stated}, and all its figures are above 0, such as {values[0]:g}"
        raise FileContentError(table.name, problem, "say --values prices")
    elif stated != "percent" and _size(values) >= LARGE:
        raise _percent_or_decimal(table, largest)


def _refuse_impossible(table: Table, returns: FloatArray) -> None:
    if (returns < -1).any():
        problem = f"has a return of {returns.min():.4g}, below -100 %"
        raise FileContentError(table.name, problem, "say --values percent if it is in percent, or correct it")


def _percent_or_decimal(table: Table, largest: Largest) -> FileContentError:
    what, value, line = largest
    problem = f"{what} is {value:g}, a return of {value:.4g} % (percent) or {100 * value:.4g} % (decimal)"
    remedy = "likely percent: say --values percent or returns (data: {values: percent})"
    return FileContentError(table.name, problem, remedy, line=line)


def _down(values: FloatArray) -> float:
    return float((values <= 0).mean()) if len(values) else 0.0


def _size(values: FloatArray) -> float:
    moving = np.abs(values[values != 0])
    return float(np.median(moving)) if len(moving) else 0.0
