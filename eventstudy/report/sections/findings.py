"""What was found in the price series."""

from __future__ import annotations

from collections import Counter

from eventstudy.report.section import Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import joined, paragraph, sentence
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

COLUMNS = ("ticker", "session", "rule", "severity", "detail")
MOST = 500  #: findings in the table


def findings_section(view: ResultView) -> Section:
    """Return the findings, or say that there are none, or that there were no prices to check."""
    words, rows, title = view.words, view.rows("findings"), view.words.say("findings.title")
    if not rows:
        checked = "findings.none" if len(view.tables["prices"]) else "findings.unchecked"
        return Section("findings", title, (paragraph(words, checked),), folded=True)
    severities = Counter(row["severity"] for row in rows)
    counts = [
        sentence(words, "findings.of", n=n, severity=words.coded("severity", each))
        for each, n in severities.items()
    ]
    total, shown = words.counted("finding", len(rows)), rows[:MOST]
    told = paragraph(words, "findings.reading", findings=total, severities=joined(words, counts))
    caption = words.say("findings.table", n=count(len(shown)), of=count(len(rows)))
    listed = table(words, "findings", caption, shown, COLUMNS, "findings", folded=False)
    return Section("findings", title, (told, listed), folded=True)
