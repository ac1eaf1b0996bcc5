"""Sensitivity to the benchmark: the largest abnormal returns against each benchmark of the study."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.cells import largest_firm_days
from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.forest import STEP
from eventstudy.charts.marks import by_name, effect_axis, label_room, names_axis, rule, tooltips
from eventstudy.design import OTHER_TICKERS
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import car_label, pvalue, ratio

MOST = 12  #: firm-days
LEGEND = 260  #: pixels of a benchmark's name
TOOLTIP = ("label", "title", "day0", "benchmark", "car", "t", "p")


def benchmarks(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw the CARs of the named firm-days, then of those with the largest t, against each benchmark.

    A line joins the lowest and the highest of a firm-day; there are at most a dozen firm-days. The chart is
    empty where the study has one benchmark alone.

    Parameters
    ----------
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.
    """
    chosen = view.window(window)
    label = car_label(chosen)
    rows: list[Row] = []
    for cell in largest_firm_days(view, chosen):
        own = [row for row in view.rows("benchmarks", cell["event"]) if _is_of(row, cell["ticker"], chosen)]
        if len(own) > 1 and len({row["label"] for row in rows}) < MOST:
            rows += [_row(view, cell, row) for row in own]
    names = tuple(dict.fromkeys(row["benchmark"] for row in rows))
    shown = len({row["label"] for row in rows})
    values = {"shown": shown, "benchmarks": ", ".join(names), "window": label}
    description = view.words.say("chart.benchmarks.description", **values)
    return Chart(partial(_draw, view.words, label, names), {"rows": rows}, description)


def _is_of(row: Row, ticker: str, window: tuple[int, int]) -> bool:
    return row["ticker"] == ticker and (row["start"], row["end"]) == window and row["car"] is not None


def _row(view: ResultView, cell: Row, row: Row) -> Row:
    outside = row["benchmark"] == OTHER_TICKERS
    return {
        "label": f"{cell['ticker']} · {cell['event']}",
        "title": cell["title"],
        "day0": cell["day0"],
        "benchmark": view.words.say("benchmarks.outside") if outside else row["benchmark"],
        "value": row["car"],
        "car": view.figures.effect(row["car"]),
        "t": ratio(row["statistic"]),
        "p": pvalue(row["pvalue"]),
    }


@cache
def _draw(words: Words, window: str, names: tuple[str, ...], room: int) -> ChartTemplate:
    import altair as alt

    labels = label_room(room)
    plain = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=names_axis(room, labels, grid=False))
    )
    x = alt.X("low:Q", title=window, axis=effect_axis(words, tickCount=5))
    spans = (
        plain.transform_aggregate(low="min(value)", high="max(value)", groupby=["label"])
        .mark_rule(style="quiet", strokeWidth=1)
        .encode(x=x, x2="high:Q")
    )
    colour, shape = by_name(names, room - labels, "point", "benchmark", LEGEND)
    points = plain.mark_point(filled=True, size=80, opacity=0.9).encode(
        x="value:Q", color=colour, shape=shape, tooltip=tooltips(words, TOOLTIP)
    )
    return ChartTemplate(
        alt.layer(rule(x=0), spans, points).properties(width=room - labels - 24, height=alt.Step(STEP))
    )
