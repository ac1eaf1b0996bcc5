"""The heat map: CAR of every ticker and event, against the ticker's own noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eventstudy.charts.rows import firm_event_rows, windows_of
from eventstudy.charts.theme import ABOVE, BELOW, FAR, INK, NEUTRAL
from eventstudy.words import Words

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

CELL = (78, 24)  #: width and height of a cell in pixels
ADJUSTED_SIZE = 0.05  #: a cell is framed where its Holm p is below this


def heat_map(tables: Mapping[str, pa.Table], words: Words, *, window: str | None = None) -> alt.LayerChart:
    """Draw one cell per firm-event: its CAR as text, its SCAR as colour, a frame where Holm p is below 5 %.

    Confounded and skipped firm-events are hatched; the tooltip has every figure and the reason.

    Parameters
    ----------
    tables
        Of a result: ``events`` and ``cars`` are read.
    window
        Label of the window that is shown first, such as ``CAR[-1,+1]``; default: the first of the design.
    """
    import altair as alt

    rows = firm_event_rows(tables, words)
    labels = windows_of(tables)
    chosen = alt.param(
        name="window",
        value=window or labels[0],
        bind=alt.binding_select(options=labels, name=words.say("chart.heat_map.window")),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("ticker:N", title=None, sort=None, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("event:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "clipped:Q",
            title=words.say("chart.heat_map.colour"),
            scale=alt.Scale(
                domain=[-FAR, 0, FAR], range=[BELOW, NEUTRAL, ABOVE], clamp=True, interpolate="lab"
            ),
            legend=alt.Legend(orient="bottom", gradientLength=180),
        ),
        tooltip=_tooltips(words),
    )
    frames = base.transform_filter(f"datum.holm < {ADJUSTED_SIZE}").mark_rect(
        fill=None, stroke=INK["light"], strokeWidth=2
    )
    hatches = base.transform_filter("datum.hatched").mark_point(
        shape=_hatch(*CELL), size=4, filled=False, stroke="#555555", strokeWidth=0.6, opacity=0.55
    )
    figures = base.mark_text(fontSize=12).encode(
        text="text:N",
        color=alt.condition(f"abs(datum.clipped) > {FAR * 0.6}", alt.value("white"), alt.value(INK["light"])),
    )
    layers: alt.LayerChart = (
        alt.layer(cells, hatches, frames, figures)
        .add_params(chosen)
        .transform_filter("datum.window === window")
        .properties(
            width=alt.Step(CELL[0]),
            height=alt.Step(CELL[1]),
            description=words.say(
                "chart.heat_map.description",
                measure=window or labels[0],
                events=len({row["event"] for row in rows}),
                tickers=len({row["ticker"] for row in rows}),
            ),
        )
    )
    return layers


def _tooltips(words: Words) -> list[Any]:
    import altair as alt

    names = (
        "ticker",
        "event",
        "title",
        "day0",
        "window",
        "car",
        "interval",
        "t",
        "p",
        "holm_text",
        "placebo",
        "flags",
    )
    keys = {"holm_text": "holm"}
    return [alt.Tooltip(f"{name}:N", title=words.say(f"label.{keys.get(name, name)}")) for name in names]


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
