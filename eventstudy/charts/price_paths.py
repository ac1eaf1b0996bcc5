"""Price paths of one event: every ticker's price against what the model expected, with the band of that."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import event_time, rule, tooltips
from eventstudy.charts.paths import BASE, price_rows
from eventstudy.errors import UsageError
from eventstudy.results.naming import event_name
from eventstudy.results.view import ResultView
from eventstudy.words import Words

PANEL, HEIGHT = 210, 140  #: least width of a ticker's panel in pixels, and its height
MARGIN, GAP = 62, 22  #: what the axis takes, and a panel beside it
MOST = 3  #: panels side by side
TOOLTIP = ("ticker", "session", "tau", "ar_text", "car_text", "interval")


def price_paths(view: ResultView, *, event: str) -> Chart:
    """Draw one panel per ticker: its price, 100 on the session before day 0, and the price that was expected.

    The band about the expected price is that of the forecast error of the CAR from day 0, at the confidence
    of the design.

    Parameters
    ----------
    event
        Its id.

    Raises
    ------
    UsageError
        The study measures no returns.
    """
    if view.measure != "returns":
        raise UsageError(f"a study of {view.measure} has no prices to draw; draw car_paths")
    rows = price_rows(view, view.event(event))
    return Chart(
        partial(_draw, view.words),
        {"path": rows},
        view.words.say("chart.price_paths.description", event=event_name(view, event), level=view.level),
    )


@cache
def _draw(words: Words, room: int) -> ChartTemplate:
    import altair as alt

    columns = max(1, min(MOST, (room - MARGIN) // PANEL))
    base = alt.Chart().encode(x=event_time(words, 6))
    y = alt.Y("low:Q", title=words.say("axis.price"), scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    band = base.mark_area(style="quiet", opacity=0.2).encode(y=y, y2="high:Q")
    expected = base.mark_line(style="quiet", strokeDash=[3, 3], strokeWidth=1.5).encode(y="expected:Q")
    line = base.mark_line(style="first", strokeWidth=2).encode(y="level:Q")
    points = base.mark_point(style="first", filled=True, size=30, opacity=1).encode(
        y="level:Q", tooltip=tooltips(words, TOOLTIP)
    )
    return ChartTemplate(
        alt.layer(band, rule(y=BASE), rule(x=0), expected, line, points)
        .properties(width=(room - MARGIN) // columns - GAP, height=HEIGHT)
        .facet(
            facet=alt.Facet("ticker:N", title=None, sort=alt.EncodingSortField("place", op="min")),
            columns=columns,
            data=alt.NamedData("path"),
        )
        .resolve_scale(y="shared")
    )
