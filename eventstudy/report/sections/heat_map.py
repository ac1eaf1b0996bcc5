"""The heat map of CARs with the table ``cars``; of a large study the largest CARs and their distribution."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from eventstudy.charts.heat_map import heat_map
from eventstudy.report.chart_blocks import MOST_TICKERS, figure
from eventstudy.report.section import Block, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.row_groups import Row, by_size
from eventstudy.results.view import ResultView

CARS = ("event:text:event_id", "ticker", "window:window:start,end", "car:percent:car",
        "interval:first_interval:conformal_low,conformal_high,ci_low,ci_high", "conformal:p:conformal_pvalue",
        "t:ratio:statistic", "p:p:pvalue", "study:p:pvalue_study_bh",
        "placebo:placebo:placebo_pvalue,placebo_note", "mde:size:mde")  # fmt: skip
SPREAD = ("from_se", "to_se", "n:count:n", "share:size:share")
STRONGEST = 100
WIDEST = 2 * MOST_TICKERS  #: tickers of a heat map
EDGES = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)  #: standard errors


def heat_map_section(view: ResultView) -> Section | None:
    """Return the heat map and the table ``cars``; None where there is no firm-event."""
    words = view.words
    if not len(view.tables["cars"]):
        return None
    blocks = _aggregated(view) if view.large else _map(view)
    return Section("cars", words.say("heat_map.title"), tuple(blocks))


def _map(view: ResultView) -> list[Block]:
    words = view.words
    blocks: list[Block] = [paragraph(words, "heat_map.reading")]
    if len(view.tickers) <= WIDEST:
        blocks.append(figure("heat-map", words.say("heat_map.caption"), heat_map(view)))
    return [*blocks, table(words, "cars", words.say("heat_map.table"), view.rows("cars"), CARS, "cars")]


def _aggregated(view: ResultView) -> list[Block]:
    words, window = view.words, view.first_label
    largest = by_size(view.first_cars)[:STRONGEST]
    spread = _spread([row["scar"] for row in view.first_cars if row["scar"] is not None])
    caption = words.say("heat_map.spread", window=window)
    most = words.say("heat_map.strongest", n=len(largest), window=window)
    return [
        paragraph(words, "heat_map.large", window=window),
        table(words, "spread", caption, spread, SPREAD, folded=False),
        table(words, "strongest", most, largest, CARS, "cars", folded=False),
    ]


def _spread(values: list[float]) -> list[Row]:
    """Count the standardised abnormal returns between the edges."""
    bounds: list[Any] = [None, *EDGES, None]
    rows = []
    for low, high in pairwise(bounds):
        inside = [v for v in values if (low is None or v >= low) and (high is None or v < high)]
        rows.append({"from_se": low, "to_se": high, "n": len(inside), "share": len(inside) / len(values)})
    return rows
