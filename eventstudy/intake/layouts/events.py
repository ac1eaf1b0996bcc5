"""The registry of layouts of event lists, and reading a list by them."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors import FileContentError
from eventstudy.intake.event_columns import EventReading
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.event_generic import read_by_roles
from eventstudy.intake.layouts.event_lists import (
    is_capital_iq,
    is_edgar,
    is_fundq,
    is_ibes,
    is_ravenpack,
    is_sdc,
    read_capital_iq,
    read_edgar,
    read_fundq,
    read_ibes,
    read_ravenpack,
    read_sdc,
)
from eventstudy.intake.layouts.event_positional import (
    is_event_study_tools,
    is_request,
    read_event_study_tools,
    read_request,
    with_own_header,
)
from eventstudy.intake.layouts.event_roles import ROLES, is_own_form, named_columns
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.table import Table

OWN = Layout("events", "event list", "`event_id`, `ticker`, `when` or `session`", is_own_form, read_by_roles)
EVENT_LAYOUTS: tuple[Layout[EventReading], ...] = (
    OWN,
    Layout(
        "event-study-tools",
        "EventStudyTools request",
        "no header, nine cells, the fourth a date",
        is_event_study_tools,
        read_event_study_tools,
    ),
    Layout(
        "request",
        "request of WRDS or Eventus",
        "no header, PERMNO or CUSIP and a date",
        is_request,
        read_request,
    ),
    Layout("ibes", "I/B/E/S", "`anndats` with `anntims`, `actdats` or `fpedats`", is_ibes, read_ibes),
    Layout("compustat-fundq", "Compustat quarterly", "`gvkey`, `rdq`", is_fundq, read_fundq),
    Layout("ravenpack", "RavenPack", "`TIMESTAMP_UTC`", is_ravenpack, read_ravenpack),
    Layout(
        "capital-iq",
        "Capital IQ key developments",
        "`mostImportantDateUTC`",
        is_capital_iq,
        read_capital_iq,
    ),
    Layout(
        "edgar",
        "EDGAR filings",
        "`acceptanceDateTime`, `secatime` or `accessionNumber`",
        is_edgar,
        read_edgar,
    ),
    Layout("sdc", "SDC deals", "`Date Announced`, target and acquiror", is_sdc, read_sdc),
    Layout("event-list", "event list", "names of a security and a day", lambda _: True, read_by_roles),
)


def read_events_of(tables: Sequence[Table], options: ReadingOptions) -> EventReading:
    """Return the events of the one table of a file that is an event list.

    Raises
    ------
    FileContentError
        No table is one; several are, and no sheet is named; errors of the layout.
    """
    listed = [with_own_header(table) for table in tables]
    if len(listed) > 1:
        found = [table for table in listed if _looks_like_a_list(table, options)]
        if len(found) > 1:
            shown = " or ".join(f"{table.name} ({table.n_rows} rows)" for table in found)
            raise FileContentError(
                tables[0].name.partition("[")[0],
                f"the events are in {shown}",
                "keep one, or name it in a study file: events_file: {sheet: NAME}",
            )
        listed = found or listed
    return read_by_layout(listed[0], EVENT_LAYOUTS, options)


def _looks_like_a_list(table: Table, options: ReadingOptions) -> bool:
    if any(layout.fits(table) for layout in EVENT_LAYOUTS[:-1]):
        return True
    named = {} if not options.event_columns else _named(table, options)
    has = {
        role: bool(named.get(role)) or table.place(*ROLES[role]) is not None for role in ("ticker", "when")
    }
    return all(has.values())


def _named(table: Table, options: ReadingOptions) -> dict[str, bool]:
    try:
        return dict.fromkeys(named_columns(table, options), True)
    except FileContentError:  # a sheet without that column
        return {}
