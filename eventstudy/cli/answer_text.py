"""What `run` prints: the answer in three lines, the glance, and what limits the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventstudy.cli.call import Line
from eventstudy.cli.claims_text import claims_counted
from eventstudy.cli.columns import dim, wrapped
from eventstudy.cli.glance import glance
from eventstudy.cli.regressions_text import MOST_MODELS, regressions_text
from eventstudy.cli.run_text import attrition, groups, over_events, what_was_measured
from eventstudy.design import LOOK_AHEAD
from eventstudy.results.benchmark_verdicts import benchmark_verdicts, stability
from eventstudy.results.first_screen import named_firm_days, none_named
from eventstudy.results.regression_models import regression_models
from eventstudy.results.view import ResultView

ANSWER = 3  #: lines of the answer
DETAILS = "Each event, the interval of each ticker and every remark: eventstudy run --details"


def answer_text(view: ResultView, verdicts: Sequence[Mapping[str, Any]], width: int) -> Iterator[Line]:
    """Yield the answer, the glance, the tests over all events, and remarks; ``verdicts`` are of claims."""
    answer, rest = _answer(view, width)
    yield from answer
    yield Line("")
    yield from glance(view, width, details=False)
    yield Line("")
    if any(row["lost"] for row in view.rows("attrition")):
        yield from attrition(view)
    yield from over_events(view, width, groups(view, view.design["by"]))
    yield from regressions_text(regression_models(view.rows("regressions"))[:MOST_MODELS], width)
    if "look_ahead" in view.manifest:
        yield from (Line(line, "bold") for line in wrapped(LOOK_AHEAD, width))
    note = [] if view.measure == "returns" else [view.words.say(f"measures.{view.measure}.note")]
    remarks = [*rest, what_was_measured(view), *note, *_benchmarks(view), *claims_counted(verdicts)]
    yield from dim(" ".join(remarks), width, "")
    yield from dim(DETAILS, width, "")


def _answer(view: ResultView, width: int) -> tuple[list[Line], list[str]]:
    """Return the first sentences of the headline that fit three lines, the first in bold, and the others."""
    first, *others = view.headline["sentences"]
    if not named_firm_days(view) and (none := none_named(view)):
        others.insert(0, view.words.say(none[0], **none[1]))
    lines = [Line(line, "bold") for line in wrapped(first, width)]
    fitting = 0
    while fitting < len(others):
        if len(lines) + len(wrapped(" ".join(others[: fitting + 1]), width)) > ANSWER:
            break
        fitting += 1
    text = " ".join(others[:fitting])
    return [*lines, *map(Line, wrapped(text, width) if text else ())], others[fitting:]


def _benchmarks(view: ResultView) -> Iterator[str]:
    """Say for how many events the benchmark does not matter, where others were tried."""
    known = benchmark_verdicts(view)
    if known:
        key, values = stability(view, known)
        yield view.words.say(key, **values)
