"""A checked event list as a file: CSV in the product's own form, or a study file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import yaml

from eventstudy.design import Design
from eventstudy.errors import DesignError, UsageError
from eventstudy.events.own_windows import own_windows
from eventstudy.intake.event_columns import STANDARD, WINDOW_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

SHARED = ("when", "session", "timing", "kind", "benchmark", "title")  #: what all rows of an event have alike


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a list as CSV (UTF-8), without the columns that are empty."""
    written = frame.copy()
    for name in ("when", "session"):
        if name in written:
            written[name] = [_day(day) for day in written[name]]
    filled = [name for name in written if bool(written[name].notna().any() and (written[name] != "").any())]
    out = io.StringIO()
    written[filled].to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode()


def as_study_file(frame: pd.DataFrame) -> bytes:
    """Return a list as a study file (YAML, UTF-8); further columns have no place in one.

    Raises
    ------
    UsageError
        Rows of one event differ in more than their security.
    DesignError
        The events have different windows.
    """
    study: dict[str, Any] = {}
    if (own := own_windows(frame, Design())) is not None:
        if not own.are_alike:
            problem = "the events have windows of their own, which a study file cannot give them"
            raise DesignError("window", f"{problem}; write a CSV file")
        design = own.spanned(Design())
        study["design"] = {
            "window": list(design.window),
            "estimation": list(design.estimation_window),
            "car_windows": [list(window) for window in design.car_windows],
        }
    study["events"] = list(_events(frame))
    text = yaml.safe_dump(study, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    return text.encode()


def left_behind(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a list that a study file does not hold."""
    return [str(name) for name in frame if name not in (*STANDARD, *WINDOW_COLUMNS)]


def _events(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for name, rows in frame.groupby("event_id", sort=False):
        shared = [column for column in SHARED if column in rows]
        first = {column: _text(rows[column].iloc[0]) for column in shared}
        if any(_text(value) != first[column] for column in shared for value in rows[column]):
            problem = f"the rows of event {name!r} differ in more than their ticker"
            raise UsageError(f"{problem}; write a CSV file, or give each an id of its own")
        tickers = rows["ticker"].tolist()
        expect = dict(zip(tickers, rows["expect"].tolist(), strict=True)) if "expect" in rows else {}
        event: dict[str, Any] = {
            "id": name,
            **{column: text for column, text in first.items() if text},
            "tickers": tickers,
        }
        if "benchmark" in event and "+" in event["benchmark"]:
            event["benchmark"] = event["benchmark"].split("+")
        if expected := {ticker: direction for ticker, direction in expect.items() if direction}:
            event["expect"] = expected
        yield event


def _text(value: Any) -> str:
    return _day(value) if isinstance(value, date) else "" if value is None or value != value else str(value)


def _day(day: Any) -> str:
    """Return a date, or a time stamp with its zone, as a study file has it."""
    if day is None or day != day:
        return ""
    if not isinstance(day, datetime) or (day.tzinfo is None):
        return str(day)[:10]
    zone = getattr(day.tzinfo, "key", None)
    return f"{day:%Y-%m-%d %H:%M:%S} {zone}" if zone else day.isoformat()
