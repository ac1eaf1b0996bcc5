"""Which columns of an event list a large study reads."""

from __future__ import annotations

from eventstudy.errors import EventsFileError, FileContentError
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

#: Names of the columns of each role; ``--event-column`` states another.
ROLES = {
    "ticker": ("ticker", "symbol", "permno", "tic", "security"),
    "session": ("session", "day0"),
    "when": ("date", "when", "event_date"),
    "timing": ("timing",),
    "event_id": ("event_id", "event", "id"),
}


def columns_read(head: Table, options: ReadingOptions) -> dict[str, int]:
    """Return the column of each role, of those that a table has.

    Raises
    ------
    EventsFileError
        A column that is stated is missing, or several have one role.
    """
    try:
        return {role: place for role in ROLES if (place := _place(head, role, options)) is not None}
    except FileContentError as error:
        raise events_error(error) from None


def events_error(error: FileContentError) -> EventsFileError:
    """Return an error of a table as one of an event list."""
    remedy = f"{error.problem}; {error.remedy}" if error.remedy else error.problem
    return EventsFileError(error.name, remedy, line=error.line)


def _place(head: Table, role: str, options: ReadingOptions) -> int | None:
    """Return the column of a role, None where there is none."""
    stated = options.event_columns.get(role)
    found = head.places(*((stated,) if stated else ROLES[role]))
    if stated and not found:
        raise FileContentError(head.name, f"has no column {stated}", "state one with --event-column")
    exact = [place for place in found if head.titles[place] == ROLES[role][0]]
    if len(found) > 1 and len(exact) != 1:
        shown = ", ".join(head.titles[place] for place in found)
        raise FileContentError(
            head.name,
            f"has several columns for {role}: {shown}",
            f"state one with --event-column {role}=HEADER",
        )
    return next(iter([*exact, *found]), None)
