"""A result as it is read, saved and exported: view, folder, manifest, formats."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eventstudy.results.folder import Saved, load, save
from eventstudy.results.manifest import build_manifest
from eventstudy.results.outputs.ownership import named_inputs

if TYPE_CHECKING:
    from eventstudy.results.exporting import export
    from eventstudy.results.formats import FORMATS

__all__ = ["FORMATS", "Saved", "build_manifest", "export", "load", "named_inputs", "save"]


def __getattr__(name: str) -> Any:
    """Import the formats when something is exported: a run needs none of them."""
    if name not in ("FORMATS", "export"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.exporting"), name)
