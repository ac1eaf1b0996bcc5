"""One part per ticker: its events side by side."""

from __future__ import annotations

from eventstudy.charts.forest import forest
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Section
from eventstudy.report.sections.cars import CARS
from eventstudy.report.sections.tests_of import (
    PAIRS,
    figures,
    is_sound,
    pairs_of,
    pairs_sentence,
    tests_table,
)
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import joined, name, paragraph
from eventstudy.results.firm_day import mark
from eventstudy.results.naming import quoted_event
from eventstudy.results.row_groups import Row, by_size
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

LEAST = 2  #: events of a ticker that are worth a part
MOST = 30  #: tickers with a part of their own
MOST_PAIRS = 10


def tickers_section(view: ResultView) -> Section | None:
    """Return a part per ticker with several measured events; None for a large study."""
    words = view.words
    cars: dict[str, list[Row]] = {ticker: [] for ticker in view.tickers}
    for row in view.first_cars:
        cars[row["ticker"]].append(row)
    many = [(ticker, rows) for ticker, rows in cars.items() if len(rows) >= LEAST]
    if view.large or not many:
        return None
    parts = tuple(_ticker(view, f"ticker-{at}", *each) for at, each in enumerate(many[:MOST], start=1))
    blocks: list[Block] = [paragraph(words, "tickers.reading")]
    if len(many) > MOST:
        blocks.append(paragraph(words, "tickers.more", "notice", shown=MOST, n=count(len(many))))
    return Section("tickers", words.say("tickers.title"), tuple(blocks), parts, folded=True)


def _ticker(view: ResultView, id_: str, ticker: str, rows: list[Row]) -> Section:
    words, window = view.words, view.first_label
    caption = words.say("tickers.forest", window=window, level=view.level)
    listed, columns = words.say("tickers.table", group=ticker), (CARS[0], *CARS[2:])
    pairs = pairs_of(view, "ticker", ticker)
    blocks: list[Block] = [
        _named(view, rows),
        *_mean(view, ticker),
        *pairs_sentence(view, pairs, "events"),
        figure(f"{id_}-forest", caption, forest(view, ticker=ticker)),
        table(words, f"{id_}-cars", listed, rows, columns, "cars"),
        *tests_table(view, f"{id_}-tests", "ticker", ticker),
    ]
    if pairs:
        most, of = by_size(pairs)[:MOST_PAIRS], count(len(pairs))
        listed = words.say("tickers.pairs", group=ticker, window=window, n=len(most), of=of)
        blocks.append(table(words, f"{id_}-pairs", listed, most, PAIRS, "comparisons"))
    return Section(id_, ticker, tuple(blocks))


def _named(view: ResultView, rows: list[Row]) -> Block:
    words = view.words
    named = by_size([row for row in rows if mark(row)])
    return paragraph(
        words,
        "tickers.named" if named else "tickers.not_named",
        names=joined(words, [name(quoted_event(view, row["event_id"])) for row in named]),
        window=view.first_label,
        events=words.counted("event", len(rows)),
    )


def _mean(view: ResultView, ticker: str) -> list[Block]:
    words, test = view.words, view.tests("ticker", ticker).get(("cross_section_t", "date"))
    if test is None:
        return []
    if not is_sound(test):
        return [paragraph(words, "tickers.no_mean", "quiet", note=test["note"])] if test["note"] else []
    dates = words.counted("date", test["n_dates"])
    return [paragraph(words, "tickers.mean", dates=dates, window=view.first_label, **figures(view, test))]
