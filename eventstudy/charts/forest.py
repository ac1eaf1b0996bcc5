"""The forest plot: CARs with their intervals, one below the other, and what they have in common last."""

from __future__ import annotations

from functools import cache, partial
from statistics import fmean
from typing import Literal

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import label_room, names_axis, returns_axis, rule, tooltips
from eventstudy.charts.source import Row, Source, grouped, interval
from eventstudy.errors import UsageError
from eventstudy.numerics.distributions import t_quantile
from eventstudy.words import Words
from eventstudy.words.formatting import percent, pvalue, ratio

Key = Literal["event", "ticker"]
STEP = 24  #: height of a row in pixels
FIGURES = 56  #: width of the column of figures at the right
TOOLTIP = ("label", "title", "day0", "car", "interval", "t", "p", "holm_text", "flags")
#: What an event's tickers, and a ticker's events, have in common: the test and the unit it speaks of.
POOLED = {"event": ("portfolio_t", "portfolio"), "ticker": ("cross_section_t", "date")}


def forest(
    source: Source, *, event: str | None = None, ticker: str | None = None, window: str | None = None
) -> Chart:
    """Draw the CARs of an event's tickers, or of a ticker's events, with their intervals.

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
    UnknownNameError
        There is no such event, ticker or window.
    """
    if (event is None) == (ticker is None):
        raise UsageError("a forest plot is of one event or of one ticker: name event or ticker")
    chosen = source.window(window)
    key: Key = "event" if ticker is None else "ticker"
    name = source.event(event) if ticker is None else source.ticker(ticker)
    rows = [row for row in source.firm_events_of.get((key, name, chosen), []) if row["value"] is not None]
    label = "ticker" if key == "event" else "event"
    listed = [{**row, "label": row[label], "pooled": False} for row in rows]
    return Chart(
        partial(draw_forest, source.words, chosen),
        {"rows": [*listed, *_pooled(source, key, name, chosen, rows)]},
        source.words.say(
            "chart.forest.description", what=name, window=chosen, rows=len(listed), level=source.level
        ),
    )


@cache
def draw_forest(words: Words, window: str, room: int) -> ChartTemplate:
    """Return the drawing of rows with their intervals, a circle each, a diamond for what is pooled."""
    import altair as alt

    labels = label_room(room)
    plain = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=names_axis(room, labels, grid=False))
    )
    kinds = [False, True]  # a circle per firm-event, a diamond for what they have in common
    colour = alt.Color("pooled:N", legend=None, scale=alt.Scale(domain=kinds, range="category"))
    shape = alt.Shape("pooled:N", legend=None, scale=alt.Scale(domain=kinds, range=["circle", "diamond"]))
    x = alt.X("low:Q", title=window, axis=returns_axis(tickCount=5))
    bars = plain.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", color=colour)
    points = plain.mark_point(filled=True, size=90, opacity=1).encode(
        x="value:Q", color=colour, shape=shape, tooltip=tooltips(words, TOOLTIP)
    )
    figures = plain.mark_text(align="right", dx=FIGURES, fontSize=11).encode(
        x=alt.value("width"), text="car:N"
    )
    return ChartTemplate(
        alt.layer(rule(x=0), bars, points, figures).properties(
            width=room - labels - FIGURES - 16, height=alt.Step(STEP)
        )
    )


def _pooled(source: Source, key: Key, name: str, window: str, rows: list[Row]) -> list[Row]:
    """Return the row of the portfolio of an event, or of the date means of a ticker, if there is one."""
    test, unit = POOLED[key]
    row = source.tests_of.get((key, name, test, unit, window))
    if row is None or len(rows) < 2 or not row["statistic"]:
        return []
    dates = grouped((row["day0"] if key == "ticker" else row["ticker"], row) for row in rows)
    value = fmean(fmean(each["value"] for each in group) for group in dates.values())
    half = abs(value / row["statistic"]) * float(t_quantile((1 + source.confidence) / 2, row["df"]))
    return [
        {
            "label": source.words.say(f"label.{unit}"),
            "title": "",
            "day0": "",
            "value": value,
            "low": value - half,
            "high": value + half,
            "car": percent(value),
            "interval": interval(value - half, value + half),
            "t": ratio(row["statistic"]),
            "p": pvalue(row["pvalue"]),
            "holm_text": pvalue(None),
            "flags": row["note"] or "",
            "pooled": True,
        }
    ]
