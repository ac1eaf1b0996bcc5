"""Rows of a chart: firm-events with their figures as numbers and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eventstudy.charts.theme import FAR
from eventstudy.design import Window
from eventstudy.figures import car_label, percent, pvalue, ratio
from eventstudy.words import Words

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def windows_of(tables: Mapping[str, pa.Table]) -> list[str]:
    """Return the labels of the windows that were measured, in the order of the design."""
    cars = tables["cars"].select(["start", "end"]).to_pylist()
    return list(dict.fromkeys(label_of(row) for row in cars))


def label_of(row: Mapping[str, Any]) -> str:
    """Return the label of the window that a row of a table is about."""
    return car_label(Window(row["start"], row["end"]))


def firm_event_rows(tables: Mapping[str, pa.Table], words: Words) -> list[Row]:
    """Return a row per firm-event and window with everything that a cell or a point shows of it."""
    events = {(row["event_id"], row["ticker"]): row for row in tables["events"].to_pylist()}
    return [_row(events[row["event_id"], row["ticker"]], row, words) for row in tables["cars"].to_pylist()]


def _row(event: Row, car: Row, words: Words) -> Row:
    measured = car["car"] is not None
    why = event["reason"] or event["confounders"] or ""
    return {
        "event": event["event_id"],
        "ticker": event["ticker"],
        "title": event["title"] or "",
        "day0": str(event["session"] or ""),
        "window": label_of(car),
        "value": car["car"],
        "low": car["ci_low"],
        "high": car["ci_high"],
        "clipped": max(-FAR, min(FAR, car["scar"])) if measured else 0.0,
        "text": percent(car["car"], 1) if measured else words.say("label.none"),
        "car": percent(car["car"]),
        "interval": f"{percent(car['ci_low'])} … {percent(car['ci_high'])}" if measured else "",
        "t": ratio(car["statistic"]),
        "p": pvalue(car["pvalue"]),
        "holm": car["pvalue_holm"] if car["pvalue_holm"] is not None else 1.0,
        "holm_text": pvalue(car["pvalue_holm"]),
        "placebo": pvalue(car["placebo_pvalue"]),
        "hatched": bool(event["status"] != "ok" or event["confounded"]),
        "flags": words.say("label.skipped", reason=why) if event["status"] != "ok" else why,
    }
