"""Many events as rows of a table: ranked, with the path of the strongest ticker, each opened on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventstudy.charts.paths import car_levels
from eventstudy.report.event_cards import event_card
from eventstudy.report.packing import packed
from eventstudy.report.section import EventList, Heading
from eventstudy.results.firm_day import mark, verdict
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import pvalue, ratio

#: Label of each column, the field that is shown, the field that it is sorted by, and whether it is a figure.
COLUMNS = (
    ("title", "title", "title", False),
    ("day0", "day", "day", False),
    ("ticker", "tickers", "tickers", False),
    ("path", "spark", "", False),
    ("car", "car_text", "car", True),
    ("t", "t_text", "t", True),
    ("study", "p_text", "p", True),
    ("mark", "chip", "mark", False),
)
FAR = 8.0  #: standard errors at which a small path is cut
STEPS = 10  #: of a small path in a standard error


def event_list(view: ResultView, targets: Mapping[str, str]) -> EventList:
    """Return the events with a measured firm-event as rows, the strongest first."""
    words = view.words
    rows = sorted((_row(view, event) for event in targets), key=_rank)
    headings = tuple(
        Heading(words.say(f"label.{label}"), (shown, by), "", right) for label, shown, by, right in COLUMNS
    )
    return EventList(
        id="event-list",
        caption=words.say("events.list", events=words.counted("event", len(rows)), window=view.first_label),
        headings=headings,
        rows=packed([{**row, "target": targets[row["event"]]} for row in rows]),
        cards=tuple(event_card(view, row["event"], targets[row["event"]]) for row in rows),
    )


def _rank(row: Row) -> tuple[bool, float, float]:
    return not row["mark"], 1.0 if row["p"] is None else row["p"], -abs(row["t"] or 0.0)


def _row(view: ResultView, event: str) -> Row:
    """Return the row of an event: the figures of its strongest ticker, and how many tickers it has."""
    words, first = view.words, view.rows("events", event)[0]
    cars = [row for row in view.rows("cars", event) if view.is_first(row) and row["car"] is not None]
    own = max(cars, key=lambda row: (bool(mark(row)), abs(row["statistic"] or 0.0)))
    others = len(cars) - 1
    return {
        "event": event,
        "title": first["title"] or event,
        "day": str(first["session"] or ""),
        "tickers": words.say("list.more", names=own["ticker"], n=others) if others else own["ticker"],
        "spark": _spark(view, event, own),
        "car": own["car"],
        "car_text": view.figures.effect(own["car"]),
        "t": own["statistic"],
        "t_text": view.figures.signed(ratio(own["statistic"])),
        "p": own["pvalue_study_bh"],
        "p_text": pvalue(own["pvalue_study_bh"]),
        "mark": mark(own),
        "chip": words.say(f"chips.{verdict(own)}") if mark(own) else "",
    }


def _spark(view: ResultView, event: str, car: Row) -> str:
    """Return the CAR of the strongest ticker session by session, in tenths of its standard error."""
    unit: Any = car["car_se"]
    rows = view.rows("abnormal_returns", event)
    levels = car_levels([row for row in rows if row["ticker"] == car["ticker"]])
    if not unit:
        return ""
    sizes = ["" if each is None else max(-FAR, min(FAR, each / unit)) for each in levels]
    return " ".join("" if each == "" else str(round(STEPS * float(each))) for each in sizes)
