"""A chart in two parts: the drawing that all charts of a kind share, and its own rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eventstudy.results.row_groups import Row

ROOM = 720  #: default width of a chart in pixels
PHONE = 328  #: what a telephone of 360 pixels leaves to a chart


@dataclass(frozen=True, eq=False)
class ChartTemplate:
    """A drawing whose rows are referred to by name; made once, since altair copies and checks all of it."""

    chart: Any

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The specification in Vega-Lite, which all charts of the kind share: not to be changed."""
        spec: dict[str, Any] = self.chart.to_dict(validate=False)
        for name in ("$schema", "config"):  # the first is known, the second the page's or the paper's
            spec.pop(name, None)
        return spec


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart of some rows.

    Attributes
    ----------
    draw
        From the width in pixels to the template; the same object for all charts of the kind.
    datasets
        Rows by their name in the template.
    description
        The sentence that describes the chart to readers who cannot see it.
    """

    draw: Callable[[int], ChartTemplate]
    datasets: Mapping[str, list[Row]]
    description: str

    def altair(self, room: int = ROOM) -> Any:
        """Return the altair chart."""
        chart = self.draw(room).chart.copy(deep=False)
        chart.datasets, chart.description = dict(self.datasets), self.description
        return chart

    def document(self, room: int = ROOM) -> dict[str, Any]:
        """Return the whole chart as a Vega-Lite document."""
        spec = self.draw(room).spec
        datasets = {**spec.get("datasets", {}), **self.datasets}
        return {**spec, "datasets": datasets, "description": self.description}

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not all(self.datasets.values())
