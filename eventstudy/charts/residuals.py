"""Residuals of one estimation over time, between two standard deviations, what lies outside marked."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import returns_axis, rule, tooltips
from eventstudy.charts.source import Source
from eventstudy.errors import UsageError
from eventstudy.words import Words
from eventstudy.words.formatting import percent, ratio

HEIGHT = 130
MARGIN = 76  #: what the axis takes
FAR = 2.0  #: standard deviations outside which a residual is marked


def residuals(source: Source, *, event: str, ticker: str) -> Chart:
    """Draw the estimation-window residuals of one firm-event with a band of two residual standard deviations.

    Raises
    ------
    UnknownNameError
        There is no such event or ticker.
    UsageError
        The event was not asked for on that ticker, or the firm-event was skipped.
    """
    name, security = source.event(event), source.ticker(ticker)
    asked = [row for row in source.events_of[name] if row["ticker"] == security]
    sigma = asked[0]["sigma"] if asked else None
    if sigma is None:
        raise UsageError(
            f"no residuals of {name} on {security}: it was skipped or not asked for; name one measured"
        )
    rows = [
        {
            "tau": row["tau"],
            "session": str(row["session"]),
            "residual": row["residual"],
            "residual_text": percent(row["residual"]),
            "from_se": ratio(row["residual"] / sigma),
            "outside": abs(row["residual"]) > FAR * sigma,
        }
        for row in source.residuals_of(name, security)
        if row["residual"] is not None
    ]
    return Chart(
        partial(_draw, source.words),
        {"residuals": rows, "band": [{"low": -FAR * sigma, "high": FAR * sigma}]},
        source.words.say(
            "chart.residuals.description",
            event=name,
            ticker=security,
            sessions=len(rows),
            outside=sum(row["outside"] for row in rows),
        ),
    )


@cache
def _draw(words: Words, room: int) -> ChartTemplate:
    import altair as alt

    y = alt.Y("low:Q", title=words.say("axis.residual"), axis=returns_axis(tickCount=5))
    band = alt.Chart(alt.NamedData("band")).mark_rect(style="first", opacity=0.16).encode(y=y, y2="high:Q")
    kinds = [False, True]  # a small circle inside the band, a cross outside
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
            color=alt.Color("outside:N", legend=None, scale=alt.Scale(domain=kinds, range="category")),
            shape=alt.Shape(
                "outside:N", legend=None, scale=alt.Scale(domain=kinds, range=["circle", "cross"])
            ),
            size=alt.Size("outside:O", legend=None, scale=alt.Scale(domain=kinds, range=[12, 50])),
            tooltip=tooltips(words, ("session", "residual_text", "from_se")),
        )
    )
    return ChartTemplate(alt.layer(band, rule(y=0), points).properties(width=room - MARGIN, height=HEIGHT))
