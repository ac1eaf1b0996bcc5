"""The columns of an event list, and what lists in the wild call them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from eventstudy.events.timing_columns import plain

COLUMNS = ("event_id", "ticker", "when", "session", "timing", "kind", "benchmark", "title", "expect")
#: other names of the columns that are needed, as `plain` writes them
OTHER_NAMES = {
    "event_id": ("id", "event", "eventid"),
    "ticker": ("securityticker", "symbol", "tickersymbol", "tic", "security", "stock", "firm"),
    "when": ("date", "eventdate", "announcementdate", "reportdate", "datetime", "timestamp", "day", "time"),
}
#: what lists call the ticker of a benchmark, as `plain` writes it
MARKETS = (
    "benchmarkticker", "benchmarksymbol", "marketticker", "marketsymbol", "marketindex", "indexticker",
    "indexsymbol",
)  # fmt: skip
BENCHMARKS = ("market", "index", "benchmark")  #: beginnings of names that are no security's


def refused_names(names: list[str]) -> Iterator[str]:
    """Yield what is wrong with columns that read as one of ours and are written otherwise.

    Nothing would read them, and a benchmark or a timing that is not read changes the figures.
    """
    ours = {plain(name): name for name in COLUMNS}
    for name in names:
        meant = "benchmark" if plain(name) in MARKETS else ours.get(plain(name), name)
        if meant != name and meant not in names:
            yield f"column {name!r} reads as {meant}, and nothing reads it under that name; call it {meant!r}"


def renamed(name: str, present: list[str]) -> str:
    """Return the hint which column of a table may be the one that is missing, or ``""``."""
    known = {plain(found): found for found in present if found not in COLUMNS}
    found = [known[alias] for alias in OTHER_NAMES[name] if alias in known]
    taken = {alias for other, aliases in OTHER_NAMES.items() if other != name for alias in aliases}
    others = [each for each in known if each not in taken and not each.startswith(BENCHMARKS)]
    near = found or [known[close] for close in difflib.get_close_matches(plain(name), others, n=1)]
    return f" (rename {near[0]!r}?)" if near else ""
