"""The flags of a firm-event: what a reader should know before reading its figures."""

from __future__ import annotations

import re

from eventstudy.cli.result_rows import Row

MEANING = {
    "c": "something else is known to have moved it in the event window",
    "o": "another listed event of the ticker is in the event window",
    "q": "the prices it uses have findings: see `eventstudy prices verify`",
    "y": "day 0 has the sign that the story tells",
    "n": "it has the opposite one",
}
STATED = re.compile(r"\d{4}-\d\d-\d\d ")  #: how a confounder from the event list begins; these stand first


def flags(row: Row) -> str:
    """Return a firm-event's flags as letters; what is known to have moved it goes before overlap."""
    known = STATED.match(row["confounders"] or "") is not None
    beside = "c" if known else "o" if row["confounded"] else ""
    doubts = "q" if row["n_findings"] else ""
    return beside + doubts + {True: "y", False: "n", None: ""}[row["agrees"]]


def legend(letters: str) -> list[str]:
    """Say what the letters mean that are in use."""
    return [f"{letter} = {meaning}" for letter, meaning in MEANING.items() if letter in letters]


def day0(row: Row) -> str:
    """Say which session is day 0 and why, and how far from the stated date it is."""
    shift = row["shift"]
    moved = f", {shift:+d} day{'' if abs(shift) == 1 else 's'}" if shift else ""
    return f"{row['session']} ({row['session_note']}{moved})" if row["session"] else "no session"
