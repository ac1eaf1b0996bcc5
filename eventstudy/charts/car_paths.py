"""CAR paths of one event: every ticker's CAR from day 0 with the error of its forecast."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import effect_axis, event_time, rule, tooltips
from eventstudy.charts.paths import car_rows
from eventstudy.charts.price_paths import GAP, HEIGHT, MARGIN, MOST, PANEL, TOOLTIP
from eventstudy.results.naming import event_name
from eventstudy.results.view import ResultView
from eventstudy.words import Words


def car_paths(view: ResultView, *, event: str) -> Chart:
    """Draw one panel per ticker: the CAR from day 0 with its band, and a thin line of what came before.

    The band is that of the forecast-error covariance of the one firm-event, at the confidence of the design;
    no cross-section enters it.

    Parameters
    ----------
    event
        Its id.
    """
    return Chart(
        partial(_draw, view.words),
        {"path": car_rows(view, view.event(event))},
        view.words.say("chart.car_paths.description", event=event_name(view, event), level=view.level),
    )


@cache
def _draw(words: Words, room: int) -> ChartTemplate:
    import altair as alt

    columns = max(1, min(MOST, (room - MARGIN) // PANEL))
    base = alt.Chart().encode(x=event_time(words, 6))
    since = base.transform_filter("datum.tau >= -1")
    y = alt.Y("low:Q", title=words.say("axis.car"), axis=effect_axis(words, tickCount=5))
    band = since.mark_area(style="first", opacity=0.22).encode(y=y, y2="high:Q")
    before = (
        base.transform_filter("datum.tau <= -1").mark_line(style="quiet", strokeWidth=1).encode(y="level:Q")
    )
    line = since.mark_line(style="first", strokeWidth=2).encode(y="level:Q")
    points = base.mark_point(style="first", filled=True, size=36).encode(
        y="level:Q",
        opacity=alt.when("datum.tau >= 0").then(alt.value(1)).otherwise(alt.value(0)),
        tooltip=tooltips(words, TOOLTIP),
    )
    return ChartTemplate(
        alt.layer(band, rule(y=0), rule(x=0), before, line, points)
        .properties(width=(room - MARGIN) // columns - GAP, height=HEIGHT)
        .facet(
            facet=alt.Facet("ticker:N", title=None, sort=alt.EncodingSortField("place", op="min")),
            columns=columns,
            data=alt.NamedData("path"),
        )
        .resolve_scale(y="shared")
    )
