"""Two tickers compared: chosen on the page, the differences of every event and over all dates."""

from __future__ import annotations

from eventstudy.charts.two_tickers import comparison
from eventstudy.report.chart_blocks import MOST_TICKERS, figure
from eventstudy.report.section import Block, Pair, Section
from eventstudy.report.sections.tests_of import PAIRS, pairs_of
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.row_groups import Row, by_size
from eventstudy.results.view import ResultView

COLUMNS = ("event:text:key", *PAIRS)
MOST = 200  #: pairs in a table


def compare_section(view: ResultView) -> Section | None:
    """Return the comparison; None where no event or date has two tickers, or there are too many."""
    words, window = view.words, view.first_label
    overall = [row for row in pairs_of(view, "all", "ticker") if row["pvalue"] is not None]
    rows = [] if view.large else [row for event in view.event_ids for row in pairs_of(view, "event", event)]
    columns = {column: pairs_of(view, "group", column) for column in view.manifest["design"]["by"]}
    if not rows and not overall and not any(columns.values()):
        return None
    blocks: list[Block] = [paragraph(words, "compare.reading", window=window)]
    if rows and len(view.tickers) <= MOST_TICKERS:
        blocks += _event_by_event(view, rows)
    if overall:
        caption, most = words.say("compare.overall", window=window), by_size(overall)[:MOST]
        blocks.append(table(words, "compare-all", caption, most, PAIRS, "comparisons", folded=not view.large))
    if kinds := pairs_of(view, "all", "kind"):
        caption = words.say("compare.kinds", window=window)
        named = {"a": lambda row: view.kind(row["a"]), "b": lambda row: view.kind(row["b"])}
        most = by_size(kinds)[:MOST]
        blocks.append(table(words, "compare-kinds", caption, most, PAIRS, "comparisons", shown=named))
    for number, (column, pairs) in enumerate(columns.items()):
        if pairs:
            caption = words.say("compare.groups", column=column, window=window)
            listed = by_size(pairs)[:MOST]
            blocks.append(table(words, f"compare-groups-{number}", caption, listed, PAIRS, "comparisons"))
    return Section("compare", words.say("compare.title"), tuple(blocks), folded=True)


def _event_by_event(view: ResultView, rows: list[Row]) -> list[Block]:
    words, id_ = view.words, "compare-events"
    pairs = list(dict.fromkeys((row["a"], row["b"]) for row in rows))
    names = tuple(dict.fromkeys(each for pair in pairs for each in pair))
    charts = {f"{a} - {b}": comparison(view, a=a, b=b) for a, b in pairs}
    drawn = words.say("compare.caption", window=view.first_label, level=view.level)
    listed = words.say("compare.events", window=view.first_label)
    return [
        paragraph(words, "compare.choose", "control"),
        Pair(id_, names, pairs[0]),
        figure(id_, drawn, next(iter(charts.values())), charts),
        table(words, id_, listed, rows, COLUMNS, "comparisons", folded=False, names=("a", "b")),
    ]
