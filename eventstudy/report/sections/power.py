"""Power: how small an effect would be detected."""

from __future__ import annotations

from statistics import median

from eventstudy.charts.power import power
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import name, paragraph
from eventstudy.results.naming import event_name
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

TICKERS = ("ticker", "n:count:n", "least:size:least", "median:size:median", "most:size:most")
MOST = 200  #: tickers in the table


def power_section(view: ResultView) -> Section | None:
    """Return the minimum detectable effects; None where there are none."""
    words, window = view.words, view.first_label
    known = [row for row in view.first_cars if row["mde"] is not None]
    if not known:
        return None
    blocks: list[Block] = [_effects(view, known)]
    test = view.tests("all", "all").get(("cross_section_t", "date"))
    if test is not None and test["mde"] is not None:
        dates = words.counted("date", test["n_dates"])
        blocks.append(paragraph(words, "power.mean", dates=dates, mde=view.figures.size(test["mde"])))
    if not view.large:
        blocks.append(figure("power", words.say("power.caption", window=window), power(view)))
    caption = words.say("power.tickers", window=window)
    blocks.append(table(words, "power-tickers", caption, _by_ticker(known)[:MOST], TICKERS, folded=False))
    return Section("power", words.say("power.title"), tuple(blocks), folded=True)


def _effects(view: ResultView, rows: list[Row]) -> Block:
    effects = sorted(rows, key=lambda row: row["mde"])
    least, most = effects[0], effects[-1]
    return paragraph(
        view.words,
        "power.reading",
        window=view.first_label,
        firm_events=view.words.counted("firm_event", len(rows)),
        median=view.figures.size(median(row["mde"] for row in rows)),
        least=view.figures.size(least["mde"]),
        least_name=name(f"{least['ticker']}, {event_name(view, least['event_id'])}"),
        most=view.figures.size(most["mde"]),
        most_name=name(f"{most['ticker']}, {event_name(view, most['event_id'])}"),
    )


def _by_ticker(rows: list[Row]) -> list[Row]:
    groups: dict[str, list[float]] = {}
    for row in rows:
        groups.setdefault(row["ticker"], []).append(row["mde"])
    return [
        {"ticker": ticker, "n": len(each), "least": min(each), "median": median(each), "most": max(each)}
        for ticker, each in groups.items()
    ]
