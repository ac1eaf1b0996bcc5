"""How it was computed: the model and every test that was used, with their sources, from the registries."""

from __future__ import annotations

from eventstudy.models import MODELS
from eventstudy.report.reading import Reading
from eventstudy.report.section import Block, Formula, Paragraph, Section
from eventstudy.report.writing import name, paragraph, sentence
from eventstudy.significance import TESTS, SignificanceTest


def methods_section(reading: Reading) -> Section:
    """Return the model and the tests of this result, in the order of the registry."""
    words, model = reading.words, MODELS.get(str(reading.design.get("model")))
    used = reading.tables["tests"]["test"].cast("string").unique().to_pylist()
    blocks: list[Block] = [paragraph(words, "methods.reading")]
    if model is not None:
        source = {"model": name(model.name), "reference": model.reference, "expected": model.summary}
        blocks += [paragraph(words, "methods.model", **source)]
    blocks += [paragraph(words, key) for key in ("methods.day0", "methods.forecast", "methods.adjusted")]
    # tests of one firm-event, and the variance ratio, are columns of other tables: always there
    parts = tuple(
        _test(reading, test)
        for test in TESTS.values()
        if test.name in used or test.scope == "firm-event" or "volatility" in test.measures
    )
    return Section("methods", words.say("methods.title"), tuple(blocks), parts)


def _test(reading: Reading, test: SignificanceTest) -> Section:
    words = reading.words
    blocks: list[Block] = [Paragraph(sentence(words, "methods.plain", text=_unmarked(test.summary)))]
    blocks += [Formula(each) for each in test.formulas]
    blocks.append(paragraph(words, "methods.hypothesis", "quiet", null=test.null))
    blocks += [
        Paragraph(sentence(words, "methods.plain", text=_unmarked(each)), "quiet") for each in test.paragraphs
    ]
    blocks.append(paragraph(words, "methods.source", "quiet", reference=f"{test.sources}."))
    return Section(f"method-{test.name}", test.name, tuple(blocks))


def _unmarked(text: str) -> str:
    return text.replace("`", "")
