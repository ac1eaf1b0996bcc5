"""The head of the page of a large study: its finding and what it is about, each in a line."""

from __future__ import annotations

from typing import Any

from eventstudy.results.naming import benchmark_name
from eventstudy.results.row_groups import SMALL
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count, share


def is_large_study(view: ResultView) -> bool:
    """Tell whether a view is that of `eventstudy.report.large_summary.summarised`."""
    return "large" in view.manifest


def small_pvalues(view: ResultView) -> dict[str, Any]:
    """Write how many p-values are below 5 %, of how many, and how many are expected by chance."""
    about = view.manifest["large"]
    return {
        "n": count(about["small"]),
        "of": view.words.counted("firm_event", about["known"]),
        "expected": count(SMALL * about["known"]),
        "level": share(SMALL),
        "window": view.first_label,
    }


def measured(view: ResultView) -> dict[str, str]:
    """Write how many firm-events were measured, and of how many."""
    about = view.manifest["large"]
    asked = view.words.counted("firm_event", about["firm_events"])
    return {"n": count(about["firm_events"] - about["skipped"]), "asked": asked}


def large_finding(view: ResultView) -> str:
    """Return how many p-values are small, or how many firm-events were measured where none is known."""
    if view.manifest["large"]["known"]:
        return view.words.say("large.found", **small_pvalues(view))
    return view.words.say("large.measured", **measured(view))


def large_line(view: ResultView) -> str:
    """Return firm-events, the span of day 0, tickers and benchmark."""
    words, about = view.words, view.manifest["large"]
    parts = [words.counted("firm_event", about["firm_events"])]
    if about["first"]:
        first, last = about["first"][:7], about["last"][:7]
        parts.append(first if first == last else f"{first} \N{EN DASH} {last}")
    if about["tickers"] is not None:
        parts.append(words.counted("ticker", about["tickers"]))
    if view.benchmark:
        parts.append(words.say("answer.against", benchmark=benchmark_name(view, view.benchmark)))
    return " · ".join(parts)


def large_name(view: ResultView) -> str:
    """Return the title of the page's window."""
    firm_events = view.words.counted("firm_event", view.manifest["large"]["firm_events"])
    return view.words.say("large.name", firm_events=firm_events)
