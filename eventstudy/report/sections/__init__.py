"""The sections of the report, one file each, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.report.section import Section
from eventstudy.report.sections.answer import answer_section
from eventstudy.report.sections.cars import cars_section
from eventstudy.report.sections.compare import compare_section
from eventstudy.report.sections.estimation import estimation_section
from eventstudy.report.sections.events import events_section
from eventstudy.report.sections.findings import findings_section
from eventstudy.report.sections.large import large_answer, large_provenance, large_skipped
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

#: By the anchor of each; a function returns None where its section would be empty.
SECTIONS: dict[str, Callable[[ResultView], Section | None]] = {
    "answer": answer_section,
    "events": events_section,
    "cars": cars_section,
    "timeline": timeline_section,
    "tickers": tickers_section,
    "compare": compare_section,
    "regressions": regressions_section,
    "estimation": estimation_section,
    "power": power_section,
    "findings": findings_section,
    "skipped": skipped_section,
    "question": question_section,
    "methods": methods_section,
    "provenance": provenance_section,
}
#: Those of a study under many specifications, which has curves in the place of CARs.
SPECIFICATION_SECTIONS: dict[str, Callable[[ResultView], Section | None]] = {
    "robustness": robustness_section,
    "findings": findings_section,
    "skipped": skipped_section,
    "provenance": provenance_section,
}
#: Those of a large study, whose firm-events are counted and not listed.
LARGE_SECTIONS: dict[str, Callable[[ResultView], Section | None]] = {
    "answer": large_answer,
    "skipped": large_skipped,
    "question": question_section,
    "methods": methods_section,
    "provenance": large_provenance,
}
