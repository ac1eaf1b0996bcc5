"""The firm-events that were unusual, the largest in standard errors first, as a forest plot."""

from __future__ import annotations

from functools import partial

from eventstudy.charts.chart import Chart
from eventstudy.charts.forest import draw_forest
from eventstudy.charts.source import UNUSUAL, Source

MOST = 12  #: rows


def strongest(source: Source, *, window: str | None = None) -> Chart:
    """Draw the CARs whose Holm p is below 5 % with their intervals, at most a dozen.

    Holm's adjustment is over the tickers of an event; the intervals are not adjusted.

    Parameters
    ----------
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.

    Raises
    ------
    UnknownNameError
        There is no such window.
    """
    chosen = source.window(window)
    rows = [
        {**row, "label": f"{row['ticker']} · {row['event']}", "pooled": False}
        for row in source.measured(chosen)
        if row["holm"] < UNUSUAL
    ]
    rows.sort(key=lambda row: -abs(row["scar"]))
    return Chart(
        partial(draw_forest, source.words, chosen),
        {"rows": rows[:MOST]},
        source.words.say(
            "chart.strongest.description",
            shown=len(rows[:MOST]),
            rows=len(rows),
            window=chosen,
            level=source.level,
        ),
    )
