"""A folder that a command reads: a result, or a large study."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventstudy.engine.large_result import LargeResult
    from eventstudy.results.folder import Saved


def open_result(name: str) -> Saved | LargeResult:
    """Open the folder of `eventstudy run`, or that of `eventstudy large`.

    Raises
    ------
    OutputError
        It is neither, is damaged, or is of a large study that is not merged yet.
    """
    from pathlib import Path

    from eventstudy.results.folder import load
    from eventstudy.results.manifest import is_large_study

    if not is_large_study(Path(name)):
        return load(name)
    from eventstudy.engine.large_result import load_large

    return load_large(name)
