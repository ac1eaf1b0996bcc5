"""Power: the measured effect of each firm-event against its minimum detectable effect."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.cells import measured_cells
from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import IS_CHOSEN, by_name, effect_axis, ticker_choice, tooltips
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import car_label

HEIGHT = 280
MARGIN = 100  #: what the axis and the last figure below it take
SHAPES = 8  #: tickers with a colour and shape of their own; of more all are alike, and the furthest are named
NAMED = 6  #: of these


def power(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw |CAR| against the minimum detectable effect (5 % size, 80 % power), a point per firm-event.

    Points above the diagonal are larger than what such a test finds in four cases of five. A click in the
    legend, or the chooser, shows one ticker alone; of many tickers the points are alike, and those furthest
    from zero in standard errors have their ticker beside them.

    Parameters
    ----------
    window
        Label of the window; default: the first of the design.
    """
    chosen = view.window(window)
    label = car_label(chosen)
    rows = [
        {**row, "size": abs(row["value"]), "mde_text": view.figures.size(row["mde"])}
        for row in measured_cells(view, chosen)
        if row["mde"] is not None
    ]
    furthest = sorted(rows, key=lambda row: -abs(row["scar"] or 0.0))[:NAMED]
    alike = len(view.tickers) > SHAPES
    most = max((row["mde"] for row in rows), default=0.0)
    return Chart(
        partial(_draw, view.words, label, () if alike else tuple(view.tickers)),
        {
            "points": rows,
            **({"names": furthest} if alike else {}),
            "diagonal": [{"mde": at, "size": at} for at in (0.0, most)],
        },
        view.words.say("chart.power.description", window=label, rows=len(rows)),
    )


@cache
def _draw(words: Words, window: str, tickers: tuple[str, ...], room: int) -> ChartTemplate:
    import altair as alt

    x = alt.X("mde:Q", title=words.say("axis.mde"), axis=effect_axis(words, signed=False, tickCount=6))
    y = alt.Y(
        "size:Q",
        title=words.say("axis.size", window=window),
        axis=effect_axis(words, signed=False, tickCount=6),
    )
    line = alt.Chart(alt.NamedData("diagonal")).mark_line(style="quiet", strokeDash=[3, 3], strokeWidth=1)
    tooltip = tooltips(words, ("ticker", "event", "title", "day0", "car", "interval", "mde_text", "p"))
    points = (
        alt.Chart(alt.NamedData("points"))
        .mark_point(size=60, strokeWidth=1.6, style="quiet")
        .encode(x=x, y=y, tooltip=tooltip)
    )
    layers = [line.encode(x=x, y=y)]
    if tickers:
        chosen = alt.selection_point(name="legend", fields=["ticker"], bind="legend")
        colour, shape = by_name(tickers, room, "point")
        opacity = alt.when(chosen).then(alt.value(1.0)).otherwise(alt.value(0.1))
        choice = ticker_choice(words, tickers)
        points = points.encode(color=colour, shape=shape, opacity=opacity).add_params(chosen, choice)
        layers.append(points.transform_filter(IS_CHOSEN))
    else:
        beside = alt.Chart(alt.NamedData("names")).mark_text(align="left", dx=7, fontSize=11)
        layers += [points, beside.encode(x=x, y=y, text="ticker:N")]
    return ChartTemplate(alt.layer(*layers).properties(width=room - MARGIN, height=HEIGHT))
