"""The one place where a panel is built, for `run` and for `simulate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, IntArray, TextArray
from eventstudy.design import Benchmark, Design, Window
from eventstudy.errors import PriceDataError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.own_windows import OwnWindows
from eventstudy.panel.benchmarks import with_benchmarks
from eventstudy.panel.left_out import MASK_REACH
from eventstudy.panel.masking import covered_sessions
from eventstudy.panel.panel import Panel
from eventstudy.panel.pool import place_pool
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix


def build_panel(
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    design: Design,
    requires: Requires,
    failures: Mapping[str, str],
    tickers: Sequence[str] = (),
) -> Panel:
    """Place firm-events on the return matrix and find the columns that their model requires.

    Parameters
    ----------
    failures
        Why the prices of a ticker are missing.
    tickers
        The study's, among which peers are found; default: those of the firm-events.

    Raises
    ------
    DesignError
        The model takes the design's factors, and it has none.
    PriceDataError
        A factor that the model needs is missing.
    """
    first, last = _blocks(firm_events, matrix)
    day0, listed = _day0_rows(firm_events, matrix, first, last)
    market, problem = None, np.full(len(firm_events), "", dtype=object)
    if requires.benchmark:
        matrix, market, problem = with_benchmarks(firm_events, matrix, design, day0, first, last)
    beside = None
    if requires.beside_market:
        matrix, beside, _ = with_benchmarks(firm_events, matrix, design, day0, first, last)
    windows = firm_events.own_windows or OwnWindows.alike(design, len(firm_events))
    pool = place_pool(firm_events, matrix, design, requires, failures, windows, day0, (first, last))
    security = np.array([matrix.columns.get(ticker, -1) for ticker in firm_events.ticker], dtype=np.int64)
    series, names = _regressors(firm_events, matrix, market, requires.factor_columns(design))
    offsets, each = np.array(requires.offsets), len(requires.offsets)
    own, several = firm_events.own_windows, len(design.estimation_windows) > 1
    panel = Panel(
        firm_events=firm_events,
        matrix=matrix,
        requires=requires,
        security=security,
        risk_free=_factor(matrix, "RF") if requires.excess else -1,
        regressors=np.repeat(series, each, axis=1),
        offsets=np.tile(offsets, series.shape[1]),
        terms=_terms(names, requires.offsets),
        peers=_peers(firm_events, matrix, (tickers or firm_events.tickers) if requires.peers else ()),
        day0=day0,
        first=first,
        last=last,
        reason=problem,
        covered=covered_sessions(design, firm_events, matrix, security, day0, listed),
        reach=np.full(len(firm_events), MASK_REACH, dtype=np.int64),
        n_findings=np.zeros(len(firm_events), dtype=np.int64),
        own_windows=own or (OwnWindows.alike(design, len(firm_events)) if several else None),
        pool=pool,
        beside=beside,
    )
    return replace(panel, reason=_reasons(panel, listed, design, failures))


def _regressors(
    firm_events: FirmEvents, matrix: ReturnMatrix, market: IntArray | None, factors: Sequence[str]
) -> tuple[IntArray, TextArray]:
    """Return columns and names of the regressors in their own session, each of shape (N, q)."""
    n = len(firm_events)
    columns = np.tile(np.array([_factor(matrix, name) for name in factors], dtype=np.int64), (n, 1))
    names = np.tile(np.array(factors, dtype=object), (n, 1))
    if market is not None:
        labels = np.array([str(choice) for choice in firm_events.benchmarks], dtype=object)
        columns = np.column_stack([market, columns])
        names = np.column_stack([labels[firm_events.benchmark], names])
    return columns, names


def _terms(names: TextArray, offsets: Sequence[int]) -> TextArray:
    """Name each regressor in each of its sessions: ``SPY[-1]``, ``SPY``, ``SPY[+1]``."""
    shifted = [names + (f"[{offset:+d}]" if offset else "") for offset in offsets]
    return np.stack(shifted, axis=2).reshape(len(names), -1)


def _peers(firm_events: FirmEvents, matrix: ReturnMatrix, tickers: Sequence[str]) -> IntArray:
    """Return the columns of the other tickers, shape (N, p)."""
    columns = {
        own: [matrix.columns.get(other, -1) for other in tickers if other != own]
        for own in firm_events.tickers
    }
    peers = [columns[own] for own in firm_events.ticker]
    return np.array(peers, dtype=np.int64).reshape(len(firm_events), max(len(tickers) - 1, 0))


def _factor(matrix: ReturnMatrix, name: str) -> int:
    if name not in matrix.factors:
        have = ", ".join(matrix.factors) or "none"
        raise PriceDataError(
            name, f"the model needs this factor; at hand: {have}", "give a factor file that has it"
        )
    return matrix.factors[name]


def _blocks(firm_events: FirmEvents, matrix: ReturnMatrix) -> tuple[IntArray, IntArray]:
    alone = len(matrix.blocks) == 1
    only = next(iter(matrix.blocks.values()))
    bounds = [only if alone else matrix.blocks.get(name, only) for name in firm_events.exchange]
    both = np.array(bounds, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _day0_rows(
    firm_events: FirmEvents, matrix: ReturnMatrix, first: IntArray, last: IntArray
) -> tuple[IntArray, BoolArray]:
    """Return the row of each day 0 and whether that session is on the axis."""
    rows = np.zeros(len(firm_events), dtype=np.int64)
    for low, high in matrix.blocks.values():
        inside = np.flatnonzero((first == low) & (last == high))
        rows[inside] = low + np.searchsorted(matrix.dates[low : high + 1], firm_events.session[inside])
    listed = ~np.isnat(firm_events.session) & (rows <= last)
    listed &= matrix.dates[np.minimum(rows, len(matrix.dates) - 1)] == firm_events.session
    return rows, listed


def _reasons(panel: Panel, listed: BoolArray, design: Design, failures: Mapping[str, str]) -> TextArray:
    """Return why each firm-event cannot be placed: the first reason that holds, or ``""``."""
    firm_events = panel.firm_events
    alike = {name.lower(): name for name in panel.matrix.columns}

    def why(ticker: str) -> str:
        meant = alike.get(ticker.lower(), ticker)
        hint = "" if meant == ticker else f" (did you mean {meant!r}?)"
        return failures.get(ticker, f"not in the table{hint}")

    def benchmark(choice: Benchmark) -> str:
        taken = [ticker for ticker, weight in choice.weights if weight and choice.exclude == "event"]
        members = (*choice.tickers, *taken)
        gone = [f"{member}: {why(member)}" for member in members if member not in panel.matrix.columns]
        missing = f"no prices for the benchmark {choice} ({'; '.join(gone)})"
        return missing if gone else "a basket of the event's own tickers alone"

    own = panel.windows(design).event
    benchmarks = np.array([benchmark(choice) for choice in firm_events.benchmarks] or [""], dtype=object)
    sessions, begins = firm_events.session, panel.matrix.dates[panel.first]
    ends = [f"the last price ({panel.matrix.dates[row]})" for row in panel.last]
    reasons: tuple[tuple[Any, Any], ...] = (
        (panel.security < 0, [f"no prices: {why(ticker)}" for ticker in firm_events.ticker]),
        (panel.reason != "", panel.reason),
        ((panel.regressors < 0).any(axis=1), benchmarks[firm_events.benchmark]),
        (np.isnat(sessions), firm_events.session_note),
        (~listed & (panel.day0 > panel.last), [f"day 0 lies after {end}" for end in ends]),
        (
            sessions < begins,
            [
                f"day 0 ({day}) lies before the first price ({at})"
                for day, at in zip(sessions, begins, strict=True)
            ],
        ),
        (~listed, [f"day 0 ({day}) is not a session of the price table" for day in sessions]),
        (panel.day0 > _last_factors(panel), _factors_end(panel)),
        (
            panel.day0 + own[:, 1] > panel.last,
            [
                f"the event window {Window(*each)} reaches past {end}"
                for each, end in zip(own.tolist(), ends, strict=True)
            ],
        ),
    )
    holds, sentences = zip(*reasons, strict=True)
    return np.select(holds, [np.array(each, dtype=object) for each in sentences], "")


def _last_factors(panel: Panel) -> IntArray:
    """Return the last row on which all factors of a firm-event are known, shape (N,); T without factors."""
    used = {*panel.regressors.ravel().tolist(), panel.risk_free} & set(panel.matrix.factors.values())
    last = np.full(len(panel), len(panel.matrix.dates), dtype=np.int64)
    if not used:
        return last
    known = np.asarray(np.isfinite(panel.matrix.values[:, sorted(used)]).all(axis=1))
    for low, high in panel.matrix.blocks.values():
        rows = np.flatnonzero(known[low : high + 1])
        inside = (panel.first == low) & (panel.last == high)
        last[inside] = low + rows[-1] if rows.size else low - 1
    return last


def _factors_end(panel: Panel) -> list[str]:
    last, dates = _last_factors(panel), panel.matrix.dates
    return [
        f"the factors end on {dates[row]}, before day 0"
        if 0 <= row < len(dates)
        else "no factors on these dates"
        for row in last
    ]
