"""`StudyInputs`: the events of a run, from any source, and its design."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.design import Benchmark, Design, Grid
from eventstudy.design.arguments import as_names, check_kind
from eventstudy.errors import DesignError, UsageError
from eventstudy.events.event import TABLE_SUFFIXES, Event, FactorFile, KnownNews, StudyData, is_frame
from eventstudy.events.exchanges import stated_exchange
from eventstudy.events.firm_events import FirmEvents, from_events, from_frame
from eventstudy.events.known import place_known, read_known, with_mask_dates
from eventstudy.events.names import check_ticker, split_names
from eventstudy.events.own_windows import own_windows, refuse_other_windows
from eventstudy.events.price_statements import Statements
from eventstudy.events.stated_sessions import refuse_other_sessions
from eventstudy.intake.event_columns import LeftOut
from eventstudy.intake.options import ReadingOptions, stated_over
from eventstudy.intake.understood import Understood
from eventstudy.words.by_language import AnyText

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.events.event_list import EventList


@dataclass(frozen=True)
class StudyInputs:
    """The events of a run and its design.

    Attributes
    ----------
    design
        The study file's, or what the caller gave.
    events, frame
        The events of a study file or a list, or a checked event table.
    tickers, exchanges, factors
        The study's.
    path, sha256
        The file the events were read from, and the SHA-256 of its bytes.
    only, override
        The tickers to measure and the benchmark of every event, where the caller replaces the events' own.
    known
        Public news besides the events; None where nothing was given.
    understood
        What the files of events were taken for.
    left_out
        Rows of the event list that are no firm-events.
    data
        The files of prices that the study file names, and how to read them.
    stated
        What the study states about its prices.
    files
        Further files that were read: known news, dates to mask, actions, factors.
    grid
        The specifications under which it is measured again, as far as the study says.
    title, kinds
        The title of the study and the names of its kinds, perhaps by language.
    """

    design: Design
    events: tuple[Event, ...] = ()
    frame: pd.DataFrame | None = None
    tickers: tuple[str, ...] = ()
    exchanges: Mapping[str, str] = field(default_factory=dict)
    factors: FactorFile | None = None
    path: Path | None = None
    sha256: str | None = None
    only: tuple[str, ...] | None = None
    override: Benchmark | None = None
    known: tuple[KnownNews, ...] | None = None
    understood: tuple[Understood, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    data: StudyData | None = None
    stated: Statements = field(default_factory=Statements)
    files: tuple[Path, ...] = ()
    grid: Grid | None = None
    title: AnyText = ""
    kinds: Mapping[str, AnyText] = field(default_factory=dict)

    @property
    def calendars(self) -> bool:
        """Whether exchange calendars count the sessions, rather than the price table's own dates."""
        return self.frame is None or "session" not in self.frame

    def on_own_windows(self) -> StudyInputs:
        """Return the inputs with a window for every row of a list that gives some, and a design of them all.

        Raises
        ------
        DesignError
            The estimation windows of some events reach into the event windows of others.
        """
        if self.frame is None or (own := own_windows(self.frame, self.design)) is None:
            return self
        return replace(self, frame=own.written(self.frame), design=own.spanned(self.design))

    def named(self) -> tuple[str, ...]:
        """Return every ticker that the events and the design name, benchmarks and their members included."""
        design = self.design
        chosen = [
            self.override,
            design.benchmark,
            *design.benchmarks,
            *(each.benchmark for each in self.events),
        ]
        tickers = [
            *self.tickers,
            *(self.only or ()),
            *(name for event in self.events for name in event.tickers),
        ]
        if self.frame is not None:
            tickers += map(str, self.frame["ticker"].unique())
            written = self.frame["benchmark"].unique() if "benchmark" in self.frame else ()
            chosen += [Benchmark.parse(split_names(str(text), "+")) for text in written if text]
        for choice in filter(None, chosen):
            tickers += [*choice.tickers, *choice.stocks, *(name for name, _ in choice.weights)]
        return tuple(dict.fromkeys(tickers))

    def firm_events(self) -> FirmEvents:
        """Return the firm-events.

        Raises
        ------
        UsageError
            There is no event.
        DesignError
            There is no firm-event.
        """
        if self.frame is None and not self.events:
            raise UsageError("events are empty; give at least one")
        shared: dict[str, Any] = {
            "benchmark": self.design.benchmark,
            "only": self.only,
            "override": self.override,
            "exchanges": self.exchanges,
        }
        if self.frame is None:
            firm_events = from_events(self.events, tickers=self.tickers, **shared)
        else:
            firm_events = from_frame(self.frame, calendars=self.calendars, design=self.design, **shared)
        if not len(firm_events):
            raise DesignError("tickers", "no firm-event is left; name tickers that the events have")
        return self.with_known(firm_events)

    def with_known(self, firm_events: FirmEvents) -> FirmEvents:
        """Return firm-events with the study's known news on the sessions of their exchanges, as corrected."""
        if self.known is None:
            return firm_events
        by_ticker = zip(firm_events.ticker, firm_events.exchange, strict=True)
        exchanges = {**self.exchanges, **{ticker: code for ticker, code in by_ticker if code}}
        placed = place_known(self.known, firm_events.tickers, exchanges, firm_events.corrections)
        return replace(firm_events, known=placed)


def read_inputs(
    events: Any,
    design: Design | None = None,
    tickers: str | Sequence[str] | None = None,
    known: Any = None,
    exchange: str | None = None,
    reading: ReadingOptions | None = None,
    **changes: Any,
) -> StudyInputs:
    """Read events from a study file, an event list, a list of `Event` or a data frame.

    Parameters
    ----------
    events
        Any of these, or `StudyInputs`.
    design
        Replaces the study file's.
    tickers
        Replace those of the events.
    known
        Replaces the study's known news: a table's path, a data frame, or a list of `KnownNews`.
    exchange
        The exchange (MIC) of every ticker without a suffix.
    reading
        What is stated of the event list, before what a study file says of it.
    changes
        Fields of the design to replace; None leaves a field as it is. A benchmark replaces that of every
        event, too.

    Raises
    ------
    EventsFileError
        The file or the list is wrong, with the place.
    UsageError
        ``events`` is none of these.
    """
    reading = replace(reading or ReadingOptions(), exchange=exchange)
    if isinstance(events, StudyInputs):
        inputs = events
    elif isinstance(events, str | Path):
        inputs = _read_file(Path(events), reading)
    elif is_frame(events):
        from eventstudy.events.event_list import read_event_frame

        inputs = _with_list(StudyInputs(Design()), read_event_frame(events, reading))
    elif isinstance(events, Sequence) and all(isinstance(event, Event) for event in events):
        inputs = StudyInputs(Design(), _once(events))
    else:
        raise UsageError(
            "events must be a path, a list of Event or a DataFrame with event_id, ticker, session"
        )
    if design is not None:
        check_kind("design", design, Design, "a Design, such as Design(model='market')")
    stated = stated_exchange(exchange)
    given = {name: value for name, value in changes.items() if value is not None}
    news = inputs.known if known is None else read_known(known)
    design = (design or inputs.design).replace(**given)
    exchanges = {**inputs.exchanges, **stated}
    if inputs.frame is not None:
        refuse_other_windows(inputs.frame, design, given)
        refuse_other_sessions(inputs.frame, exchanges, str(inputs.path or "event table"))
    return replace(
        inputs,
        design=with_mask_dates(design, news),
        known=news,
        files=(*inputs.files, *([Path(known)] if isinstance(known, str | Path) else [])),
        exchanges=exchanges,
        only=inputs.only if tickers is None else _tickers(tickers),
        override=design.benchmark if "benchmark" in given else inputs.override,
    )


def _once(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return the events, or refuse two of one id."""
    counts = Counter(event.id for event in events)
    if twice := next((name for name, count in counts.items() if count > 1), None):
        raise UsageError(f"events: {counts[twice]} of them have the id {twice!r}; give each its own")
    return tuple(events)


def _tickers(tickers: str | Sequence[str]) -> tuple[str, ...]:
    names = as_names("tickers", tickers)
    if not names:
        raise UsageError("tickers are empty; name at least one, such as NVDA")
    return tuple(check_ticker(name) for name in names)


def _read_file(path: Path, reading: ReadingOptions) -> StudyInputs:
    if path.suffix.lower() in TABLE_SUFFIXES:
        return _with_list_file(StudyInputs(Design(), path=path, sha256=_sha256(path)), path, reading)
    from eventstudy.events.study_file import read_study

    study = read_study(path)
    inputs = StudyInputs(
        design=study.design,
        events=study.events,
        tickers=study.tickers,
        exchanges=study.exchanges,
        factors=study.factors,
        path=path,
        sha256=_sha256(path),
        known=study.known,
        data=study.data,
        stated=study.stated,
        files=study.files,
        grid=study.grid,
        title=study.title,
        kinds=study.kinds,
    )
    if study.events_file is None:
        return inputs
    return _with_list_file(inputs, study.events_file.path, stated_over(study.events_file.reading, reading))


def _with_list_file(inputs: StudyInputs, path: Path, reading: ReadingOptions) -> StudyInputs:
    from eventstudy.events.event_list import read_event_list

    return _with_list(inputs, read_event_list(path, reading))


def _with_list(inputs: StudyInputs, read: EventList) -> StudyInputs:
    """Return the inputs with the firm-events of a list."""
    return replace(
        inputs,
        frame=read.frame,
        exchanges={**read.exchanges, **inputs.exchanges},
        understood=(*inputs.understood, read.understood),
        left_out=read.left_out,
    )


def _sha256(path: Path) -> str | None:
    """Return the SHA-256 of a file; None where it cannot be read, which its reader reports."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
