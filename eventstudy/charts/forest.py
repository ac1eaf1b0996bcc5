"""The forest plot: CARs with their intervals, one below the other, and what they have in common last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eventstudy.charts.rows import firm_event_rows, windows_of
from eventstudy.charts.theme import INK, PALETTE
from eventstudy.distributions import t_quantile
from eventstudy.figures import percent, pvalue, ratio
from eventstudy.words import Words

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

Row = dict[str, Any]
STEP = 24  #: height of a row in pixels


def forest(
    tables: Mapping[str, pa.Table],
    words: Words,
    *,
    event: str | None = None,
    ticker: str | None = None,
    window: str | None = None,
    width: int | str = 420,
) -> alt.LayerChart:
    """Draw the CARs of an event's tickers, or of a ticker's events, with 95 % intervals.

    The last row of an event is the equal-weighted portfolio of its tickers with its own forecast error; of a
    ticker it is the mean over its dates. The intervals are not adjusted for their number.

    Parameters
    ----------
    tables
        Of a result: ``events``, ``cars`` and ``tests`` are read.
    event, ticker
        One of the two.
    window
        Label of the window, such as ``AR[0]``; default: the first of the design.
    width
        In pixels, or ``"container"``.
    """
    import altair as alt

    chosen = window or windows_of(tables)[0]
    key, name = ("event", event) if event is not None else ("ticker", ticker)
    rows = [row for row in firm_event_rows(tables, words) if row[key] == name and row["window"] == chosen]
    label = "ticker" if event is not None else "event"
    listed = [{**row, "label": row[label], "pooled": False} for row in rows if row["value"] is not None]
    pooled = _pooled(tables, words, key, str(name), chosen, [row["value"] for row in listed])
    base = alt.Chart(alt.Data(values=[*listed, *pooled])).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=220, grid=False)),
        x=alt.X("value:Q", title=chosen, axis=alt.Axis(format="+.0%")),
        color=alt.condition("datum.pooled", alt.value(PALETTE[1]), alt.value(PALETTE[0])),
    )
    zero = alt.Chart().mark_rule(strokeDash=[2, 2]).encode(x=alt.datum(0))
    bars = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    names = ("label", "title", "day0", "car", "interval", "t", "p", "holm_text", "flags")
    keys = {"label": label, "holm_text": "holm"}
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        shape=alt.condition("datum.pooled", alt.value("diamond"), alt.value("circle")),
        tooltip=[
            alt.Tooltip(f"{each}:N", title=words.say(f"label.{keys.get(each, each)}")) for each in names
        ],
    )
    figures = base.mark_text(align="left", dx=8, dy=-8, fontSize=11, color=INK["light"]).encode(text="car:N")
    chart: alt.LayerChart = alt.layer(zero, bars, points, figures).properties(
        width=width,
        height=alt.Step(STEP),
        description=words.say("chart.forest.description", what=name, window=chosen, rows=len(listed)),
    )
    return chart


def _pooled(
    tables: Mapping[str, pa.Table], words: Words, key: str, name: str, window: str, cars: Sequence[float]
) -> list[Row]:
    """Return the row of the portfolio of an event, or of the date means of a ticker, if there is one."""
    import pyarrow.compute as pc

    from eventstudy.charts.rows import label_of

    test, unit = ("portfolio_t", "portfolio") if key == "event" else ("cross_section_t", "date")
    table = tables["tests"]
    wanted = {"level": key, "key": name, "test": test, "unit": unit, "measure": "CAR"}
    for column, value in wanted.items():
        table = table.filter(pc.equal(table[column].cast("string"), value))
    found = [row for row in table.to_pylist() if label_of(row) == window and row["statistic"] is not None]
    if not found or len(cars) < 2:
        return []
    row = found[0]
    value = sum(cars) / len(cars)
    half = abs(value / row["statistic"]) * float(t_quantile(0.975, row["df"]))
    return [
        {
            "label": words.say(f"label.{unit}"),
            "title": "",
            "day0": "",
            "value": value,
            "low": value - half,
            "high": value + half,
            "car": percent(value),
            "interval": f"{percent(value - half)} … {percent(value + half)}",
            "t": ratio(row["statistic"]),
            "p": pvalue(row["pvalue"]),
            "holm_text": "",
            "flags": row["note"] or "",
            "pooled": True,
        }
    ]
