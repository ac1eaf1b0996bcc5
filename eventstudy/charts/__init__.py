"""Charts of a result, one function per chart, from its tidy tables."""

from __future__ import annotations

from eventstudy.charts.heat_map import heat_map

CHARTS = {"heat_map": heat_map}
