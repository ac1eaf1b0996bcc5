"""Charts of a result, one function per chart."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from eventstudy.charts.averages import averages
from eventstudy.charts.benchmarks import benchmarks
from eventstudy.charts.car_paths import car_paths
from eventstudy.charts.chart import Chart
from eventstudy.charts.forest import forest
from eventstudy.charts.heat_map import heat_map
from eventstudy.charts.power import power
from eventstudy.charts.price_paths import price_paths
from eventstudy.charts.residuals import residuals
from eventstudy.charts.specification_curve import specification_curve
from eventstudy.charts.spread import spread
from eventstudy.charts.strongest import strongest
from eventstudy.charts.timeline import timeline
from eventstudy.charts.two_tickers import comparison
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.results.view import ResultView

#: A function takes a view and its own selection (an event, a ticker, a window), and gives a chart. Every one
#: raises `UnknownNameError` for an event, ticker, window or group that the result does not have.
_ALL = (
    *(
        strongest,
        timeline,
        heat_map,
        price_paths,
        car_paths,
        forest,
        comparison,
        averages,
        spread,
        benchmarks,
    ),
    *(residuals, power, specification_curve),
)
CHARTS: dict[str, Callable[..., Chart]] = {function.__name__: function for function in _ALL}


def chart(view: ResultView, name: str, **selection: Any) -> Chart:
    """Return the chart of a name.

    Raises
    ------
    UnknownNameError
        There is no such chart, option, event, ticker, window or group.
    UsageError
        An option that the chart needs is missing.
    """
    if name not in CHARTS:
        raise UnknownNameError("chart", name, CHARTS)
    if view.of_specifications and name != specification_curve.__name__:
        raise UsageError(f"a study under many specifications has no {name}; draw specification_curve")
    options = list(inspect.signature(CHARTS[name]).parameters.values())[1:]
    for option in selection:
        if option not in (known := [each.name for each in options]):
            raise UnknownNameError(f"option of chart {name}", option, known)
    for each in options:
        if each.default is each.empty and each.name not in selection:
            raise UsageError(f"the chart {name} needs {each.name}: name one of the study's {each.name}s")
    return CHARTS[name](view, **selection)
