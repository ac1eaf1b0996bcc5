"""The heat map: the CAR of every ticker and event, coloured by its standardised value."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.cells import cells
from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import IS_CHOSEN, label_room, names_axis, ticker_choice, tooltips
from eventstudy.charts.theme import FAR
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import car_label

HEIGHT = 24  #: of a cell in pixels
WIDTH = (38, 84)  #: least and greatest width of a cell
TOOLTIP = (
    *("ticker", "event", "title", "day0", "window", "car", "interval"),
    *("conformal", "t", "p", "study", "flags"),
)


def heat_map(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw one cell per firm-event: its CAR as text, its SCAR as colour, a frame where it is named.

    The frame is that of the first window in every window, and thicker beyond doubt. Firm-events with a stated
    confounder, and skipped ones, are hatched; a small mark says that another event overlaps. The tooltip has
    every figure and the reason. The reader chooses the window, and one ticker or all.

    Parameters
    ----------
    window
        Label of the window that is shown first, such as ``CAR[-1,+1]``; default: the first of the design.
    """
    shown = car_label(view.window(window))
    labels = tuple(map(car_label, view.windows))
    by_firm_event = zip(*(cells(view, each) for each in view.windows), strict=True)
    return Chart(
        partial(_draw, view.words, labels, shown, tuple(view.tickers)),
        {"cells": [cell for row in by_firm_event for cell in row]},
        view.words.say(
            "chart.heat_map.description",
            measure=shown,
            events=len(view.event_ids),
            tickers=len(view.tickers),
        ),
    )


@cache
def _draw(
    words: Words, windows: tuple[str, ...], window: str, tickers: tuple[str, ...], room: int
) -> ChartTemplate:
    import altair as alt

    labels = label_room(room)
    width = max(WIDTH[0], min(WIDTH[1], (room - labels - 24) // max(1, len(tickers))))
    chosen = alt.param(
        name="window",
        value=window,
        bind=alt.binding_select(options=list(windows), name=words.say("chart.heat_map.window")),
    )
    letters = 12 if width > 50 else 10
    top = alt.Axis(orient="top", labelAngle=0, labelLimit=width, labelFontSize=letters)
    base = alt.Chart(alt.NamedData("cells")).encode(
        x=alt.X("ticker:N", title=None, sort=None, axis=top),
        y=alt.Y("event:N", title=None, sort=None, axis=names_axis(room, labels)),
        tooltip=tooltips(words, TOOLTIP),  # of whatever lies uppermost in a cell
    )
    shades = base.mark_rect().encode(
        color=alt.Color(
            "clipped:Q",
            title=words.say("chart.heat_map.colour"),
            scale=alt.Scale(
                domain=[-FAR, FAR], domainMid=0, range="diverging", clamp=True, interpolate="lab"
            ),
            legend=alt.Legend(orient="bottom", gradientLength=180, values=[-4, -2, 0, 2, 4]),
        ),
    )
    frames = (
        base.transform_filter("datum.mark !== ''")
        .mark_rect(style="frame", fill=None)
        .encode(strokeWidth=alt.when("datum.mark === '**'").then(alt.value(3.5)).otherwise(alt.value(1.5)))
    )
    hatches = base.transform_filter("datum.hatched").mark_point(
        style="hatch", shape=_hatch(width, HEIGHT), size=4, filled=False, strokeWidth=0.6, opacity=0.45
    )
    overlaps = base.transform_filter("datum.overlaps").mark_point(
        style="flag", shape="triangle-right", size=18, opacity=0.7, xOffset=4 - width / 2, yOffset=-8
    )
    figures = base.mark_text(style="cell-text", fontSize=letters).encode(text="text:N")
    return ChartTemplate(
        alt.layer(shades, hatches, overlaps, frames, figures)
        .add_params(chosen, ticker_choice(words, tickers))
        .transform_filter(f"datum.window === window && {IS_CHOSEN}")
        .properties(
            width=alt.Step(width),
            height=alt.Step(HEIGHT),
            title=alt.Title(
                [words.say(f"chart.heat_map.{mark}") for mark in ("named", "hatched", "overlaps")],
                orient="bottom",
                fontSize=11,
                fontWeight="normal",
            ),
        )
    )


def _hatch(width: float, height: float, gap: float = 7.0) -> str:
    """Return diagonal strokes that fill a cell, as an SVG path about its centre."""
    strokes = []
    half_w, half_h = width / 2, height / 2
    offset = -half_w - half_h + gap
    while offset < half_w + half_h:  # the line x - y = offset, cut at the cell's edges
        ends = sorted({(max(-half_w, offset - half_h), max(-half_w, offset - half_h) - offset),
                       (min(half_w, offset + half_h), min(half_w, offset + half_h) - offset)})  # fmt: skip
        if len(ends) == 2:
            (x1, y1), (x2, y2) = ends
            strokes.append(f"M{x1:.1f},{y1:.1f}L{x2:.1f},{y2:.1f}")
        offset += gap
    return "".join(strokes)
