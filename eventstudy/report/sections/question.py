"""What was asked: the design in a table, and in which order the windows are read."""

from __future__ import annotations

from typing import Any

from eventstudy.design import Window
from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading
from eventstudy.report.section import Section
from eventstudy.report.writing import paragraph
from eventstudy.words.formatting import MISSING

#: Fields of the design in the order of the table; others follow.
ORDER = ("model", "benchmark", "estimation", "window", "car_windows", "returns", "alternative", "confidence")
WINDOWS = ("estimation", "window")


def question_section(reading: Reading) -> Section:
    """Return the design as it was asked for."""
    words, design = reading.words, reading.design
    names = [*(each for each in ORDER if each in design), *(each for each in design if each not in ORDER)]
    rows = [
        {
            "option": words.texts.get(f"design.{each}", each),
            "asked": _written(each, design[each]),
        }
        for each in names
    ]
    rows.append({"option": words.say("design.tickers"), "asked": ", ".join(reading.tickers)})
    caption = words.say("question.caption")
    return Section(
        id="question",
        title=words.say("question.title"),
        blocks=(
            paragraph(words, "question.reading"),
            table(words, "design", caption, rows, ("option", "asked"), folded=False),
        ),
    )


def _written(field: str, value: Any) -> str:
    if field in WINDOWS and value:
        return str(Window(*value))
    if field == "car_windows":
        return ", ".join(str(Window(*each)) for each in value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or MISSING
    return MISSING if value is None else str(value)
