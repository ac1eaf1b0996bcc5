"""Save, load and export results, with a manifest."""

from eventstudy.store.exporting import export
from eventstudy.store.folder import Saved, load, save
from eventstudy.store.formats import FORMATS
from eventstudy.store.manifest import build_manifest

__all__ = ["FORMATS", "Saved", "build_manifest", "export", "load", "save"]
