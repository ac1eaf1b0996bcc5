"""The values of a study file: how each is read from text, and its JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    Tag,
    WithJsonSchema,
)

from eventstudy._typing import History
from eventstudy._typing import Timing as ReactionTiming
from eventstudy.design import Benchmark, MaskDates, read_benchmark, read_benchmarks
from eventstudy.design.window import NO_WINDOW
from eventstudy.errors import DesignError, UsageError
from eventstudy.events.meanings import meanings
from eventstudy.events.moments import read_day, read_when
from eventstudy.events.names import MAX_ID, TICKER_PATTERN, check_id, check_ticker
from eventstudy.events.nodes import EMPTY
from eventstudy.words import LANGUAGES


def _window(value: Any) -> tuple[int, int]:
    pair = value.split(":") if isinstance(value, str) else value
    try:
        start, end = (int(part) for part in pair)
    except (TypeError, ValueError):
        shown = value if isinstance(value, str) else pair
        raise UsageError(f"{shown!r} is not a window; write two sessions, as [-5, 5] or -5:5") from None
    return start, end


def _estimation(value: Any) -> Any:
    """Read one window or several, or none; what they hold is checked by `Design`."""
    if value == NO_WINDOW:
        return value
    if isinstance(value, str):
        value = value.split(",") if "," in value else value
    several = isinstance(value, list) and any(isinstance(each, list) or ":" in str(each) for each in value)
    return [_window(each) for each in value] if several else _window(value)


def _count_or_share(value: Any) -> float:
    with suppress(TypeError, ValueError, OverflowError):
        number = int(value) if str(value).lstrip("+-").isdigit() else float(value)
        if math.isfinite(number):
            return number
    raise UsageError(f"{value!r} is neither a number of sessions (150) nor a share (0.6)")


def _from_text(read: Callable[[str], Any], wanted: str) -> PlainValidator:
    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            raise UsageError(f"must be {wanted}")
        return read(value)

    return PlainValidator(validate)


def _exchange(value: str) -> str:
    from eventstudy.sessions import exchange_of  # calendars load only for a study that names one

    try:
        exchange_of("", {"": value})
    except DesignError as error:
        sentence = error.problem.removeprefix(": ").partition("; allowed")[0]
        raise UsageError(f"{sentence}; write a market identifier such as XNYS or XKRX") from None
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        cut = "; text with a comma needs quotes" if " " in value else ""
        known = ", ".join(LANGUAGES)
        raise UsageError(f"{value!r} is not the code of a language that is known: {known}{cut}")
    return value


def _has_a_language(value: dict[str, str]) -> dict[str, str]:
    if not value:
        raise UsageError("has no language; write the text, or one for each language as en: and ko:")
    return value


def shape(value: Any) -> str:
    """Return the tag of a value that may be text, a list or a mapping."""
    return "(list)" if isinstance(value, list) else "(mapping)" if isinstance(value, dict) else "(text)"


def blank_is(empty: Any) -> BeforeValidator:
    """Read a key without a value as an empty list or mapping."""
    return BeforeValidator(lambda value: empty if value is EMPTY else value)


_OR_MAPPING = Discriminator(lambda value: "(mapping)" if isinstance(value, dict) else "(text)")
_BY_LANGUAGE = WithJsonSchema(
    {
        "type": "object",
        "properties": {lang: {"type": "string", "minLength": 1} for lang in LANGUAGES},
        "additionalProperties": False,
        "minProperties": 1,
    }
)
_NAME = ["string", "number", "boolean"]  # a name such as 700 or TRUE, as editors read it
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_WINDOW = {
    "anyOf": [
        {"type": "string", "pattern": r"^[+-]?\d+:[+-]?\d+$"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    ]
}

Text = Annotated[str, Field(min_length=1)]
Language = Annotated[str, AfterValidator(_language), WithJsonSchema({"enum": list(LANGUAGES)})]


def _any_text(plain: Any) -> Any:
    """Return the type of a text that is given once, or once for each language."""
    by_language = Annotated[dict[Language, Text], AfterValidator(_has_a_language), _BY_LANGUAGE]
    return Annotated[Annotated[plain, Tag("(text)")] | Annotated[by_language, Tag("(mapping)")], _OR_MAPPING]


AnyText = _any_text(Text)
AnyTextOrNone = _any_text(str)  #: may be left empty
Ticker = Annotated[
    str, AfterValidator(check_ticker), WithJsonSchema({"type": _NAME, "pattern": TICKER_PATTERN})
]
EventId = Annotated[
    str, AfterValidator(check_id), WithJsonSchema({"type": _NAME, "minLength": 1, "maxLength": MAX_ID})
]
Stated = Annotated[str, WithJsonSchema({"type": ["string", "number"]})]
Exchange = Annotated[str, AfterValidator(_exchange)]
Day = Annotated[date, _from_text(read_day, "a date such as 2025-01-27"), WithJsonSchema(_DAY)]
When = Annotated[
    date,
    _from_text(read_when, "a date or a time stamp with its zone"),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$"}),
]
SessionWindow = Annotated[Any, PlainValidator(_window), WithJsonSchema(_WINDOW)]
_WINDOWS = [
    {"type": "string", "pattern": r"^[+-]?\d+:[+-]?\d+(, *[+-]?\d+:[+-]?\d+)+$"},
    {"type": "array", "items": _WINDOW, "minItems": 1},
]
Estimation = Annotated[
    Any,
    PlainValidator(_estimation),
    WithJsonSchema({"anyOf": [*_WINDOW["anyOf"], *_WINDOWS, {"const": NO_WINDOW}]}),
]
CountOrShare = Annotated[float, PlainValidator(_count_or_share), WithJsonSchema({"type": "number"})]
_HISTORY = {"anyOf": [{"enum": list(get_args(History))}, {"type": "integer", "minimum": 1}]}
PlaceboHistory = Annotated[Any, WithJsonSchema(_HISTORY)]  # read and checked by `Design`
Timing = Literal[ReactionTiming, "session"]
Weights = Annotated[
    Annotated[Literal["estimate"], Tag("(text)")] | Annotated[dict[Ticker, float], Tag("(mapping)")],
    Discriminator(shape),
]


class Form(BaseModel):
    """A mapping with a fixed set of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> Any:
        """Say of each key what the text under its field says."""
        schema = handler(core_schema)
        keys = handler.resolve_ref_schema(schema)["properties"]
        for name, text in meanings(cls).items():
            keys[name].setdefault("description", text)
        return schema


class BenchmarkForm(Form):
    """A benchmark of which some weights are known, or from which tickers are taken out."""

    ticker: Ticker
    """The benchmark, one ticker."""
    exclude: Literal["self", "event"] | None = None
    """Taken out by its weight: the security itself, or all tickers of the event and of its day 0."""
    weights: Weights | None = None
    """The weight of each ticker in the benchmark, a share such as 0.066; estimate finds them from returns."""
    as_of: Day | None = None
    """The day at whose close the weights hold; the session before day 0 by default."""
    drift: bool = True
    """The weights follow the prices on other days; false keeps them."""
    source: AnyTextOrNone = ""  # type: ignore[valid-type]  # an alias elsewhere, a variable here
    """Where the weights are from, or that in each language."""
    stocks: tuple[Ticker, ...] = ()
    """Further stocks of the benchmark, among which weights are estimated."""
    exclude_self: dict[Ticker, float] | None = None
    """Short for exclude: self with these weights, which do not drift."""


def to_benchmark(value: str | tuple[str, ...] | BenchmarkForm) -> Benchmark | None:
    """Return the `Benchmark` of a checked value; None where it is none."""
    written = value.model_dump(exclude_unset=True) if isinstance(value, BenchmarkForm) else value
    return read_benchmark("benchmark", written)


def _may_be_none(value: Any) -> Any:
    to_benchmark(value)
    return value


def _is_a_benchmark(value: Any) -> Any:
    if to_benchmark(value) is None:
        raise UsageError(f"{value} is for the study as a whole; name a benchmark, or remove the line")
    return value


def _are_distinct(values: Any) -> Any:
    read_benchmarks("benchmarks", [to_benchmark(value) or value for value in values])
    return values


_BENCHMARK = (
    Annotated[Ticker, Tag("(text)")]
    | Annotated[tuple[Ticker, ...], Tag("(list)")]
    | Annotated[BenchmarkForm, Tag("(mapping)")]
)
AnyBenchmark = Annotated[_BENCHMARK, Discriminator(shape), AfterValidator(_is_a_benchmark)]
StudyBenchmark = Annotated[_BENCHMARK, Discriminator(shape), AfterValidator(_may_be_none)]
FurtherBenchmarks = Annotated[tuple[AnyBenchmark, ...], AfterValidator(_are_distinct)]
AnyMaskDates = Annotated[
    Annotated[Text, Tag("(text)")] | Annotated[dict[Ticker, tuple[Day, ...]], Tag("(mapping)")],
    Discriminator(shape),
    AfterValidator(MaskDates.parse),
]
