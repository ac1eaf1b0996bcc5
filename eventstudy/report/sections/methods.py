"""How it was computed: the model and every test that was used, with their sources, from the registries."""

from __future__ import annotations

from eventstudy.models import MODELS
from eventstudy.report.reading import Reading
from eventstudy.report.section import Block, Formula, Paragraph, Section
from eventstudy.report.writing import name, paragraph, sentence
from eventstudy.significance import TESTS
from eventstudy.significance.methods import method

#: Tests whose results are columns of other tables.
COLUMNS = ("ar_t", "car_t", "placebo", "variance_ratio")


def methods_section(reading: Reading) -> Section:
    """Return the model and the tests of this result, in the order of the registry."""
    words, model = reading.words, MODELS.get(str(reading.design.get("model")))
    used = {*COLUMNS, *reading.tables["tests"]["test"].cast("string").unique().to_pylist()}
    blocks: list[Block] = [paragraph(words, "methods.reading")]
    if model is not None:
        source = {"model": name(model.name), "reference": model.reference, "expected": model.summary}
        blocks += [paragraph(words, "methods.model", **source)]
    blocks += [paragraph(words, key) for key in ("methods.day0", "methods.forecast", "methods.adjusted")]
    parts = tuple(_test(reading, each) for each in TESTS if each in used)
    return Section("methods", words.say("methods.title"), tuple(blocks), parts)


def _test(reading: Reading, test: str) -> Section:
    words, told = reading.words, method(test)
    blocks: list[Block] = [Paragraph(sentence(words, "methods.plain", text=_unmarked(told.summary)))]
    blocks += [Formula(each) for each in told.formulas]
    blocks += [
        Paragraph(sentence(words, "methods.plain", text=_unmarked(each)), "quiet") for each in told.notes
    ]
    blocks.append(paragraph(words, "methods.source", "quiet", reference=told.references))
    return Section(f"method-{test}", test, tuple(blocks))


def _unmarked(text: str) -> str:
    return text.replace("`", "")
