"""Charts as figures of the page: drawings that many share, and the rows of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.charts.chart import PHONE, ROOM, Chart
from eventstudy.report.packing import packed
from eventstudy.report.section import Figure

MOST_TICKERS = 12  #: above it, charts of every ticker and pairs of tickers are left out


def figure(
    id_: str,
    caption: str,
    chart: Chart,
    choices: Mapping[str, Chart] | None = None,
    chooser: str = "",
    exact: Sequence[str] = (),
) -> Figure:
    """Return a chart as a figure.

    Parameters
    ----------
    choices
        Charts of the same kind by name: one drawing that shows the rows of the one that is chosen.
    chooser
        What is chosen; empty where other controls of the page choose.
    exact
        Columns whose figures are downloaded from the chart's rows.
    """
    return Figure(
        id=id_,
        caption=caption,
        description=chart.description,
        drawings={room: chart.draw(room).spec for room in (ROOM, PHONE)},
        datasets=_packed(chart, exact),
        choices={
            name: {"datasets": _packed(each, exact), "description": each.description}
            for name, each in (choices or {}).items()
        },
        chooser=chooser,
    )


def _packed(chart: Chart, exact: Sequence[str]) -> dict[str, Any]:
    return {name: packed(rows, exact) for name, rows in chart.datasets.items()}
