"""Further columns of an event list as numbers, such as market values."""

from __future__ import annotations

import math

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.design import Design
from eventstudy.errors import DesignError
from eventstudy.events.firm_events import FirmEvents

_FLAGS = {"True": "1", "False": "0"}


def numbers_of(firm_events: FirmEvents, column: str, field: str) -> FloatArray:
    """Return a column of the event list as numbers, shape (N,); NaN where a firm-event has nothing there.

    Parameters
    ----------
    field
        The field of the design that names the column.

    Raises
    ------
    UnknownNameError
        No event has that column.
    DesignError
        It holds something else, with the event.
    """
    cells = firm_events.labels(column)
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if cell and not _is_number(text := _FLAGS.get(cell, cell)):
            place = f"{firm_events.ticker[row]} in event {firm_events.event_id[row]}"
            raise DesignError(field, f"column {column!r} holds {cell[:40]!r} ({place}); it must hold numbers")
        values[row] = float(text) if cell else np.nan
    return values


def check_columns(design: Design, firm_events: FirmEvents) -> None:
    """Refuse columns of a design that the event list lacks, or that hold no numbers."""
    for column in design.prologue:
        numbers_of(firm_events, column, "prologue")
    if design.weights is not None:
        weights_of(firm_events, design.weights)


def weights_of(firm_events: FirmEvents, column: str) -> FloatArray:
    """Return the weights of a column, as `numbers_of`; a DesignError names one below 0."""
    weights = numbers_of(firm_events, column, "weights")
    if (weights < 0).any():
        row = int(np.flatnonzero(weights < 0)[0])
        place = f"{firm_events.ticker[row]} in event {firm_events.event_id[row]}"
        raise DesignError("weights", f"column {column!r} holds {weights[row]:g} ({place}), a weight below 0")
    return weights


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
