"""What was found amiss in the price series."""

from __future__ import annotations

from collections import Counter

from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading
from eventstudy.report.section import Section
from eventstudy.report.writing import counted, joined, paragraph, sentence

COLUMNS = ("ticker", "session", "rule", "severity", "detail")
MOST = 500  #: findings in the table


def findings_section(reading: Reading) -> Section:
    """Return the findings, or say that there are none, or that no prices were there to check."""
    words = reading.words
    rows = reading.tables["findings"].slice(0, MOST).to_pylist()
    title, total = words.say("findings.title"), len(reading.tables["findings"])
    if not rows:
        checked = "findings.none" if len(reading.tables["prices"]) else "findings.unchecked"
        return Section("findings", title, (paragraph(words, checked),))
    severities = Counter(reading.tables["findings"]["severity"].to_pylist())
    told = paragraph(
        words,
        "findings.reading",
        findings=counted(words, "finding", total),
        severities=joined(
            words, [sentence(words, "findings.of", n=n, severity=each) for each, n in severities.items()]
        ),
    )
    caption = words.say("findings.table", n=f"{len(rows):,}", of=f"{total:,}")
    return Section(
        "findings", title, (told, table(words, "findings", caption, rows, COLUMNS, "findings", folded=False))
    )
