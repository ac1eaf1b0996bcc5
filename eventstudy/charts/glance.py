"""A result as notebooks show it: the headline, the named firm-days, and the largest CARs."""

from __future__ import annotations

from html import escape

from eventstudy.charts.cells import measured_cells
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

MOST = 8  #: firm-events in the table
LONG = 60  #: letters of a name
COLUMNS = ("mark", "event", "ticker", "day0", "car", "interval", "conformal", "t", "study")


def glance(view: ResultView) -> str:
    """Return a short HTML text and table of the first window, the named firm-days first; all text escaped."""
    say, rows = view.words.say, measured_cells(view, view.first)
    rows.sort(key=lambda row: (not row["mark"], -abs(row["scar"])))
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
    heads = "".join(f'<th scope="col">{escape(say(f"label.{name}"))}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows[:MOST])
    return (
        f"<div>{text}<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(row: Row) -> str:
    texts = [str(row[name]) for name in COLUMNS]
    return "".join(
        f"<td><bdi>{escape(text if len(text) <= LONG else f'{text[:LONG]}…')}</bdi></td>" for text in texts
    )
