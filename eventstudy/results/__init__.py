"""A result as it is read, saved and exported: view, folder, manifest, formats."""

from eventstudy.results.exporting import export
from eventstudy.results.folder import Saved, load, save
from eventstudy.results.formats import FORMATS
from eventstudy.results.manifest import build_manifest
from eventstudy.results.outputs.ownership import named_inputs

__all__ = ["FORMATS", "Saved", "build_manifest", "export", "load", "named_inputs", "save"]
