"""The named firm-days as a forest plot, largest first in standard errors."""

from __future__ import annotations

from functools import partial

from eventstudy.charts.cells import measured_cells
from eventstudy.charts.chart import Chart
from eventstudy.charts.forest import draw_forest
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label

MOST = 12  #: rows


def strongest(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw the CARs of the named firm-days with their intervals, at most a dozen.

    They are named by the first window; a firm-day of two events is drawn once. The intervals are not
    adjusted for their number.

    Parameters
    ----------
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.
    """
    chosen = view.window(window)
    label = car_label(chosen)
    cells = [row for row in measured_cells(view, chosen) if row["mark"]]
    firm_days = {(row["ticker"], row["day0"]): row for row in reversed(cells)}  # the first of its events
    rows = [
        {**row, "label": f"{row['ticker']} · {row['event']}", "pooled": False} for row in firm_days.values()
    ]
    rows.sort(key=lambda row: -abs(row["scar"]))
    shown, words = rows[:MOST], view.words
    values = {"shown": len(shown), "rows": len(rows), "window": label, "level": view.level}
    description = words.say("chart.strongest.description", **values)
    return Chart(partial(draw_forest, words, label), {"rows": shown}, description)
