"""One close that goes up and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.panel.return_table import ReturnTable
from eventstudy.prices.source import Finding
from eventstudy.soundness.bars import TO_SIGMA, sigma_around

DEVIATIONS = 8.0  #: of the returns less those of the market, for the way there and for the way back
BACK, ORDINARY = 0.1, 3.0  #: by which the way back may differ: share of the way there, or deviations
LEAST = 60  #: returns without which a deviation is not known
CALM = 5  #: sessions before it without a move of half that size: in a crash prices do go up and down
SMALLEST = 0.03  #: of a log: a smaller one is the rounding of a price of cents


def spikes(table: ReturnTable) -> Iterator[Finding]:
    """Find a close that leaves by a ratio and comes back by its inverse, as a wrong figure does.

    News stays, and what reverses it does not reverse it exactly. It is an error where a firm-event uses it.
    """
    logs = table.values if table.kind == "log" else _logs(table.values)
    market = table.names.index(table.benchmark) if table.benchmark in table.names else -1
    for column in range(logs.shape[1]):
        own = (
            logs[:, column] - np.nan_to_num(logs[:, market])
            if market not in (-1, column)
            else logs[:, column]
        )
        known = np.isfinite(own)
        if known.sum() < LEAST:
            continue
        least = max(DEVIATIONS * TO_SIGMA * float(np.median(np.abs(own[known]))), SMALLEST)
        off = ORDINARY * least / DEVIATIONS
        there, back = own[:-1], own[1:]
        with np.errstate(invalid="ignore"):
            found = (
                (np.abs(there) > least)
                & (np.abs(back) > least)
                & (np.abs(there + back) < np.maximum(BACK * np.abs(there), off))
            )
        for row in np.flatnonzero(found & ~np.concatenate([[False], found[:-1]])).tolist():
            size, before = abs(there[row]), own[max(row - CALM, 0) : row]
            calm = np.abs(before[np.isfinite(before)]).max(initial=0.0) < size / 2
            moved = np.abs(logs[row : row + 2, column]).min() > size / 2  # and not the market alone
            if not (calm and moved) or size < DEVIATIONS * sigma_around(own, row):
                continue
            text = (
                f"goes by {table.values[row, column]:+.1%} and comes back the session after: a wrong figure"
            )
            inside = table.used is not None and bool(table.used[row : row + 2].any())
            yield table.finding(row, column, "spike", "error" if inside else "warning", text)


def _logs(values: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(values > -1.0, np.log1p(values), np.nan)
