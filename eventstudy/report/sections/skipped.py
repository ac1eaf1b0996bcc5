"""Every firm-event that was skipped, with its reason."""

from __future__ import annotations

from collections import Counter

from eventstudy.report.section import Listing, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import name, paragraph, sentence
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

COLUMNS = ("event:text:event_id", "ticker", "day0:text:session", "reason")
MOST_REASONS = 12
FOLDED = 50  #: a longer table opens on demand


def skipped_section(view: ResultView) -> Section | None:
    """Return what was skipped and why; None where nothing was, as the first screen says."""
    words, title = view.words, view.words.say("skipped.title")
    rows = [row for row in view.firm_events if row["status"] != "ok"]
    asked = words.counted("firm_event", len(view.firm_events))
    if not rows:
        return None
    reasons = Counter(row["reason"] or "" for row in rows).most_common(MOST_REASONS)
    items = tuple(
        sentence(words, "skipped.because", n=count(n), reason=name(reason)) for reason, n in reasons
    )
    told, caption = paragraph(words, "skipped.reading", n=count(len(rows)), asked=asked), "skipped.table"
    folded = len(rows) > FOLDED
    listed = table(words, "skipped", words.say(caption), rows, COLUMNS, "events", folded=folded)
    return Section("skipped", title, (told, Listing(items), listed), folded=bool(view.first_cars))
