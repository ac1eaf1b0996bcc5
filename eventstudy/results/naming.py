"""What events, groups, benchmarks and news are called in the language of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eventstudy.results.in_language import TablesInLanguage

if TYPE_CHECKING:
    from eventstudy.results.view import ResultView


def event_name(view: ResultView, event: str) -> str:
    """Return what sentences call an event: in English its id, else its title where it has one."""
    return event if view.lang == "en" else _language(view).titles.get(event, event)


def quoted_event(view: ResultView, event: str) -> str:
    """Return what a sentence that names several calls an event."""
    return view.words.say("events.quoted", event=event_name(view, event))


def group_name(view: ResultView, level: str, key: str) -> str:
    """Return what a group of a level is called."""
    if level in ("all", "expected"):
        return str(view.words.coded("group", level))
    if level == "kind":
        return view.kind(key)
    return event_name(view, key) if level == "event" else key


def benchmark_name(view: ResultView, benchmark: str) -> str:
    """Return what a benchmark is called; ``SPY ex event`` says what is taken out of it."""
    name, _, taken = benchmark.partition(" ex ")
    known = view.words.texts.get(f"codes.exclude.{taken}")
    return view.words.say("benchmarks.without", name=name, taken=known) if known else benchmark


def model_name(view: ResultView, model: str) -> str:
    """Return what a normal-return model is called; one of the user by its own name."""
    known = view.words.texts.get(f"codes.model.{model}")
    return known or view.words.say("asked.own_model", model=model)


def sentence_of(view: ResultView, text: str) -> str:
    """Return a sentence of a table that the tables themselves keep as it is, such as of ``confounders``."""
    return _language(view).told(text)


def phrase_of(view: ResultView, text: str) -> str:
    """Return what known news or a confounder says."""
    return _language(view).phrase(text)


def _language(view: ResultView) -> TablesInLanguage:
    return cast("TablesInLanguage", view.tables)  # those of a view are
