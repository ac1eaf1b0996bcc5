"""Averages of a group over event time: CAAR with its band, AAR as bars, and the number of firm-events."""

from __future__ import annotations

from functools import cache, partial

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import effect_axis, event_time, rule, tooltips
from eventstudy.results.choosing import one_of
from eventstudy.results.naming import group_name
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import Figures

HEIGHT = (200, 80)  #: of the panels of CAAR and AAR
WIDE = 480  #: the note takes one line where there is more room
MARGIN = 76  #: what the axis takes
TOOLTIP = ("tau", "caar_text", "interval", "aar_text", "n", "n_dates")


def averages(view: ResultView, *, level: str = "all", key: str | None = None) -> Chart:
    """Draw the CAAR of a group with its band, and the AAR of each session as a bar.

    The error is that of the portfolio's forecast where all share one date, else that of the cross-section of
    dates; the text above the panel states which.

    Parameters
    ----------
    level, key
        The group, such as ``"ticker"`` and ``"NVDA"``; default: all firm-events, the first key of a level.
    """
    groups, words = view.groups("averages"), view.words
    found = one_of("level", level, list(dict.fromkeys(str(each) for each, _ in groups.places)))
    keys = [str(name) for each, name in groups.places if each == found]
    rows = groups[found, one_of(f"key of level {found}", key, keys)]
    shown = [_row(view.figures, row) for row in rows if row["caar"] is not None]
    most = max(rows, key=lambda row: row["n"])
    error = "portfolio" if most["n_dates"] == 1 else "dates"
    note = words.say(f"chart.averages.{error}", n=most["n"], dates=most["n_dates"], level=view.level)
    return Chart(
        partial(_draw, words),
        {"averages": shown, "note": [{"text": note}]},
        words.say("chart.averages.description", group=group_name(view, found, rows[0]["key"]), note=note),
    )


@cache
def _draw(words: Words, room: int) -> ChartTemplate:
    import altair as alt

    tooltip = tooltips(words, TOOLTIP)
    base = alt.Chart(alt.NamedData("averages")).encode(x=event_time(words, 8), tooltip=tooltip)
    y = alt.Y("ci_low:Q", title=words.say("axis.caar"), axis=effect_axis(words, tickCount=5))
    band = base.transform_filter("isValid(datum.ci_low)").mark_area(style="first", opacity=0.22)
    line = base.mark_line(style="first", strokeWidth=2).encode(y="caar:Q")
    points = base.mark_point(style="first", filled=True, size=36, opacity=1).encode(y="caar:Q")
    wide = room > WIDE
    note = (
        alt.Chart(alt.NamedData("note"))
        .mark_text(align="left", baseline="bottom", fontSize=11, lineBreak="\n" if wide else ": ")
        .encode(x=alt.value(0), y=alt.value(-6 if wide else -19), text="text:N")
    )
    above = alt.layer(band.encode(y=y, y2="ci_high:Q"), rule(y=0), rule(x=0), line, points, note)
    bars = base.mark_bar(style="quiet", size=12).encode(
        y=alt.Y("aar:Q", title=words.say("axis.aar"), axis=effect_axis(words, tickCount=3))
    )
    width = room - MARGIN
    return ChartTemplate(
        alt.vconcat(
            above.properties(width=width, height=HEIGHT[0]),
            alt.layer(rule(y=0), bars).properties(width=width, height=HEIGHT[1]),
        ).resolve_scale(x="shared")
    )


def _row(figures: Figures, row: Row) -> Row:
    return {
        **{name: row[name] for name in ("tau", "aar", "caar", "ci_low", "ci_high", "n", "n_dates")},
        "caar_text": figures.effect(row["caar"]),
        "aar_text": figures.effect(row["aar"]),
        "interval": figures.interval(row["ci_low"], row["ci_high"]),
    }
