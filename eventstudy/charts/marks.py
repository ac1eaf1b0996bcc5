"""Marks that several charts share: tooltips, zero lines, an axis of returns, the colours of tickers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eventstudy.charts.theme import DASHES, SHAPES
from eventstudy.words import Words

if TYPE_CHECKING:
    import altair as alt


NARROW = 400  #: pixels; a telephone, or a column of a journal
LINE = 16  #: letters of a name that go into a line there, and a hyphen or blank after them


IS_CHOSEN = "(one_ticker === null || datum.ticker === one_ticker)"


def tooltips(words: Words, fields: Sequence[str]) -> list[alt.Tooltip]:
    """Return a tooltip of texts, each under ``label.<field>`` of the words."""
    import altair as alt

    return [alt.Tooltip(f"{field}:N", title=words.say(f"label.{field}")) for field in fields]


def rule(*, x: float | None = None, y: float | None = None) -> alt.Chart:
    """Return a dashed line across the panel at a value of one axis."""
    import altair as alt

    where = {"x": alt.datum(x)} if x is not None else {"y": alt.datum(y)}
    line: alt.Chart = alt.Chart(alt.InlineData(values=[{}])).mark_rule(strokeDash=[3, 3]).encode(**where)
    return line


def returns_axis(signed: bool = True, **options: Any) -> alt.Axis:
    """Return an axis in percent, with as many decimals as tell the ticks apart; zero has no sign."""
    import altair as alt

    text = f"datum.value === 0 ? '0%' : format(datum.value, '{'+' if signed else ''}.3~p')"
    return alt.Axis(labelExpr=text, labelOverlap=True, **options)


def label_room(room: int, most: int = 220) -> int:
    """Return how much of the room names beside a chart may take."""
    return min(most, room * 33 // 100)


def names_axis(room: int, labels: int, **options: Any) -> alt.Axis:
    """Return an axis of names beside a chart; where it is narrow, long ones take two small lines."""
    import altair as alt

    if room >= NARROW:
        return alt.Axis(labelLimit=labels, **options)
    long = f"length(datum.label) > {LINE + 1}"
    lines = f"split(replace(datum.label, regexp('(.{{1,{LINE}}}[- ])(?=.)'), '$1\\n'), '\\n')"
    two_lines = {
        "labelExpr": f"{long} ? {lines} : datum.label",
        "labelFontSize": 10,
        "labelLineHeight": 11,
        "labelBaseline": {"condition": {"test": long, "value": "bottom"}, "value": "middle"},
    }
    return alt.Axis(labelLimit=labels, **{**options, **two_lines})


def ticker_legend(room: int, **options: Any) -> alt.Legend:
    """Return a legend of tickers above the chart, in as many columns as there is room for."""
    import altair as alt

    return alt.Legend(orient="top", columns=max(1, room // 100), labelLimit=140, **options)


def ticker_choice(words: Words, tickers: Sequence[str]) -> alt.Parameter:
    """Return a chooser of one ticker or all, which keys reach; `IS_CHOSEN` filters by it."""
    import altair as alt

    labels = [words.say("chart.ticker.all"), *tickers]
    return alt.param(
        name="one_ticker",
        value=None,
        bind=alt.binding_select(
            options=[None, *tickers], labels=labels, name=words.say("chart.ticker.choose")
        ),
    )


def ticker_colours(tickers: Sequence[str], room: int) -> tuple[alt.Color, alt.StrokeDash]:
    """Return colour and dash of lines by ticker, in the order of the result."""
    import altair as alt

    dashes = [list(DASHES[place % len(DASHES)]) for place in range(len(tickers))]
    legend = ticker_legend(room, symbolType="stroke", symbolStrokeWidth=2, symbolSize=240)
    domain = list(tickers)
    colour = alt.Color(
        "ticker:N", title=None, scale=alt.Scale(domain=domain, range="category"), legend=legend
    )
    dash = alt.StrokeDash("ticker:N", title=None, scale=alt.Scale(domain=domain, range=dashes), legend=legend)
    return colour, dash


def ticker_marks(tickers: Sequence[str], room: int) -> tuple[alt.Color, alt.Shape]:
    """Return colour and shape of points by ticker, in the order of the result."""
    import altair as alt

    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(tickers))]
    legend, domain = ticker_legend(room), list(tickers)
    colour = alt.Color(
        "ticker:N", title=None, scale=alt.Scale(domain=domain, range="category"), legend=legend
    )
    shape = alt.Shape("ticker:N", title=None, scale=alt.Scale(domain=domain, range=shapes), legend=legend)
    return colour, shape
