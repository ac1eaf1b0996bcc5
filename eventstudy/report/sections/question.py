"""The design in a table, and the order of the windows."""

from __future__ import annotations

from typing import Any

from eventstudy.design import Benchmark, Regression, Window
from eventstudy.design.window import read_estimation
from eventstudy.report.section import Section
from eventstudy.report.sections.benchmarks_of import benchmark_notices
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.naming import benchmark_name, model_name
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import MISSING

#: Fields of the design in the order of the table; others follow.
ORDER = ("model", "benchmark", "estimation", "window", "car_windows", "returns", "alternative", "confidence")


def question_section(view: ResultView) -> Section:
    """Return the design; no benchmark where the model uses none."""
    words, design = view.words, {**view.design, "benchmark": view.benchmark}
    names = [*ORDER, *(each for each in design if each not in ORDER)]
    rows = [
        {"option": words.say(f"design.{each}"), "asked": _written(view, each, design[each])} for each in names
    ]
    if view.tickers:  # a large study lists none
        rows.append({"option": words.say("design.tickers"), "asked": ", ".join(view.tickers)})
    listed = table(words, "design", words.say("question.caption"), rows, ("option", "asked"), folded=False)
    blocks = (paragraph(words, "question.reading"), *benchmark_notices(view), listed)
    return Section("question", words.say("question.title"), blocks, folded=True)


def _written(view: ResultView, field: str, value: Any) -> str:
    words = view.words
    if isinstance(value, bool):
        return str(words.coded("flag", value))
    if field == "benchmark" and value is not None:
        return benchmark_name(view, value)
    if field == "model":
        return model_name(view, value)
    if field == "estimation":
        return str(read_estimation(field, value) or MISSING)
    if field == "window":
        return str(Window(*value))
    if field == "car_windows":
        return ", ".join(str(Window(*each)) for each in value)
    if field == "benchmarks":
        return ", ".join(benchmark_name(view, str(Benchmark.parse(each))) for each in value) or MISSING
    if field == "mask_dates" and isinstance(value, str):
        return view.kind(value)
    if field == "mask_dates" and value:
        return words.counted("date", sum(map(len, value.values())))
    if field == "regress":
        return "; ".join(map(str, map(Regression.parse, value))) or MISSING
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or MISSING
    return MISSING if value is None else str(words.coded(field, value))
