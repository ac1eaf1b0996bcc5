"""CAR paths of one event: every ticker's cumulative abnormal return with the error of its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import effect_axis, event_time, rule, tooltips
from eventstudy.numerics.distributions import t_quantile
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import Figures

PANEL = 210  #: least width of a ticker's panel in pixels
HEIGHT = 150
MARGIN = 62  #: what the axis takes
MOST = 3  #: panels side by side
TOOLTIP = ("ticker", "session", "tau", "ar_text", "car_text", "interval")


def car_paths(view: ResultView, *, event: str) -> Chart:
    """Draw one panel per ticker: the CAR from the start of the event window, with its band.

    The band is that of the forecast-error covariance of the one firm-event, at the confidence of the design;
    no cross-section enters it.

    Parameters
    ----------
    event
        Its id.
    """
    rows = _rows(view, view.event(event))
    return Chart(
        partial(_draw, view.words),
        {"path": rows},
        view.words.say("chart.car_paths.description", event=event, level=view.level),
    )


@cache
def _draw(words: Words, room: int) -> ChartTemplate:
    import altair as alt

    columns = max(1, min(MOST, (room - MARGIN) // PANEL))
    base = alt.Chart().encode(x=event_time(words, 6))
    y = alt.Y("low:Q", title=words.say("axis.car"), axis=effect_axis(words, tickCount=5))
    band = base.mark_area(style="first", opacity=0.22).encode(y=y, y2="high:Q")
    line = base.mark_line(style="first", strokeWidth=2).encode(y="car:Q")
    points = base.mark_point(style="first", filled=True, size=36, opacity=1).encode(
        y="car:Q", tooltip=tooltips(words, TOOLTIP)
    )
    order = alt.EncodingSortField("place", op="min")
    return ChartTemplate(
        alt.layer(band, rule(y=0), rule(x=0), line, points)
        .properties(width=(room - MARGIN) // columns - 22, height=HEIGHT)
        .facet(
            facet=alt.Facet("ticker:N", title=None, sort=order),
            columns=columns,
            data=alt.NamedData("path"),
        )
        .resolve_scale(y="shared")
    )


def _rows(view: ResultView, event: str) -> list[Row]:
    side = (1 + view.confidence) / 2
    half = {
        row["ticker"]: float(t_quantile(side, row["df"]))
        for row in view.rows("events", event)
        if row["df"] is not None
    }
    rows = [row for row in view.rows("abnormal_returns", event) if row["car"] is not None]
    place = {ticker: rank for rank, ticker in enumerate(view.tickers)}
    return [_row(view.figures, row, half.get(row["ticker"]), place[row["ticker"]]) for row in rows]


def _row(figures: Figures, row: Mapping[str, Any], half: float | None, place: int) -> Row:
    low = high = None  # without a residual variance there is no interval
    if half is not None and row["car_se"] is not None:
        low, high = (row["car"] + side * half * row["car_se"] for side in (-1, 1))
    return {
        "ticker": row["ticker"],
        "place": place,
        "tau": row["tau"],
        "session": str(row["session"]),
        "car": row["car"],
        "low": low,
        "high": high,
        "car_text": figures.effect(row["car"]),
        "interval": figures.interval(low, high),
        "ar_text": figures.effect(row["ar"]),
    }
