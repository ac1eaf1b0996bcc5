"""Two tickers side by side: chosen on the page, the differences of every event and over all dates."""

from __future__ import annotations

from eventstudy.charts.two_tickers import comparison
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import MOST_TICKERS, Reading, Row
from eventstudy.report.section import Block, Pair, Section
from eventstudy.report.sections.tests_of import PAIRS
from eventstudy.report.writing import paragraph, share

COLUMNS = ("event:text:key", *PAIRS)


def compare_section(reading: Reading) -> Section | None:
    """Return the view of two tickers; None where no event or date has two, or they are too many."""
    words = reading.words
    overall = [row for row in reading.comparisons.get(("all", "ticker"), []) if row["pvalue"] is not None]
    rows = _of_events(reading)
    if not rows and not overall:
        return None
    blocks: list[Block] = [paragraph(words, "compare.reading", window=reading.first_label)]
    pairs = list(dict.fromkeys((row["a"], row["b"]) for row in rows))
    if pairs and len(reading.tickers) <= MOST_TICKERS:
        names = tuple(dict.fromkeys(each for pair in pairs for each in pair))
        charts = {
            f"{a} - {b}": comparison(reading.source, a=a, b=b, window=reading.first_label) for a, b in pairs
        }
        caption = words.say("compare.caption", window=reading.first_label, level=share(reading.confidence))
        blocks += [
            Pair("compare-events", names, pairs[0]),
            figure("compare-events", caption, next(iter(charts.values())), charts),
            table(
                words,
                "compare-events",
                words.say("compare.events", window=reading.first_label),
                rows,
                COLUMNS,
                "comparisons",
                folded=False,
                names=("a", "b"),
            ),
        ]
    if overall:
        caption = words.say("compare.overall", window=reading.first_label)
        most = reading.by_size(overall)[:MOST]
        blocks.append(
            table(words, "compare-all", caption, most, PAIRS, "comparisons", folded=reading.large is False)
        )
    kinds = reading.comparisons.get(("all", "kind"), [])
    if kinds:
        caption = words.say("compare.kinds", window=reading.first_label)
        blocks.append(
            table(words, "compare-kinds", caption, reading.by_size(kinds)[:MOST], PAIRS, "comparisons")
        )
    return Section("compare", words.say("compare.title"), tuple(blocks))


MOST = 200  #: pairs in a table


def _of_events(reading: Reading) -> list[Row]:
    return [row for (level, _), rows in reading.comparisons.items() if level == "event" for row in rows]
