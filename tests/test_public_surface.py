"""What `import eventstudy` promises: these names, each importable, documented and typed."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
from pathlib import Path

import pytest

import eventstudy

#: Everything else is private, by name or by package. A change of this list changes the contract with users.
PUBLIC = {
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
}


def test_the_package_promises_these_names_and_no_others() -> None:
    assert set(eventstudy.__all__) == PUBLIC
    assert eventstudy.__all__ == sorted(eventstudy.__all__)
    assert set(eventstudy._LATER) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_name_is_importable_and_documented(name: str, repo: Path) -> None:
    found = getattr(eventstudy, name)
    assert found.__name__ == name
    assert len(inspect.getdoc(found) or "") > 20
    assert f"`{name}`" in (repo / "docs" / "python-api.md").read_text("utf-8")


def test_type_checkers_see_what_is_imported_late(repo: Path) -> None:
    tree = ast.parse((repo / "eventstudy" / "__init__.py").read_text("utf-8"))
    (only_for_types,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: (found.module or "").removeprefix("eventstudy.")
        for found in only_for_types.body
        if isinstance(found, ast.ImportFrom)
        for alias in found.names
    }
    assert seen == eventstudy._LATER
    assert (repo / "eventstudy" / "py.typed").is_file()


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'runn'"):
        eventstudy.runn  # noqa: B018


def test_the_version_is_that_of_the_distribution() -> None:
    assert eventstudy.__version__ == importlib.metadata.version("eventstudy-impact")
