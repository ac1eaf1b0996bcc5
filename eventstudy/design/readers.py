"""Fields of a `Design` that are read: names, models, tests and earlier sessions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, get_args

from eventstudy._typing import History
from eventstudy.design.arguments import as_names, is_number
from eventstudy.errors import DesignError, UnknownNameError, UsageError


def read_names(field: str, value: str | Iterable[str]) -> tuple[str, ...]:
    """Read names, or one."""
    try:
        return as_names(field, value, "size")
    except UsageError:
        raise DesignError(field, f"{str(value)[:60]!r} is not a list of names") from None


def read_column(field: str, value: str | None) -> str | None:
    """Read the name of a column, or none."""
    return None if value is None else read_names(field, [value])[0]


def read_model(field: str, value: Any) -> Any:
    """Read the name of a model, or a `NormalReturnModel`."""
    if not isinstance(value, str) and not callable(getattr(value, "estimate", None)):
        raise DesignError(
            field, f"{str(value)[:60]!r} is neither the name of a model nor a NormalReturnModel"
        )
    return value


def read_tests(field: str, value: Any) -> tuple[str, ...]:
    """Read names of tests, or `SignificanceTest` objects, whose text is their name."""
    tests = (value,) if isinstance(value, str) or hasattr(value, "function") else value
    if not isinstance(tests, Iterable):
        raise DesignError(field, f"{value!r} is not a list of names")
    tests = tuple(tests)
    read_names(field, [getattr(test, "name", test) for test in tests])
    return tests


def read_history(field: str, value: Any) -> int | str:
    """Read which earlier sessions are taken: a name, or their number."""
    if isinstance(value, str) and value in get_args(History):
        return value
    if isinstance(value, str) and not value.isdecimal():
        raise UnknownNameError(field, value, (*get_args(History), "N"))
    if isinstance(value, str):
        value = int(value)
    if not is_number(value) or not math.isfinite(value) or not 0 < int(value) == value:
        raise DesignError(field, f"{value} must be a number of earlier sessions, such as 1000")
    return int(value)
