"""When the events were, over the paths of their tickers."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.timeline import timeline
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import MOST_TICKERS, Reading
from eventstudy.report.section import Section
from eventstudy.report.writing import counted, paragraph

EVENTS = ("event:text:event_id", "ticker", "title", "kind", "stated:text:when", "day0:text:session",
          "why:text:session_note", "overlap:count:n_overlap_window", "confounders")  # fmt: skip


def timeline_section(reading: Reading) -> Section | None:
    """Return the timeline; None where nothing was measured or the paths would be too many to be seen."""
    words = reading.words
    if reading.large or not len(reading.tables["abnormal_returns"]):
        return None
    overlapping = [row for row in reading.measured if row["n_overlap_window"]]
    reading_ = paragraph(
        words,
        "timeline.reading",
        n=f"{len(overlapping):,}",
        firm_events=counted(words, "firm_event", len(reading.measured)),
    )
    figures: tuple[Any, ...] = ()
    if len(reading.tickers) <= MOST_TICKERS and len(reading.tables["prices"]):
        figures = (figure("timeline", words.say("timeline.caption"), timeline(reading.source)),)
    listed = table(words, "events", words.say("timeline.table"), reading.firm_events, EVENTS, "events")
    return Section("timeline", words.say("timeline.title"), (reading_, *figures, listed))
