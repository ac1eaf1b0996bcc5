"""The timeline: the events over the prices of their tickers, overlapping windows visible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.arrow import from_arrow
from eventstudy.charts.theme import DASHES, PALETTE
from eventstudy.words import Words

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

HEIGHT = 260  #: of the panel of prices in pixels
ROW = 14  #: height of one event's bar in pixels
MOST = 60  #: events with a bar of their own


def timeline(
    tables: Mapping[str, pa.Table], words: Words, *, width: int | str = 720
) -> alt.VConcatChart | alt.LayerChart:
    """Draw total-return paths on a ratio scale, and below them a bar per event from its first to last session.

    Bars that lie over one another in time are windows that share returns. Each path starts at 1 on its first
    session in use; a session in no window of the study is not in the tables, and the path has a gap there.

    Parameters
    ----------
    tables
        Of a result: ``prices``, ``events`` and ``abnormal_returns`` are read.
    width
        In pixels.
    """
    import altair as alt

    paths, bars = _paths(tables), _bars(tables)
    chosen = alt.selection_point(fields=["ticker"], bind="legend")
    zoom = alt.selection_interval(bind="scales", encodings=["x"])
    tickers = list(dict.fromkeys(row["ticker"] for row in paths))
    time = alt.X("session:T", title=None, scale=alt.Scale(nice=False), axis=alt.Axis(format="%b %Y"))
    lines = (
        alt.Chart(alt.Data(values=paths))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=time,
            y=alt.Y("index:Q", title=words.say("axis.index"), scale=alt.Scale(type="log", nice=False)),
            color=alt.Color(
                "ticker:N",
                title=None,
                sort=None,
                scale=alt.Scale(domain=tickers, range=list(PALETTE[: len(tickers)])),
            ),
            strokeDash=alt.StrokeDash(
                "ticker:N", sort=None, scale=alt.Scale(domain=tickers, range=[list(dash) for dash in DASHES])
            ),
            opacity=alt.condition(chosen, alt.value(1.0), alt.value(0.12)),
            detail="piece:N",
        )
        .add_params(chosen, zoom)
        .properties(width=width, height=HEIGHT)
    )
    tooltip = [
        alt.Tooltip(f"{name}:N", title=words.say(f"label.{name}"))
        for name in ("event", "title", "day0", "from", "to")
    ]
    base = alt.Chart(alt.Data(values=bars)).encode(
        y=alt.Y("event:N", sort=None, title=None, axis=alt.Axis(labelLimit=150, labelFontSize=10)),
        tooltip=tooltip,
    )
    spans = base.mark_bar(height=7, opacity=0.5, color=PALETTE[6]).encode(
        x=alt.X("from:T", title=None, axis=alt.Axis(format="%b %Y")), x2="to:T"
    )
    days = base.mark_tick(thickness=2, height=11, color=PALETTE[1]).encode(x="day0:T")
    events = alt.layer(spans, days).properties(width=width, height=alt.Step(ROW))
    chart: alt.VConcatChart = (
        alt.vconcat(lines, events, spacing=8)
        .resolve_scale(x="shared")
        .properties(
            description=words.say("chart.timeline.description", events=len(bars), tickers=len(tickers))
        )
    )
    return chart


def _paths(tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Return the total-return index of each measured ticker on the sessions that are in the tables."""
    measured = set(tables["events"]["ticker"].to_pylist())
    prices = tables["prices"]
    tickers = np.array(prices["ticker"].to_pylist(), dtype=object)
    session, ret = from_arrow(prices["session"]), from_arrow(prices["ret"])
    rows = []
    for ticker in dict.fromkeys(tickers):
        if ticker not in measured:
            continue
        at = np.flatnonzero(tickers == ticker)
        days, values = session[at], np.nan_to_num(ret[at])
        index = np.cumprod(1.0 + values)
        piece = np.cumsum(np.diff(days, prepend=days[:1]) > np.timedelta64(10, "D"))
        rows += [
            {
                "ticker": ticker,
                "session": str(day),
                "index": round(float(level), 5),
                "piece": f"{ticker}{int(part)}",
            }
            for day, level, part in zip(days, index, piece, strict=True)
        ]
    return rows


def _bars(tables: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    events: dict[str, dict[str, Any]] = {}
    for row in tables["events"].to_pylist():
        if row["session"] is not None:
            events.setdefault(row["event_id"], {"title": row["title"] or "", "day0": str(row["session"])})
    spans: dict[str, list[str]] = {}
    names = tables["abnormal_returns"]["event_id"].to_pylist()
    for name, day in zip(names, tables["abnormal_returns"]["session"].to_pylist(), strict=True):
        if day is not None:
            spans.setdefault(name, []).append(str(day))
    listed = [
        {"event": name, **row, "from": min(spans[name]), "to": max(spans[name])}
        for name, row in events.items()
        if name in spans
    ]
    return sorted(listed, key=lambda row: row["day0"])[:MOST]
