"""Methods: the model and every test that was used, with their sources."""

from __future__ import annotations

from eventstudy.report.section import Block, Formula, Paragraph, Section
from eventstudy.report.writing import name, paragraph, sentence
from eventstudy.results.view import ResultView
from eventstudy.significance import TESTS, SignificanceTest


def methods_section(view: ResultView) -> Section:
    """Return the model and the tests of this result, in the order of the registry."""
    words, model = view.words, view.manifest.get("model")
    used = view.tables["tests"]["test"].cast("string").unique().to_pylist()
    blocks: list[Block] = [paragraph(words, "methods.reading")]
    if model is not None:
        source = {"model": name(model["name"]), "reference": model["reference"], "expected": model["summary"]}
        blocks += [paragraph(words, "methods.model", **source)]
    if view.manifest.get("look_ahead"):
        blocks.append(paragraph(words, "methods.look_ahead"))
    blocks += [paragraph(words, key) for key in ("methods.day0", "methods.forecast", "methods.adjusted")]
    # tests of one firm-event, and the variance ratio, are columns of other tables: always there
    parts = tuple(
        _test(view, test)
        for test in TESTS.values()
        if test.name in used or test.scope == "firm-event" or "volatility" in test.measures
    )
    return Section("methods", words.say("methods.title"), tuple(blocks), parts)


def _test(view: ResultView, test: SignificanceTest) -> Section:
    words = view.words
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
