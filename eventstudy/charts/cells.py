"""A firm-event in a window as charts draw it: its figures, and the texts of its label and tooltip."""

from __future__ import annotations

from eventstudy.charts.theme import FAR
from eventstudy.design import Window
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label, count, interval, percent, pvalue, ratio


def cells(view: ResultView, window: Window) -> list[Row]:
    """Return a row per firm-event."""
    pairs = zip(view.firm_events, view.cars(window), strict=True)
    return [_cell(view, firm_event, car, window) for firm_event, car in pairs]


def measured_cells(view: ResultView, window: Window, **names: str) -> list[Row]:
    """Return the rows that have a CAR; with ``event=`` or ``ticker=`` those of one."""
    wanted = names.items()
    return [row for row in cells(view, window) if row["value"] is not None and wanted <= row.items()]


def unflagged(view: ResultView, firm_event: Row) -> str:
    """Say what a missing flag means: how many known dates were looked at, or that none was given."""
    if firm_event["n_known"] is None:
        return view.words.say("label.nothing_known")
    return view.words.say("label.none_of_known", n=count(firm_event["n_known"]))


def _cell(view: ResultView, firm_event: Row, car: Row, window: Window) -> Row:
    measured, words = car["car"] is not None, view.words
    why = firm_event["reason"] or firm_event["confounders"] or ""
    return {
        "event": firm_event["event_id"],
        "ticker": firm_event["ticker"],
        "title": firm_event["title"] or "",
        "day0": str(firm_event["session"] or ""),
        "window": car_label(window),
        "value": car["car"],
        "low": car["ci_low"],
        "high": car["ci_high"],
        "scar": car["scar"],
        "clipped": max(-FAR, min(FAR, car["scar"])) if car["scar"] is not None else 0.0,
        "text": percent(car["car"], 1) if measured else words.say("label.none"),
        "car": percent(car["car"]),
        "interval": interval(car["ci_low"], car["ci_high"]),
        "t": ratio(car["statistic"]),
        "p": pvalue(car["pvalue"]),
        "holm": car["pvalue_holm"] if car["pvalue_holm"] is not None else 1.0,
        "holm_text": pvalue(car["pvalue_holm"]),
        "placebo": pvalue(car["placebo_pvalue"]),
        "mde": car["mde"],
        "hatched": bool(firm_event["status"] != "ok" or firm_event["confounded"]),
        "flags": words.say("label.skipped", reason=why)
        if firm_event["status"] != "ok"
        else why or unflagged(view, firm_event),
    }
