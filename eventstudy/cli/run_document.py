"""The summary of a run as one JSON document."""

from __future__ import annotations

from typing import Any

from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView


def run_document(view: ResultView, out: str) -> dict[str, Any]:
    """Return design, counts, headline, the figures of every firm-event, the headline tests and the claims.

    A large study lists only its most extreme firm-events; ``listed`` counts them. The benchmark of the design
    is null where the model uses none.
    """
    manifest = view.manifest
    return {
        "results": out,
        "version": manifest["version"],
        "study": manifest["study"],
        "design": {**view.design, **({} if view.benchmark else {"benchmark": None})},
        "counts": {
            "events": len(view.event_ids),
            "firm_events": len(view.tables["events"]),
            "skipped": view.skipped,
            "listed": len(view.listed),
        },
        "attrition": view.rows("attrition"),
        "headline": dict(view.headline),
        "firm_events": [_firm_event(row) for row in view.listed],
        "tests": view.listed_tests(),
        "regressions": view.rows("regressions"),
        "claims": view.rows("claims"),
        "inputs": view.rows("inputs"),
        "prices": manifest["prices"],
    }


def _firm_event(row: Row) -> Row:
    """Return a firm-event with its CARs as a list, without the labels that they share with it."""
    cars = [
        {name: value for name, value in car.items() if name not in ("event_id", "ticker")}
        for car in row["cars"].values()
    ]
    return {**row, "cars": cars}
