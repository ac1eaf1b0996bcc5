"""The forest plot: CARs with their intervals, and their portfolio or mean as the last row."""

from __future__ import annotations

from functools import cache, partial
from statistics import fmean
from typing import Literal

from eventstudy.charts.cells import measured_cells
from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import effect_axis, either, label_room, names_axis, rule, tooltips
from eventstudy.design import Window
from eventstudy.errors import UsageError
from eventstudy.numerics.distributions import t_quantile
from eventstudy.results.naming import event_name
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import car_label, pvalue, ratio

Key = Literal["event", "ticker"]
STEP = 24  #: height of a row in pixels
FIGURES = 66  #: width of the column of figures at the right
TOOLTIP = ("label", "title", "day0", "car", "interval", "conformal", "t", "p", "study", "flags")
#: Test and unit of the last row, of an event's tickers and of a ticker's events.
POOLED = {"event": ("portfolio_t", "portfolio"), "ticker": ("cross_section_t", "date")}


def forest(
    view: ResultView, *, event: str | None = None, ticker: str | None = None, window: str | None = None
) -> Chart:
    """Draw the CARs of an event's tickers, or of a ticker's events, with their intervals and marks.

    The last row of an event is the equal-weighted portfolio of its tickers with its own forecast error; of a
    ticker it is the mean over its dates. The intervals are not adjusted for their number.

    Parameters
    ----------
    event, ticker
        One of the two.
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.

    Raises
    ------
    UsageError
        Both an event and a ticker, or neither.
    """
    if (event is None) == (ticker is None):
        raise UsageError("a forest plot is of one event or of one ticker: name event or ticker")
    chosen = view.window(window)
    key: Key = "event" if ticker is None else "ticker"
    name = view.event(event) if ticker is None else view.ticker(ticker)
    rows = measured_cells(view, chosen, **{key: name})
    label = "ticker" if key == "event" else "event"
    listed = [{**row, "label": row[label], "pooled": False} for row in rows]
    return Chart(
        partial(draw_forest, view.words, car_label(chosen)),
        {"rows": [*listed, *_pooled(view, key, name, chosen, rows)]},
        view.words.say(
            "chart.forest.description",
            what=event_name(view, name) if key == "event" else name,
            window=car_label(chosen),
            rows=len(listed),
            level=view.level,
        ),
    )


@cache
def draw_forest(words: Words, window: str, room: int) -> ChartTemplate:
    """Return the drawing of rows with their intervals, rises blue, falls orange, the last row a diamond."""
    import altair as alt

    labels = label_room(room)
    plain = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=names_axis(room, labels, grid=False))
    )
    colour, _ = either("down", ("circle", "circle"))
    _, shape = either("pooled", ("circle", "diamond"))
    x = alt.X("low:Q", title=window, axis=effect_axis(words, tickCount=5))
    bars = plain.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", color=colour)
    points = plain.mark_point(filled=True, size=90, opacity=1).encode(
        x="value:Q", color=colour, shape=shape, tooltip=tooltips(words, TOOLTIP)
    )
    figures = plain.mark_text(align="right", dx=FIGURES, fontSize=11).encode(
        x=alt.value("width"), text="marked:N"
    )
    return ChartTemplate(
        alt.layer(rule(x=0), bars, points, figures).properties(
            width=room - labels - FIGURES - 16, height=alt.Step(STEP)
        )
    )


def _pooled(view: ResultView, key: Key, name: str, window: Window, rows: list[Row]) -> list[Row]:
    """Return the row of the portfolio of an event, or of the date means of a ticker, if there is one."""
    row = view.tests(key, name, window).get(POOLED[key])
    if row is None or len(rows) < 2 or not row["statistic"]:
        return []
    groups: dict[str, list[float]] = {}  # a ticker's events share dates, and the test is of date means
    for each in rows:
        groups.setdefault(each["day0" if key == "ticker" else "ticker"], []).append(each["value"])
    value = fmean(map(fmean, groups.values()))
    half = abs(value / row["statistic"]) * float(t_quantile((1 + view.confidence) / 2, row["df"]))
    return [
        {
            "label": view.words.say(f"label.{POOLED[key][1]}"),
            "title": "",
            "day0": "",
            "value": value,
            "down": value < 0,
            "low": value - half,
            "high": value + half,
            "car": view.figures.effect(value),
            "marked": view.figures.effect(value),
            "interval": view.figures.interval(value - half, value + half),
            "t": ratio(row["statistic"]),
            "p": pvalue(row["pvalue"]),
            "conformal": pvalue(None),
            "study": pvalue(None),
            "flags": row["note"] or "",
            "pooled": True,
        }
    ]
