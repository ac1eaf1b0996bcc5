"""How small an effect could have been seen."""

from __future__ import annotations

from statistics import median

from eventstudy.charts.power import power
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading, Row
from eventstudy.report.section import Block, Section
from eventstudy.report.writing import counted, name, paragraph
from eventstudy.words.formatting import percent

TICKERS = ("ticker", "n:count:n", "least:size:least", "median:size:median", "most:size:most")
CARS = (
    "event:text:event_id",
    "ticker",
    "window:window:start,end",
    "mde:size:mde",
    "car:percent:car",
    "se:size:car_se",
)
MOST = 200  #: tickers in the table


def power_section(reading: Reading) -> Section | None:
    """Return the minimum detectable effects; None where there are none."""
    words = reading.words
    known = [row for row in reading.first_cars if row["mde"] is not None]
    if not known:
        return None
    effects = sorted(known, key=lambda row: row["mde"])
    least, most = effects[0], effects[-1]
    blocks: list[Block] = [
        paragraph(
            words,
            "power.reading",
            window=reading.first_label,
            firm_events=counted(words, "firm_event", len(known)),
            median=_size(median(row["mde"] for row in known)),
            least=_size(least["mde"]),
            least_name=name(f"{least['ticker']}, {least['event_id']}"),
            most=_size(most["mde"]),
            most_name=name(f"{most['ticker']}, {most['event_id']}"),
        )
    ]
    test = reading.first_tests("all", "all").get(("cross_section_t", "date"))
    if test is not None and test["mde"] is not None:
        dates = counted(words, "date", test["n_dates"])
        blocks.append(paragraph(words, "power.mean", dates=dates, mde=_size(test["mde"])))
    if not reading.large:
        blocks.append(
            figure(
                "power",
                words.say("power.caption", window=reading.first_label),
                power(reading.source, window=reading.first_label),
            )
        )
    rows = _by_ticker(known)[:MOST]
    caption = words.say("power.tickers", window=reading.first_label)
    blocks.append(table(words, "power-tickers", caption, rows, TICKERS, folded=False))
    if not reading.large:
        every = [row for row in reading.cars if row["mde"] is not None]
        blocks.append(table(words, "power", words.say("power.table"), every, CARS, "cars"))
    return Section("power", words.say("power.title"), tuple(blocks))


def _size(value: float) -> str:
    return percent(value).lstrip("+")


def _by_ticker(rows: list[Row]) -> list[Row]:
    groups: dict[str, list[float]] = {}
    for row in rows:
        groups.setdefault(row["ticker"], []).append(row["mde"])
    return [
        {"ticker": ticker, "n": len(each), "least": min(each), "median": median(each), "most": max(each)}
        for ticker, each in groups.items()
    ]
