"""The events of a study as regression systems, for the reference of `joint_study`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.design import Window
from eventstudy.inference.groups import MOST_KEPT, Group, StudyInCalendarTime
from eventstudy.inference.levels import Level
from eventstudy.significance.joint_reference import JointCell, JointReference, joint_references


def study_joint_references(calendar: StudyInCalendarTime, level: Level) -> dict[Window, JointReference]:
    """Return what the left-out windows of a level's groups say about their joint F, for each window.

    In a large study the systems are built twice more for it, a few at a time: the memory does not grow.
    """
    if len(calendar.spec.panel) > MOST_KEPT:
        return joint_references(lambda: _cells(calendar, level), len(calendar.position))
    cells = tuple(_cells(calendar, level))
    return joint_references(lambda: iter(cells), len(calendar.position))


def _cells(calendar: StudyInCalendarTime, level: Level) -> Iterator[JointCell]:
    """Yield the systems of all groups; groups with the same tickers on the same date are one."""
    counted: set[tuple[int, bytes, Window]] = set()
    for group in calendar.groups(level):
        for system in group.distinct_systems:
            for tickers, windows in system.patterns if system.windows else ():  # some have paths alone
                day, securities = _date_and_tickers(calendar, group, tickers)
                keys = [(day, securities, system.windows[window]) for window in windows]
                new = windows[[key not in counted for key in keys]]
                if tickers.size and new.size:
                    counted.update(keys)
                    window = calendar.spec.design.estimation_window
                    sessions = calendar.positions(group.events[:1], window)[0, system.sessions]
                    yield JointCell(system, tickers, new, sessions)


def _date_and_tickers(calendar: StudyInCalendarTime, group: Group, tickers: np.ndarray) -> tuple[int, bytes]:
    """Return day 0 and the securities of some tickers of a group of one date."""
    events = group.events[tickers]
    return int(calendar.day0[group.events[0]]), calendar.ticker[events].tobytes()
