"""Charts of a result, one function per chart, from its tidy tables."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.charts.averages import averages
from eventstudy.charts.car_paths import car_paths
from eventstudy.charts.charted import Charted
from eventstudy.charts.comparison import comparison
from eventstudy.charts.forest import forest
from eventstudy.charts.heat_map import heat_map
from eventstudy.charts.power import power
from eventstudy.charts.residuals import residuals
from eventstudy.charts.timeline import timeline

#: A function takes the source and its own selection (an event, a ticker, a window), and gives a chart.
CHARTS: dict[str, Callable[..., Charted]] = {
    "timeline": timeline,
    "heat_map": heat_map,
    "car_paths": car_paths,
    "forest": forest,
    "comparison": comparison,
    "averages": averages,
    "residuals": residuals,
    "power": power,
}
