"""A result as notebooks show it: counts, and the largest CARs."""

from __future__ import annotations

from html import escape

from eventstudy.charts.cells import measured_cells
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

MOST = 8  #: firm-events in the table
LONG = 60  #: letters of a name
COLUMNS = ("event", "ticker", "day0", "car", "interval", "t", "p", "holm_text")


def glance(view: ResultView) -> str:
    """Return a short HTML table with the first window's largest CARs in standard errors; all text escaped."""
    rows = measured_cells(view, view.first)
    rows.sort(key=lambda row: -abs(row["scar"]))
    caption = view.words.say(
        "chart.glance.caption",
        events=len(view.event_ids),
        tickers=len(view.tickers),
        skipped=view.skipped,
        asked=len(view.firm_events),
        window=view.first_label,
        unusual=len(view.unusual),
    )
    heads = "".join(f'<th scope="col">{escape(view.words.say(f"label.{name}"))}</th>' for name in COLUMNS)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows[:MOST])
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _cells(row: Row) -> str:
    texts = [str(row[name]) for name in COLUMNS]
    return "".join(
        f"<td><bdi>{escape(text if len(text) <= LONG else f'{text[:LONG]}…')}</bdi></td>" for text in texts
    )
