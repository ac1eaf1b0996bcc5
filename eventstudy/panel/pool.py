"""`Pool`: the securities of which a model makes the normal return, and which of them a firm-event may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, ReturnKind, TextArray
from eventstudy.design import Design
from eventstudy.errors import DesignError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.own_windows import OwnWindows
from eventstudy.panel.not_stocks import FACTORS, is_stock
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix

NO_STOCK = "an index or a fund"
OF_THE_EVENT = "a ticker of the event, or of another on its day 0"
OVERLAPS = "a ticker of an event whose window overlaps"


@dataclass(frozen=True, eq=False)
class Pool:
    """D securities of which a model weighs some, for N firm-events.

    Attributes
    ----------
    role
        ``peers`` or ``donors``.
    names, columns
        Ticker, and its column of the return matrix or -1, shape (D,).
    excluded
        Why no firm-event may use it, shape (D,); ``""`` where some may.
    barred
        Which securities each firm-event may not use since they are treated themselves, its own among them;
        an array of indices for each of N firm-events.
    own
        Index of the firm-event's own security, shape (N,); -1 where it is not in the pool.
    """

    role: Literal["peers", "donors"]
    names: TextArray
    columns: IntArray
    excluded: TextArray
    barred: TextArray
    own: IntArray

    def of(self, events: IntArray) -> Pool:
        """Return the pool of some firm-events."""
        return replace(self, barred=self.barred[events], own=self.own[events])

    def without(self, reasons: Mapping[str, str]) -> Pool:
        """Return the pool with some tickers excluded, by reason."""
        excluded = [old or reasons.get(name, "") for name, old in zip(self.names, self.excluded, strict=True)]
        return replace(self, excluded=np.array(excluded, dtype=object))

    @property
    def open(self) -> BoolArray:
        """Which securities each firm-event may use, shape (N, D)."""
        allowed = np.tile(self.excluded == "", (len(self.barred), 1))
        for row, barred in enumerate(self.barred):
            allowed[row, barred] = False
        return allowed

    @property
    def barred_reason(self) -> str:
        """Why the treated are barred."""
        return OF_THE_EVENT if self.role == "peers" else OVERLAPS


@dataclass(frozen=True, eq=False)
class PoolSample:
    """The returns of a pool over one window of n firm-events.

    Attributes
    ----------
    pool
        Of these firm-events.
    values, kind
        The whole return matrix, shape (T, S), and the kind of its returns.
    rows
        Row of each session, shape (n, L); -1 off the axis and outside the estimation windows.
    """

    pool: Pool
    values: FloatArray
    kind: ReturnKind
    rows: IntArray

    def returns(self, events: IntArray, members: IntArray) -> FloatArray:
        """Return the returns of some securities for some firm-events, shape (n, L, m); NaN off the axis."""
        rows = self.rows[events]
        found = self.values[np.maximum(rows, 0)[:, :, None], self.pool.columns[members]]
        return np.where(rows[:, :, None] >= 0, found, np.nan)


def refuse_lumps(design: Design, model: str) -> None:
    """Refuse returns over gaps, which the returns of a pool do not follow, with a DesignError."""
    if design.gaps == "lump":
        raise DesignError("gaps", f"lumped returns do not go with the model {model}; use missing")


def place_pool(
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    design: Design,
    requires: Requires,
    failures: Mapping[str, str],
    own_windows: OwnWindows,
    day0: IntArray,
    bounds: tuple[IntArray, IntArray],
) -> Pool | None:
    """Return the pool of a model that requires one, with what bars its securities.

    Parameters
    ----------
    failures
        Why the prices of a ticker are missing.
    own_windows
        Event and estimation window of each firm-event.
    day0, bounds
        Row of day 0, and first and last row of the exchange, shape (N,).
    """
    if not requires.pool:
        return None
    names = requires.pooled(design) or tuple(name for name in matrix.columns if name not in FACTORS)
    choices = (*firm_events.benchmarks, *design.benchmarks)
    indices = {choice.tickers[0] for choice in choices if len(choice.tickers) == 1}
    indices |= {*design.factors} - set(firm_events.tickers)
    place = {name: number for number, name in enumerate(dict.fromkeys(names))}

    def reason(name: str) -> str:
        if not is_stock(name, indices):
            return NO_STOCK
        return "" if name in matrix.columns else f"no prices: {failures.get(name, 'not in the table')}"

    if requires.pool == "peers":
        together = firm_events.treated()
    else:
        together = _overlapping(firm_events, matrix, own_windows.event, day0, bounds)
    kept: dict[tuple[str, ...], IntArray] = {}
    barred = np.empty(len(firm_events), dtype=object)
    for row, tickers in enumerate(together):
        if tickers not in kept:
            kept[tickers] = np.array([place[name] for name in tickers if name in place], dtype=np.int64)
        barred[row] = kept[tickers]
    return Pool(
        role=requires.pool,
        names=np.array([*place, ""], dtype=object)[:-1],
        columns=np.array([matrix.columns.get(name, -1) for name in place], dtype=np.int64),
        excluded=np.array([*(reason(name) for name in place), ""], dtype=object)[:-1],
        barred=barred,
        own=np.array([place.get(name, -1) for name in firm_events.ticker], dtype=np.int64),
    )


def _overlapping(
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    window: IntArray,
    day0: IntArray,
    bounds: tuple[IntArray, IntArray],
) -> list[tuple[str, ...]]:
    """Return, per firm-event, the tickers of all events whose event windows overlap with its own."""
    first, last = (matrix.dates[np.clip(day0 + window[:, end], *bounds)] for end in (0, 1))
    spans, code = np.unique(np.column_stack([first, last]).astype(np.int64), axis=0, return_inverse=True)
    code = code.ravel()
    treated: list[dict[str, None]] = [{} for _ in spans]
    listed = zip(code.tolist(), firm_events.event_id, firm_events.ticker, strict=True)
    for span, event_id, ticker in dict.fromkeys(listed):
        treated[span] |= dict.fromkeys((*firm_events.event_tickers.get(event_id, ()), ticker))
    together = []
    for start, end in spans:
        near = np.flatnonzero((spans[:, 0] <= end) & (spans[:, 1] >= start))
        together.append(tuple(dict.fromkeys(name for span in near for name in treated[span])))
    return [together[span] for span in code]
