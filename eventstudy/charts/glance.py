"""The study at one glance, as notebooks show it: what was asked, and the largest CARs."""

from __future__ import annotations

from html import escape

from eventstudy.charts.source import UNUSUAL, Row, Source

MOST = 8  #: firm-events in the table
LONG = 60  #: letters of a name
COLUMNS = ("event", "ticker", "day0", "car", "interval", "t", "p", "holm_text")


def glance(source: Source) -> str:
    """Return a short HTML table with the first window's largest CARs in standard errors; all text escaped."""
    window = source.windows[0] if source.windows else ""
    rows = source.measured(window)
    rows.sort(key=lambda row: -abs(row["scar"]))
    caption = source.words.say(
        "chart.glance.caption",
        events=len(source.event_ids),
        tickers=len(source.tickers),
        skipped=sum(row["status"] != "ok" for row in source.events),
        asked=len(source.events),
        window=window or "CAR",
        unusual=sum(row["holm"] < UNUSUAL for row in rows),
    )
    heads = "".join(f'<th scope="col">{escape(source.words.say(f"label.{name}"))}</th>' for name in COLUMNS)
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
