"""A result as notebooks show it: the headline, the named firm-days, and the largest CARs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from eventstudy.charts.cells import measured_cells
from eventstudy.charts.theme import PALETTE
from eventstudy.results.curve_rows import listed_curves
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import percent, pvalue, ratio

#: A notebook that was not trusted drops styles of a page, and keeps those of an element.
TABLE = ' style="border-collapse:collapse;font-variant-numeric:tabular-nums"'
MOST = 8  #: firm-events in the table
LONG = 60  #: letters of a name
COLUMNS = ("mark", "event", "ticker", "day0", "car", "interval", "conformal", "t", "study")
#: the same of a study under many specifications
CURVES = (
    "mark",
    "event",
    "ticker",
    "day0",
    "car_median",
    "median_t",
    "p_median",
    "p_max",
    "p_count",
    "study",
)


def glance(view: ResultView) -> str:
    """Return a short HTML text and table of the first window, the named firm-days first; all text escaped."""
    say, columns = view.words.say, CURVES if view.of_specifications else COLUMNS
    rows = _curves(view) if view.of_specifications else _cars(view)
    counts = say(
        "chart.glance.caption",
        events=len(view.event_ids),
        tickers=len(view.tickers),
        skipped=view.skipped,
        asked=len(view.firm_events),
    )
    first, *others = view.headline["sentences"]
    text = "".join(f"<p>{escape(each)}</p>" for each in (first, " ".join((*others, counts))))
    named = any(row["mark"] for row in rows)
    caption = say(f"chart.glance.{'named' if named else 'none_named'}", window=view.first_label)
    heads = "".join(f'<th scope="col"{_style(name)}>{escape(say(f"label.{name}"))}</th>' for name in columns)
    body = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in rows[:MOST])
    return (
        f"<div>{text}<table{TABLE}><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table>{_ranked(view)}</div>"
    )


def _cars(view: ResultView) -> list[Row]:
    rows = measured_cells(view, view.first)
    return sorted(rows, key=lambda row: (not row["mark"], -abs(row["scar"])))


def _curves(view: ResultView) -> list[Row]:
    return [
        row
        | {
            "day0": str(row["session"] or ""),
            "car_median": percent(row["car_median"]),
            "median_t": ratio(row["median_statistic"]),
            **{name: pvalue(row[name]) for name in ("p_median", "p_max", "p_count")},
            "study": pvalue(row["pvalue_study_bh"]),
        }
        for row in listed_curves(view, MOST)
    ]


def _ranked(view: ResultView) -> str:
    """Return the chart of the named firm-days as a drawing that needs no script and no network."""
    from eventstudy.charts.print_charts import rendered
    from eventstudy.charts.strongest import strongest

    if view.of_specifications or (chart := strongest(view)).empty:
        return ""
    drawing = b64encode(rendered(chart.document(), "svg", "double")).decode("ascii")
    shown = f'src="data:image/svg+xml;base64,{drawing}" alt="{escape(chart.description)}"'
    return f'<img {shown} style="max-width:100%">'


def _cells(row: Row, columns: Sequence[str]) -> str:
    """Return the cells of a row; a named figure is bold, blue where it is a rise and orange where a fall."""
    return "".join(_cell(row, name) for name in columns)


def _cell(row: Row, name: str) -> str:
    text = str(row[name])
    shown = escape(text if len(text) <= LONG else f"{text[:LONG]}…")
    colour = ""
    if name in ("car", "car_median") and row["mark"]:
        up, down = PALETTE["light"][:2]
        colour = f"font-weight:bold;color:{down if text.startswith('-') else up}"
    return f"<td{_style(name, colour)}><bdi>{shown}</bdi></td>"


def _style(column: str, more: str = "") -> str:
    side = "left" if column in ("mark", "event", "ticker", "day0") else "right"
    return f' style="text-align:{side};padding:2px 8px;{more}"'
