"""Anchors of events: short names that stay the same from report to report, for links to a page."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 60  #: letters
_OTHERS = re.compile(r"[^\w]+|_+")


def anchors(events: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return the anchor of each event, such as ``deepseek-selloff``; one that is taken gets a number.

    Examples
    --------
    >>> list(anchors(["DeepSeek selloff", "deepseek_selloff", "사건 1", "answer"], ["answer"]).values())
    ['deepseek-selloff', 'deepseek-selloff-2', '사건-1', 'answer-2']
    """
    used, found = set(taken), {}
    for event in events:
        stem = _OTHERS.sub("-", event.lower()).strip("-")[:LONGEST].strip("-") or "event"
        name, number = stem, 1
        while name in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name)
        found[event] = name
    return found
