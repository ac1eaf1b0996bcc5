"""Every firm-event at a glance: the heat map, or the distribution of t, and the table ``cars``."""

from __future__ import annotations

from eventstudy.charts.heat_map import heat_map
from eventstudy.charts.spread import spread
from eventstudy.report.chart_blocks import figure
from eventstudy.report.layout import layout_of
from eventstudy.report.section import Block, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.row_groups import by_size
from eventstudy.results.view import ResultView

CARS = ("event:text:event_id", "ticker", "window:window:start,end", "car:percent:car",
        "interval:first_interval:conformal_low,conformal_high,ci_low,ci_high", "conformal:p:conformal_pvalue",
        "t:ratio:statistic", "p:p:pvalue", "study:p:pvalue_study_bh",
        "placebo:placebo:placebo_pvalue,placebo_note", "mde:size:mde")  # fmt: skip
STRONGEST = 100  #: rows of the table of a large study


def cars_section(view: ResultView) -> Section | None:
    """Return the charts of all firm-events and their table; None where nothing was measured."""
    words, layout = view.words, layout_of(view)
    if not view.first_cars:
        return None
    blocks: list[Block] = []
    if layout.heat_map:
        blocks.append(figure("heat-map", words.say("cars.heat_map"), heat_map(view)))
    if layout.spread:
        blocks.append(figure("spread", words.say("cars.spread", window=view.first_label), spread(view)))
    if view.large:
        largest = by_size(view.first_cars)[:STRONGEST]
        most = words.say("cars.strongest", n=len(largest), window=view.first_label)
        blocks.append(paragraph(words, "answer.large", "quiet", n=f"{len(view.firm_events):,}"))
        blocks.append(table(words, "cars", most, largest, CARS, "cars"))
    else:
        blocks.append(table(words, "cars", words.say("cars.table"), view.rows("cars"), CARS, "cars"))
    return Section("cars", words.say("cars.title"), tuple(blocks))
