"""Save, load and export results, with a manifest."""

from eventstudy.store.folder import Saved, load, save
from eventstudy.store.manifest import build_manifest

__all__ = ["Saved", "build_manifest", "load", "save"]
