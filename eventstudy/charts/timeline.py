"""The timeline: the events over the prices of their tickers, overlapping windows visible."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import (
    IS_CHOSEN,
    NARROW,
    by_name,
    label_room,
    names_axis,
    ticker_choice,
    tooltips,
)
from eventstudy.numerics.arrow import from_arrow
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words

HEIGHT = 260  #: of the panel of prices in pixels
ROW = (14, 24)  #: height of one event's bar in pixels, of one with two lines of name
MOST = 24  #: events with a bar of their own; of more the days alone are drawn, as a rug
RUG = 34  #: its height in pixels
LINES = 8  #: tickers with a path of their own; of more there are no paths
PAUSE = np.timedelta64(10, "D")  #: a path has a gap where no session is in use for longer


def timeline(view: ResultView) -> Chart:
    """Draw total-return paths on a ratio scale, and below them a bar per event and its window.

    Of many events there is a mark per day in the place of the bars; of many tickers there are no paths.

    The windows shade the paths, too, and darker where they share returns. Each path starts at 1 on its first
    session in use; a session in no window of the study is not in the tables, and the path has a gap there.
    A click in the legend, or the chooser, shows one ticker alone.
    """
    bars, drawn = _bars(view), len(view.tickers) <= LINES
    form = "description" if drawn else "days"
    return Chart(
        partial(_draw, view.words, tuple(view.tickers) if drawn else (), len(bars) > MOST),
        {**({"paths": _paths(view)} if drawn else {}), "bars": bars},
        view.words.say(f"chart.timeline.{form}", events=len(bars), tickers=len(view.tickers)),
    )


@cache
def _draw(words: Words, tickers: tuple[str, ...], rug: bool, room: int) -> ChartTemplate:
    import altair as alt

    labels = 50 if rug else label_room(room, 160)
    width = room - labels - 24
    time = alt.Axis(format="%Y-%m", labelOverlap=True, labelSeparation=8, tickCount=max(3, width // 90))
    below = _rug(words, time, width) if rug else _spans(words, time, width, room, labels)
    if not tickers:
        return ChartTemplate(below)
    chosen = alt.selection_point(name="legend", fields=["ticker"], bind="legend")
    colour, dash = by_name(tickers, room, "line")
    lines = (
        alt.Chart(alt.NamedData("paths"))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X("session:T", title=None, scale=alt.Scale(nice=False), axis=time),
            y=alt.Y("index:Q", title=words.say("axis.index"), scale=alt.Scale(type="log", nice=False)),
            color=colour,
            strokeDash=dash,
            opacity=alt.when(chosen).then(alt.value(1.0)).otherwise(alt.value(0.12)),
            detail="piece:N",
        )
        .add_params(chosen, ticker_choice(words, tickers))
        .transform_filter(IS_CHOSEN)
    )
    # Where windows overlap, their shades add up.
    shades = (
        alt.Chart(alt.NamedData("bars"))
        .mark_rect(style="quiet", opacity=0.18)
        .encode(x=alt.X("from:T", title=None, axis=time), x2="to:T")
    )
    paths = alt.layer(shades, lines).properties(width=width, height=HEIGHT)
    return ChartTemplate(alt.vconcat(paths, below, spacing=8).resolve_scale(x="shared"))


def _rug(words: Words, time: Any, width: int) -> Any:
    """Return a mark for the day 0 of each event."""
    import altair as alt

    return (
        alt.Chart(alt.NamedData("bars"))
        .mark_tick(style="second", thickness=1.5, height=RUG - 8, opacity=0.55, orient="vertical")
        .encode(
            x=alt.X("day0:T", title=None, axis=time),
            tooltip=tooltips(words, ("event", "title", "day0", "from", "to")),
        )
        .properties(width=width, height=RUG)
    )


def _spans(words: Words, time: Any, width: int, room: int, labels: int) -> Any:
    """Return a bar for the window of each event, with its day 0."""
    import altair as alt

    base = alt.Chart(alt.NamedData("bars")).encode(
        y=alt.Y("event:N", sort=None, title=None, axis=names_axis(room, labels, labelFontSize=10)),
        tooltip=tooltips(words, ("event", "title", "day0", "from", "to")),
    )
    spans = base.mark_bar(style="quiet", height=7, opacity=0.6).encode(
        x=alt.X("from:T", title=None, axis=time), x2="to:T"
    )
    days = base.mark_tick(style="second", thickness=2, height=11).encode(x="day0:T")
    return alt.layer(spans, days).properties(width=width, height=alt.Step(ROW[room < NARROW]))


def _paths(view: ResultView) -> list[Row]:
    """Return the total-return index of each measured ticker on the sessions that are in the tables."""
    prices = view.tables["prices"]
    tickers = np.array(prices["ticker"].to_pylist(), dtype=object)
    session, ret = from_arrow(prices["session"]), from_arrow(prices["ret"])
    rows: list[Row] = []
    for ticker in view.tickers:
        at = np.flatnonzero(tickers == ticker)
        days = session[at]
        index = np.cumprod(1.0 + np.nan_to_num(ret[at]))
        piece = np.cumsum(np.diff(days, prepend=days[:1]) > PAUSE)
        rows += [
            {"ticker": ticker, "session": str(day), "index": round(float(level), 5), "piece": int(part)}
            for day, level, part in zip(days, index, piece, strict=True)
        ]
    return rows


def _bars(view: ResultView) -> list[Row]:
    bars = []
    for event in view.event_ids:
        rows = view.rows("events", event)
        path = [row["session"] for row in view.rows("abnormal_returns", event) if row["session"] is not None]
        if path:
            day0 = min(row["session"] for row in rows if row["session"] is not None)
            span = {"day0": str(day0), "from": str(min(path)), "to": str(max(path))}
            bars.append({"event": event, "title": rows[0]["title"] or "", **span})
    return sorted(bars, key=lambda row: row["day0"])
