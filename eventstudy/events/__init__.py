"""Events: study files, event lists, articles, and everything a run is about."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eventstudy.events.claim import Claim
from eventstudy.events.event import Confounder, Event, Evidence, FactorFile, Study

if TYPE_CHECKING:
    from eventstudy.events.event_list import read_event_table
    from eventstudy.events.frame import check_event_frame
    from eventstudy.events.json_schema import study_json_schema
    from eventstudy.events.study_file import read_study

__all__ = [
    "Claim",
    "Confounder",
    "Event",
    "Evidence",
    "FactorFile",
    "Study",
    "check_event_frame",
    "read_event_table",
    "read_study",
    "study_json_schema",
]

#: modules that import yaml, pydantic or pandas; loaded when needed
_LATER = {
    "check_event_frame": "frame",
    "read_event_table": "event_list",
    "read_study": "study_file",
    "study_json_schema": "json_schema",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
