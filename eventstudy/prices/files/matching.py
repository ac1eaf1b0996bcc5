"""From a name in an event list to the id of a series: as it is, without case and blanks, without zeros."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from eventstudy.errors import PriceDataError

Bearers = Mapping[str, tuple[str, ...]]
Days = Mapping[tuple[str, str], tuple[np.datetime64, np.datetime64]]


def _folded(name: str) -> str:
    return re.sub(r"\s", "", name).casefold()


def _without_zeros(name: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", _folded(name))


#: how two names are compared, the strictest first; names that are only alike never match
FORMS: tuple[Callable[[str], str], ...] = (str, _folded, _without_zeros)


@dataclass(frozen=True)
class Names:
    """The ids of the series that a file holds, and further names of them.

    Attributes
    ----------
    ids
        Of every series.
    aliases
        The ids that bear a further name, such as the ticker of a PERMNO.
    alias_days
        First and last day on which an id bore a name; without an entry it bore it throughout.
    """

    ids: tuple[str, ...]
    aliases: Bearers
    alias_days: Days

    def match(self, name: str, form: int, start: date, end: date) -> str | None:
        """Return the id that a name means by one of `FORMS`, None where it means none.

        Raises
        ------
        PriceDataError
            Several ids bear the name between the dates.
        """
        key = FORMS[form](name)
        found = self._ids[form].get(key) or self._bearers[form].get(key) or ()
        if len(found) > 1:
            found = tuple(each for each in found if self._bore(each, key, form, start, end))
        if len(found) > 1:
            listed = ", ".join(found[:4]) + (", ..." if len(found) > 4 else "")
            problem = f"is the name of {len(found)} series from {start} to {end}: {listed}"
            raise PriceDataError(name, problem, "name the one that is meant in the event list")
        return found[0] if found else None

    def _bore(self, bearer: str, key: str, form: int, start: date, end: date) -> bool:
        named = ((name, days) for (name, own), days in self.alias_days.items() if own == bearer)
        spans = [days for name, days in named if FORMS[form](name) == key]
        low, high = np.datetime64(start), np.datetime64(end)
        return not spans or any(first <= high and low <= last for first, last in spans)

    @cached_property
    def _ids(self) -> list[dict[str, tuple[str, ...]]]:
        return [_by_form(form, ((each, (each,)) for each in self.ids)) for form in FORMS]

    @cached_property
    def _bearers(self) -> list[dict[str, tuple[str, ...]]]:
        return [_by_form(form, self.aliases.items()) for form in FORMS]


def _by_form(
    form: Callable[[str], str], named: Iterable[tuple[str, tuple[str, ...]]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, ids in named:
        found[form(name)] = tuple(dict.fromkeys((*found.get(form(name), ()), *ids)))
    return found
