"""The curves of a study as they are listed: with the specification stated beforehand."""

from __future__ import annotations

from eventstudy.results.firm_day import mark
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView


def listed_curves(view: ResultView, most: int | None = None) -> list[Row]:
    """Return the curves of the first window that have a CAR, each with ``mark`` and ``stated_car, stated_p``.

    They are in the order of the result; with ``most``, where there are more, the named ones and those with
    the largest median t, largest first.
    """
    rows = [row for row in view.rows("specification_curves") if view.is_first(row) and row["n_measured"]]
    if most is not None and len(rows) > most:
        rows = sorted(rows, key=lambda row: (not mark(row), -abs(row["median_statistic"] or 0.0)))[:most]
    stated = {
        (row["event_id"], row["ticker"]): row
        for row in (view.rows("specifications") if has_stated(view) else ())
        if row["stated"] and view.is_first(row)
    }
    return [_with_stated(row, stated.get((row["event_id"], row["ticker"]))) for row in rows]


def has_stated(view: ResultView) -> bool:
    """Tell whether a specification was stated beforehand."""
    return any(each["stated"] for each in view.manifest.get("specifications") or ())


def _with_stated(row: Row, stated: Row | None) -> Row:
    own = {} if stated is None else stated
    return {
        **row,
        "mark": mark(row),
        "event": row["event_id"],
        "stated_car": own.get("car"),
        "stated_p": own.get("pvalue"),
    }
