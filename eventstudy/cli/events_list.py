"""`eventstudy events list`: every event with its day 0 and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eventstudy.cli.call import Call, Line
from eventstudy.cli.options import EventsFile, Exchange, ListReading
from eventstudy.words.by_language import in_language

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs


def list_events(
    call: Call, events: EventsFile = "events.yaml", *, listing: ListReading, exchange: Exchange = None
) -> None:
    """List the events: when the news came, which session is day 0 and why, kind and tickers."""
    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.events.inputs import read_inputs

    inputs = read_inputs(events, exchange=exchange, reading=listing)
    remark_on_inputs(call, inputs.understood)
    rows = listed_events(inputs)
    call.document({"events": rows})
    call.say(_text(rows, call.width), paged=True)


def listed_events(inputs: StudyInputs) -> list[dict[str, Any]]:
    """Return a row per event, with a day 0 for each group of tickers that share it; background ones last.

    ``session`` is None where the exchange of the tickers has no usable calendar, and ``why`` says so.
    """
    import numpy as np

    firm_events = inputs.firm_events()
    rows: dict[str, dict[str, Any]] = {}
    titles = {event.id: in_language(event.title, "en") for event in inputs.events}
    for at, event_id in enumerate(firm_events.event_id):
        title = titles.get(event_id, firm_events.title[at])
        row = _row(event_id, title, firm_events.when[at], firm_events.kind[at])
        days = rows.setdefault(event_id, row)["day0"]
        known, note = firm_events.session[at], firm_events.session_note[at]
        session = None if np.isnat(known) else str(known)
        day = next((each for each in days if (each["session"], each["why"]) == (session, note)), None)
        if day is None:
            days.append(day := {"session": session, "why": note, "tickers": []})
        day["tickers"].append(firm_events.ticker[at])
    for event in inputs.events:
        if event.background:
            rows[event.id] = _row(
                event.id, titles[event.id], event.when.isoformat(), event.kind, background=True
            )
    return list(rows.values())


def _row(event_id: str, title: str, when: str, kind: str, background: bool = False) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "title": title,
        "when": when,
        "kind": kind,
        "background": background,
        "day0": [],
    }


def _text(rows: list[dict[str, Any]], width: int) -> Iterator[Line]:
    from eventstudy.cli.columns import wrapped
    from eventstudy.words.formatting import counted, listed

    for row in rows:
        kind = f"  {row['kind']}" if row["kind"] else ""
        background = "  background: listed, not measured" if row["background"] else ""
        yield Line(f"{row['event_id']}{kind}{background}", "bold")
        if row["title"]:
            yield from map(Line, wrapped(row["title"], width, "  "))
        yield Line(f"  when: {row['when']}")
        for day in row["day0"]:
            tickers = listed(day["tickers"], 12)
            text = f"day 0: {day['session'] or 'none'} ({day['why']}): {tickers}"
            yield from map(Line, wrapped(text, width, "  ", "    "))
    measured = [row for row in rows if not row["background"]]
    sessions = {day["session"] for row in measured for day in row["day0"]} - {None}
    tail = f", {len(rows) - len(measured)} in the background" if len(rows) > len(measured) else ""
    yield Line(f"{counted(len(measured), 'event')} on {counted(len(sessions), 'session')}{tail}")
