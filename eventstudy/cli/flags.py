"""The flags of a firm-event: overlapping events, findings, and the direction of day 0."""

from __future__ import annotations

import re

from eventstudy.results.row_groups import Row

MEANING = {
    "c": "other news about the ticker is in the event window",
    "o": "another listed event of the ticker is in the event window",
    "q": "the prices it uses have findings: see `eventstudy prices verify`",
    "y": "the interval of day 0 lies on the expected side of zero",
    "n": "the interval of day 0 lies on the other side of zero",
    "-": "the interval of day 0 holds zero",
}
STATED = re.compile(r"\d{4}-\d\d-\d\d ")  #: how a confounder from the event list begins; these come first


def flags(row: Row) -> str:
    """Return a firm-event's flags as letters; other news takes precedence over overlap."""
    known = STATED.match(row["confounders"] or "") is not None
    overlap = "c" if known else "o" if row["confounded"] else ""
    sign = {True: "y", False: "n", None: "-" if row["expect"] else ""}[row["agrees"]]
    return overlap + ("q" if row["n_findings"] else "") + sign


def legend(letters: str) -> list[str]:
    """Say what the letters mean that are in use."""
    return [f"{letter} = {meaning}" for letter, meaning in MEANING.items() if letter in letters]


def day0(row: Row) -> str:
    """Say which session is day 0 and why, and how far from the stated date it is."""
    shift = row["shift"]
    moved = f", {shift:+d} day{'' if abs(shift) == 1 else 's'}" if shift else ""
    return f"{row['session']} ({row['session_note']}{moved})" if row["session"] else "no session"
