"""`DesignField`: the record of one field of `Design`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from math import inf
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

from eventstudy.design.arguments import is_flag, is_number, is_whole
from eventstudy.errors import DesignError, UnknownNameError

T = TypeVar("T")
Given = TypeVar("Given")
Kept = TypeVar("Kept")


class DesignField(Generic[Given, Kept]):
    """One field of `Design`, stated once: default, meaning, check, and option on the command line.

    The study file's form, its JSON Schema, the options of ``run`` and ``simulate`` and the table in the docs
    are derived from it. It is a descriptor: what the caller gives is read and checked when it is set.

    Parameters
    ----------
    default
        The value where none is given.
    meaning
        The sentence of ``--help``, the schema and the docs; the option of a list gives one member.
    option, metavar
        Name of the option, by default the field's; the name of its value in ``--help``, by default the
        names that a ``Literal`` allows.
    no_option
        Why the command line has no option for the field.
    read
        Turns what was given into what is kept; receives the name of the field for its `DesignError`.
    check, rule
        The condition that the value must meet, and its words in the error.
    """

    name: str
    owner: type

    def __init__(
        self,
        default: Kept,
        meaning: str,
        *,
        option: str = "",
        metavar: str = "",
        no_option: str = "",
        read: Callable[[str, Given], Kept] | None = None,
        check: Callable[[Kept], bool] | None = None,
        rule: str = "",
    ) -> None:
        self.default, self.meaning, self.option, self.metavar = default, meaning, option, metavar
        self.no_option, self.read, self.check, self.rule = no_option, read, check, rule

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.owner = name, owner
        self.option = self.option or "--" + name.replace("_", "-")

    def __get__(self, instance: object | None, owner: type) -> Kept:
        value: Kept = self.default if instance is None else instance.__dict__[self.name]
        return value

    def __set__(self, instance: object, given: Given) -> None:
        value: Any = given if self.read is None else self.read(self.name, given)
        if not self._fits(value):
            raise DesignError(self.name, f"{str(value)[:60]!r} {self.rule or self._wanted}")
        if self.choices and value not in self.choices:
            raise UnknownNameError(self.name, str(value), self.choices)
        if not self._holds(value):
            raise DesignError(self.name, f"{value} {self.rule}")
        instance.__dict__[self.name] = value

    def _fits(self, value: Any) -> bool:
        """Tell whether a value is of the type that is kept, where that is a plain one."""
        plain = {bool: is_flag, int: is_whole, float: is_number}
        kinds = get_args(self.kind) if isinstance(self.kind, UnionType) else (self.kind,)
        known = [plain[kind] for kind in kinds if kind in plain]
        if not known or str in kinds:
            return True
        return (value is None and NoneType in kinds) or any(fits(value) for fits in known)

    @property
    def _wanted(self) -> str:
        if self.kind is bool:
            return "is neither True nor False"
        return f"is not a {'whole ' if self.kind is int else ''}number, such as {self.default or 1}"

    def _holds(self, value: Any) -> bool:
        try:
            return self.check is None or self.check(value)
        except TypeError:
            return False

    @cached_property
    def kind(self) -> Any:
        """The type of the value that is kept."""
        hint = _hints(self.owner)[self.name]
        return get_args(hint)[1] if get_origin(hint) is DesignField else hint

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The names that are allowed, of a field with a fixed set of them."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()


_hints = cache(get_type_hints)  #: evaluated once for all fields of a class


def field(default: T, meaning: str, **about: Any) -> T:
    """Return the `DesignField` of a field that keeps what it is given, typed as that value."""
    made: Any = DesignField(default, meaning, **about)
    return made  # type: ignore[no-any-return]


def count(default: int, meaning: str, most: float = inf) -> int:
    """Return the `DesignField` of a whole number from 0 to ``most``."""
    rule = "must be a whole number from 0" + ("" if most == inf else f" to {most}")
    return field(default, meaning, metavar="N", check=lambda value: 0 <= value <= most, rule=rule)


def fields_of(design: type) -> dict[str, DesignField[Any, Any]]:
    """Return the fields of a class by name, in the order in which they are written."""
    return {name: record for name, record in vars(design).items() if isinstance(record, DesignField)}


def documented(design: type[T]) -> type[T]:
    """Put the fields into the docstring of a class, unless ``python -OO`` removed it."""
    if design.__doc__ is not None:
        lines = [f"{name}\n        {record.meaning}" for name, record in fields_of(design).items()]
        design.__doc__ = design.__doc__.replace("(fields)", "\n    ".join(lines))
    return design
