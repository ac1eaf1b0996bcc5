"""A firm-event in a window as charts draw it: its figures, and the texts of its label and tooltip."""

from __future__ import annotations

from eventstudy.charts.theme import FAR
from eventstudy.design import Window
from eventstudy.results.confounders import is_stated
from eventstudy.results.firm_day import ENDS, first_interval, mark
from eventstudy.results.naming import sentence_of
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label, count, pvalue, ratio


def cells(view: ResultView, window: Window) -> list[Row]:
    """Return a row per firm-event; its mark is that of the first window, whichever is drawn."""
    rows = zip(view.firm_events, view.cars(window), map(mark, view.cars(view.first)), strict=True)
    return [_cell(view, firm_event, car, window, named) for firm_event, car, named in rows]


def measured_cells(view: ResultView, window: Window, **names: str) -> list[Row]:
    """Return the rows that have a CAR; with ``event=`` or ``ticker=`` those of one."""
    wanted = names.items()
    return [row for row in cells(view, window) if row["value"] is not None and wanted <= row.items()]


def largest_firm_days(view: ResultView, window: Window) -> list[Row]:
    """Return the rows that have a CAR, those that are named first, then the largest in standard errors.

    A firm-day of two events is there once.
    """
    rows = measured_cells(view, window)
    firm_days = {(row["ticker"], row["day0"]): row for row in reversed(rows)}  # the first of its events
    return sorted(firm_days.values(), key=lambda row: (not row["mark"], -abs(row["scar"] or 0.0)))


def unflagged(view: ResultView, firm_event: Row) -> str:
    """Say what a missing flag means: how many known dates were looked at, or that none was given."""
    if firm_event["n_known"] is None:
        return view.words.say("label.nothing_known")
    return view.words.say("label.none_of_known", n=count(firm_event["n_known"]))


def _cell(view: ResultView, firm_event: Row, car: Row, window: Window, named: str) -> Row:
    measured, words = car["car"] is not None, view.words
    low, high = first_interval(car)
    why = firm_event["reason"] or sentence_of(view, firm_event["confounders"] or "")
    return {
        "event": firm_event["event_id"],
        "ticker": firm_event["ticker"],
        "title": firm_event["title"] or "",
        "day0": str(firm_event["session"] or ""),
        "window": car_label(window),
        "value": car["car"],
        "down": measured and car["car"] < 0,
        "low": low,
        "high": high,
        "scar": car["scar"],
        "clipped": max(-FAR, min(FAR, car["scar"])) if car["scar"] is not None else 0.0,
        "text": words.figures.effect(car["car"], 1) if measured else words.say("label.none"),
        "car": words.figures.effect(car["car"]),
        "marked": f"{words.figures.effect(car['car'])} {named}".rstrip(),
        "interval": words.figures.first_interval(*(car[end] for end in ENDS)),
        "conformal": pvalue(car["conformal_pvalue"]),
        "t": ratio(car["statistic"]),
        "p": pvalue(car["pvalue"]),
        "study": pvalue(car["pvalue_study_bh"]),
        "mark": named,
        "mde": car["mde"],
        "hatched": firm_event["status"] != "ok" or is_stated(firm_event),
        "overlaps": bool(firm_event["n_overlap_window"]),
        "flags": words.say("label.skipped", reason=why)
        if firm_event["status"] != "ok"
        else why or unflagged(view, firm_event),
    }
