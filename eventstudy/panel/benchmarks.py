"""The return of a benchmark: a ticker, a basket, or an index without some of its members."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray, ReturnKind, TextArray
from eventstudy.design import Design
from eventstudy.events.firm_events import FirmEvents
from eventstudy.numerics.index_weights import drifting_weights, without_members
from eventstudy.panel.index_weights import composite_of, place_benchmarks, stocks_at_hand
from eventstudy.panel.returns import Composite, ReturnMatrix, from_simple, to_simple


def with_benchmarks(
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    design: Design,
    day0: IntArray,
    first: IntArray,
    last: IntArray,
) -> tuple[ReturnMatrix, IntArray, TextArray]:
    """Append the return series of baskets and of benchmarks without some members.

    Parameters
    ----------
    day0, first, last
        Row of day 0 and the first and last row of the exchange, shape (N,).

    Returns
    -------
    ReturnMatrix, IntArray, TextArray
        The longer matrix; the column of each firm-event's benchmark, shape (N,), -1 where it has none; and
        why its weights cannot be used, shape (N,), ``""`` where they can.
    """
    placed = place_benchmarks(firm_events, day0, first, last)
    stocks = stocks_at_hand(firm_events, design)
    wanted = {
        each: composite_of(each, matrix, design.estimation_windows, stocks)
        for each in dict.fromkeys(placed)
        if each is not None
    }
    extra = {
        composite: _returns(composite, matrix)
        for composite in dict.fromkeys(wanted.values())
        if isinstance(composite, Composite) and len(composite.members) > 1
        if composite not in matrix.composites
        if all(member in matrix.columns for member in composite.members)
    }
    matrix = matrix.with_columns(extra, "composites")
    known = {
        **{Composite((ticker,)): column for ticker, column in matrix.columns.items()},
        **matrix.composites,
    }
    column, problem = np.full(len(placed), -1), np.full(len(placed), "", dtype=object)
    for row, each in enumerate(placed):
        found = wanted[each] if each is not None else ""
        if isinstance(found, Composite):
            column[row] = known.get(found, -1)
        else:
            problem[row] = found
    return matrix, column, problem


def basket_return(members: FloatArray, kind: ReturnKind) -> FloatArray:
    """Return the equal-weighted portfolio of ``members``, shape (T, n); missing where any member is."""
    return from_simple(to_simple(members, kind).mean(axis=1), kind)


def _returns(composite: Composite, matrix: ReturnMatrix) -> FloatArray:
    """Return the series of a composite, shape (T,); NaN outside the block in which its weights drift."""
    columns = [matrix.columns[member] for member in composite.members]
    if not composite.weights:
        return basket_return(matrix.values[:, columns], matrix.kind)
    weights, whole = np.array(composite.weights), np.full(len(matrix.dates), np.nan)
    low, high = composite.block or (0, len(whole) - 1)
    simple = to_simple(matrix.values[low : high + 1, columns], matrix.kind)
    market, members = simple[:, 0], simple[:, 1:]
    if composite.block is not None:
        weights = drifting_weights(market, members, weights, composite.as_of)[:-1]
    whole[low : high + 1] = from_simple(without_members(market, members, weights), matrix.kind)
    return whole
