"""`StudyInputs`: the events of a run, from any source, and its design."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.design import Benchmark, Design
from eventstudy.design.arguments import as_names, check_kind, check_texts
from eventstudy.errors import DesignError, UsageError
from eventstudy.events.event import TABLE_SUFFIXES, Event, FactorFile, KnownNews
from eventstudy.events.firm_events import FirmEvents, from_events, from_frame
from eventstudy.events.known import place_known, read_known, with_mask_dates
from eventstudy.events.names import check_ticker
from eventstudy.events.price_statements import Statements
from eventstudy.sessions.exchange import WITHOUT_SUFFIX, exchange_of

if TYPE_CHECKING:
    import pandas as pd


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
    stated
        What the study states about its prices.
    files
        Further files that were read: known news, dates to mask, actions, factors.
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
    stated: Statements = field(default_factory=Statements)
    files: tuple[Path, ...] = ()

    @property
    def calendars(self) -> bool:
        """Whether exchange calendars count the sessions, rather than the price table's own dates."""
        return self.frame is None or "session" not in self.frame

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
            firm_events = from_frame(self.frame, calendars=self.calendars, **shared)
        if not len(firm_events):
            raise DesignError("tickers", "no firm-event is left; name tickers that the events have")
        if self.known is None:
            return firm_events
        by_ticker = zip(firm_events.ticker, firm_events.exchange, strict=True)
        exchanges = {**self.exchanges, **{ticker: code for ticker, code in by_ticker if code}}
        return replace(firm_events, known=place_known(self.known, firm_events.tickers, exchanges))


def read_inputs(
    events: Any,
    design: Design | None = None,
    tickers: str | Sequence[str] | None = None,
    known: Any = None,
    exchange: str | None = None,
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
    if isinstance(events, StudyInputs):
        inputs = events
    elif isinstance(events, str | Path):
        inputs = _read_file(Path(events))
    elif hasattr(events, "columns"):
        from eventstudy.events.frame import check_event_frame

        inputs = StudyInputs(Design(), frame=check_event_frame(events))
    elif isinstance(events, Sequence) and all(isinstance(event, Event) for event in events):
        inputs = StudyInputs(Design(), _once(events))
    else:
        raise UsageError(
            "events must be a path, a list of Event or a DataFrame with event_id, ticker, session"
        )
    if design is not None:
        check_kind("design", design, Design, "a Design, such as Design(model='market')")
    check_texts(exchange=exchange)
    if exchange is not None:
        exchange_of("exchange", {"exchange": exchange})  # an unknown one is an error, needed or not
    given = {name: value for name, value in changes.items() if value is not None}
    news = inputs.known if known is None else read_known(known)
    design = with_mask_dates((design or inputs.design).replace(**given), news)
    return replace(
        inputs,
        design=design,
        known=news,
        files=(*inputs.files, *([Path(known)] if isinstance(known, str | Path) else [])),
        exchanges=inputs.exchanges if exchange is None else {**inputs.exchanges, WITHOUT_SUFFIX: exchange},
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


def _read_file(path: Path) -> StudyInputs:
    if path.suffix.lower() in TABLE_SUFFIXES:
        from eventstudy.events.event_list import read_event_table

        frame = read_event_table(path)
        return StudyInputs(Design(), frame=frame, path=path, sha256=_sha256(path))
    from eventstudy.events.study_file import read_study

    study = read_study(path)
    return StudyInputs(
        design=study.design,
        events=study.events,
        tickers=study.tickers,
        exchanges=study.exchanges,
        factors=study.factors,
        path=path,
        sha256=_sha256(path),
        known=study.known,
        stated=study.stated,
        files=study.files,
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
