"""When the events were, over the paths of their tickers."""

from __future__ import annotations

from eventstudy.charts.timeline import timeline
from eventstudy.report.chart_blocks import MOST_TICKERS, figure
from eventstudy.report.section import Block, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

EVENTS = ("event:text:event_id", "ticker", "title", "kind", "stated:text:when", "day0:text:session",
          "why:text:session_note", "overlap:count:n_overlap_window", "confounders")  # fmt: skip


def timeline_section(view: ResultView) -> Section | None:
    """Return the timeline; None where nothing was measured, or for a large study."""
    words = view.words
    if view.large or not len(view.tables["abnormal_returns"]):
        return None
    n = count(sum(bool(row["n_overlap_window"]) for row in view.measured))
    of = words.counted("firm_event", len(view.measured))
    blocks: list[Block] = [paragraph(words, "timeline.reading", n=n, firm_events=of)]
    if len(view.tickers) <= MOST_TICKERS and len(view.tables["prices"]):
        blocks.append(figure("timeline", words.say("timeline.caption"), timeline(view)))
    rows = [row | {"kind": view.kind(row["kind"] or "")} for row in view.firm_events]
    blocks.append(table(words, "events", words.say("timeline.table"), rows, EVENTS, "events"))
    return Section("timeline", words.say("timeline.title"), tuple(blocks))
