"""The texts of a study that are given in several languages, as its manifest keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eventstudy.design import Benchmark
from eventstudy.errors import UsageError
from eventstudy.events.inputs import StudyInputs
from eventstudy.words.by_language import AnyText, check_text, first_text


def texts_of(inputs: StudyInputs) -> dict[str, Any]:
    """Return the texts by language of a study.

    Returns
    -------
    dict
        ``title`` of the study; ``titles`` by event id, ``kinds`` by label, and ``phrases``, a list of what
        known news, confounders and sources of weights say; only what is given by language is in the last
        three of them, and the tables hold the first language. Empty where a study has no title and no text
        by language.

    Raises
    ------
    UsageError
        Two phrases that are alike in their first language and differ in another.
    """
    titles = {each.id: each.title for each in inputs.events if not isinstance(each.title, str)}
    phrases: dict[str, AnyText] = {}
    for phrase in _phrases(inputs):
        if isinstance(phrase, str):
            continue
        kept = phrases.setdefault(first_text(phrase), phrase)
        if kept != phrase:
            text = first_text(phrase)
            raise UsageError(
                f"known news, confounders or sources say {text!r} with two texts in another language;"
                " keep one"
            )
    if not (inputs.title or titles or inputs.kinds or phrases):
        return {}
    return {
        "title": inputs.title,
        "titles": titles,
        "kinds": dict(inputs.kinds),
        "phrases": list(phrases.values()),
    }


def _phrases(inputs: StudyInputs) -> Iterator[AnyText]:
    for event in inputs.events:
        yield from (confounder.reason for confounder in event.confounders)
    yield from (news.what for news in inputs.known or ())
    design, own = inputs.design, [event.benchmark for event in inputs.events]
    for benchmark in (design.benchmark, *design.benchmarks, *own):
        if isinstance(benchmark, Benchmark) and benchmark.source and not isinstance(benchmark.source, str):
            source = dict(benchmark.source)
            check_text("benchmark: source", source)
            yield source
