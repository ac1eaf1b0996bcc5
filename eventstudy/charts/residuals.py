"""Residuals of one estimation over time, with a band of two standard deviations."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import effect_axis, either, rule, tooltips
from eventstudy.errors import UsageError
from eventstudy.results.naming import event_name
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import ratio

HEIGHT = 130
MARGIN = 76  #: what the axis takes
FAR = 2.0  #: standard deviations outside which a residual is marked


def residuals(view: ResultView, *, event: str, ticker: str) -> Chart:
    """Draw the estimation-window residuals of one firm-event with a band of two residual standard deviations.

    Parameters
    ----------
    event, ticker
        The firm-event.

    Raises
    ------
    UsageError
        The firm-event is not in the study, or was skipped.
    """
    name, security = view.event(event), view.ticker(ticker)
    asked = [row for row in view.rows("events", name) if row["ticker"] == security]
    sigma = asked[0]["sigma"] if asked else None
    if sigma is None:
        raise UsageError(
            f"no residuals of {name} on {security}: skipped or not in the study; name one measured"
        )
    rows = [
        {
            "tau": row["tau"],
            "session": str(row["session"]),
            "residual": row["residual"],
            "residual_text": view.figures.effect(row["residual"]),
            "from_se": ratio(row["residual"] / sigma),
            "outside": abs(row["residual"]) > FAR * sigma,
        }
        for row in view.rows("residuals", name, security)
        if row["residual"] is not None
    ]
    return Chart(
        partial(_draw, view.words),
        {"residuals": rows, "band": [{"low": -FAR * sigma, "high": FAR * sigma}]},
        view.words.say(
            "chart.residuals.description",
            event=event_name(view, name),
            ticker=security,
            sessions=len(rows),
            outside=sum(row["outside"] for row in rows),
        ),
    )


@cache
def _draw(words: Words, room: int) -> ChartTemplate:
    import altair as alt

    y = alt.Y("low:Q", title=words.say("axis.residual"), axis=effect_axis(words, tickCount=5))
    band = alt.Chart(alt.NamedData("band")).mark_rect(style="first", opacity=0.16).encode(y=y, y2="high:Q")
    colour, shape = either("outside", ("circle", "cross"))
    points = (
        alt.Chart(alt.NamedData("residuals"))
        .mark_point(filled=True, opacity=1)
        .encode(
            x=alt.X(
                "session:T",
                title=None,
                axis=alt.Axis(format="%Y-%m", labelOverlap=True, labelBound=True, tickCount=6),
            ),
            y="residual:Q",
            color=colour,
            shape=shape,
            size=alt.Size("outside:O", legend=None, scale=alt.Scale(domain=[False, True], range=[12, 50])),
            tooltip=tooltips(words, ("session", "residual_text", "from_se")),
        )
    )
    return ChartTemplate(alt.layer(band, rule(y=0), points).properties(width=room - MARGIN, height=HEIGHT))
