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
    PlainValidator,
    Tag,
    WithJsonSchema,
)

from eventstudy._typing import History
from eventstudy._typing import Timing as ReactionTiming
from eventstudy.design import Benchmark
from eventstudy.errors import DesignError, UsageError
from eventstudy.events.moments import read_day, read_when
from eventstudy.events.names import MAX_ID, TICKER_PATTERN, check_id, check_ticker
from eventstudy.events.nodes import EMPTY


def _window(value: Any) -> tuple[int, int]:
    pair = value.split(":") if isinstance(value, str) else value
    try:
        start, end = (int(part) for part in pair)
    except (TypeError, ValueError):
        shown = value if isinstance(value, str) else pair
        raise UsageError(f"{shown!r} is not a window; write two sessions, as [-5, 5] or -5:5") from None
    return start, end


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


def _shape(value: Any) -> str:
    return "(list)" if isinstance(value, list) else "(mapping)" if isinstance(value, dict) else "(text)"


def blank_is(empty: Any) -> BeforeValidator:
    """Read a key without a value as an empty list or mapping."""
    return BeforeValidator(lambda value: empty if value is EMPTY else value)


_NAME = ["string", "number", "boolean"]  # a name such as 700 or TRUE, as editors read it
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_WINDOW = {
    "anyOf": [
        {"type": "string", "pattern": r"^[+-]?\d+:[+-]?\d+$"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    ]
}

Text = Annotated[str, Field(min_length=1)]
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
CountOrShare = Annotated[float, PlainValidator(_count_or_share), WithJsonSchema({"type": "number"})]
_HISTORY = {"anyOf": [{"enum": list(get_args(History))}, {"type": "integer", "minimum": 1}]}
PlaceboHistory = Annotated[Any, WithJsonSchema(_HISTORY)]  # read and checked by `Design`
Timing = Literal[ReactionTiming, "session"]


class Form(BaseModel):
    """A mapping with a fixed set of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class BenchmarkForm(Form):
    """A benchmark from which each security is taken out."""

    ticker: Ticker
    """The benchmark, one ticker."""
    exclude_self: dict[Ticker, float]
    """The weight of each security in the benchmark, a share such as 0.066."""


def to_benchmark(value: str | tuple[str, ...] | BenchmarkForm) -> Benchmark:
    """Return the `Benchmark` of a checked value."""
    return Benchmark.parse(value.model_dump() if isinstance(value, BenchmarkForm) else value)


def _is_a_benchmark(value: Any) -> Any:
    to_benchmark(value)
    return value


AnyBenchmark = Annotated[
    Annotated[Ticker, Tag("(text)")]
    | Annotated[tuple[Ticker, ...], Tag("(list)")]
    | Annotated[BenchmarkForm, Tag("(mapping)")],
    Discriminator(_shape),
    AfterValidator(_is_a_benchmark),
]
