"""The largest firm-days as a forest plot, the named ones first."""

from __future__ import annotations

from functools import partial

from eventstudy.charts.cells import largest_firm_days
from eventstudy.charts.chart import Chart
from eventstudy.charts.forest import draw_forest
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label, count

MOST = 12  #: rows


def strongest(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw the CARs of the named firm-days, then of those with the largest t, a dozen with their intervals.

    They are named by the first window, and marked; a firm-day of two events is drawn once. The intervals are
    not adjusted for their number.

    Parameters
    ----------
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.
    """
    chosen = view.window(window)
    label = car_label(chosen)
    rows = [
        {**row, "label": f"{row['ticker']} · {row['event']}", "pooled": False}
        for row in largest_firm_days(view, chosen)
    ]
    shown, words = rows[:MOST], view.words
    values = {"shown": len(shown), "rows": count(len(rows)), "window": label, "level": view.level}
    description = words.say("chart.strongest.description", **values)
    return Chart(partial(draw_forest, words, label), {"rows": shown}, description)
