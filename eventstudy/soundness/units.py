"""What a table in the place of returns holds: decimals, or a unit that is stated, or a question.

Daily returns in decimals go up and down by about a hundredth. Prices are all positive and change little from
one session to the next; percent are a hundred times as large. What looks like another unit is never measured:
the caller says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

import numpy as np

from eventstudy._typing import DateArray, FloatArray, Values
from eventstudy.errors import PriceDataError

LEAST = 10  #: values without which a column is not judged
LARGE = 0.2  #: median size of a daily move in decimals that no security has
BASIS_POINTS = 20.0  #: the same in percent
RATE = 0.005  #: median size below which values that hardly change are a rate of interest
STEADY = (
    0.25  #: share of their size by which values change from one session to the next, where they are levels
)
HUGE = 1000.0  #: a hundred thousand percent in a session; no price does that
LARGEST_RATE = 0.005  #: risk-free return of a session; more than doubles in a year
SCALE = 20.0  #: between factors; the middle moves of Ken French's daily ones differ by less than four
NEAR_ONE = 0.1  #: how far from 1 the median of gross returns may lie
DRIFTING = 0.5  #: autocorrelation above which values near 1 are an index, and not gross returns

LOUD = 0.1  #: median size of a daily move above which one column among others is in percent
SMALL_PERCENT = 0.1  #: median size in percent below which daily returns of both signs are decimals
UNSIGNED = 0.3  #: share of either sign from which a column has both
NOT_POSITIVE = 0.05  #: share of values that are not positive above which a column is no price

#: what a column looks like: its name, and the remedy where all columns look so
LOOKS = {
    "percent": "say values='percent'",
    "basis points": "divide them by 10,000",
    "prices or an index": "say values='prices'",
    "gross returns (1 + r)": "subtract 1",
    "cumulative returns": "add 1 and say values='prices'",
}


def refuse_huge(names: Sequence[str], sessions: DateArray, values: FloatArray) -> None:
    """Refuse returns that no unit explains, with the place of the first; raises PriceDataError."""
    with np.errstate(invalid="ignore"):
        huge = np.argwhere(np.abs(values) > HUGE)
    if len(huge):
        row, column = huge[0]
        problem = (
            f"{names[column]} on {sessions[row]} is {values[row, column]:g}, which is no return in decimals"
        )
        raise PriceDataError("returns", problem, "correct it, or leave it empty")


def ask_unit(names: Sequence[str], values: FloatArray) -> None:
    """Refuse a table of which a column looks like another unit."""
    looks = [likely_unit(column[np.isfinite(column)]) for column in values.T]
    looks = _loud(values, looks)
    for name, column, look in zip(names, values.T, looks, strict=True):
        if look:
            size = float(np.nanmedian(np.abs(column)))
            alike = sum(other == look for other in looks)
            remedy = LOOKS[look] if alike == len(looks) else "give it in decimals, as the others are"
            raise PriceDataError(
                "returns",
                f"{name} looks like {look}: half of its values exceed {size:.3g}, as decimals {size:.0%}",
                f"{remedy}; where these are returns in decimals, say values='returns'",
            )


def ask_stated(names: Sequence[str], values: FloatArray, stated: Values | None) -> None:
    """Ask about a table that is not what it is stated to be, naming both readings; raises PriceDataError.

    Parameters
    ----------
    names, values
        The series, and what the table holds, shape (T, S); NaN = missing.
    stated
        What the caller says it holds; None asks where it does not look like decimals.
    """
    known = {name: column[np.isfinite(column)] for name, column in zip(names, values.T, strict=True)}
    known = {name: column for name, column in known.items() if len(column) >= LEAST and np.ptp(column)}
    if stated is None:
        ask_unit(names, values)
    elif stated == "prices":
        for name, column in known.items():
            if (column <= 0).mean() > NOT_POSITIVE:
                _refuse(name, stated, "returns")
            if (look := likely_unit(column[column > 0])) == "gross returns (1 + r)":
                _refuse(name, stated, look)
    elif stated == "percent":
        _ask_percent(known)
    else:
        looks = {name: likely_unit(column) for name, column in known.items()}
        sure = ("prices or an index", "gross returns (1 + r)")
        for name, look in looks.items():
            if look and (stated == "log-returns" or all(each in sure for each in looks.values())):
                _refuse(name, stated, look)


def _ask_percent(known: Mapping[str, FloatArray]) -> None:
    sizes = {name: float(np.median(np.abs(column))) for name, column in known.items()}
    for name, column in known.items():
        others = [size for other, size in sizes.items() if other != name]
        mixed = UNSIGNED <= float((column > 0).mean()) <= 1 - UNSIGNED
        small = sizes[name] < SMALL_PERCENT and mixed
        if small and (max(sizes.values()) < SMALL_PERCENT or sizes[name] * SCALE < float(np.median(others))):
            _refuse(name, "percent", "decimals")
        if look := likely_unit(column / 100.0):
            _refuse(name, "percent", "basis points" if look == "percent" else look)


def _refuse(name: str, stated: str, look: str) -> NoReturn:
    problem = f"{name} is stated as {stated} and looks like {look}"
    raise PriceDataError("returns", problem, "say what it holds, or give returns in decimals")


def ask_factor_unit(names: Sequence[str], values: FloatArray) -> None:
    """Ask about factors, decimal, of which one looks like another unit or has another scale than the rest.

    Parameters
    ----------
    names, values
        The factors, and what they hold, shape (T, k); NaN = missing. ``RF`` is the risk-free rate.

    Raises
    ------
    PriceDataError
        Names the factor and its likely unit.
    """
    remedy = "say unit: percent or unit: decimal, and give all in one unit"
    columns = {name: column[np.isfinite(column)] for name, column in zip(names, values.T, strict=True)}
    free = columns.pop("RF", np.empty(0))
    if len(free) >= LEAST and float(np.median(np.abs(free))) > LARGEST_RATE:
        problem = f"RF is {np.median(free):.2%} a session in the middle: in percent, or the rate of a year"
        raise PriceDataError("factors", problem, remedy)
    sizes = {
        name: float(np.median(np.abs(column))) for name, column in columns.items() if len(column) >= LEAST
    }
    for name, size in sizes.items():
        others = [other for each, other in sizes.items() if each != name and other > 0]
        if look := likely_unit(columns[name]):
            problem = (
                f"{name} looks like {look}: half of its values exceed {size:.3g}, as decimals {size:.0%}"
            )
            raise PriceDataError("factors", problem, remedy)
        if others and size > 0 and not 1 / SCALE < size / float(np.median(others)) < SCALE:
            problem = f"{name} is of another scale than the others: half of its values exceed {size:.2g}"
            raise PriceDataError("factors", f"{problem}, of theirs {np.median(others):.2g}", remedy)


def _loud(values: FloatArray, looks: list[str]) -> list[str]:
    """Return what columns look like, percent where one moves by far more than the others."""
    with np.errstate(all="ignore"):
        sizes = [
            float(np.nanmedian(np.abs(column))) if np.isfinite(column).any() else 0.0 for column in values.T
        ]
    usual = float(np.median(sizes))
    return [
        look or ("percent" if size > LOUD and size > SCALE * usual > 0 else "")
        for look, size in zip(looks, sizes, strict=True)
    ]


def likely_unit(values: FloatArray) -> str:
    """Return what a column looks like, a key of ``LOOKS``, or ``""`` for decimals or too few values.

    Parameters
    ----------
    values
        Without missing ones, in their order, shape (T,).
    """
    if len(values) < LEAST or not np.ptp(values):  # a constant is no price
        return ""
    size, positive = float(np.median(np.abs(values))), bool((values > 0).all())
    steady = size >= RATE and float(np.median(np.abs(np.diff(values)))) < STEADY * size
    if steady and positive:
        about = values - values.mean()
        with np.errstate(over="ignore", invalid="ignore"):  # absurd figures are refused elsewhere
            drift = float(about[1:] @ about[:-1]) / max(float(about @ about), np.finfo(float).tiny)
        gross = abs(float(np.median(values)) - 1.0) < NEAR_ONE and drift < DRIFTING
        return "gross returns (1 + r)" if gross else "prices or an index"
    if size < LARGE:
        return "cumulative returns" if steady else ""
    if steady:
        return "cumulative returns"
    if positive:
        return "prices or an index"
    return "basis points" if size >= BASIS_POINTS else "percent"
