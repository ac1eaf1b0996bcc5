"""What confounds a firm-event, taken apart: stated news with its date, and listed events that overlap."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eventstudy.results.row_groups import Row

_STATED = re.compile(r"(\d{4}-\d{2}-\d{2}) (.*?)(?: \(tau ([+-]\d+)\))?", re.DOTALL)
_LISTED = re.compile(r"(.*) at tau ([+-]\d+)", re.DOTALL)


@dataclass(frozen=True)
class Confounder:
    """One thing in the event window beside the event.

    Attributes
    ----------
    what
        The news, or the id of a listed event.
    listed
        Whether it is an event of the study.
    day
        Its date, empty for a listed event.
    tau
        Sessions from day 0; None where it is not known.
    """

    what: str
    listed: bool
    day: str = ""
    tau: int | None = None


def confounders_of(row: Row) -> list[Confounder]:
    """Return what the column ``confounders`` of a row of ``events`` names; other words stay as they are."""
    return [_read(part) for part in (row["confounders"] or "").split("; ") if part]


def is_stated(row: Row) -> bool:
    """Tell whether known news or a stated confounder is in the window, not listed events alone."""
    return any(not each.listed for each in confounders_of(row))


def _read(part: str) -> Confounder:
    if found := _STATED.fullmatch(part):
        return Confounder(found[2], False, found[1], None if found[3] is None else int(found[3]))
    if found := _LISTED.fullmatch(part):
        return Confounder(found[1], True, tau=int(found[2]))
    return Confounder(part, True)
