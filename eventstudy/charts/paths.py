"""The path of each firm-event: its price, or its CAR, against what the model expects, and the band of that.

A price is 100 on the session before day 0. From day 0 on the expected price compounds the normal returns,
and the band is ``100 t(df) se(CAR[0, tau])`` on either side of it, so that on day 0 the price lies outside
the band where the interval of ``AR[0]`` excludes zero. A measure that is no return has its CAR from day 0 in
the place of the price, and zero in that of the expected price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import exp

from eventstudy.numerics.distributions import t_quantile
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView

BASE = 100.0  #: the price on the session before day 0
NEWS = -1  #: that session


def price_rows(view: ResultView, event: str) -> list[Row]:
    """Return a row per ticker and session; ``low`` and ``high`` are None where there is no band."""
    return [_with_texts(view, row) for row in _rows(view, event, prices=view.measure == "returns")]


def panel_rows(view: ResultView, event: str) -> list[Row]:
    """Return what the panels of a page draw and say: the rows of `price_rows`, with fewer texts."""
    effect = view.figures.effect
    rows = _rows(view, event, prices=view.measure == "returns")
    for row in rows:
        row["ar_text"] = effect(row.pop("ar"))
        car = row.pop("car0")
        row["car_text"] = effect(car) if row["tau"] >= 0 else ""
        del row["error"], row["place"]
    return rows


def car_rows(view: ResultView, event: str) -> list[Row]:
    """Return the same of CARs: from day 0 on with a band about each; before it shifted to end at zero."""
    rows = _rows(view, event, prices=False)
    for row in rows:
        if row["tau"] >= 0 and None not in (row["low"], row["level"]):
            row["low"], row["high"] = row["level"] + row["low"], row["level"] + row["high"]
    return [_with_texts(view, row) for row in rows]


def _rows(view: ResultView, event: str, *, prices: bool) -> list[Row]:
    own: dict[str, list[Row]] = {}
    for row in view.rows("abnormal_returns", event):
        own.setdefault(row["ticker"], []).append(row)
    half = {
        row["ticker"]: _quantile((1 + view.confidence) / 2, row["df"])
        for row in view.rows("events", event)
        if row["df"] is not None
    }
    listed: list[Row] = []
    order = {ticker: place for place, ticker in enumerate(view.tickers if len(own) > 1 else own)}
    for place, ticker in sorted((order[ticker], ticker) for ticker in own):
        sessions = own[ticker]
        if any(row["car0"] is not None or row["car"] is not None for row in sessions):
            listed += _path(view, sessions, half.get(ticker), prices, place)
    return listed


@cache
def _quantile(probability: float, df: float) -> float:
    return float(t_quantile(probability, df))


def _path(
    view: ResultView, sessions: Sequence[Row], half: float | None, prices: bool, place: int
) -> list[Row]:
    before = [row for row in sessions if row["tau"] < 0]
    since = [row for row in sessions if row["tau"] >= 0]
    if prices:
        grown = exp if view.design["returns"] == "log" else lambda value: 1.0 + value
        levels = [*_backwards(before, grown), *_compounded(since, "ret", grown)]
        expected = [*[None] * len(before), *_compounded(since, "normal_ret", grown)]
        centre, unit = BASE, BASE
    else:
        levels, expected = car_levels(sessions), [None] * len(before) + [0.0] * len(since)
        centre, unit = 0.0, 1.0
    rows: list[Row] = []
    for row, level, normal in zip(sessions, levels, expected, strict=True):
        start = row["tau"] == NEWS  # where band and expected price begin
        error = None if half is None or row["car0_se"] is None else half * row["car0_se"]
        middle = centre if start else normal
        low = high = centre if start else None
        if error is not None and normal is not None:
            low, high = normal - unit * error, normal + unit * error
        rows.append(
            {
                "ticker": row["ticker"],
                "tau": row["tau"],
                "session": str(row["session"] or ""),
                "level": level,
                "expected": middle,
                "low": low,
                "high": high,
                "place": place,
                "ar": row["ar"],
                "car0": row["car0"],
                "error": error,
            }
        )
    return rows


def car_levels(sessions: Sequence[Row]) -> list[float | None]:
    """Return the CAR from day 0 of each session of a firm-event; before it shifted to end at zero."""
    before = [row for row in sessions if row["tau"] < 0]
    end = before[-1]["car"] if before else None
    shifted = [None if None in (row["car"], end) else row["car"] - end for row in before]
    return [*shifted, *(row["car0"] for row in sessions[len(before) :])]


def _with_texts(view: ResultView, row: Row) -> Row:
    """Write the figures of a row as texts."""
    car, error = row.pop("car0"), row.pop("error")
    ends = (None, None) if error is None else (car - error, car + error)
    row["ar_text"], row["car_text"] = view.figures.effect(row.pop("ar")), view.figures.effect(car)
    row["interval"] = view.figures.interval(*ends)
    return row


def _compounded(rows: Sequence[Row], field: str, grown: Callable[[float], float]) -> list[float | None]:
    """Return the level of each session from `BASE` on the session before; None from a missing return on."""
    level: float | None = BASE
    levels = []
    for row in rows:
        level = None if level is None or row[field] is None else level * grown(row[field])
        levels.append(level)
    return levels


def _backwards(rows: Sequence[Row], grown: Callable[[float], float]) -> list[float | None]:
    """Return the level of each session, `BASE` on the last; None before a missing return or a total loss."""
    level: float | None = BASE
    levels = []
    for row in reversed(rows):
        levels.append(level)
        lost = level is None or row["ret"] is None or grown(row["ret"]) <= 0.0
        level = None if lost or level is None else level / grown(row["ret"])
    return levels[::-1]
