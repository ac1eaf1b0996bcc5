"""CAR paths of one event: every ticker's cumulative abnormal return with the error of its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eventstudy.charts.theme import FAINT, PALETTE
from eventstudy.distributions import t_quantile
from eventstudy.figures import percent
from eventstudy.words import Words

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

PANEL = (250, 150)  #: width and height of one ticker's panel in pixels
CONFIDENCE = 0.95


def car_paths(
    tables: Mapping[str, pa.Table], words: Words, *, event: str, columns: int = 3
) -> alt.FacetChart:
    """Draw one panel per ticker: the CAR from the start of the event window, with a 95 % band.

    The band is that of the forecast-error covariance of the one firm-event; no cross-section enters it.

    Parameters
    ----------
    tables
        Of a result: ``abnormal_returns`` and ``events`` are read.
    event
        The event's id.
    columns
        Panels side by side.
    """
    import altair as alt

    base = alt.Chart().encode(
        x=alt.X("tau:Q", title=words.say("axis.tau"), axis=alt.Axis(tickMinStep=1)),
    )
    band = base.mark_area(opacity=0.22, color=PALETTE[0]).encode(
        y=alt.Y("low:Q", title=words.say("axis.car"), axis=alt.Axis(format="+.0%", tickCount=5)), y2="high:Q"
    )
    zero = alt.Chart().mark_rule(strokeDash=[2, 2]).encode(y=alt.datum(0))
    day0 = alt.Chart().mark_rule(color=FAINT["dark"], strokeDash=[4, 3]).encode(x=alt.datum(0))
    line = base.mark_line(color=PALETTE[0], strokeWidth=2).encode(y="car:Q")
    points = base.mark_point(color=PALETTE[0], filled=True, size=36).encode(
        y="car:Q", tooltip=_tooltips(words)
    )
    chart: alt.FacetChart = (
        alt.layer(band, zero, day0, line, points)
        .properties(width=PANEL[0], height=PANEL[1])
        .facet(
            facet=alt.Facet("ticker:N", title=None, sort=None),
            columns=columns,
            data=alt.Data(values=_rows(tables, event)),
        )
        .properties(
            description=words.say("chart.car_paths.description", event=event),
        )
        .resolve_scale(y="shared")
    )
    return chart


def _rows(tables: Mapping[str, pa.Table], event: str) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    path = tables["abnormal_returns"]
    rows = path.filter(pc.equal(path["event_id"].cast("string"), event)).to_pylist()
    events = tables["events"]
    mine = events.filter(pc.equal(events["event_id"].cast("string"), event)).to_pylist()
    half = {row["ticker"]: float(t_quantile((1 + CONFIDENCE) / 2, row["df"] or float("nan"))) for row in mine}
    return [_row(row, half[row["ticker"]]) for row in rows if row["car"] is not None]


def _row(row: Mapping[str, Any], half: float) -> dict[str, Any]:
    low, high = (row["car"] + side * half * row["car_se"] for side in (-1, 1))
    return {
        "ticker": row["ticker"],
        "tau": row["tau"],
        "session": str(row["session"]),
        "car": row["car"],
        "low": low,
        "high": high,
        "car_text": percent(row["car"]),
        "interval": f"{percent(low)} … {percent(high)}",
        "ar_text": percent(row["ar"]),
    }


def _tooltips(words: Words) -> list[Any]:
    import altair as alt

    labels = {
        "ticker": "ticker",
        "session": "session",
        "tau": "tau",
        "ar_text": "ar",
        "car_text": "car",
        "interval": "interval",
    }
    return [alt.Tooltip(f"{name}:N", title=words.say(f"label.{key}")) for name, key in labels.items()]
