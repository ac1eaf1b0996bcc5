"""The sections of the report, one file each, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from eventstudy.report.section import Section
from eventstudy.report.sections.events import events_section
from eventstudy.report.sections.heat_map import heat_map_section
from eventstudy.report.sections.timeline import timeline_section
from eventstudy.words import Words

if TYPE_CHECKING:
    from eventstudy.results import EventStudyResult

#: A section makes nothing where the result has nothing to say in it.
SECTIONS: tuple[Callable[[EventStudyResult, Words], Section | None], ...] = (
    timeline_section,
    heat_map_section,
    events_section,
)
