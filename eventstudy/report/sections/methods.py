"""Methods: the model and every test that was used, with their sources, from the registries."""

from __future__ import annotations

from eventstudy.models import MODELS
from eventstudy.report.section import Block, Formula, Paragraph, Section
from eventstudy.report.writing import name, paragraph, sentence
from eventstudy.results.view import ResultView
from eventstudy.significance import TESTS
from eventstudy.significance.methods import method

#: Tests whose results are columns of other tables.
COLUMNS = ("ar_t", "car_t", "placebo", "variance_ratio")


def methods_section(view: ResultView) -> Section:
    """Return the model and the tests of this result, in the order of the registry."""
    words, model = view.words, MODELS.get(view.design["model"])
    used = {*COLUMNS, *view.tables["tests"]["test"].cast("string").unique().to_pylist()}
    blocks: list[Block] = [paragraph(words, "methods.reading")]
    if model is not None:
        source = {"model": name(model.name), "reference": model.reference, "expected": model.summary}
        blocks += [paragraph(words, "methods.model", **source)]
    blocks += [paragraph(words, key) for key in ("methods.day0", "methods.forecast", "methods.adjusted")]
    parts = tuple(_test(view, each) for each in TESTS if each in used)
    return Section("methods", words.say("methods.title"), tuple(blocks), parts)


def _test(view: ResultView, test: str) -> Section:
    words, told = view.words, method(test)
    summary, *notes = (
        sentence(words, "methods.plain", text=each.replace("`", "")) for each in (told.summary, *told.notes)
    )
    blocks: list[Block] = [Paragraph(summary), *(Formula(each) for each in told.formulas)]
    blocks += [Paragraph(note, "quiet") for note in notes]
    blocks.append(paragraph(words, "methods.source", "quiet", reference=told.references))
    return Section(f"method-{test}", test, tuple(blocks))
