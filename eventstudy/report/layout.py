"""What a page shows of a study of its size: one rule for all sections, so that none names what is absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eventstudy.charts.spread import LEAST as LEAST_SPREAD
from eventstudy.report.anchors import anchors
from eventstudy.results.view import ResultView

MOST_CARDS = 24  #: events with a card each; of more a list opens them
MOST_CELLS = 24  #: tickers of a heat map
MOST_LINES = 8  #: tickers with a line of their own in the timeline

#: Anchors of the page's own parts, which no event takes.
OWN = (
    *("answer", "events", "cars", "timeline", "tickers", "compare", "regressions", "estimation", "power"),
    *("findings", "skipped", "question", "methods", "provenance", "robustness", "main", "contents"),
)


@dataclass(frozen=True)
class Layout:
    """What is shown.

    Attributes
    ----------
    targets
        The anchor of each event with a measured firm-event, in the order of the study.
    lists_events
        Whether the events are rows of a list; else each has a card.
    heat_map, spread, timeline
        Whether these charts are drawn.
    """

    targets: Mapping[str, str]
    lists_events: bool
    heat_map: bool
    spread: bool
    timeline: bool


def layout_of(view: ResultView) -> Layout:
    """Return what the page of a result shows."""
    measured = {row["event_id"] for row in view.first_cars}
    events = [event for event in view.event_ids if event in measured]
    known = sum(row["statistic"] is not None for row in view.first_cars)
    lists = len(events) > MOST_CARDS
    small = not lists and len(view.tickers) <= MOST_CELLS
    return Layout(
        targets=anchors(events, OWN),
        lists_events=lists,
        heat_map=small and len(view.first_cars) > 1,
        spread=not small and known >= LEAST_SPREAD,
        timeline=len(events) > 1,
    )
