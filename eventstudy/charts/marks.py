"""What several charts share: tooltips, zero lines, axes, colours of tickers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.charts.theme import DASHES, SHAPES
from eventstudy.words import Words

if TYPE_CHECKING:
    import altair as alt


NARROW = 400  #: pixels; a telephone, or a column of a journal
LINE = 16  #: letters of a name that go into a line there, and a hyphen or blank after them
LETTER, SYMBOL = 7, 30  #: pixels of a letter of a legend, and of the symbol before a name
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


def effect_axis(words: Words, signed: bool = True, **options: Any) -> alt.Axis:
    """Return an axis of abnormal figures, with the decimals that distinguish its ticks; zero has no sign."""
    import altair as alt

    zero, form = ("0", ".3~f") if words.figures.log else ("0%", ".3~p")
    text = f"datum.value === 0 ? '{zero}' : format(datum.value, '{'+' if signed else ''}{form}')"
    return alt.Axis(labelExpr=text, labelOverlap=True, **options)


def label_room(room: int, most: int = 220) -> int:
    """Return the width of the names at the left of a chart."""
    return min(most, room * 33 // 100)


def names_axis(room: int, labels: int, **options: Any) -> alt.Axis:
    """Return an axis of names at the left of a chart; in a narrow one long names take two small lines."""
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


def ticker_choice(words: Words, tickers: Sequence[str]) -> alt.Parameter:
    """Return a chooser of one ticker or all that the keyboard reaches; `IS_CHOSEN` filters by it."""
    import altair as alt

    labels = [words.say("chart.ticker.all"), *tickers]
    return alt.param(
        name="one_ticker",
        value=None,
        bind=alt.binding_select(
            options=[None, *tickers], labels=labels, name=words.say("chart.ticker.choose")
        ),
    )


def by_name(
    names: Sequence[str], room: int, mark: Literal["line", "point"], field: str = "ticker", limit: int = 140
) -> list[Any]:
    """Return colour, and dash of lines or shape of points, by ticker or another name, in their order."""
    import altair as alt

    line = mark == "line"
    look: dict[str, Any] = {"symbolType": "stroke", "symbolStrokeWidth": 2, "symbolSize": 240} if line else {}
    wide = max(100, min(limit, LETTER * max(map(len, names), default=0)) + SYMBOL)
    legend = alt.Legend(orient="top", columns=max(1, room // wide), labelLimit=limit, **look)
    domain, marks = list(names), [list(dash) for dash in DASHES] if line else list(SHAPES)
    ranges = ("category", [marks[place % len(marks)] for place in range(len(domain))])
    channels = (alt.Color, alt.StrokeDash if line else alt.Shape)
    return [
        channel(f"{field}:N", title=None, scale=alt.Scale(domain=domain, range=each), legend=legend)
        for channel, each in zip(channels, ranges, strict=True)
    ]


def either(field: str, shapes: tuple[str, str]) -> list[Any]:
    """Return colour and shape of points by a yes-or-no field, without a legend."""
    import altair as alt

    domain = [False, True]
    return [
        channel(f"{field}:N", legend=None, scale=alt.Scale(domain=domain, range=each))
        for channel, each in ((alt.Color, "category"), (alt.Shape, list(shapes)))
    ]


def event_time(words: Words, ticks: int) -> alt.X:
    """Return the axis of sessions from day 0."""
    import altair as alt

    axis = alt.Axis(tickMinStep=1, tickCount=ticks)
    return alt.X("tau:Q", title=words.say("axis.tau"), scale=alt.Scale(nice=False), axis=axis)
