"""How much work a call is, and whether it ends, without a look at the clock."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
FORGOTTEN = 30  #: seconds after which a wait that should have ended is taken for one that does not


def calls(work: Callable[[], object]) -> int:
    """Return how many functions are called, of Python and of C."""
    counted = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def ended(call: Callable[[], T]) -> T:
    """Return what a call returns; fail where it waits for what would take a minute or for ever."""
    returned: list[T] = []
    thread = threading.Thread(target=lambda: returned.append(call()), daemon=True)
    thread.start()
    thread.join(FORGOTTEN)
    assert returned, "the call raised, or still waits"
    return returned[0]
