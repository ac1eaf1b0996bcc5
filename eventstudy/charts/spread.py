"""The distribution of t over the firm-days of a study, against the one expected without any effect."""

from __future__ import annotations

from functools import cache, partial
from statistics import median

import numpy as np

from eventstudy.charts.chart import Chart, ChartTemplate
from eventstudy.charts.marks import tooltips
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words
from eventstudy.words.formatting import car_label, count

HEIGHT, MARGIN = 220, 66
STEP, FAR = 0.5, 6.0  #: width of a bar, and where the outermost bars begin, in standard errors
LEAST = 25  #: firm-events with a t whose distribution is worth drawing
TOOLTIP = ("t_from", "n_text", "expected_text")


def spread(view: ResultView, *, window: str | None = None) -> Chart:
    """Draw how many firm-events have a t in each half standard error, and how many would without effects.

    The expected curve is t with the median degrees of freedom of the firm-events. The outermost bars hold
    whatever is further out.

    Parameters
    ----------
    window
        Label of the window; default: the first of the design.
    """
    chosen = view.window(window)
    known = [row for row in view.cars(chosen) if row["statistic"] is not None]
    label = car_label(chosen)
    rows = _rows(known)
    return Chart(
        partial(_draw, view.words, label),
        {"spread": rows},
        view.words.say("chart.spread.description", window=label, rows=count(len(known))),
    )


def _rows(known: list[Row]) -> list[Row]:
    """Return a row per bar: its ends, how many lie in it, and how many are expected."""
    if not known:
        return []
    edges = np.arange(-FAR, FAR + STEP / 2, STEP)
    t = np.clip([row["statistic"] for row in known], -FAR, FAR - STEP / 2)
    found = np.histogram(t, edges)[0]
    df = [row["df"] for row in known if row["df"] is not None]
    upper = t_pvalue(edges, np.full(len(edges), median(df) if df else np.inf), "greater")
    upper[0], upper[-1] = 1.0, 0.0  # the outermost bars hold the tails
    expected = -np.diff(upper) * len(known)
    return [
        {
            "from": float(low),
            "to": float(low + STEP),
            "middle": float(low + STEP / 2),
            "n": int(n),
            "expected": float(e),
            "t_from": f"{low:+.1f} … {low + STEP:+.1f}",
            "n_text": count(int(n)),
            "expected_text": f"{e:.1f}",
        }
        for low, n, e in zip(edges[:-1], found, expected, strict=True)
    ]


@cache
def _draw(words: Words, window: str, room: int) -> ChartTemplate:
    import altair as alt

    base = alt.Chart(alt.NamedData("spread")).encode(tooltip=tooltips(words, TOOLTIP))
    bars = base.mark_bar(style="quiet", opacity=0.55, binSpacing=1).encode(
        x=alt.X(
            "from:Q", title=words.say("axis.t", window=window), bin="binned", axis=alt.Axis(tickCount=13)
        ),
        x2="to:Q",
        y=alt.Y("n:Q", title=words.say("axis.firm_events"), axis=alt.Axis(tickMinStep=1)),
    )
    curve = base.mark_line(style="second", strokeWidth=2, interpolate="natural").encode(
        x="middle:Q", y="expected:Q"
    )
    return ChartTemplate(alt.layer(bars, curve).properties(width=room - MARGIN, height=HEIGHT))
