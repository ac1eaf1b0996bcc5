"""The summary of a run as one JSON document."""

from __future__ import annotations

from typing import Any

from eventstudy.cli.result_rows import Row, StudyRows
from eventstudy.study_result import EventStudyResult


def run_document(result: EventStudyResult, out: str) -> dict[str, Any]:
    """Return design, counts, the figures of every firm-event, the tests to read first and the claims.

    Of more firm-events than are listed one by one only the most extreme are in it; ``listed`` counts them.
    """
    rows = StudyRows.of(result)
    manifest = result.manifest
    return {
        "results": out,
        "version": manifest["version"],
        "study": manifest["study"],
        "design": manifest["design"],
        "counts": {
            "events": len(set(rows.labels["event"])),
            "firm_events": rows.asked,
            "skipped": rows.skipped,
            "listed": len(rows.firm_events),
        },
        "firm_events": [_firm_event(row) for row in rows.firm_events],
        "tests": list(rows.tests.values()),
        "claims": result.tables["claims"].to_pylist(),
        "prices": manifest["prices"],
    }


def _firm_event(row: Row) -> dict[str, Any]:
    """Return a firm-event with its CARs as a list, the labels they share with it left out."""
    cars = [
        {name: value for name, value in car.items() if name not in ("event_id", "ticker")}
        for car in row["cars"].values()
    ]
    return {**row, "cars": cars}
