"""A chart as a figure of the page."""

from __future__ import annotations

from typing import Any

from eventstudy.report.section import Figure


def figure(id_: str, caption: str, chart: Any) -> Figure:
    """Return a chart as a figure: its specification without what the page sets itself."""
    spec = chart.to_dict(validate=False)  # altair made it: checking it again takes most of the time
    description = spec.pop("description", caption)
    for name in ("$schema", "config", "usermeta"):
        spec.pop(name, None)
    return Figure(id_, caption, spec, description)
