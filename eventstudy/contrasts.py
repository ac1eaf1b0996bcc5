"""Differences between firm-events, with the residual covariance: the `comparisons` table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.distributions import t_pvalue
from eventstudy.groups import Calendar, all_groups
from eventstudy.kernels import holm
from eventstudy.loadings import (
    Security,
    complete_dates,
    date_weights,
    kind_weights,
    security_rows,
    weighted_car,
)
from eventstudy.significance.dependence import masked_correlation

MAX_MEMBERS = 50  #: a group with more members has too many pairs to list; name some of them to compare
MAX_ROWS = 2_000  #: firm-events that may enter the comparisons of tickers over all dates
Columns = dict[str, Any]


def compare_all(calendar: Calendar) -> Columns:
    """Return the columns of the ``comparisons`` table for every group that is small enough to list."""
    setting, measured = calendar.setting, calendar.measured
    windows = [Window(*pair) for pair in setting.design.car_windows]
    labels = setting.panel.firm_events
    parts = list(_within_events(calendar, windows))
    wanted = [group for group in all_groups(labels) if group.level == "ticker"]
    securities = {}
    for group in wanted:
        events = group.events[measured.ok[group.events]]
        if 0 < len(events) <= MAX_ROWS:
            securities[group.key] = security_rows(calendar, events, windows)
    parts.extend(_within_tickers(calendar, securities, windows))
    if 1 < len(securities) <= MAX_MEMBERS and sum(len(s.events) for s in securities.values()) <= MAX_ROWS:
        correlation = masked_correlation(*[np.vstack([s.residual for s in securities.values()])] * 2)
        np.fill_diagonal(correlation, 1.0)
        parts.extend(_between_tickers(calendar, securities, correlation, windows))
        parts.extend(_between_kinds(calendar, securities, correlation, windows))
    return _with_holm(parts)


def _within_events(calendar: Calendar, windows: Sequence[Window]) -> Iterator[Columns]:
    """Compare the tickers of each event that falls on one date."""
    firm_events = calendar.setting.panel.firm_events
    for group in all_groups(firm_events):
        if group.level != "event" or len(group.events) > MAX_MEMBERS:
            continue
        system = calendar.one_date(group)
        if system is None or len(system.abnormal) < 2:
            continue
        members = firm_events.ticker[group.events[calendar.measured.ok[group.events]]]
        for window in windows:
            yield _pairs(
                ("event", group.key, window),
                members,
                system.abnormal.car(window),
                system.covariance(window),
                np.full(len(members), system.df),
                system.alternative,
            )


def _within_tickers(
    calendar: Calendar, securities: dict[str, Security], windows: Sequence[Window]
) -> Iterator[Columns]:
    """Compare the events of each security."""
    measured, names = calendar.measured, calendar.setting.panel.firm_events.event_id
    for key, security in securities.items():
        events = security.events
        if not 1 < len(events) <= MAX_MEMBERS:
            continue
        apart = np.abs(calendar.day0[events][:, None] - calendar.day0[events])
        for place, window in enumerate(windows):
            rows = security.rows[place]
            yield _pairs(
                ("ticker", key, window),
                names[events],
                measured.car[events, place],
                rows @ rows.T,
                measured.abnormal.df[events],
                calendar.setting.design.alternative,
                shared=np.maximum(window.length - apart, 0),
            )


def _between_tickers(
    calendar: Calendar, securities: dict[str, Security], correlation: FloatArray, windows: Sequence[Window]
) -> Iterator[Columns]:
    """Compare every two securities over the dates that both have."""
    listed = list(securities.items())
    for place, window in enumerate(windows):
        for first, (a, one) in enumerate(listed):
            for second, (b, two) in list(enumerate(listed))[first + 1 :]:
                ours, theirs = (complete_dates(calendar, s.events, place) for s in (one, two))
                shared = np.intersect1d(ours, theirs)
                left, right = (date_weights(calendar, s.events, place, shared) for s in (one, two))
                z_a, z_b = left @ one.rows[place], right @ two.rows[place]
                variance = z_a @ z_a + z_b @ z_b - 2 * correlation[first, second] * (z_a @ z_b)
                means = [weighted_car(calendar, s.events, w, place) for s, w in ((one, left), (two, right))]
                rows = [s.events[w > 0] for s, w in ((one, left), (two, right))]
                yield _single(calendar, ("all", "ticker", window), (a, b), means, variance, rows)


def _between_kinds(
    calendar: Calendar, securities: dict[str, Security], correlation: FloatArray, windows: Sequence[Window]
) -> Iterator[Columns]:
    """Compare every two kinds of event, each the mean of its date means."""
    kinds = calendar.setting.panel.firm_events.kind
    listed = [kind for kind in dict.fromkeys(kinds) if kind]
    if len(listed) > MAX_MEMBERS:
        return
    events = np.concatenate([security.events for security in securities.values()])
    bounds = np.cumsum([len(security.events) for security in securities.values()])[:-1]
    for place, window in enumerate(windows):
        weights = {kind: kind_weights(calendar, events, kinds[events] == kind, place) for kind in listed}
        paths = {
            kind: np.vstack(
                [
                    part @ s.rows[place]
                    for part, s in zip(np.split(w, bounds), securities.values(), strict=True)
                ]
            )
            for kind, w in weights.items()
        }
        for first, a in enumerate(listed):
            for b in listed[first + 1 :]:
                z = paths[a] - paths[b]
                means = [weighted_car(calendar, events, weights[kind], place) for kind in (a, b)]
                rows = [events[weights[kind] > 0] for kind in (a, b)]
                variance = float(np.sum((correlation @ z) * z))
                yield _single(calendar, ("all", "kind", window), (a, b), means, variance, rows)


def _single(
    calendar: Calendar,
    where: tuple[str, str, Window],
    names: tuple[str, str],
    means: Sequence[float],
    variance: float,
    rows: Sequence[IntArray],
) -> Columns:
    """Return one comparison of two weighted means."""
    entering = np.concatenate(rows)
    df = calendar.measured.abnormal.df[entering].min(initial=np.inf)
    columns = _pairs(
        where,
        np.array(names, dtype=object),
        np.array(means),
        np.array([[max(variance, 0.0), 0.0], [0.0, 0.0]]),
        np.full(2, df if len(entering) else np.nan),
        calendar.setting.design.alternative,
    )
    return {**columns, "n": np.array([len(entering)])}


def _pairs(
    where: tuple[str, str, Window],
    names: TextArray,
    values: FloatArray,
    covariance: FloatArray,
    df: FloatArray,
    alternative: Alternative,
    shared: IntArray | None = None,
) -> Columns:
    """Return every pair's difference, error and t; identical CARs have no error and no t."""
    level, key, window = where
    a, b = np.triu_indices(len(names), 1)
    spread = np.diag(covariance)
    variance = spread[a] + spread[b] - 2 * covariance[a, b]
    # two listings of one session are one return: their difference is 0 up to rounding
    real = variance > 1e-12 * (spread[a] + spread[b])
    difference = values[a] - values[b]
    with np.errstate(invalid="ignore"):
        se = np.where(real & np.isfinite(difference), np.sqrt(np.where(real, variance, 0.0)), np.nan)
    statistic, freedom = difference / se, np.minimum(df[a], df[b])
    overlap = np.zeros(len(a), dtype=np.int64) if shared is None else shared[a, b]
    notes = ["" if count == 0 else f"the windows share {count} sessions" for count in overlap]
    return {
        "level": np.full(len(a), level, dtype=object),
        "key": np.full(len(a), key, dtype=object),
        "a": names[a],
        "b": names[b],
        "start": np.full(len(a), window.start),
        "end": np.full(len(a), window.end),
        "difference": difference,
        "se": se,
        "statistic": statistic,
        "df": freedom,
        "pvalue": t_pvalue(statistic, freedom, alternative),
        "n": np.full(len(a), 2),
        "note": np.array(notes, dtype=object),
    }


def _with_holm(parts: Sequence[Columns]) -> Columns:
    """Stack the comparisons and adjust each p-value over the pairs of its group and window."""
    if not parts:
        return {}
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    labels = [
        f"{row}" for row in zip(table["level"], table["key"], table["start"], table["end"], strict=True)
    ]
    family = np.unique(np.array(labels), return_inverse=True)[1]
    table["pvalue_holm"] = holm(table["pvalue"], family)
    table["pvalue_rw"] = np.full(len(labels), np.nan)
    return table
