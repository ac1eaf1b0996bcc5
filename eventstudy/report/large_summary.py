"""A large study summarised for its page: tables of groups whole, firm-events counted shard by shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.models import MODELS
from eventstudy.numerics.arrow import from_arrow, rows_at
from eventstudy.report.large_reasons import together
from eventstudy.results.largest_groups import largest_groups, of_groups
from eventstudy.results.row_groups import SMALL, Row
from eventstudy.schema import TABLES, arrow_schema
from eventstudy.study_result import EventStudyResult

if TYPE_CHECKING:
    from eventstudy.engine.large_result import LargeResult

MOST = 12  #: firm-events with the largest t that are shown
MOST_REASONS = 12
EVENTS = ("ticker", "session", "status", "reason")
CARS = ("event_id", "ticker", "car", "statistic", "pvalue")


def summarised(large: LargeResult) -> EventStudyResult:
    """Return what a page can show of a large study; no more than a shard of its tables is in memory.

    The tables ``averages`` and ``tests`` are those of the study, of levels of many groups the largest; all
    others are empty. What was counted is in the manifest as ``large``: firm-events and those skipped, with
    reasons; tickers, first and last day 0; t-statistics of the first CAR window, p-values below 5 %, and the
    rows with the largest t; tables with their rows and files; levels of which not all groups are shown.

    Raises
    ------
    OutputError
        The study is not merged yet, or a file is damaged.
    """
    manifest = large.manifest
    tables = {name: arrow_schema(name).empty_table() for name in TABLES}
    of_levels = {name: large.table(name) for name in ("averages", "tests")}
    shown = largest_groups(of_levels["tests"], manifest["levels"])
    tables |= {name: of_groups(table, shown) for name, table in of_levels.items()}
    files = {
        name: {"rows": table["rows"], "files": len(table["parts"])}
        for name, table in manifest["tables"].items()
    }
    counted = {
        **{name: manifest[name] for name in ("firm_events", "skipped")},
        **_events(large),
        **_cars(large),
        "files": files,
        "folder": str(large.path),
        "shortened": {level: len(keys) for level, keys in shown.items()},
    }
    model = MODELS[manifest["design"]["model"]]
    about = {name: getattr(model, name) for name in ("name", "summary", "reference")}
    own = {"model": {**about, "benchmark": model.requires.benchmark}, "large": counted}
    return EventStudyResult(tables, {**manifest, **own})


def _events(large: LargeResult) -> Row:
    """Count tickers and reasons, and find the first and the last day 0; nothing where they were not kept."""
    if "events" not in large.of_firm_events:
        return {"tickers": None, "first": None, "last": None, "reasons": None, "other_reasons": 0}
    reasons: Counter[str] = Counter()
    tickers: set[str] = set()
    days: list[Any] = []
    for part in large.parts("events", EVENTS):
        for row in part.group_by(["status", "reason"]).aggregate([([], "count_all")]).to_pylist():
            if row["status"] != "ok":
                reasons[row["reason"] or ""] += row["count_all"]
        tickers.update(part["ticker"].unique().to_pylist())
        known = [day for day in part["session"].unique().to_pylist() if day is not None]
        days += [min(known), max(known)] if known else []
    listed = together(reasons).most_common(MOST_REASONS)
    return {
        "tickers": len(tickers),
        "first": str(min(days)) if days else None,
        "last": str(max(days)) if days else None,
        "reasons": dict(listed),
        "other_reasons": reasons.total() - sum(n for _, n in listed),
    }


def _cars(large: LargeResult) -> Row:
    """Count the p-values of the first window, and find the largest t; nothing where they were not kept."""
    if "cars" not in large.of_firm_events:
        return {"known": 0, "small": 0, "largest": []}
    known = small = 0
    largest: list[Row] = []
    width = len(large.manifest["design"]["car_windows"])
    for cars, sessions in zip(large.parts("cars", CARS), _sessions(large), strict=False):
        pvalue = from_arrow(cars["pvalue"])[::width]
        size = np.abs(from_arrow(cars["statistic"])[::width])
        known += int(np.isfinite(pvalue).sum())
        small += int((pvalue < SMALL).sum())
        at = np.argsort(-np.nan_to_num(size, nan=-1.0), kind="stable")[:MOST]
        at = at[np.isfinite(size[at])]
        found = rows_at(cars, at * width)
        largest += [
            {**row, "session": None if sessions is None else str(sessions[int(place)].as_py())}
            for row, place in zip(found, at, strict=True)
        ]
        largest = sorted(largest, key=lambda row: -abs(row["statistic"]))[:MOST]
    return {"known": known, "small": small, "largest": largest}


def _sessions(large: LargeResult) -> Iterator[Any]:
    """Yield day 0 of the firm-events of each shard; None where they were not kept."""
    if "events" not in large.of_firm_events:
        return repeat(None)
    return (part["session"] for part in large.parts("events", ("session",)))
