"""Two tickers side by side: their CARs of every event with intervals, and the difference in figures."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.cells import measured_cells
from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import effect_axis, label_room, names_axis, rule, tooltips
from eventstudy.charts.theme import SHAPES
from eventstudy.design import Window
from eventstudy.errors import UsageError
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import car_label, pvalue

STEP = 30  #: height of an event in pixels
FIGURES = 56  #: width of the column of differences
TOOLTIP = ("event", "title", "day0", "ticker", "car", "interval", "difference", "pair_p")


def comparison(
    view: ResultView, *, a: str | None = None, b: str | None = None, window: str | None = None
) -> Chart:
    """Draw the CARs of two tickers for every event of both, and their difference a - b at the right.

    Parameters
    ----------
    a, b
        Tickers; default: the first two of the result.
    window
        Label of the window; default: the first of the design.

    Raises
    ------
    UsageError
        The two are one, or the result has only one ticker.
    """
    first, second = (*view.tickers, "", "")[:2]
    one, other = view.ticker(a or first), view.ticker(b or (second if a != second else first))
    if one == other:
        raise UsageError(f"{one} is compared with itself: name two tickers")
    chosen = view.window(window)
    label = car_label(chosen)
    rows, differences = _rows(view, one, other, chosen)
    return Chart(
        partial(_draw, view.words, label),
        {
            "rows": rows,
            "differences": differences,
            "heading": [{"text": f"{one} - {other}", "a": one, "b": other}],
        },
        view.words.say(
            "chart.comparison.description",
            a=one,
            b=other,
            window=label,
            events=len(differences),
            level=view.level,
        ),
    )


@cache
def _draw(words: Words, window: str, room: int) -> ChartTemplate:
    import altair as alt

    labels = label_room(room)
    # The drawing serves every pair, so that the legend takes their names from the rows.
    sides = ["a", "b"]
    legend = alt.Legend(orient="top", labelLimit=140, labelExpr="data('heading')[0][datum.value]")
    colour = alt.Color("side:N", title=None, scale=alt.Scale(domain=sides, range="category"), legend=legend)
    shapes = alt.Scale(domain=sides, range=list(SHAPES[:2]))
    shape = alt.Shape("side:N", title=None, scale=shapes, legend=legend)
    y = alt.Y("event:N", sort=None, title=None, axis=names_axis(room, labels, grid=True))
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=y, yOffset=alt.YOffset("side:N", scale=alt.Scale(domain=sides)), color=colour
    )
    x = alt.X("low:Q", title=window, axis=effect_axis(words, tickCount=5))
    bars = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="value:Q",
        shape=shape,
        tooltip=tooltips(words, TOOLTIP),
    )
    texts = alt.Chart(alt.NamedData("differences"))
    figures = texts.mark_text(align="right", dx=FIGURES, fontSize=11).encode(
        x=alt.value("width"), y=y, text="difference:N"
    )
    heading = (
        alt.Chart(alt.NamedData("heading"))
        .mark_text(align="right", dx=FIGURES, dy=-8, fontSize=11, limit=room // 2)
        .encode(x=alt.value("width"), y=alt.value(0), text="text:N")
    )
    return ChartTemplate(
        alt.layer(rule(x=0), bars, points, figures, heading).properties(
            width=room - labels - FIGURES - 16, height={"step": STEP, "for": "position"}
        )
    )


def _rows(view: ResultView, a: str, b: str, window: Window) -> tuple[list[Row], list[Row]]:
    """Return two rows per event that both tickers met, and one with the difference a minus b."""
    pairs: dict[str, dict[str, Row]] = {}
    for ticker in (a, b):
        for row in measured_cells(view, window, ticker=ticker):
            pairs.setdefault(row["event"], {})[ticker] = row
    rows, differences = [], []
    for event, both in pairs.items():
        if len(both) < 2:
            continue
        text = view.figures.effect(both[a]["value"] - both[b]["value"])
        tests = [row for row in view.rows("comparisons", "event", event) if {row["a"], row["b"]} == {a, b}]
        p = next((row["pvalue"] for row in tests if (row["start"], row["end"]) == window), None)
        differences.append({"event": event, "difference": text})
        rows += [
            {**both[ticker], "side": side, "difference": text, "pair_p": pvalue(p)}
            for side, ticker in (("a", a), ("b", b))
        ]
    return rows, differences
