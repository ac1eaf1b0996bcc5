"""The unusual firm-events as a forest plot, largest first in standard errors."""

from __future__ import annotations

from functools import partial

from eventstudy.charts.cells import measured_cells
from eventstudy.charts.chart import Chart
from eventstudy.charts.forest import draw_forest
from eventstudy.results.view import UNUSUAL, ResultView
from eventstudy.words.formatting import car_label

MOST = 12  #: rows


def strongest(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw the CARs whose Holm p is below 5 % with their intervals, at most a dozen.

    Holm's adjustment is over the tickers of an event; the intervals are not adjusted.

    Parameters
    ----------
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.
    """
    chosen = view.window(window)
    label = car_label(chosen)
    rows = [
        {**row, "label": f"{row['ticker']} · {row['event']}", "pooled": False}
        for row in measured_cells(view, chosen)
        if row["holm"] < UNUSUAL
    ]
    rows.sort(key=lambda row: -abs(row["scar"]))
    shown, words = rows[:MOST], view.words
    values = {"shown": len(shown), "rows": len(rows), "window": label, "level": view.level}
    description = words.say("chart.strongest.description", **values)
    return Chart(partial(draw_forest, words, label), {"rows": shown}, description)
