"""When the events were, over the paths of their tickers."""

from __future__ import annotations

from eventstudy.charts.timeline import LINES, MOST, timeline
from eventstudy.report.chart_blocks import figure
from eventstudy.report.layout import layout_of
from eventstudy.report.section import Block, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.naming import sentence_of
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

EVENTS = ("event:text:event_id", "ticker", "title", "kind", "stated:text:when",
          "day0:text:session", "why:text:session_note", "overlap:count:n_overlap_window",
          "confounders")  # fmt: skip


def timeline_section(view: ResultView) -> Section | None:
    """Return the timeline and the table of events; None where nothing was measured."""
    words = view.words
    if not view.first_cars:
        return None
    n = count(sum(bool(row["n_overlap_window"]) for row in view.measured))
    of = words.counted("firm_event", len(view.measured))
    blocks: list[Block] = [paragraph(words, "timeline.reading", n=n, firm_events=of)]
    if layout_of(view).timeline:
        made = timeline(view)
        paths = len(view.tickers) <= LINES
        key = ("bars" if len(made.datasets["bars"]) <= MOST else "rug") + ("" if paths else "_alone")
        blocks.append(figure("timeline", words.say(f"timeline.{key}"), made))
    if not view.large:
        named = {
            "kind": lambda row: view.kind(row["kind"] or ""),
            "confounders": lambda row: sentence_of(view, row["confounders"] or ""),
        }
        caption = words.say("timeline.table")
        blocks.append(table(words, "firm-events", caption, view.firm_events, EVENTS, "events", shown=named))
    return Section("timeline", words.say("timeline.title"), tuple(blocks), folded=True)
