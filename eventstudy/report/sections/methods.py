"""Methods: the model, and a line and a formula for every test, those that the page quotes first."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from eventstudy.report.large_lines import is_large_study
from eventstudy.report.section import Block, Fold, Section, Terms
from eventstudy.report.writing import blank, name, paragraph, sentence
from eventstudy.results.naming import model_name, sentence_of
from eventstudy.results.view import ResultView
from eventstudy.significance import TESTS, SignificanceTest
from eventstudy.words import texts_of_tests

#: Of one firm-event and of the study as a whole, in the order in which the page quotes them.
QUOTED = ("car_t", "conformal", "placebo", "study_count")


def methods_section(view: ResultView) -> Section:
    """Return the model and the tests of this result, in the order of the registry."""
    words, model = view.words, view.manifest.get("model")
    used = set(view.tables["tests"]["test"].cast("string").unique().to_pylist())
    headline = {row["test"] for row in view.rows("tests") if row["headline"]} if not view.large else set()
    blocks: list[Block] = [paragraph(words, "methods.reading")]
    if model is not None:
        source = {
            "model": name(model_name(view, model["name"])),
            "reference": model["reference"],
            "expected": sentence_of(view, model["summary"]),
        }
        blocks += [paragraph(words, "methods.model", **source)]
    if view.manifest.get("look_ahead"):
        blocks.append(paragraph(words, "methods.look_ahead"))
    large = is_large_study(view)  # which has no adjusted p-values, and t alone of one firm-event
    told = ("methods.day0", "methods.forecast", *(() if large else ("methods.adjusted",)))
    blocks += [paragraph(words, key) for key in told]
    # tests of one firm-event, and the variance ratio, are columns of other tables: always there
    own = [
        test
        for test in TESTS.values()
        if test.name in used
        or (test.name == QUOTED[0] if large else test.scope == "firm-event" or "volatility" in test.measures)
    ]
    quoted = [test for test in own if test.name in headline or test.name in QUOTED]
    others = [test for test in own if test not in quoted]
    blocks.append(Terms(tuple(_line(view, test) for test in quoted)))
    if others:
        lines = Terms(tuple(_line(view, test) for test in others))
        blocks.append(Fold(words.say("methods.others", tests=len(others)), (lines,)))
    return Section("methods", words.say("methods.title"), tuple(blocks), folded=True)


def _line(view: ResultView, test: SignificanceTest) -> tuple[str, str]:
    """Return the name of a test, its sentence and null, its formulas and source."""
    import markupsafe

    words, own = view.words, texts_of_tests(view.lang)
    told = own.get(f"{test.name}.summary", test.summary).replace("`", "")
    null = sentence(words, "methods.hypothesis", null=own.get(f"{test.name}.null", test.null))
    formulas = [markupsafe.Markup(mathml) for mathml in _formulas().get(test.name, ())]
    source = markupsafe.Markup('<span class="quiet">{}</span>').format(
        sentence(words, "methods.source", reference=f"{test.sources}.")
    )
    return test.name, blank(told, null, *formulas, source)


@cache
def _formulas() -> dict[str, Any]:
    """Return the MathML of every test's formulas, as docs/build_formulas.py writes it."""
    text = (files("eventstudy.report") / "templates" / "formulas.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
