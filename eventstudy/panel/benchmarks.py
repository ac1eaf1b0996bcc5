"""The return of a benchmark: a ticker, a basket, or an index without the security itself."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray, IntArray, ReturnKind
from eventstudy.design import Benchmark
from eventstudy.events.firm_events import FirmEvents
from eventstudy.panel.returns import ReturnMatrix, from_simple, to_simple


def with_benchmarks(firm_events: FirmEvents, matrix: ReturnMatrix) -> tuple[ReturnMatrix, IntArray]:
    """Append the return series of baskets and of benchmarks without the security.

    Returns
    -------
    ReturnMatrix, IntArray
        The longer matrix, and the column of each firm-event's benchmark, shape (N,); -1 where prices are
        missing.
    """
    extra: dict[str, FloatArray] = {}
    pairs = list(zip(firm_events.ticker, firm_events.benchmark, strict=True))
    names: dict[tuple[str, int], str] = {}
    for ticker, place in dict.fromkeys(pairs):
        name, column = _series(firm_events.benchmarks[place], ticker, matrix)
        names[ticker, place] = name
        if column is not None and name not in matrix.columns:
            extra[name] = column
    matrix = matrix.with_columns(extra)
    columns = {pair: matrix.columns.get(name, -1) for pair, name in names.items()}
    return matrix, np.array([columns[pair] for pair in pairs], dtype=np.int64)


def basket_return(members: FloatArray, kind: ReturnKind) -> FloatArray:
    """Return the equal-weighted portfolio of ``members``, shape (T, n); missing where any member is."""
    return from_simple(to_simple(members, kind).mean(axis=1), kind)


def ex_self_return(market: FloatArray, security: FloatArray, weight: float, kind: ReturnKind) -> FloatArray:
    """Return the benchmark without the security: ``(R_m - w R_i) / (1 - w)``."""
    simple = (to_simple(market, kind) - weight * to_simple(security, kind)) / (1.0 - weight)
    return from_simple(simple, kind)


def _series(benchmark: Benchmark, ticker: str, matrix: ReturnMatrix) -> tuple[str, FloatArray | None]:
    """Return a benchmark's column name for one security, and its returns where no column has them yet."""
    members = tuple(member for member in benchmark.tickers if member != ticker or len(benchmark.tickers) == 1)
    weight = dict(benchmark.weights).get(ticker)
    if len(members) == 1 and weight is None:
        return members[0], None
    if any(name not in matrix.columns for name in (*members, *([ticker] if weight else []))):
        return "", None
    if weight is not None:
        market, own = (matrix.values[:, matrix.columns[name]] for name in (members[0], ticker))
        return f"{members[0]} ex {weight!r} {ticker}", ex_self_return(market, own, weight, matrix.kind)
    columns = [matrix.columns[member] for member in members]
    return "+".join(members), basket_return(matrix.values[:, columns], matrix.kind)
