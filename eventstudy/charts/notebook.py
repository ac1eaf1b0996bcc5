"""A chart in a notebook: what draws it where Vega-Lite is known, and a drawing for everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from eventstudy.charts.chart import Chart
from eventstudy.charts.print_charts import rendered


def with_drawing(made: Chart) -> Any:
    """Return a chart as an altair chart that shows itself with a drawing beside its Vega-Lite.

    Altair's own default loads its scripts from the internet. A renderer that the user has enabled stands,
    and what altair makes of the chart (``chart.properties(...)``) is shown as altair does.
    """
    chart = made.altair()
    bundle = partial(_bundle, made.document(), type(chart)._repr_mimebundle_.__get__(chart))
    object.__setattr__(chart, "_repr_mimebundle_", bundle)  # altair's attributes are parts of the chart
    return chart


def _bundle(document: Mapping[str, Any], usual: Callable[..., Any], *args: Any, **kwds: Any) -> Any:
    import altair as alt

    if alt.renderers.active != "default":
        return usual(*args, **kwds)
    drawn = {
        f"application/vnd.vegalite.{alt.SCHEMA_VERSION.partition('.')[0]}+json": {
            "$schema": alt.SCHEMA_URL,
            **document,
        },
        "image/svg+xml": rendered(document, "svg", "double").decode(),
        "text/plain": document["description"],
    }
    return drawn
