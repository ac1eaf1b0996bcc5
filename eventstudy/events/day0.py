"""Day 0 of firm-events: the calendars of their exchanges, and times that contradict themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from eventstudy._typing import BoolArray, TextArray
from eventstudy.errors import DesignError
from eventstudy.sessions import Corrections, first_sessions

if TYPE_CHECKING:
    from eventstudy.events.firm_events import FirmEvents


def with_sessions(
    firm_events: FirmEvents,
    when: Sequence[date | datetime],
    corrections: Mapping[str, Corrections] = MappingProxyType({}),
) -> FirmEvents:
    """Find day 0 in each exchange's calendar where it is not stated.

    Where an exchange has no usable calendar its firm-events have no day 0, and the note says why.

    Parameters
    ----------
    when
        Date or time stamp of each firm-event, shape (N,).
    corrections
        What is known better than the calendar of an exchange.

    Raises
    ------
    DesignError
        No exchange has a calendar; a date that a calendar does not know; a stated timing that the clock
        contradicts; time stamps that are midnights of UTC.
    """
    session, shift = firm_events.session.copy(), firm_events.shift.copy()
    note, timing, exchange = firm_events.session_note.copy(), firm_events.timing.copy(), firm_events.exchange
    open_ = np.isnat(session)
    if not corrections:
        _refuse_utc_midnights(firm_events, when, open_)
    overruled, broken = np.zeros(len(firm_events), dtype=bool), list[DesignError]()
    for code in dict.fromkeys(exchange[open_]):
        rows = np.flatnonzero((exchange == code) & open_)
        try:
            found = first_sessions(
                [when[int(row)] for row in rows],
                [firm_events.timing[row] or None for row in rows],
                code,
                corrections.get(code),
            )
        except DesignError as error:
            if error.field != "exchanges":
                raise
            broken.append(error)
            note[rows] = error.problem
            continue
        session[rows], shift[rows] = found.session, found.shift
        timing[rows], note[rows], overruled[rows] = found.timing, found.note, found.overruled
    if broken and np.isnat(session).all():
        raise broken[0]
    _refuse_contradictions(firm_events, when, overruled)
    return replace(firm_events, session=session, shift=shift, timing=timing, session_note=note)


def corrected(firm_events: FirmEvents, corrections: Mapping[str, Corrections]) -> FirmEvents:
    """Find day 0 anew where the calendars of some exchanges are corrected; stated sessions stay."""
    concerned = np.isin(firm_events.exchange, list(corrections)) & (firm_events.timing != "session")
    moments = [_moment(text) for text in firm_events.when]
    stamped = np.array([isinstance(moment, datetime) for moment in moments], dtype=bool)
    open_ = np.where(concerned, np.datetime64("NaT", "D"), firm_events.session)
    timing = np.where(concerned & stamped, "", firm_events.timing).astype(object)  # the clock has told it
    reopened = replace(firm_events, session=open_, timing=timing, corrections=corrections)
    return with_sessions(reopened, moments, corrections)


def _moment(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _refuse_utc_midnights(firm_events: FirmEvents, when: Sequence[date | datetime], open_: BoolArray) -> None:
    """Refuse time stamps that are all 00:00 UTC, as exports write dates; a stated timing confirms them."""
    stamps = [
        (int(row), when[int(row)])
        for row in np.flatnonzero(open_ & (firm_events.timing == ""))
        if isinstance(when[int(row)], datetime)
    ]
    clocks = [moment.astimezone(UTC) for _, moment in stamps if isinstance(moment, datetime)]
    if clocks and all(clock.time() == time() for clock in clocks):
        problem = (
            f"every time stamp is 00:00 UTC, as exports write a date without a time ({clocks[0]:%Y-%m-%d})"
        )
        remedy = "write the dates alone, or state timing (pre, regular, post) where midnight UTC is meant"
        raise DesignError("when", f"event {firm_events.event_id[stamps[0][0]]}: {problem}; {remedy}")


def _refuse_contradictions(
    firm_events: FirmEvents, when: Sequence[date | datetime], overruled: BoolArray
) -> None:
    """Refuse a stated timing that the clock contradicts on every exchange on which the event trades."""
    event_id: TextArray = firm_events.event_id
    for name in dict.fromkeys(event_id[overruled]):
        rows = np.flatnonzero(event_id == name)
        if overruled[rows].all():
            problem = f"timing {firm_events.timing[rows[0]]!r} contradicts {when[int(rows[0])]}"
            remedy = f"the hours of {firm_events.exchange[rows[0]]} say otherwise; keep one of the two"
            raise DesignError("timing", f"event {name}: {problem}: {remedy}")
