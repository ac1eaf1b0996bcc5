"""The events of a large study as columns: security, day 0, groups, and why a firm-event cannot be placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray, TextArray, Timing
from eventstudy.design import Window
from eventstudy.engine.event_columns_read import columns_read, events_error
from eventstudy.engine.large_files import LargeTable
from eventstudy.engine.listed_events import ListedEvents
from eventstudy.engine.returns_matrix import codes_of
from eventstudy.errors import DesignError, FileContentError, UnknownNameError
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.numerics.arrow import coded_array

ONE_DAY = np.timedelta64(1, "D")
CLOSED = np.timedelta64(14, "D")  #: longer than exchanges close as a rule: then the returns have a gap


@dataclass(frozen=True)
class Labels:
    """Texts of N firm-events: a code each, -1 for none, and the distinct texts."""

    codes: IntArray
    names: tuple[str, ...]

    @property
    def texts(self) -> TextArray:
        """The text of each firm-event, ``""`` for none, shape (N,)."""
        return np.array([*self.names, ""], dtype=object)[self.codes]

    def arrow(self, rows: IntArray | slice = slice(None)) -> pa.Array:
        """Return the texts of some rows as an Arrow array, null for none."""
        return coded_array(self.codes[rows], self.names).cast(pa.string())


@dataclass(frozen=True)
class EventRows:
    """The firm-events of a list, in its order.

    Attributes
    ----------
    ticker
        Of each firm-event.
    event_id
        As listed, or ``TICKER-DATE``, an Arrow array of text.
    stated
        The date that is stated, datetime64[D], shape (N,); NaT where there is none.
    is_session
        Whether that date is day 0 itself.
    after
        Where the news came after the close, shape (N,).
    groups
        The columns by which firm-events are grouped.
    weights
        Of each firm-event in a weighted mean, shape (N,); NaN = none. None where no column is named.
    """

    ticker: Labels
    event_id: pa.Array
    stated: DateArray
    is_session: bool
    after: BoolArray
    groups: Mapping[str, Labels]
    weights: FloatArray | None = None


def read_event_rows(
    table: LargeTable, by: Sequence[str], options: ReadingOptions, weights: str | None = None
) -> EventRows:
    """Return the firm-events of a table: ``ticker``, and ``date`` or ``session``.

    Parameters
    ----------
    by
        Columns that group firm-events; ``ticker`` and ``event_id`` are two.
    weights
        Column of their weights.

    Raises
    ------
    EventsFileError
        A column is missing or there twice, a date cannot be read or has a time of day, a weight is no number.
    UnknownNameError
        A column of ``by`` or of weights that the list does not have, or a timing that does not exist.
    DesignError
        A weight is below 0 or infinite.
    """
    try:
        found = _read(table, by, options)
        return found if weights is None else replace(found, weights=_weights(table, weights, options, found))
    except FileContentError as error:
        raise events_error(error) from None


def _read(table: LargeTable, by: Sequence[str], options: ReadingOptions) -> EventRows:
    head = table.head()
    found = columns_read(head, options)
    if "ticker" not in found or not {"session", "when"} & found.keys():
        raise FileContentError(
            table.name, "needs the columns ticker, and date or session", f"it has {list(head.titles[:20])}"
        )
    own = {"ticker": found["ticker"], **({"event_id": found["event_id"]} if "event_id" in found else {})}
    places = dict.fromkeys([*found.values(), *(_group_place(head, name, own) for name in by)])
    at = {place: column for column, place in enumerate(places)}
    parts = list(table.parts(list(places)))
    columns = (
        [
            pa.chunked_array(
                [chunk for part in parts for chunk in part.columns[column].chunks],
                parts[0].columns[column].type,
            )
            for column in range(len(places))
        ]
        if parts
        else []
    )
    if not columns or not len(columns[0]):
        raise FileContentError(table.name, "has no rows", "give a row per firm-event")
    day = found.get("session", found.get("when", -1))
    ticker = _labels(columns[at[found["ticker"]]])
    stated = _stated(table, columns[at[day]], head.titles[day], options)
    if "event_id" in found:
        event_id = pc.fill_null(columns[at[found["event_id"]]].cast(pa.string()), "").combine_chunks()
    else:
        dates = pa.Array.from_buffers(pa.date32(), len(stated), [None, pa.py_buffer(stated.astype("<i4"))])
        event_id = pc.binary_join_element_wise(
            ticker.arrow(), dates.cast(pa.string()), "-", null_handling="replace"
        )
    after = np.zeros(len(stated), dtype=bool)
    if "timing" in found and "session" not in found:
        after = _after(_labels(columns[at[found["timing"]]]))
    groups = {name: _labels(columns[at[_group_place(head, name, own)]]) for name in by}
    return EventRows(ticker, event_id, stated, "session" in found, after, groups)


def _group_place(head: Table, name: str, own: Mapping[str, int]) -> int:
    if name in own:
        return own[name]
    if name not in head.titles:
        raise UnknownNameError("column (by)", name, tuple(head.titles))
    return head.titles.index(name)


def _weights(table: LargeTable, name: str, options: ReadingOptions, rows: EventRows) -> FloatArray:
    """Return a column of numbers of 0 or more, shape (N,)."""
    if name not in table.titles:
        raise UnknownNameError("column (weights)", name, table.titles)
    parts = table.parts([table.titles.index(name)])
    found = np.concatenate([figures_of(part, 0, options).values for part in parts])
    if len(wrong := np.flatnonzero((found < 0) | np.isinf(found))):
        row, ticker = int(wrong[0]), rows.ticker.texts[wrong[0]]
        event, weight = rows.event_id[row], found[row]
        raise DesignError(
            "weights",
            f"column {name!r} holds {weight:g} ({ticker} in event {event}),"
            f" {'a weight below 0' if weight < 0 else 'an infinite weight'}",
        )
    return found


def _labels(column: pa.ChunkedArray) -> Labels:
    codes, names = codes_of(column)
    return Labels(codes, tuple(names))


def _stated(table: LargeTable, column: pa.ChunkedArray, title: str, options: ReadingOptions) -> DateArray:
    """Return the dates of a column; a time of day is refused, since no calendar is consulted."""
    if pa.types.is_timestamp(column.type) and column.type.tz is None:
        days = column.cast(pa.date32(), safe=False)
        if not pc.all(pc.fill_null(pc.equal(days.cast(column.type), column), True)).as_py():
            raise FileContentError(table.name, f"{title} has times of day", "give dates, or day 0 as session")
        column = days
    found = days_of(Table(table.name, (column,), ((title,),)), 0, options, of_events=True)
    if found.stamps is not None:
        raise FileContentError(table.name, f"{title} has times of day", "give dates, or day 0 as session")
    return found.days


def _after(timing: Labels) -> BoolArray:
    for name in timing.names:
        if name not in get_args(Timing):
            raise UnknownNameError("timing", name, get_args(Timing))
    return np.array([*(name == "post" for name in timing.names), False])[timing.codes]


@dataclass(frozen=True)
class Placed:
    """Where the firm-events lie on a matrix of returns.

    Attributes
    ----------
    security, day0
        Row and column of the matrix, shape (N,); -1 where there is none.
    reason
        Why a firm-event is not measured there; none where it is placed.
    """

    security: IntArray
    day0: IntArray
    reason: Labels

    @property
    def there(self) -> BoolArray:
        """Which firm-events are placed, shape (N,)."""
        return np.asarray(self.reason.codes < 0)

    def listed(self, order: IntArray) -> ListedEvents:
        """Return all events that lie on the matrix; ``order`` is that of the shards, shape (N,)."""
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        rows = np.flatnonzero(self.day0 >= 0)
        rows = rows[np.argsort(self.day0[rows], kind="stable")]
        return ListedEvents(self.security[rows], self.day0[rows], place[rows])


def place_rows(rows: EventRows, tickers: Sequence[str], sessions: DateArray, window: Window) -> Placed:
    """Place firm-events on a matrix: day 0 is the stated session, or the first on or after the date.

    After the close it is the first session after the date. A date in a gap of the returns has none. A
    firm-day that is listed twice is placed once.

    Parameters
    ----------
    tickers, sessions
        Of the rows and the columns of the matrix.
    window
        The event window, which must end within the sessions.
    """
    row_of = {name: row for row, name in enumerate(tickers)}
    security = np.array([*(row_of.get(name, -1) for name in rows.ticker.names), -1])[rows.ticker.codes]
    empty = np.isnat(rows.stated)
    first, last = sessions[0], sessions[-1]
    wanted = np.where(rows.after, rows.stated + ONE_DAY, rows.stated)
    steps = np.sort(np.diff(sessions))  # of weekly or monthly returns, too
    longest = max(CLOSED, 2 * steps[(len(steps) - 1) // 2]) if len(steps) else CLOSED
    late = f"no session of the returns within {int(longest / ONE_DAY)} days after the date"
    day0 = np.where(empty, 0, np.searchsorted(sessions, wanted))
    inside = np.minimum(day0, len(sessions) - 1)
    unlisted = rows.is_session & (sessions[inside] != wanted)
    absent = (
        (rows.ticker.codes < 0, "no ticker is stated"),
        (security < 0, "no prices: not in the table"),
        (empty, "no date is stated"),
        (wanted > last, f"day 0 lies after the last price ({last})"),
        (wanted < first, f"day 0 lies before the first price ({first})"),
        (unlisted, "day 0 is not a session of the price table"),
        (sessions[inside] - wanted > longest, late),
    )
    past = f"the event window {window} reaches past the last price ({last})"
    obstacles = (*absent, (day0 + window.end >= len(sessions), past))
    reason = np.full(len(security), -1)
    for code, (holds, _) in enumerate(obstacles):
        reason[holds & (reason < 0)] = code
    placed = np.flatnonzero(reason < 0)
    _, once = np.unique(security[placed] * len(sessions) + day0[placed], return_index=True)
    reason[np.delete(placed, once)] = len(obstacles)
    listed = (reason < 0) | (reason >= len(absent))
    names = (*(text for _, text in obstacles), "the ticker and day 0 are listed before")
    return Placed(np.where(listed, security, -1), np.where(listed, day0, -1), Labels(reason, names))
