"""`FirmEvents`: the pairs of a security and an event, with their day 0."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import DateArray, IntArray, TextArray
from eventstudy.design import Benchmark, Design
from eventstudy.errors import UnknownNameError
from eventstudy.events.day0 import with_sessions
from eventstudy.events.event import Confounder, Event
from eventstudy.events.known import PlacedNews
from eventstudy.events.names import split_names
from eventstudy.events.own_windows import OwnWindows, own_windows
from eventstudy.intake.event_columns import STANDARD, WINDOW_COLUMNS
from eventstudy.sessions import Corrections, exchange_of
from eventstudy.words.by_language import first_text

if TYPE_CHECKING:
    import pandas as pd

STATED_SESSION = "session stated: day 0 itself"
RESERVED = (*STANDARD, *WINDOW_COLUMNS)  #: columns of an event list that are no characteristics

LABELS = ("event_id", "ticker", "kind", "timing", "expect")  #: columns with a meaning that group


@dataclass(frozen=True)
class FirmEvents:
    """N pairs of a security and an event, as parallel arrays of shape (N,).

    Attributes
    ----------
    event_id, ticker, kind, title, when, timing, expect
        Text; ``""`` where none is given.
    session
        datetime64[D], day 0; NaT where there is none.
    shift
        Calendar days from the stated date to day 0.
    session_note
        Why that session is day 0.
    exchange
        The exchange whose calendar gives the sessions; ``""`` where the dates of the price table do.
    benchmarks, benchmark
        The distinct benchmarks, and the index of each firm-event's among them; -1 where there is none.
    confounders
        The stated confounders of each firm-event.
    characteristics
        Further columns of the event list as a JSON object; ``""`` where there are none.
    known
        What else is known of the securities; None where nothing was given.
    event_tickers
        All tickers of each event as listed, those that are not measured included.
    study_tickers
        The study's own list of securities; empty where it has none.
    own_windows
        Windows of each firm-event; None where the design's are those of all.
    corrections
        How the calendars of some exchanges were corrected by what was traded.
    """

    event_id: TextArray
    ticker: TextArray
    kind: TextArray
    title: TextArray
    when: TextArray
    timing: TextArray
    expect: TextArray
    session: DateArray
    shift: IntArray
    session_note: TextArray
    exchange: TextArray
    benchmarks: tuple[Benchmark, ...]
    benchmark: IntArray
    confounders: tuple[tuple[Confounder, ...], ...]
    characteristics: TextArray
    known: PlacedNews | None = None
    event_tickers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    study_tickers: tuple[str, ...] = ()
    own_windows: OwnWindows | None = None
    corrections: Mapping[str, Corrections] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.event_id)

    def labels(self, column: str) -> TextArray:
        """Return a column of the event list as text, ``""`` where a firm-event has nothing there.

        Raises
        ------
        UnknownNameError
            No event has that column.
        """
        if column in LABELS:
            return _text(map(str, getattr(self, column)))
        further = [json.loads(text) if text else {} for text in self.characteristics]
        known = dict.fromkeys(name for row in further for name in row)
        if column not in known:
            raise UnknownNameError("column of the event list", column, (*LABELS, *known))
        return _text("" if row.get(column) is None else str(row[column]) for row in further)

    @property
    def tickers(self) -> tuple[str, ...]:
        """The distinct securities, in order of first appearance."""
        return tuple(dict.fromkeys(self.ticker))

    def against(self, benchmark: Benchmark) -> FirmEvents:
        """Return the same firm-events with one benchmark for all."""
        return replace(self, benchmarks=(benchmark,), benchmark=np.zeros(len(self), dtype=np.int64))

    def treated(self) -> list[tuple[str, ...]]:
        """Return, per firm-event, the tickers of its event and of all others with its day 0 and exchange."""
        days = list(zip(self.exchange, self.session.astype(np.int64).tolist(), strict=True))
        tickers: dict[Any, dict[str, None]] = {day: {} for day in days}
        for day, event_id, ticker in zip(days, self.event_id, self.ticker, strict=True):
            tickers[day] |= dict.fromkeys((*self.event_tickers.get(event_id, ()), ticker))
        together = {day: tuple(each) for day, each in tickers.items()}
        return [together[day] for day in days]

    @property
    def ticker_rank(self) -> IntArray:
        """Place of each security as the study lists it, then by name; independent of the order of events."""
        listed = {ticker: place for place, ticker in enumerate(dict.fromkeys(self.study_tickers))}
        others = sorted(set(self.ticker) - set(listed))
        rank = listed | {ticker: len(listed) + place for place, ticker in enumerate(others)}
        return np.array([rank[ticker] for ticker in self.ticker], dtype=np.int64)

    @property
    def price_tickers(self) -> tuple[str, ...]:
        """Every series the firm-events need: the securities, then what their benchmarks are made of."""
        tickers = dict.fromkeys(self.tickers)
        for choice in self.benchmarks:
            held = dict(choice.weights)
            tickers |= dict.fromkeys((*choice.tickers, *choice.stocks))
            if choice.exclude == "event":
                listed = (ticker for each in self.event_tickers.values() for ticker in each)
                tickers |= dict.fromkeys(ticker for ticker in listed if held.get(ticker, choice.estimated))
        return tuple(tickers)


def from_events(
    events: Sequence[Event],
    *,
    tickers: Sequence[str],
    benchmark: Benchmark | None,
    only: Sequence[str] | None = None,
    override: Benchmark | None = None,
    exchanges: Mapping[str, str] | None = None,
) -> FirmEvents:
    """Pair every event, background events excepted, with its tickers and find day 0 of each pair.

    Parameters
    ----------
    tickers, benchmark
        The study's, for events that name none.
    only, override
        Tickers and benchmark that replace those of the events.
    exchanges
        Exchange per ticker where the suffix does not say.

    Raises
    ------
    DesignError, UnknownNameError
        A ticker whose exchange is not known, or a time that its calendar does not cover.
    """
    pairs = [
        (event, ticker)
        for event in events
        if not event.background
        for ticker in (only or event.tickers or tickers)
    ]
    chosen = [override or event.benchmark or benchmark for event, _ in pairs]
    benchmarks = tuple(choice for choice in dict.fromkeys(chosen) if choice is not None)
    codes: dict[Benchmark | None, int] = {None: -1}
    codes |= {choice: place for place, choice in enumerate(benchmarks)}
    confounders = (tuple(c for c in event.confounders if c.ticker == ticker) for event, ticker in pairs)
    stated = FirmEvents(
        event_id=_text(event.id for event, _ in pairs),
        ticker=_text(ticker for _, ticker in pairs),
        kind=_text(event.kind for event, _ in pairs),
        title=_text(first_text(event.title) for event, _ in pairs),
        when=_text((event.session or event.when).isoformat() for event, _ in pairs),
        timing=_text("session" if event.session else event.timing or "" for event, _ in pairs),
        expect=_text(event.expect.get(ticker, "") for event, ticker in pairs),
        session=np.array([event.session or "NaT" for event, _ in pairs], dtype="datetime64[D]"),
        shift=np.zeros(len(pairs), dtype=np.int64),
        session_note=_text(STATED_SESSION if event.session else "" for event, _ in pairs),
        exchange=_exchanges([ticker for _, ticker in pairs], exchanges or {}),
        benchmarks=benchmarks,
        benchmark=np.array([codes[choice] for choice in chosen], dtype=np.int64),
        confounders=tuple(confounders),
        characteristics=_text(_json(event.characteristics) for event, _ in pairs),
        event_tickers={event.id: event.tickers or tuple(tickers) for event, _ in pairs},
        study_tickers=tuple(tickers),
    )
    return with_sessions(stated, [event.when for event, _ in pairs])


def from_frame(
    frame: pd.DataFrame,
    *,
    benchmark: Benchmark | None,
    only: Sequence[str] | None = None,
    override: Benchmark | None = None,
    exchanges: Mapping[str, str] | None = None,
    calendars: bool = True,
    design: Design | None = None,
) -> FirmEvents:
    """Return the firm-events of a checked event list; its column ``session`` is day 0 itself.

    Parameters
    ----------
    frame
        As `check_event_frame` returns it: one row per firm-event.
    calendars
        False: every security's sessions are the dates of the price table.
    design
        Its windows are those of rows that give none of their own.
    """
    listed: dict[str, list[str]] = {}
    for name, ticker in zip(frame["event_id"].tolist(), frame["ticker"].tolist(), strict=True):
        listed.setdefault(str(name), []).append(ticker)
    if only is not None:
        frame = frame[frame["ticker"].isin(list(only))]
    names = list(frame["benchmark"]) if "benchmark" in frame and override is None else [""] * len(frame)
    distinct = {
        name: Benchmark.parse(split_names(name, "+")) if name else override or benchmark
        for name in dict.fromkeys(names)
    }
    benchmarks = tuple(choice for choice in dict.fromkeys(distinct.values()) if choice is not None)
    codes = {name: benchmarks.index(choice) if choice else -1 for name, choice in distinct.items()}
    known = "session" in frame
    n = len(frame)
    when = list(frame["session" if known else "when"])
    session = (
        np.asarray(frame["session"], dtype="datetime64[D]") if known else np.full(n, "NaT", "datetime64[D]")
    )
    tickers = _text(frame["ticker"])
    stated = FirmEvents(
        event_id=_text(frame["event_id"]),
        ticker=tickers,
        kind=_column(frame, "kind"),
        title=_column(frame, "title"),
        when=session.astype(str).astype(object) if known else _text(value.isoformat() for value in when),
        timing=_text(["session"] * n) if known else _column(frame, "timing"),
        expect=_column(frame, "expect"),
        session=session,
        shift=np.zeros(n, dtype=np.int64),
        session_note=_text([STATED_SESSION if known else ""] * n),
        exchange=_exchanges(tickers, exchanges or {}) if calendars else _text([""] * n),
        benchmarks=benchmarks,
        benchmark=np.array([codes[name] for name in names], dtype=np.int64),
        confounders=((),) * n,
        characteristics=_characteristics(frame),
        event_tickers={name: tuple(each) for name, each in listed.items()},
        own_windows=own_windows(frame, design or Design()),
    )
    return stated if known else with_sessions(stated, when)


def _exchanges(tickers: Sequence[str] | TextArray, overrides: Mapping[str, str]) -> TextArray:
    known = {ticker: exchange_of(ticker, overrides) for ticker in dict.fromkeys(tickers)}
    return _text(known[ticker] for ticker in tickers)


def _characteristics(frame: pd.DataFrame) -> TextArray:
    names = [name for name in frame.columns if name not in RESERVED]
    if not names:
        return _text([""] * len(frame))
    rows = zip(*(frame[name] for name in names), strict=True)
    return _text(_json(dict(zip(map(str, names), row, strict=True))) for row in rows)


def _json(values: Mapping[str, Any]) -> str:
    """Return values as JSON; NaN is null, and what JSON does not know is its text."""
    known = {name: None if value != value else value for name, value in values.items()}
    return json.dumps(known, default=_plain, ensure_ascii=False) if known else ""


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def _column(frame: pd.DataFrame, name: str) -> TextArray:
    return _text(frame[name]) if name in frame else _text([""] * len(frame))


def _text(values: Any) -> TextArray:
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = ["" if value is None else value for value in listed]
    return array
