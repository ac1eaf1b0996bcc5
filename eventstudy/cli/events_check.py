"""`eventstudy events check`: every error of a study that shows without prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.failure import Failure
from eventstudy.cli.options import EventsFile, Exchange, ListReading
from eventstudy.errors import EventsFileError, EventStudyError

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs

Articles = Annotated[
    str | None,
    typer.Option(
        "--articles", metavar="DIR", help="Check cards and needles against the articles' texts in DIR."
    ),
]


def check(
    call: Call,
    events: EventsFile = "events.yaml",
    articles: Articles = None,
    *,
    listing: ListReading,
    exchange: Exchange = None,
) -> None:
    """Check form, design, model, exchanges, sessions and evidence; list every problem (exit code 3)."""
    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.events.inputs import read_inputs

    try:
        inputs = read_inputs(events, exchange=exchange, reading=listing)
    except EventsFileError as error:
        problems, checked = list(error.problems), []
    else:
        remark_on_inputs(call, inputs.understood)
        checks = [check(inputs) for check in (_names, _sessions)] + [_evidence(inputs, articles)]
        problems = [problem for found, _ in checks for problem in found]
        checked = [what for _, what in checks if what]
    if problems:
        call.say(problems)
        count = f"{events}: {len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise typer.Exit(
            Failure("EventsFileError", count, EventsFileError.exit_code, tuple(problems)).show(call)
        )
    call.document({"events": events, "problems": [], "checked": checked})
    call.say([f"{events}: nothing wrong; checked {', '.join(checked)}"])


Checked = tuple[list[str], str]  #: problems found, and what was checked, in words


def _names(inputs: StudyInputs) -> Checked:
    """Look up the model and the tests of the design."""
    from eventstudy.models import model_of
    from eventstudy.significance import TESTS

    problems = list(_problems(lambda: model_of(inputs.design), f"{inputs.path}: design"))
    problems += [
        f"{inputs.path}: design: unknown test {name!r}; allowed: {', '.join(TESTS)}"
        for name in inputs.design.tests
        if name not in TESTS
    ]
    return problems, f"the {inputs.design.model} model"


def _sessions(inputs: StudyInputs) -> Checked:
    """Find day 0 of every event on the exchanges of its tickers."""
    from dataclasses import replace

    from eventstudy.words.formatting import counted

    if inputs.frame is not None:
        problems = list(_day0_problems(inputs, str(inputs.path)))
        return problems, counted(len(inputs.frame), "firm-event")
    measured = [event for event in inputs.events if not event.background]
    problems = [
        problem
        for event in measured
        for problem in _day0_problems(
            replace(inputs, events=(event,)), f"{inputs.path}:{event.line}: event {event.id}"
        )
    ]
    return problems, f"the sessions of {counted(len(measured), 'event')}"


def _evidence(inputs: StudyInputs, articles: str | None) -> Checked:
    """Check the evidence against the cards, and the cards against the articles where they are given."""
    from eventstudy.events.articles import CARDS, check_articles, check_cards
    from eventstudy.events.study_file import read_study
    from eventstudy.words.formatting import counted

    cited = any(event.evidence or any(claim.card for claim in event.claims) for event in inputs.events)
    if inputs.path is None or not cited:
        return [], "no evidence (none is cited)"
    study, claims = read_study(inputs.path), sum(len(event.claims) for event in inputs.events)
    try:
        cards = check_cards(study, inputs.path.parent / CARDS)
        needles = 0 if articles is None else check_articles(cards, study, articles)
    except EventsFileError as error:
        return list(error.problems), ""
    in_texts = "" if articles is None else f", {counted(needles, 'needle')} found in the texts"
    return [], f"{counted(len(cards), 'card')}, {counted(claims, 'claim')}{in_texts}"


def _day0_problems(inputs: StudyInputs, where: str) -> Iterator[str]:
    """Yield why firm-events cannot be placed, and per reason the tickers that have no day 0."""
    import numpy as np

    try:
        firm_events = inputs.firm_events()
    except EventStudyError as error:
        yield f"{where}: {getattr(error, 'problem', error)}"
        return
    without = np.isnat(firm_events.session)
    for why in dict.fromkeys(firm_events.session_note[without]):
        tickers = dict.fromkeys(firm_events.ticker[without & (firm_events.session_note == why)])
        yield f"{where}: {', '.join(tickers)}: {why}"


def _problems(attempt: Callable[[], object], where: str) -> Iterator[str]:
    try:
        attempt()
    except EventStudyError as error:
        yield f"{where}: {getattr(error, 'problem', error)}"
