"""The heat map of CARs with every figure below it; of a large study the strongest and how they spread."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from eventstudy.charts.heat_map import heat_map
from eventstudy.charts.source import UNUSUAL
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import MOST_TICKERS, Reading, Row
from eventstudy.report.section import Block, Section
from eventstudy.report.writing import paragraph, share

CARS = (
    "event:text:event_id",
    "ticker",
    "window:window:start,end",
    "car:percent:car",
    "interval:interval:ci_low,ci_high",
    "t:ratio:statistic",
    "p:p:pvalue",
    "holm:p:pvalue_holm",
    "placebo:p:placebo_pvalue",
    "mde:size:mde",
)
STRONGEST = 100
WIDEST = 2 * MOST_TICKERS  #: tickers of a heat map
EDGES = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)  #: standard errors


def heat_map_section(reading: Reading) -> Section | None:
    """Return the heat map and the table ``cars``; None where there is no firm-event."""
    words = reading.words
    if not reading.cars:
        return None
    if reading.large:
        return Section("cars", words.say("heat_map.title"), tuple(_aggregated(reading)))
    blocks: list[Block] = [paragraph(words, "heat_map.reading", level=share(UNUSUAL))]
    if len(reading.tickers) <= WIDEST:
        chart = heat_map(reading.source)
        blocks.append(figure("heat-map", words.say("heat_map.caption", level=share(UNUSUAL)), chart))
    blocks.append(table(words, "cars", words.say("heat_map.table"), reading.cars, CARS, "cars"))
    return Section("cars", words.say("heat_map.title"), tuple(blocks))


def _aggregated(reading: Reading) -> list[Block]:
    words, window = reading.words, reading.first_label
    strongest = reading.by_size(reading.first_cars)[:STRONGEST]
    spread = _spread([row["scar"] for row in reading.first_cars if row["scar"] is not None])
    caption = words.say("heat_map.spread", window=window)
    most = words.say("heat_map.strongest", n=len(strongest), window=window)
    return [
        paragraph(words, "heat_map.large", window=window),
        table(
            words,
            "spread",
            caption,
            spread,
            ("from_se", "to_se", "n:count:n", "share:size:share"),
            folded=False,
        ),
        table(words, "strongest", most, strongest, CARS, "cars", folded=False),
    ]


def _spread(values: Sequence[float]) -> list[Row]:
    """Count the standardised abnormal returns between the edges."""
    bounds: list[Any] = [None, *EDGES, None]
    return [
        {
            "from_se": low,
            "to_se": high,
            "n": (inside := _between(values, low, high)),
            "share": inside / len(values),
        }
        for low, high in pairwise(bounds)
    ]


def _between(values: Sequence[float], low: float | None, high: float | None) -> int:
    return sum((low is None or value >= low) and (high is None or value < high) for value in values)
