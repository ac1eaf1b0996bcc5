"""Arguments of public functions: their types are checked at the door, by errors that name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from os import PathLike
from typing import Any

from eventstudy.errors import UsageError

SHOWN = 60  #: characters of a wrong value in a message


def refusal(name: str, value: Any, wanted: str) -> UsageError:
    """Return the error for an argument of a wrong type or form."""
    shown = repr(value) if isinstance(value, str | bytes | Real | list | tuple | dict | set) else ""
    given = shown if 0 < len(shown) <= SHOWN else f"a {type(value).__name__}"
    return UsageError(f"{name} must be {wanted}, not {given}")


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_flag(value: Any) -> bool:
    """Tell whether a value is True or False, numpy's included."""
    return isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool"


def check_flags(**flags: Any) -> None:
    """Refuse what is neither True nor False; a UsageError names the argument."""
    for name, value in flags.items():
        if not is_flag(value):
            raise refusal(name, value, "True or False")


def check_texts(**texts: Any) -> None:
    """Refuse what is neither text nor None; a UsageError names the argument."""
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise refusal(name, value, "text")


def check_places(**places: Any) -> None:
    """Refuse what is neither a path nor None; a UsageError names the argument."""
    for name, value in places.items():
        if value is not None and not isinstance(value, str | PathLike):
            raise refusal(name, value, "a path")


def check_kind(name: str, value: Any, kind: Any, wanted: str) -> None:
    """Refuse a value that is not of a type, or of one of several; a UsageError names the argument."""
    if not isinstance(value, kind):
        raise refusal(name, value, wanted)


def check_callable(name: str, value: Any) -> None:
    """Refuse what can neither be called nor is None; a UsageError names the argument."""
    if value is not None and not callable(value):
        raise refusal(name, value, "a function, or None")


def as_names(name: str, value: str | Iterable[str], example: str = "NVDA") -> tuple[str, ...]:
    """Return names as a tuple; one text is one name.

    Raises
    ------
    UsageError
        Anything but text in it, or an empty text.
    """
    listed = (value,) if isinstance(value, str) else value
    if isinstance(listed, bytes | Mapping) or not isinstance(listed, Iterable):
        raise refusal(name, value, f"a name or a list of names, such as {[example]}")
    names = tuple(listed)
    for each in names:
        if not isinstance(each, str) or not each:
            raise refusal(name, each, f"a name or a list of names, such as {[example]}")
    return names
