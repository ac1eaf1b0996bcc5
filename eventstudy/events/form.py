"""The form of a study file: its keys and their values."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from eventstudy._typing import Direction, ReturnKind
from eventstudy.design import (
    DESIGN_FIELDS,
    Benchmark,
    Design,
    DesignField,
    Grid,
    MaskDates,
    Regression,
    Window,
    Windows,
)
from eventstudy.errors import UsageError
from eventstudy.events.data_form import Actions
from eventstudy.events.evidence_form import ClaimForm, Confounders, EvidenceForms
from eventstudy.events.list_forms import EventsFileForm, Known
from eventstudy.events.reading_form import ReadingForm
from eventstudy.events.regression_form import Regressions
from eventstudy.events.values import (
    AnyBenchmark,
    AnyMaskDates,
    AnyText,
    AnyTextOrNone,
    CountOrShare,
    Day,
    Estimation,
    EventId,
    Exchange,
    Form,
    FurtherBenchmarks,
    PlaceboHistory,
    SessionWindow,
    StudyBenchmark,
    Text,
    Ticker,
    Timing,
    When,
    blank_is,
    shape,
    to_benchmark,
)


class DesignKeys(Form):
    """The design of the study; every key may be left out."""

    @model_validator(mode="after")
    def _is_a_design(self) -> Self:
        self.design()
        return self

    def design(self, **changes: Any) -> Design:
        """Return the `Design` of the keys that were written, and of ``changes``."""
        written = {name: getattr(self, name) for name in self.model_fields_set}
        if "benchmark" in written:
            written["benchmark"] = to_benchmark(written["benchmark"])
        if "benchmarks" in written:
            written["benchmarks"] = tuple(map(to_benchmark, written["benchmarks"]))
        return Design(**written | changes)


#: how a field of `Design` is written in a study file, by its type; other types are written as they are
WRITTEN: dict[Any, Any] = {
    str: Text,
    float: Annotated[float, Field(allow_inf_nan=False)],
    float | None: CountOrShare | None,
    int | str: PlaceboHistory,
    Window: SessionWindow,
    Window | Windows | None: Estimation,
    Benchmark | None: StudyBenchmark,
    MaskDates: AnyMaskDates,
    tuple[Benchmark, ...]: FurtherBenchmarks,
    tuple[Regression, ...]: Regressions,
    tuple[str, ...]: tuple[Text, ...],
    tuple[Window, ...]: tuple[SessionWindow, ...],
}


def _key(record: DesignField[Any, Any]) -> tuple[Any, Any]:
    """Return the type and the default of a key of ``design``."""
    default = str(record.default) if isinstance(record.default, Benchmark | MaskDates) else record.default
    return WRITTEN.get(record.kind, record.kind), Field(default, description=record.meaning)


if TYPE_CHECKING:
    DesignForm = DesignKeys
else:
    DesignForm = create_model(
        "DesignForm",
        __base__=DesignKeys,
        __doc__=DesignKeys.__doc__,
        **{name: _key(record) for name, record in DESIGN_FIELDS.items()},
    )


class FactorsForm(Form):
    """A file of factor returns."""

    path: Text
    """Path of the file, relative to this one."""
    unit: Literal["percent", "decimal"] | None = None
    """Unit of the returns; the column names of the Ken French library imply percent."""
    columns: tuple[Text, ...] = ()
    """Columns used by the model factors."""


class SpecificationKeys(Form):
    """Fields of the design that a specification has of its own; those of the study hold for the others."""

    def given(self) -> dict[str, Any]:
        """Return the fields that are written."""
        written = {name: getattr(self, name) for name in self.model_fields_set}
        if "benchmark" in written:
            written["benchmark"] = to_benchmark(written["benchmark"])
        return written


if TYPE_CHECKING:
    SpecificationForm = SpecificationKeys
else:
    SpecificationForm = create_model(
        "SpecificationForm",
        __base__=SpecificationKeys,
        __doc__=SpecificationKeys.__doc__,
        **{name: _key(record) for name, record in DESIGN_FIELDS.items()},
    )
_OneModel = Annotated[
    Annotated[Text, Tag("(text)")] | Annotated[SpecificationForm, Tag("(mapping)")], Discriminator(shape)
]
_StatedForm = Annotated[
    Annotated[Literal["design"], Tag("(text)")] | Annotated[SpecificationForm, Tag("(mapping)")],
    Discriminator(shape),
]


class GridForm(Form):
    """The specifications under which the study is measured again: all combinations of these lists."""

    models: Annotated[tuple[_OneModel, ...], blank_is(())] = ()
    """Names of models, or a model with the fields of the design that belong to it."""
    estimations: Annotated[tuple[Estimation, ...], blank_is(())] = ()
    """Estimation windows."""
    benchmarks: Annotated[FurtherBenchmarks, blank_is(())] = ()
    """Benchmarks, each for all events."""
    return_kinds: Annotated[tuple[ReturnKind, ...], blank_is(())] = ()
    """simple, log."""
    stated: _StatedForm | None = None
    """The specification that was stated beforehand: design, or the fields in which it differs from it."""

    @model_validator(mode="after")
    def _is_a_grid(self) -> Self:
        self.grid()
        return self

    def grid(self) -> Grid:
        """Return the `Grid`."""
        stated = self.stated if self.stated is None or isinstance(self.stated, str) else self.stated.given()
        return Grid.of(
            models=[each if isinstance(each, str) else each.given() for each in self.models],
            estimations=self.estimations,
            benchmarks=tuple(map(to_benchmark, self.benchmarks)),
            return_kinds=self.return_kinds,
            stated=stated,
        )


class EventForm(Form):
    """One dated piece of news."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["when"]}, {"required": ["session"]}]}
    )

    id: EventId
    """Short and unique; it names rows and files."""
    title: AnyTextOrNone = ""
    """The event in words, or in the words of each language."""
    when: When | None = None
    """2024-02-08 21:00 America/New_York, an ISO date-time with offset, or the exchange's local date."""
    session: Day | None = None
    """Day 0 itself; no calendar shifts it."""
    timing: Timing | None = None
    """When in the day a bare date's news came; session says that the date is day 0 itself."""
    kind: str = ""
    """A free label for grouping."""
    benchmark: AnyBenchmark | None = None
    """Instead of the study's."""
    tickers: Annotated[tuple[Ticker, ...], blank_is(())] = ()
    """Instead of the study's."""
    expect: Annotated[dict[Ticker, Direction], blank_is({})] = Field(default_factory=dict)
    """The expected direction, shown with the outcome; means and tests turned by it are of level expected."""
    confounders: Annotated[dict[Ticker, Confounders], blank_is({})] = Field(default_factory=dict)
    """Other causes that moved a ticker, with their session."""
    background: bool = False
    """Listed for completeness, not measured."""
    evidence: Annotated[EvidenceForms, blank_is(())] = ()
    """Where the date comes from, once or several times."""
    claims: Annotated[tuple[ClaimForm, ...], blank_is(())] = ()
    """What the articles say that prices did."""

    @field_validator("session")
    @classmethod
    def _session_is_not_before(cls, session: date | None, info: ValidationInfo) -> date | None:
        when = info.data.get("when")
        stated = when.date() if isinstance(when, datetime) else when
        if session and stated and session < stated - timedelta(days=1):  # one day: zones differ by that much
            raise UsageError(f"{session} is before {stated}, the day of the news; day 0 cannot be")
        return session

    @field_validator("timing")
    @classmethod
    def _timing_has_a_use(cls, timing: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("session") and timing != "session":
            raise UsageError("has no effect with session, which is day 0 itself; remove one of the two")
        if timing == "session" and isinstance(info.data.get("when"), datetime):
            raise UsageError("session means that the date is day 0; write when as a date without a time")
        return timing

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.when is None and self.session is None:
            raise UsageError("needs when (a date, or a time with its zone) or session (the date of day 0)")
        return self


def _either_events(schema: dict[str, Any]) -> None:
    """Require events or events_file, in the schema for editors."""
    del schema["required"]
    schema["anyOf"] = [{"required": ["events"]}, {"required": ["events_file"]}]


class StudyForm(Form):
    """A study: the design, the tickers and the events."""

    model_config = ConfigDict(json_schema_extra=_either_events)

    title: AnyTextOrNone = ""
    """The study in words, or in the words of each language; the title of its report."""
    design: Annotated[DesignForm, blank_is({})] = Field(default_factory=DesignForm)
    """The design of the study: how abnormal returns are measured and tested."""
    tickers: Annotated[tuple[Ticker, ...], blank_is(())] = ()
    """The securities of every event that names none of its own."""
    benchmark: StudyBenchmark | None = Field(None, description=DESIGN_FIELDS["benchmark"].meaning)
    benchmarks: Annotated[FurtherBenchmarks, blank_is(())] = Field(
        (), description=DESIGN_FIELDS["benchmarks"].meaning
    )
    factors: FactorsForm | None = None
    """Factor returns for the factor models."""
    exchanges: Annotated[dict[Ticker, Exchange], blank_is({})] = Field(default_factory=dict)
    """The exchange (ISO 10383 MIC) of a ticker, where its suffix does not say."""
    data: Annotated[ReadingForm, blank_is({})] | None = None
    """Files of prices or returns, and how to read them."""
    known: Known | None = None
    """What else is on record of the tickers: a list, or a CSV file with ticker, date, timing, kind, what."""
    kinds: Annotated[dict[Text, AnyText], blank_is({})] = Field(default_factory=dict)
    """How a kind of events or known news is called in the report: a name, or one for each language."""
    events_file: EventsFileForm | None = None
    """An event list in a file of its own, instead of events."""
    robustness: Annotated[GridForm, blank_is({})] | None = None
    """The specifications of `eventstudy robustness`, and the one that was stated beforehand."""
    actions: Actions | None = None
    """Corporate actions that the prices lack: a list, or a CSV file with ticker, date, kind, value."""
    events: Annotated[tuple[EventForm, ...], blank_is(()), Field(min_length=1)]
    """The events, in any order."""


class ListStudyForm(StudyForm):
    """A study whose events are in a list of their own."""

    events_file: EventsFileForm
    """An event list in a file of its own, instead of events."""
    events: Annotated[tuple[EventForm, ...], blank_is(())] = ()
    """Events and events_file exclude each other."""

    @field_validator("events")
    @classmethod
    def _are_in_the_file(cls, events: tuple[EventForm, ...]) -> tuple[EventForm, ...]:
        if events:
            raise UsageError("are given here and in events_file; keep one")
        return events
