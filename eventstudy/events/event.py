"""`Event` and `Study`: dated news, and the content of a study file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from eventstudy._typing import Direction, Timing
from eventstudy.design import Benchmark, Design, Grid
from eventstudy.design.arguments import as_names, check_flags, check_kind, check_texts, is_whole, refusal
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.events.claim import Claim
from eventstudy.events.moments import contradiction, read_day, read_when
from eventstudy.events.names import check_id, check_ticker
from eventstudy.events.price_statements import Statements
from eventstudy.intake.options import ReadingOptions
from eventstudy.words.by_language import AnyText, check_text

#: of event lists, in any container; any other file is a study file
TABLE_SUFFIXES = (
    *(".csv", ".txt", ".tsv", ".tab", ".dat", ".psv", ".gz", ".zip", ".zst"),
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".dta", ".sav", ".sas7bdat", ".xpt"),
    *(".rds", ".rdata", ".rda", ".parquet", ".pq", ".feather", ".arrow", ".ipc"),
)


def is_frame(events: Any) -> bool:
    """Whether events are a frame of any library; the columns of a lazy one are not computed."""
    return hasattr(type(events), "columns") or hasattr(events, "__arrow_c_stream__")


@dataclass(frozen=True)
class Confounder:
    """Something else that moved a ticker on a date, known from elsewhere, with its reason."""

    ticker: str
    date: date
    reason: AnyText

    def __post_init__(self) -> None:
        check_text("reason", self.reason)


@dataclass(frozen=True)
class Evidence:
    """Where an event's date or figure comes from: a card in seeds/ and a needle in the article's text."""

    card: str
    needle: str
    basis: Literal["stated", "derived", "public"]
    note: AnyText = ""

    def __post_init__(self) -> None:
        check_text("note", self.note)


@dataclass(frozen=True)
class Event:
    """One dated piece of news.

    ``when`` is a time stamp with a zone, or a plain date: the local date of the security's exchange; text is
    read as in a study file. Where ``session`` is given it is day 0 itself and no calendar shifts it.
    ``tickers`` empty means the study's. ``title`` is a text, or one by language (``{"en": ..., "ko": ...}``).
    ``line`` is its line in a study file.

    Raises
    ------
    UsageError
        An invalid id or ticker, a time stamp without a zone, an unknown timing or direction.
    """

    id: str
    when: datetime | date
    title: AnyText = ""
    session: date | None = None
    timing: Timing | None = None
    kind: str = ""
    benchmark: Benchmark | None = None
    tickers: tuple[str, ...] = ()
    expect: Mapping[str, Direction] = field(default_factory=dict)
    confounders: tuple[Confounder, ...] = ()
    background: bool = False
    evidence: tuple[Evidence, ...] = ()
    claims: tuple[Claim, ...] = ()
    characteristics: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None

    def __post_init__(self) -> None:
        check_id(self.id)
        object.__setattr__(self, "tickers", tuple(map(check_ticker, as_names("tickers", self.tickers))))
        check_text("title", self.title)
        check_texts(kind=self.kind, timing=self.timing)
        check_flags(background=self.background)
        if isinstance(self.benchmark, str):
            object.__setattr__(self, "benchmark", Benchmark.parse(self.benchmark))
        for name, value, kind in (
            ("kind", self.kind, str),
            ("benchmark", self.benchmark, Benchmark | None),
            ("expect", self.expect, Mapping),
            ("characteristics", self.characteristics, Mapping),
            ("confounders", self.confounders, Iterable),
            ("evidence", self.evidence, Iterable),
            ("claims", self.claims, Iterable),
        ):
            check_kind(name, value, kind, getattr(kind, "__name__", "a Benchmark or None"))
        for name, of in (("confounders", Confounder), ("evidence", Evidence), ("claims", Claim)):
            for each in getattr(self, name):
                check_kind(name, each, of, f"a list of {of.__name__}")
        if self.line is not None and not is_whole(self.line):
            raise refusal("line", self.line, "a whole number, or None")
        self._read_days()
        if self.timing is not None and self.timing not in get_args(Timing):
            raise UnknownNameError("timing", self.timing, get_args(Timing))
        for direction in self.expect.values():
            if direction not in get_args(Direction):
                raise UnknownNameError("direction to expect", str(direction), get_args(Direction))

    def _read_days(self) -> None:
        """Read the text of days, and refuse what is neither a date nor a time with its zone."""
        place = f"event {self.id}"
        for name, read in (("when", read_when), ("session", read_day)):
            if isinstance(getattr(self, name), str):
                try:
                    object.__setattr__(self, name, read(getattr(self, name)))
                except UsageError as error:
                    raise UsageError(f"{place}: {name}: {error}") from None
        check_kind(f"{place}: when", self.when, date, "a date, or a time with its zone")
        if isinstance(self.when, datetime) and self.when.utcoffset() is None:
            raise UsageError(f"{place}: when {self.when} has no time zone; give it one, or the date alone")
        check_kind(f"{place}: session", self.session, date | None, "a date")
        if isinstance(self.session, datetime):
            raise UsageError(f"{place}: session {self.session} is a time; day 0 is a date")
        if self.session is not None and (problem := contradiction(self.when, self.session)):
            raise UsageError(f"{place}: {problem}")


@dataclass(frozen=True)
class KnownNews:
    """One piece of public news about some tickers, or about every one (``tickers`` empty).

    ``when`` and ``timing`` are read as those of an event are; ``kind`` is a label such as ``results``, and
    ``what`` says in words, or in the words of each language, what happened.

    Raises
    ------
    UsageError
        An invalid ticker, an unknown timing, a time stamp without a zone, or no kind or words.
    """

    tickers: tuple[str, ...]
    when: datetime | date
    kind: str
    what: AnyText
    timing: str | None = None

    def __post_init__(self) -> None:
        for ticker in self.tickers:
            check_ticker(ticker)
        if isinstance(self.when, datetime) and self.when.utcoffset() is None:
            raise UsageError(f"date: {self.when} has no time zone; give it one, or the date alone")
        if self.timing is not None and self.timing not in get_args(Timing):
            raise UnknownNameError("timing", self.timing, get_args(Timing))
        if not self.kind or not self.what:
            raise UsageError("known news needs a kind (results) and what happened, in words")
        check_text("what", self.what)


@dataclass(frozen=True)
class FactorFile:
    """A file of factor returns: its path, its unit (None: by the column names) and the columns used."""

    path: Path
    unit: Literal["percent", "decimal"] | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventsFile:
    """An event list that a study file names: its path, and what is stated of it."""

    path: Path
    reading: ReadingOptions = field(default_factory=ReadingOptions)


@dataclass(frozen=True)
class StudyData:
    """The files of prices of a study: paths and URIs, and how to read them."""

    files: tuple[Path | str, ...]
    reading: ReadingOptions


@dataclass(frozen=True)
class Study:
    """The content of a study file: its design, tickers and events, and the ``files`` that it names.

    ``title`` and ``kinds``, the names of kinds by label, may be given in several languages.
    """

    path: Path
    events: tuple[Event, ...]
    tickers: tuple[str, ...]
    design: Design = field(default_factory=Design)
    factors: FactorFile | None = None
    exchanges: Mapping[str, str] = field(default_factory=dict)
    known: tuple[KnownNews, ...] | None = None
    events_file: EventsFile | None = None
    data: StudyData | None = None
    stated: Statements = field(default_factory=Statements)
    files: tuple[Path, ...] = ()
    grid: Grid | None = None
    title: AnyText = ""
    kinds: Mapping[str, AnyText] = field(default_factory=dict)
