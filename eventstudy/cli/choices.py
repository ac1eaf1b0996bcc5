"""What shell completion offers for an option: names from the registries, read when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module


def _names_in(module: str, registry: str) -> Callable[[], list[str]]:
    return lambda: list(getattr(import_module(module), registry))


model_names = _names_in("eventstudy.models", "MODELS")
test_names = _names_in("eventstudy.significance", "TESTS")
table_names = _names_in("eventstudy.schema", "TABLES")
format_names = _names_in("eventstudy.results", "FORMATS")
distribution_names = _names_in("eventstudy.simulation.situation", "DISTRIBUTIONS")
