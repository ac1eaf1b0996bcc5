"""The return of a benchmark: a ticker, a basket, or an index without the security itself."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray, ReturnKind
from eventstudy.design import Benchmark
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.returns import Composite, ReturnMatrix, from_simple, to_simple


def with_benchmarks(firm_events: FirmEvents, matrix: ReturnMatrix) -> tuple[ReturnMatrix, IntArray]:
    """Append the return series of baskets and of benchmarks without the security.

    Returns
    -------
    ReturnMatrix, IntArray
        The longer matrix, and the column of each firm-event's benchmark, shape (N,); -1 where prices are
        missing.
    """
    pairs = list(zip(firm_events.ticker, firm_events.benchmark, strict=True))
    wanted = {pair: _composite(firm_events.benchmarks[pair[1]], pair[0]) for pair in dict.fromkeys(pairs)}
    extra = {
        composite: _returns(composite, matrix)
        for composite in wanted.values()
        if len(composite.members) > 1 and composite not in matrix.composites
        if all(member in matrix.columns for member in composite.members)
    }
    matrix = matrix.with_columns(extra, "composites")
    known = {
        **{Composite((ticker,)): column for ticker, column in matrix.columns.items()},
        **matrix.composites,
    }
    return matrix, np.array([known.get(wanted[pair], -1) for pair in pairs], dtype=np.int64)


def basket_return(members: FloatArray, kind: ReturnKind) -> FloatArray:
    """Return the equal-weighted portfolio of ``members``, shape (T, n); missing where any member is."""
    return from_simple(to_simple(members, kind).mean(axis=1), kind)


def ex_self_return(market: FloatArray, security: FloatArray, weight: float, kind: ReturnKind) -> FloatArray:
    """Return the benchmark without the security: ``(R_m - w R_i) / (1 - w)``."""
    simple = (to_simple(market, kind) - weight * to_simple(security, kind)) / (1.0 - weight)
    return from_simple(simple, kind)


def _composite(benchmark: Benchmark, ticker: str) -> Composite:
    """Return what a benchmark is made of for one security, which is never a member of its own basket."""
    if (weight := dict(benchmark.weights).get(ticker)) is not None:
        return Composite((*benchmark.tickers, ticker), weight)
    alone = len(benchmark.tickers) == 1
    return Composite(tuple(member for member in benchmark.tickers if alone or member != ticker))


def _returns(composite: Composite, matrix: ReturnMatrix) -> FloatArray:
    series = matrix.values[:, [matrix.columns[member] for member in composite.members]]
    if composite.weight is None:
        return basket_return(series, matrix.kind)
    return ex_self_return(series[:, 0], series[:, 1], composite.weight, matrix.kind)
