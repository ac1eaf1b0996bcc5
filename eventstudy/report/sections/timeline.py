"""When the events were, over the paths of their tickers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.charts.timeline import timeline
from eventstudy.report.figures import figure
from eventstudy.report.section import Section
from eventstudy.words import Words

if TYPE_CHECKING:
    from eventstudy.results import EventStudyResult


def timeline_section(result: EventStudyResult, words: Words) -> Section | None:
    """Return the timeline; None where nothing was measured."""
    if not len(result.tables["abnormal_returns"]):
        return None
    return Section(
        id="timeline",
        title=words.say("section.timeline.title"),
        paragraphs=(words.say("section.timeline.reading"),),
        figures=(figure("timeline", words.say("section.timeline.caption"), timeline(result.tables, words)),),
    )
