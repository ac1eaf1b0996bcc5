"""Charts of a result, one function per chart, from its tidy tables."""

from __future__ import annotations

from eventstudy.charts.car_paths import car_paths
from eventstudy.charts.forest import forest
from eventstudy.charts.heat_map import heat_map

CHARTS = {"heat_map": heat_map, "car_paths": car_paths, "forest": forest}
