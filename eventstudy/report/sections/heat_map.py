"""The heat map of CARs with every figure below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.charts.heat_map import heat_map
from eventstudy.charts.rows import firm_event_rows
from eventstudy.report.figures import figure
from eventstudy.report.section import Section, data_table
from eventstudy.words import Words

if TYPE_CHECKING:
    from eventstudy.results import EventStudyResult

SHOWN = ("event", "ticker", "window", "car", "interval", "t", "p", "holm_text", "placebo", "flags")
FIGURES = ("car", "interval", "t", "p", "holm_text", "placebo")


def heat_map_section(result: EventStudyResult, words: Words) -> Section | None:
    """Return the heat map and the table ``cars``; None where there is no firm-event."""
    rows = firm_event_rows(result.tables, words)
    if not rows:
        return None
    cars = result.tables["cars"].to_pylist()
    return Section(
        id="cars",
        title=words.say("section.heat_map.title"),
        paragraphs=(words.say("section.heat_map.reading"),),
        figures=(figure("heat-map", words.say("section.heat_map.caption"), heat_map(result.tables, words)),),
        tables=(data_table("cars", words.say("section.heat_map.table"), cars, rows, SHOWN, words, FIGURES),),
    )
