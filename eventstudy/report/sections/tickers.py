"""One part per ticker: its events side by side."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.forest import forest
from eventstudy.charts.source import UNUSUAL
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading, Row, is_small
from eventstudy.report.section import Block, Section
from eventstudy.report.sections.heat_map import CARS
from eventstudy.report.sections.tests_of import PAIRS, pairs_sentence, sound, tests_table
from eventstudy.report.writing import counted, joined, name, paragraph, share
from eventstudy.words.formatting import percent, pvalue, ratio

LEAST = 2  #: events of a ticker that are worth a part
MOST = 30  #: tickers with a part of their own
MOST_PAIRS = 10


def tickers_section(reading: Reading) -> Section | None:
    """Return a part per ticker that several events were measured for; none for a large study."""
    words = reading.words
    cars: dict[str, list[Any]] = {ticker: [] for ticker in reading.tickers}
    for row in reading.first_cars:
        cars[row["ticker"]].append(row)
    many = {ticker: rows for ticker, rows in cars.items() if len(rows) >= LEAST}
    if reading.large or not many:
        return None
    shown = list(many.items())[:MOST]
    parts = tuple(_ticker(reading, number, *each) for number, each in enumerate(shown, start=1))
    blocks: list[Block] = [paragraph(words, "tickers.reading")]
    if len(many) > MOST:
        blocks.append(paragraph(words, "tickers.more", "notice", shown=MOST, n=f"{len(many):,}"))
    return Section("tickers", words.say("tickers.title"), tuple(blocks), parts)


def _ticker(reading: Reading, number: int, ticker: str, rows: list[Row]) -> Section:
    words, id_ = reading.words, f"ticker-{number}"
    small = reading.by_size([row for row in rows if is_small(row["pvalue_holm"])])
    names = joined(words, [name(row["event_id"]) for row in small])
    values = {
        "window": reading.first_label,
        "events": counted(words, "event", len(rows)),
        "level": share(UNUSUAL),
    }
    blocks: list[Block] = [
        paragraph(
            words, "tickers.unusual" if small else "tickers.not_unusual", names=names, n=len(small), **values
        ),
        *_mean(reading, ticker),
    ]
    pairs = reading.comparisons.get(("ticker", ticker), [])
    blocks += pairs_sentence(reading, pairs, "events")
    caption = words.say("tickers.forest", window=reading.first_label, level=share(reading.confidence))
    blocks.append(figure(f"{id_}-forest", caption, forest(reading.source, ticker=ticker)))
    columns = (CARS[0], *CARS[2:])
    blocks.append(
        table(words, f"{id_}-cars", words.say("tickers.table", group=ticker), rows, columns, "cars")
    )
    blocks += tests_table(reading, f"{id_}-tests", "ticker", ticker)
    if pairs:
        most = reading.by_size(pairs)[:MOST_PAIRS]
        told = words.say(
            "tickers.pairs", group=ticker, window=reading.first_label, n=len(most), of=f"{len(pairs):,}"
        )
        blocks.append(table(words, f"{id_}-pairs", told, most, PAIRS, "comparisons"))
    return Section(id_, ticker, tuple(blocks))


def _mean(reading: Reading, ticker: str) -> list[Block]:
    words, tests = reading.words, reading.first_tests("ticker", ticker)
    test = tests.get(("cross_section_t", "date"))
    if test is None:
        return []
    if not sound(test):
        return [paragraph(words, "tickers.no_mean", "quiet", note=test["note"])] if test["note"] else []
    values = {"t": ratio(test["statistic"]), "df": f"{test['df']:g}", "p": pvalue(test["pvalue"])}
    values |= {"holm": pvalue(test["pvalue_holm"]), "mde": percent(test["mde"]).lstrip("+")}
    dates = counted(words, "date", test["n_dates"])
    return [paragraph(words, "tickers.mean", dates=dates, window=reading.first_label, **values)]
