"""Every firm-event that was skipped, with its reason."""

from __future__ import annotations

from collections import Counter

from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading
from eventstudy.report.section import Listing, Section
from eventstudy.report.writing import counted, name, paragraph, sentence

COLUMNS = ("event:text:event_id", "ticker", "day0:text:session", "reason")
MOST_REASONS = 12


def skipped_section(reading: Reading) -> Section:
    """Return what was skipped and why, or say that nothing was."""
    words = reading.words
    rows = [row for row in reading.firm_events if row["status"] != "ok"]
    title, asked = words.say("skipped.title"), counted(words, "firm_event", len(reading.firm_events))
    if not rows:
        return Section("skipped", title, (paragraph(words, "skipped.none", asked=asked),))
    reasons = Counter(row["reason"] or "" for row in rows).most_common(MOST_REASONS)
    items = tuple(
        sentence(words, "skipped.because", n=f"{n:,}", reason=name(reason)) for reason, n in reasons
    )
    told = paragraph(words, "skipped.reading", n=f"{len(rows):,}", asked=asked)
    listed = table(
        words, "skipped", words.say("skipped.table"), rows, COLUMNS, "events", folded=len(rows) > 50
    )
    return Section("skipped", title, (told, Listing(items), listed))
