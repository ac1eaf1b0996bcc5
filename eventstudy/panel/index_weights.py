"""What an index holds of the tickers of an event: weights that are stated, and weights from returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Benchmark, Design, Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.numerics.index_weights import drifting_weights, estimated_weights
from eventstudy.panel.returns import Composite, ReturnMatrix, to_simple

LONGEST_CLOSURE = np.timedelta64(12, "D")  #: calendar days; an exchange is hardly ever closed for longer
MAX_ERROR = 0.02  #: of an estimated weight: with more it is not known what is taken out
MIN_STOCKS = 8  #: other stocks in an estimate: with fewer the event's tickers stand for the rest of the index
MOST_STOCKS = 40  #: and the first of more are enough
MAX_MISSING = 0.05  #: share of sessions that such a stock may lack


class Placed(NamedTuple):
    """A benchmark and what it depends on at one firm-event; all alike are one series.

    Attributes
    ----------
    benchmark
        As stated.
    treated
        The tickers that it must not hold: the security, or all of the event and its day 0; empty where the
        benchmark is one ticker as it is.
    day0, block
        Row of day 0, and first and last row of its exchange; -1 where they do not matter.
    """

    benchmark: Benchmark
    treated: tuple[str, ...] = ()
    day0: int = -1
    block: tuple[int, int] = (-1, -1)


def place_benchmarks(
    firm_events: FirmEvents, day0: IntArray, first: IntArray, last: IntArray
) -> list[Placed | None]:
    """Return the benchmark of each firm-event with what it depends on; None where it has none.

    Parameters
    ----------
    day0, first, last
        Rows of the return matrix, shape (N,).
    """
    choices = firm_events.benchmarks
    joint = [len(choice.tickers) > 1 or choice.exclude == "event" for choice in choices]
    treated = firm_events.treated() if any(joint) else [()] * len(firm_events)
    plain = [Placed(choice) for choice in choices]
    placed: list[Placed | None] = []
    rows = zip(day0.tolist(), first.tolist(), last.tolist(), strict=True)
    each = zip(firm_events.benchmark.tolist(), firm_events.ticker, treated, rows, strict=True)
    for number, ticker, together, (event, low, high) in each:
        if number < 0:
            placed.append(None)
        elif not (joint[number] or choices[number].exclude):
            placed.append(plain[number])
        else:
            held = together if joint[number] else (ticker,)
            where = (event, (low, high)) if choices[number].exclude else ()
            placed.append(Placed(choices[number], held, *where))
    return placed


def weights_problem(placed: Placed, matrix: ReturnMatrix) -> str:
    """Say why stated weights cannot be used: one is missing, or their day is not among the sessions."""
    choice, known = placed.benchmark, dict(placed.benchmark.weights)
    gone = [name for name in placed.treated if name not in known]
    if choice.exclude == "event" and known and gone:
        name, index = gone[0], choice.tickers[0]
        return f"no weight of {name} in {index}, which an event treats; write {name}: 0 if it holds none"
    if choice.exclude and choice.drift and choice.as_of and _close_of_weights(placed, matrix) is None:
        dates = matrix.dates[slice(placed.block[0], placed.block[1] + 1)]
        problem = f"as_of {choice.as_of} is not among the sessions at hand, {dates[0]} to {dates[-1]}"
        return f"{problem}; give prices that reach it, or weights of another day"
    return ""


def stated_weights(placed: Placed) -> dict[str, float]:
    """Return the stated weights above 0 of the treated tickers."""
    known = dict(placed.benchmark.weights)
    return {name: known[name] for name in placed.treated if known.get(name)}


def _close_of_weights(placed: Placed, matrix: ReturnMatrix) -> int | None:
    """Return how many sessions of the block end with the close at which the weights hold; None: not there."""
    low, high = placed.block
    as_of = placed.benchmark.as_of
    if as_of is None:
        return int(np.clip(placed.day0 - low, 0, high + 1 - low))
    dates, day = matrix.dates[low : high + 1], np.datetime64(as_of, "D")
    count = int(np.searchsorted(dates, day, side="right"))
    return count if count and day - dates[count - 1] <= LONGEST_CLOSURE else None


def weights_before_day0(placed: Placed, matrix: ReturnMatrix) -> dict[str, float]:
    """Return the stated weights of the treated tickers at the close before day 0, drifted where they can."""
    held = stated_weights(placed)
    low, high = placed.block
    names, index = [name for name in held if name in matrix.columns], placed.benchmark.tickers[0]
    at = _close_of_weights(placed, matrix)
    if not placed.benchmark.drift or at is None or not names or index not in matrix.columns:
        return held
    block = to_simple(matrix.values[low : high + 1], matrix.kind)
    market, members = block[:, matrix.columns[index]], block[:, [matrix.columns[name] for name in names]]
    drifted = drifting_weights(market, members, np.array([held[name] for name in names]), at)
    now = int(np.clip(placed.day0 - low, 0, high + 1 - low))
    return held | dict(zip(names, drifted[now].tolist(), strict=True))


@dataclass(frozen=True)
class EstimatedWeights:
    """Weights of the treated tickers in an index, estimated from returns; ``problem`` says why they are not.

    Attributes
    ----------
    weights, errors
        Per ticker, a share and its standard error.
    n, stocks
        Sessions used, and the other stocks in the regression.
    """

    weights: Mapping[str, float]
    errors: Mapping[str, float]
    n: int
    stocks: tuple[str, ...]
    problem: str = ""


def stocks_at_hand(firm_events: FirmEvents, design: Design) -> tuple[str, ...]:
    """Return the single stocks of a study: its tickers and the members of its baskets, less its indices."""
    choices = (*firm_events.benchmarks, *design.benchmarks)
    baskets = (ticker for choice in choices if len(choice.tickers) > 1 for ticker in choice.tickers)
    indices = {choice.tickers[0] for choice in choices if len(choice.tickers) == 1}
    listed = (ticker for each in firm_events.event_tickers.values() for ticker in each)
    names = dict.fromkeys((*firm_events.tickers, *listed, *baskets))
    return tuple(name for name in names if name not in indices and not name.startswith("^"))


def estimate_weights(
    placed: Placed, matrix: ReturnMatrix, windows: Sequence[Window], stocks: Iterable[str]
) -> EstimatedWeights:
    """Estimate what a one-ticker benchmark holds of the treated tickers over the estimation windows.

    Parameters
    ----------
    windows
        The estimation windows; the weights are their means.
    stocks
        Candidates for the other stocks, where the benchmark names none.

    Notes
    -----
    Non-negative least squares without a constant of the benchmark on the treated tickers and the others; the
    standard errors are those of ordinary least squares.
    """
    index = placed.benchmark.tickers[0]
    candidates = placed.benchmark.stocks or tuple(stocks)
    others = tuple(name for name in candidates if name not in placed.treated and name in matrix.columns)
    tau = np.concatenate([[], *(np.arange(each.start, each.end + 1) for each in windows)]).astype(np.int64)
    rows = placed.day0 + tau
    inside = (rows >= placed.block[0]) & (rows <= placed.block[1])
    block = to_simple(matrix.values[rows[inside]], matrix.kind)
    others = tuple(
        name for name in others if np.isnan(block[:, matrix.columns[name]]).sum() <= MAX_MISSING * len(block)
    )[:MOST_STOCKS]

    def fails(problem: str) -> EstimatedWeights:
        return EstimatedWeights({}, {}, 0, others, f"the weights in {index} cannot be estimated: {problem}")

    if gone := [name for name in (index, *placed.treated) if name not in matrix.columns]:
        return fails(f"no prices for {gone[0]}")
    if len(others) < MIN_STOCKS:
        return fails(f"{MIN_STOCKS} other stocks of it are needed (stocks:), and {len(others)} are at hand")
    columns = [matrix.columns[name] for name in (index, *placed.treated, *others)]
    usable = block[:, columns][np.isfinite(block[:, columns]).all(axis=1)]
    if len(usable) < 2 * len(columns):
        return fails(f"{len(usable)} sessions are too few for {len(columns) - 1} stocks")
    weights, errors = estimated_weights(usable[:, 0], usable[:, 1:])
    count = len(placed.treated)
    worst = int(np.argmax(errors[:count]))
    if not errors[worst] <= MAX_ERROR:
        return fails(f"that of {placed.treated[worst]} has a standard error above {MAX_ERROR:.0%}")

    def of(values: FloatArray) -> dict[str, float]:
        return dict(zip(placed.treated, values[:count].tolist(), strict=True))

    return EstimatedWeights(of(weights), of(errors), len(usable), others)


def composite_of(
    placed: Placed, matrix: ReturnMatrix, windows: Sequence[Window], stocks: Sequence[str]
) -> Composite | str:
    """Return what a benchmark is made of, or why its weights cannot be used."""
    choice = placed.benchmark
    if problem := weights_problem(placed, matrix):
        return problem
    if not choice.exclude:
        return Composite(tuple(name for name in choice.tickers if name not in placed.treated))
    if choice.estimated:
        found = estimate_weights(placed, matrix, windows, stocks)
        if found.problem:
            return found.problem
        held: Mapping[str, float] = {name: weight for name, weight in found.weights.items() if weight > 0}
    else:
        held = stated_weights(placed)
    if not held:
        return Composite(choice.tickers)
    members, weights = (*choice.tickers, *held), tuple(held.values())
    at = _close_of_weights(placed, matrix)
    if choice.estimated or not choice.drift or at is None:
        return Composite(members, weights)
    return Composite(members, weights, placed.block, at)
