"""The events: a card each, or a list that opens them where there are many."""

from __future__ import annotations

from eventstudy.report.event_cards import event_card
from eventstudy.report.event_list import event_list
from eventstudy.report.layout import layout_of
from eventstudy.report.section import Block, Section
from eventstudy.report.writing import paragraph
from eventstudy.results.view import ResultView


def events_section(view: ResultView) -> Section | None:
    """Return the events with a measured firm-event; None where there are none."""
    layout = layout_of(view)
    words, targets = view.words, layout.targets
    if not targets:
        return None
    key = "prices" if view.measure == "returns" else "paths"
    legend = paragraph(words, f"events.{key}", "quiet", level=view.level)
    if layout.lists_events:
        blocks: tuple[Block, ...] = (paragraph(words, "events.ranked"), event_list(view, targets), legend)
    else:
        blocks = (legend, *(event_card(view, event, anchor) for event, anchor in targets.items()))
    return Section("events", words.say("events.title"), blocks)
