"""One part per event: what happened, the paths, the intervals, the tests of its tickers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.charts.car_paths import car_paths
from eventstudy.charts.forest import forest
from eventstudy.report.figures import figure
from eventstudy.report.section import Section
from eventstudy.words import Words

if TYPE_CHECKING:
    from eventstudy.results import EventStudyResult


def events_section(result: EventStudyResult, words: Words) -> Section | None:
    """Return a part per event of which some firm-event was measured."""
    measured: dict[str, str] = {}
    for row in result.tables["events"].to_pylist():
        if row["status"] == "ok":
            measured.setdefault(row["event_id"], row["title"] or "")
    parts = tuple(_event(result, words, event, title) for event, title in measured.items())
    return Section(id="events", title=words.say("section.events.title"), sections=parts) if parts else None


def _event(result: EventStudyResult, words: Words, event: str, title: str) -> Section:
    paths, plot = car_paths(result.tables, words, event=event), forest(result.tables, words, event=event)
    return Section(
        id=f"event-{event}",
        title=event,
        paragraphs=(title,) if title else (),
        figures=(
            figure(f"paths-{event}", words.say("section.events.paths"), paths),
            figure(f"forest-{event}", words.say("section.events.forest"), plot),
        ),
    )
