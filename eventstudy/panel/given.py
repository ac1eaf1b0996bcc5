"""A table in the place of prices, in the unit that is stated for it."""

from __future__ import annotations

from typing import get_args

import numpy as np

from eventstudy._typing import FloatArray, ReturnKind, Values
from eventstudy.errors import UnknownNameError
from eventstudy.panel.returns import from_simple


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
