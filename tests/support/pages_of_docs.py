"""The pages of documentation: where they are, their code blocks, and the scripts that write them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page.name for page in DOCS.glob("*.md") if page.stem != "methods_opening")


def read(page: str) -> str:
    """Return a page of docs/, or of the root of the repository, as `../README.md`."""
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[str]:
    """Return the fenced blocks of a page in any of the languages; "" is a fence without one."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", read(page), flags=re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language in languages]


def module(name: str) -> ModuleType:
    """Import a script of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
