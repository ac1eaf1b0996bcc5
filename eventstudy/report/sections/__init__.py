"""The sections of the report, one file each, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.report.section import Section
from eventstudy.report.sections.answer import answer_section
from eventstudy.report.sections.compare import compare_section
from eventstudy.report.sections.estimation import estimation_section
from eventstudy.report.sections.events import events_section
from eventstudy.report.sections.findings import findings_section
from eventstudy.report.sections.heat_map import heat_map_section
from eventstudy.report.sections.methods import methods_section
from eventstudy.report.sections.power import power_section
from eventstudy.report.sections.provenance import provenance_section
from eventstudy.report.sections.question import question_section
from eventstudy.report.sections.regressions import regressions_section
from eventstudy.report.sections.robustness import robustness_section
from eventstudy.report.sections.skipped import skipped_section
from eventstudy.report.sections.tickers import tickers_section
from eventstudy.report.sections.timeline import timeline_section
from eventstudy.results.view import ResultView

#: A function returns None where its section would be empty.
SECTIONS: tuple[Callable[[ResultView], Section | None], ...] = (
    answer_section,
    question_section,
    timeline_section,
    heat_map_section,
    events_section,
    tickers_section,
    compare_section,
    regressions_section,
    estimation_section,
    power_section,
    findings_section,
    skipped_section,
    methods_section,
    provenance_section,
)
#: Those of a study under many specifications, which has curves in the place of CARs.
SPECIFICATION_SECTIONS: tuple[Callable[[ResultView], Section | None], ...] = (
    robustness_section,
    findings_section,
    skipped_section,
    provenance_section,
)
