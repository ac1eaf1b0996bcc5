"""A result as notebooks show it: the headline, the named firm-days, and the largest CARs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eventstudy.charts.cells import measured_cells
from eventstudy.results.curve_rows import listed_curves
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import percent, pvalue, ratio

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
    heads = "".join(f'<th scope="col">{escape(say(f"label.{name}"))}</th>' for name in columns)
    body = "".join(f"<tr>{_cells(row, columns)}</tr>" for row in rows[:MOST])
    return (
        f"<div>{text}<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
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


def _cells(row: Row, columns: Sequence[str]) -> str:
    texts = [str(row[name]) for name in columns]
    return "".join(
        f"<td><bdi>{escape(text if len(text) <= LONG else f'{text[:LONG]}…')}</bdi></td>" for text in texts
    )
