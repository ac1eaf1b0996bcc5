"""`one_of`: a name that a caller chooses among those of a result."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors import UnknownNameError


def one_of(kind: str, name: str | None, allowed: Sequence[str]) -> str:
    """Return a name that is allowed, the first by default, or raise `UnknownNameError`."""
    if name is None and allowed:
        return allowed[0]
    if name is None or name not in allowed:
        raise UnknownNameError(kind, str(name), allowed)
    return name
