"""Event studies of security prices: abnormal returns, tests of significance, reports."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventstudy.compare_results import compare
    from eventstudy.design import Benchmark, Design, Window
    from eventstudy.engine.large_result import LargeResult, load_large
    from eventstudy.engine.large_study import merge_large, run_large
    from eventstudy.errors import EventStudyError
    from eventstudy.events.event import Event
    from eventstudy.events.event_list import read_events
    from eventstudy.preparation.long_run import long_run
    from eventstudy.prices.files.source import read_prices
    from eventstudy.simulation import Situation, simulate
    from eventstudy.specification_curve import robustness
    from eventstudy.study import run
    from eventstudy.study_result import EventStudyResult, load

__version__ = "0.1.0"

__all__ = [
    "Benchmark",
    "Design",
    "Event",
    "EventStudyError",
    "EventStudyResult",
    "LargeResult",
    "Situation",
    "Window",
    "compare",
    "load",
    "load_large",
    "long_run",
    "merge_large",
    "read_events",
    "read_prices",
    "robustness",
    "run",
    "run_large",
    "simulate",
]

#: The module of each public name; none is called like the name itself, which would hide it once imported.
_LATER = {
    "Benchmark": "design",
    "Design": "design",
    "Event": "events.event",
    "EventStudyError": "errors",
    "EventStudyResult": "study_result",
    "LargeResult": "engine.large_result",
    "Situation": "simulation",
    "Window": "design",
    "compare": "compare_results",
    "load": "study_result",
    "load_large": "engine.large_result",
    "long_run": "preparation.long_run",
    "merge_large": "engine.large_study",
    "read_events": "events.event_list",
    "read_prices": "prices.files.source",
    "robustness": "specification_curve",
    "run": "study",
    "run_large": "engine.large_study",
    "simulate": "simulation",
}


def __getattr__(name: str) -> Any:
    """Import what needs numpy or pandas when it is first used: importing the package stays cheap."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
