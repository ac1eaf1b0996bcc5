"""The specification curve: one firm-event's CAR under every specification, and what each specification is."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import NARROW, effect_axis, label_room, names_axis, rule, tooltips
from eventstudy.design import Window
from eventstudy.numerics.distributions import t_quantile
from eventstudy.results.choosing import one_of
from eventstudy.results.naming import benchmark_name, event_name
from eventstudy.results.row_groups import Row, is_small
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import MISSING, car_label, pvalue, ratio

HEIGHT, NOTE = 230, 48  #: of the curve in pixels, and of the three lines above it
STEP = {False: 15, True: 22}  #: height of a row below it, in wide and narrow charts
TOOLTIP = (
    "specification",
    "model",
    "estimation",
    "benchmark",
    "returns",
    "car",
    "interval",
    "t",
    "p",
    "stated_beforehand",
)
AXES = ("model", "estimation", "benchmark", "returns")  #: of the grid, in the order of the rows


def specification_curve(
    view: ResultView, *, event: str | None = None, ticker: str | None = None, window: str | None = None
) -> Chart:
    """Draw the CARs of a firm-event, sorted, with their intervals, and below each its specification.

    A p-value below 5 % colours a specification, and a diamond marks the one that was stated beforehand. The
    line is the median. The intervals are not adjusted for the number of specifications.

    Parameters
    ----------
    event
        Its event; default: the first.
    ticker
        Its ticker; default: the first of the event.
    window
        Label of the window; default: the first of the design.
    """
    chosen, name = view.window(window), view.event(event)
    listed = [row["ticker"] for row in view.rows("events", name)]
    security, words = one_of("ticker", ticker, listed), view.words
    curve = next((r for r in view.rows("specification_curves", name, security) if _is_of(r, chosen)), None)
    rows = [row for row in view.rows("specifications", name, security) if _is_of(row, chosen)]
    points = [_point(view, row, place) for place, row in enumerate(r for r in rows if r["car"] is not None)]
    label = car_label(chosen)
    return Chart(
        partial(_draw, words, label),
        {
            "points": points,
            "choices": [row for axis in AXES for row in _choices(words, points, axis)],
            "note": [{"text": _note(view, curve, len(points)), "median": curve["car_median"]}]
            if curve
            else [],
        },
        words.say(
            "chart.specification_curve.description",
            ticker=security,
            event=event_name(view, name),
            window=label,
            n=len(points),
            level=view.level,
        ),
    )


def _is_of(row: Row, window: Window) -> bool:
    return (row["start"], row["end"]) == window


def _point(view: ResultView, row: Row, place: int) -> Row:
    estimation = row["estimation_start"], row["estimation_end"]
    half = None
    if row["car_se"] is not None:
        half = float(t_quantile((1 + view.confidence) / 2, row["df"])) * row["car_se"]
    low, high = (row["car"], row["car"]) if half is None else (row["car"] - half, row["car"] + half)
    said = view.words.say
    return {
        "place": place,
        "specification": str(row["specification"]),
        "value": row["car"],
        "low": low,
        "high": high,
        "small": is_small(row["pvalue"]),
        "stated": bool(row["stated"]),
        "model": view.words.coded("model", row["model"]),
        "estimation": MISSING if estimation[0] is None else str(Window(*estimation)),
        "benchmark": benchmark_name(view, row["benchmark"] or "") or said("label.none"),
        "returns": view.words.coded("returns", row["returns"]),
        "car": view.figures.effect(row["car"]),
        "interval": MISSING if half is None else view.figures.interval(low, high),
        "t": ratio(row["statistic"]),
        "p": pvalue(row["pvalue"]),
        "stated_beforehand": "●" if row["stated"] else "",
    }


def _choices(words: Words, points: list[Row], axis: str) -> list[Row]:
    """Return a row per specification for its value on an axis, the values in the order of the grid."""
    name = words.say(f"chart.specification_curve.{axis}")
    shown = ("place", "small", "stated", *TOOLTIP)
    rows = [
        {**{field: point[field] for field in shown}, "choice": f"{name}: {point[axis]}"} for point in points
    ]
    first: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: int(row["specification"])):
        first.setdefault(row["choice"], int(row["specification"]))
    return sorted(rows, key=lambda row: (first[row["choice"]], row["place"]))


def _note(view: ResultView, curve: Row, shown: int) -> str:
    """Return the joint inference in a line."""
    return view.words.say(
        "chart.specification_curve.note",
        median=view.figures.effect(curve["car_median"]),
        same=curve["same_sign"],
        of=shown,
        n=curve["n_significant"],
        p_median=pvalue(curve["p_median"]),
        p_max=pvalue(curve["p_max"]),
        p_count=pvalue(curve["p_count"]),
    )


@cache
def _draw(words: Words, window: str, room: int) -> ChartTemplate:
    import altair as alt

    labels = label_room(room)
    width, tooltip = room - labels - 22, tooltips(words, TOOLTIP)
    extent: dict[str, Any] = {"minExtent": labels, "maxExtent": labels}
    x = alt.X("place:Q", title=None, axis=None, scale=alt.Scale(nice=False, padding=6))
    colour = alt.Color("small:N", legend=None, scale=alt.Scale(domain=[True, False], range="category"))
    shape = alt.Shape(
        "stated:N", legend=None, scale=alt.Scale(domain=[False, True], range=["circle", "diamond"])
    )
    size = alt.Size("stated:N", legend=None, scale=alt.Scale(domain=[False, True], range=[34, 150]))
    plain = alt.Chart(alt.NamedData("points"))
    bars = plain.mark_rule(strokeWidth=1, opacity=0.6).encode(
        x=x,
        y=alt.Y("low:Q", title=window, axis=effect_axis(words, tickCount=5, **extent)),
        y2="high:Q",
        color=colour,
    )
    points = plain.mark_point(filled=True, opacity=1).encode(
        x=x, y="value:Q", color=colour, shape=shape, size=size, tooltip=tooltip
    )
    note = alt.Chart(alt.NamedData("note"))
    median = note.mark_rule(strokeWidth=1).encode(y="median:Q")
    text = note.mark_text(align="left", baseline="top", fontSize=11, lineBreak="; ").encode(
        x=alt.value(-labels), y=alt.value(-NOTE), text="text:N"
    )
    above = alt.layer(rule(y=0), median, bars, points, text).properties(width=width, height=HEIGHT)
    below = (
        alt.Chart(alt.NamedData("choices"))
        .mark_tick(thickness=3, height=10, opacity=1)
        .encode(
            x=x,
            y=alt.Y(
                "choice:N",
                sort=None,
                title=None,
                axis=names_axis(room, labels, labelFontSize=10, grid=True, **extent),
            ),
            color=colour,
            tooltip=tooltip,
        )
        .properties(width=width, height=alt.Step(STEP[room < NARROW]))
    )
    return ChartTemplate(alt.vconcat(above, below, spacing=10).resolve_scale(x="shared"))
