"""From prices to returns on one axis of sessions: the `ReturnMatrix`.

Returns are total returns ``(C_t + D_t) / C_{t-1} - 1`` between neighbouring sessions of the security's own
exchange. A missing price makes that session's return and the next one missing. Where the source holds returns
they are taken instead, and one that is missing leaves the next as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from numbers import Number
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray, Measured, ReturnKind
from eventstudy.errors import PriceDataError
from eventstudy.prices.series import refuse_what_is_not_daily
from eventstudy.prices.source import PriceSeries
from eventstudy.prices.tickers import refuse_same_names

if TYPE_CHECKING:
    import pandas as pd


class Composite(NamedTuple):
    """A benchmark made of tickers: the mean of ``members``, or the first without the others.

    Attributes
    ----------
    weights
        Of ``members[1:]`` in the first of them; empty for a mean.
    block, as_of
        Where the weights drift: first and last row, and how many of these rows lie before the close at which
        they hold. None: the weights are those of every close of every exchange.
    """

    members: tuple[str, ...]
    weights: tuple[float, ...] = ()
    block: tuple[int, int] | None = None
    as_of: int = 0


@dataclass(frozen=True)
class ReturnMatrix:
    """Returns of every series on the sessions of every exchange, the exchanges stacked one below the other.

    Attributes
    ----------
    dates
        datetime64[D] of shape (T,); ascending within a block.
    values
        Shape (T, S), decimal, simple or log as ``kind`` says; NaN = no return on that session.
    lumped, span
        Shape (T, S): the return since the last price before a gap, and how many sessions it spans; ``values``
        and 1 where there is no gap.
    columns, factors, composites
        Column of each ticker, of each factor, and of each benchmark that is made of several tickers.
    blocks
        First and last row of each exchange's block.
    measure
        What the values are; those of volume and volatility are log units (`panel.measures`).
    """

    kind: ReturnKind
    dates: DateArray
    values: FloatArray
    lumped: FloatArray
    span: IntArray
    columns: Mapping[str, int]
    blocks: Mapping[str, tuple[int, int]]
    factors: Mapping[str, int] = field(default_factory=dict)
    composites: Mapping[Composite, int] = field(default_factory=dict)
    measure: Measured = "returns"

    def made_of(self, ticker: str) -> list[int]:
        """Return the columns into which a ticker enters: its own, and those of composites that hold it."""
        own = [self.columns[ticker]] if ticker in self.columns else []
        return own + [column for composite, column in self.composites.items() if ticker in composite.members]

    def with_columns(
        self, extra: Mapping[Any, FloatArray], role: Literal["factors", "composites"]
    ) -> ReturnMatrix:
        """Return a copy with series of shape (T,) appended as factors or as composites."""
        if not extra:
            return self
        added = np.column_stack(list(extra.values()))
        places = {name: self.values.shape[1] + place for place, name in enumerate(extra)}
        known: dict[str, Any] = {role: {**getattr(self, role), **places}}
        return replace(
            self,
            values=np.hstack([self.values, added]),
            lumped=np.hstack([self.lumped, added]),
            span=np.hstack([self.span, np.ones(added.shape, dtype=np.int64)]),
            **known,
        )


def to_simple(returns: FloatArray, kind: ReturnKind) -> FloatArray:
    """Return simple returns, whatever kind was given."""
    return np.expm1(returns) if kind == "log" else returns


def from_simple(returns: FloatArray, kind: ReturnKind) -> FloatArray:
    """Return simple returns as the kind requested; NaN where a log return does not exist."""
    if kind == "simple":
        return returns
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(returns > -1.0, np.log1p(returns), np.nan)


def in_kind(matrix: ReturnMatrix, kind: ReturnKind) -> ReturnMatrix:
    """Return the same returns as simple or as log returns."""
    if matrix.kind == kind:
        return matrix
    values, lumped = (
        from_simple(to_simple(each, matrix.kind), kind) for each in (matrix.values, matrix.lumped)
    )
    return replace(matrix, kind=kind, values=values, lumped=lumped)


def returns_from_prices(
    series: Mapping[str, PriceSeries], axes: Mapping[str, DateArray], kind: ReturnKind
) -> ReturnMatrix:
    """Put every series on the sessions of every exchange and take returns.

    Parameters
    ----------
    series
        Prices by ticker.
    axes
        Sessions of each exchange, datetime64[D]; a benchmark from another exchange is sampled on them.
    """
    sampled = [[_returns(prices, sessions, kind) for prices in series.values()] for sessions in axes.values()]
    lengths = np.cumsum([0, *(len(sessions) for sessions in axes.values())])

    def stacked(part: int) -> FloatArray:
        return np.vstack([np.column_stack([column[part] for column in block]) for block in sampled])

    return ReturnMatrix(
        kind=kind,
        dates=np.concatenate(list(axes.values())),
        values=stacked(0),
        lumped=stacked(1),
        span=stacked(2).astype(np.int64),
        columns={ticker: place for place, ticker in enumerate(series)},
        blocks={name: (int(lengths[at]), int(lengths[at + 1]) - 1) for at, name in enumerate(axes)},
    )


def returns_from_frame(frame: pd.DataFrame, kind: ReturnKind) -> ReturnMatrix:
    """Take a table of returns, sessions x series, as it is; its index is the axis of sessions.

    Raises
    ------
    PriceDataError
        An index that is not dates, not ascending, not unique or not daily; a column that is not numeric,
        holds an infinite value, or has the name of another.
    """
    dates = _frame_dates(frame)
    for name, column in zip(frame.columns, (frame.iloc[:, at] for at in range(frame.shape[1])), strict=True):
        if not _holds_numbers(column):
            problem = f"the column {name} is not numeric but {column.dtype}"
            raise PriceDataError("returns", problem, "give decimals per session")
    try:
        values = frame.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise PriceDataError(
            "returns", f"a column is not numeric ({error})", "give decimals per session"
        ) from None
    if len(infinite := np.argwhere(np.isinf(values))):
        row, place = infinite[0]
        problem = f"{frame.columns[place]} on {dates[row]} is infinite"
        raise PriceDataError("returns", problem, "correct it, or leave it empty")
    columns = {str(name): place for place, name in enumerate(frame.columns)}
    refuse_same_names("returns", [str(name) for name in frame.columns])
    ones = np.ones(values.shape, dtype=np.int64)
    return ReturnMatrix(kind, dates, values, values, ones, columns, {"": (0, len(dates) - 1)}, columns)


def union_axis(series: Sequence[PriceSeries]) -> DateArray:
    """Return every date on which some series has a price: the axis of tables without a calendar."""
    return np.unique(np.concatenate([prices.sessions for prices in series]))


def _returns(
    prices: PriceSeries, sessions: DateArray, kind: ReturnKind
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return (return, lumped return, sessions spanned) of one series on an axis, each of shape (T,)."""
    if prices.returns is not None:
        returns = from_simple(_stated_returns(prices.sessions, prices.returns, sessions), kind)
        if prices.lumped is None:
            return returns, returns, np.ones(len(sessions), dtype=np.int64)
        over_gaps = from_simple(_stated_returns(prices.sessions, prices.lumped, sessions), kind)
        return returns, np.where(np.isnan(over_gaps), returns, over_gaps), _spans(returns, over_gaps)
    close = np.full(len(sessions), np.nan)
    at = np.searchsorted(sessions, prices.sessions)
    on_axis = (at < len(sessions)) & (sessions[np.minimum(at, len(sessions) - 1)] == prices.sessions)
    usable = on_axis & (prices.close > 0)
    close[at[usable]] = prices.close[usable]
    # an ex-date that is no session of this axis belongs to the next session; before the axis it is not needed
    paid = (prices.dividend > 0) & (at < len(sessions)) & (on_axis | (at > 0))
    dividend = np.zeros(len(sessions))
    np.add.at(dividend, at[paid], prices.dividend[paid])
    return _gross_to_kind(close, dividend, np.isfinite(close), kind)


def _stated_returns(own: DateArray, returns: FloatArray, sessions: DateArray) -> FloatArray:
    """Return a series of returns on an axis, shape (T,); NaN on a session that it lacks.

    Returns of its own sessions that the axis skips are compounded into that of the next session of the axis,
    which is NaN where one of them is. Those before the axis are left out.
    """
    values = np.full(len(sessions), np.nan)
    at = np.searchsorted(sessions, own)
    inside = (at < len(sessions)) & ((at > 0) | np.isin(own, sessions[:1]))
    rows, growth = at[inside], 1.0 + returns[inside]
    firsts = np.flatnonzero(np.diff(rows, prepend=-1))
    there = np.isin(sessions[rows[firsts]], own)
    alone = np.diff(np.append(firsts, len(rows))) == 1
    compounded = np.multiply.reduceat(growth, firsts) - 1.0 if len(firsts) else growth
    exact = np.where(alone, returns[inside][firsts], compounded)  # 1 + r - 1 loses digits
    values[rows[firsts[there]]] = exact[there]
    return values


def _spans(returns: FloatArray, lumped: FloatArray) -> IntArray:
    """Return over how many sessions each lumped return runs, 1 where it is none, shape (T,)."""
    rows = np.arange(len(returns))
    known = np.isfinite(returns) | np.isfinite(lumped)
    last = np.concatenate([[-1], np.maximum.accumulate(np.where(known, rows, -1))[:-1]])[: len(rows)]
    return np.where(np.isfinite(lumped), np.maximum(rows - last, 2), 1)


def _gross_to_kind(
    close: FloatArray, dividend: FloatArray, priced: BoolArray, kind: ReturnKind
) -> tuple[FloatArray, FloatArray, IntArray]:
    rows = np.arange(len(close))
    last = np.maximum.accumulate(np.where(priced, rows, -1))
    before = np.concatenate([[-1], last[:-1]]) if len(close) else last
    ok = priced & (before >= 0)
    base = np.where(ok, before, 0)
    # without a gap the dividends since the last price are the session's own, free of rounding
    total = np.concatenate([[0.0], np.cumsum(dividend)])
    since = np.where(rows - base == 1, dividend, total[rows + 1] - total[base + 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        gross = np.where(ok, (close + since) / close[base], np.nan)
        lumped = np.log(gross) if kind == "log" else gross - 1.0
    span = np.where(ok, rows - before, 1)
    return np.where(span == 1, lumped, np.nan), lumped, span


def _holds_numbers(column: pd.Series) -> bool:
    """Whether a column is of numbers; truth values, dates and text are none."""
    if column.dtype.kind == "O":
        return all(isinstance(each, Number) and not isinstance(each, bool) for each in column.dropna())
    return column.dtype.kind in "iuf"


def _frame_dates(frame: pd.DataFrame) -> DateArray:
    try:
        dates = _index_dates(frame.index)
    except (TypeError, ValueError):
        raise PriceDataError(
            "returns", "its index is not dates", "index the table by session, one row each"
        ) from None
    if np.isnat(dates).any() or len(dates) == 0:
        raise PriceDataError("returns", "it has no rows, or an empty date", "give one row per session")
    steps = np.diff(dates).astype(np.int64)
    if (steps <= 0).any():
        where = dates[int(np.argmax(steps <= 0)) + 1]
        raise PriceDataError(
            "returns", f"{where} repeats or is out of order", "sort the table, one row per session"
        )
    refuse_what_is_not_daily("returns", dates)
    return dates


def _index_dates(index: pd.Index) -> DateArray:
    """Return an index as dates: time stamps by their local day, dates, or ISO text; a number is no date."""
    if index.dtype.kind == "M":
        local = index if getattr(index, "tz", None) is None else index.tz_localize(None)  # type: ignore[attr-defined]
        return np.asarray(local, dtype="datetime64[D]")
    return np.array([date.fromisoformat(str(day)[:10]) for day in index], dtype="datetime64[D]")
