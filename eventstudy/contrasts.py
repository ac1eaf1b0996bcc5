"""Differences between firm-events, with the residual covariance: the `comparisons` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.distributions import t_pvalue
from eventstudy.groups import Calendar, Group
from eventstudy.linear_forms import (
    DateMean,
    KindPaths,
    Security,
    complete_dates,
    date_mean,
    security_rows,
)
from eventstudy.multiplicity import holm
from eventstudy.significance.dependence import masked_correlation
from eventstudy.significance.multivariate import NOT_EXACT
from eventstudy.tables import stacked

MAX_LISTED = 100_000  #: rows of a level; a level that would have more is left out of the table as a whole
MAX_SECURITIES = 500  #: securities whose mutual correlations are worth a matrix
MAX_ACROSS = 2_000  #: firm-events whose linear forms are kept to compare securities over all dates
#: two listings of one session, or of one security, are one return: their difference is 0 up to rounding
ROUNDING = 1e-12
Columns = dict[str, Any]
Where = tuple[str, str, Window]


class Differences(NamedTuple):
    """P differences of two means; ``size`` is their variance if the two were independent; shape (P,)."""

    a: TextArray
    b: TextArray
    value: FloatArray
    variance: FloatArray
    size: FloatArray
    df: FloatArray
    n: IntArray


@dataclass(frozen=True)
class Plan:
    """Which comparisons a run lists.

    Attributes
    ----------
    windows
        The design's CAR windows.
    events
        Whether the tickers within each event are compared.
    tickers
        Securities whose events are compared.
    securities
        The measured events of each security.
    across
        Whether securities are compared with one another over all dates.
    kinds
        Kinds compared with one another; fewer than two means none.
    """

    windows: tuple[Window, ...]
    events: bool
    tickers: frozenset[str]
    securities: Mapping[str, IntArray]
    across: bool
    kinds: tuple[str, ...]


def within_event(calendar: Calendar, group: Group, plan: Plan) -> list[Columns]:
    """Return the comparisons of the tickers of one event, where it falls on one date."""
    system = group.system
    if group.level != "event" or not plan.events or system is None or len(system.abnormal) < 2:
        return []
    members = calendar.setting.panel.firm_events.ticker[group.events[calendar.measured.ok[group.events]]]
    parts = []
    for window in plan.windows:
        place = system.windows.index(window)
        df = np.full(len(members), system.df)
        where = ("event", group.key, window)
        note = "" if system.same_regressors else NOT_EXACT
        parts.append(
            _pairs(
                where, members, system.car[:, place], system.covariance[place], df, system.alternative, note
            )
        )
    return parts


def across_events(calendar: Calendar, plan: Plan) -> list[Columns]:
    """Return the comparisons of each ticker's events, of tickers over all dates, and of kinds."""
    parts: list[Columns] = []
    if not (plan.tickers or plan.across or len(plan.kinds) > 1):
        return parts
    kept: dict[str, Security] = {}
    residuals = []
    paths = KindPaths(calendar, plan.kinds, plan.securities, len(plan.windows))
    for name, events in plan.securities.items():
        security = security_rows(calendar, events, plan.windows)
        residuals.append(security.residual)
        paths.add(security)
        if name in plan.tickers:
            parts.extend(_within_ticker(calendar, name, security, plan.windows))
        if plan.across:
            kept[name] = security
    if plan.across or len(plan.kinds) > 1:
        every = np.vstack(residuals)
        correlation = masked_correlation(every, every)
        np.fill_diagonal(correlation, 1.0)
        parts.extend(_between_tickers(calendar, kept, correlation, plan.windows))
        parts.extend(_between_kinds(paths, correlation, plan, calendar.setting.design.alternative))
    return parts


def plan_comparisons(calendar: Calendar) -> Plan:
    """Return which comparisons a run lists.

    A level that would list more than ``MAX_LISTED`` rows is left out: pairs grow with the square of the
    group, and a study of that size asks for a few named ones.
    """
    setting, ok = calendar.setting, calendar.measured.ok
    firm_events = setting.panel.firm_events
    windows = tuple(Window(*pair) for pair in setting.design.car_windows)
    securities: dict[str, list[int]] = {}
    for event in np.flatnonzero(ok):
        securities.setdefault(firm_events.ticker[event], []).append(int(event))
    kinds = tuple(kind for kind in dict.fromkeys(firm_events.kind[ok]) if kind)
    few = len(securities) <= MAX_SECURITIES

    def listed(*sizes: int) -> bool:
        return sum(size * (size - 1) // 2 for size in sizes) * len(windows) <= MAX_LISTED

    by_event = np.unique(firm_events.event_id.astype(str), return_counts=True)[1]
    by_ticker = [name for name, events in securities.items() if len(events) > 1]
    return Plan(
        windows=windows,
        events=listed(*by_event.tolist()),
        tickers=frozenset(by_ticker if listed(*(len(securities[name]) for name in by_ticker)) else ()),
        securities={name: np.array(events) for name, events in securities.items()},
        across=len(by_ticker) > 1 and few and listed(len(securities)) and int(ok.sum()) <= MAX_ACROSS,
        kinds=kinds if few and listed(len(kinds)) else (),
    )


def _within_ticker(
    calendar: Calendar, name: str, security: Security, windows: Sequence[Window]
) -> Iterator[Columns]:
    """Compare the events of one security."""
    events = security.events
    day0 = calendar.setting.panel.day0[events]  # counted on the security's own exchange
    apart = np.abs(day0[:, None] - day0)
    for place, window in enumerate(windows):
        rows = security.rows[place]
        yield _pairs(
            ("ticker", name, window),
            calendar.setting.panel.firm_events.event_id[events],
            calendar.measured.car[events, place],
            rows @ rows.T,
            calendar.measured.abnormal.df[events],
            calendar.setting.design.alternative,
            shared=np.maximum(window.length - apart, 0),
        )


def _between_tickers(
    calendar: Calendar, securities: Mapping[str, Security], correlation: FloatArray, windows: Sequence[Window]
) -> Iterator[Columns]:
    """Compare every two securities over the dates that both have; two that share none are not compared."""
    names = list(securities)

    @cache
    def mean(name: str, place: int, dates: bytes) -> DateMean:
        return date_mean(calendar, securities[name], place, np.frombuffer(dates, dtype=np.int64))

    for place, window in enumerate(windows):
        complete = [complete_dates(calendar, security.events, place) for security in securities.values()]
        rows = []
        for first, second in combinations(range(len(names)), 2):
            shared = np.intersect1d(complete[first], complete[second], assume_unique=True).tobytes()
            if shared:
                one, two = (mean(names[each], place, shared) for each in (first, second))
                size = one.z @ one.z + two.z @ two.z
                variance = size - 2 * correlation[first, second] * (one.z @ two.z)
                df, n = min(one.df, two.df), one.n + two.n
                rows.append((names[first], names[second], one.car - two.car, variance, size, df, n))
        if rows:
            yield _table(("all", "ticker", window), _differences(rows), calendar.setting.design.alternative)


def _between_kinds(
    paths: KindPaths, correlation: FloatArray, plan: Plan, alternative: Alternative
) -> Iterator[Columns]:
    """Compare every two kinds of event, each the mean of its date means."""
    for place, window in enumerate(plan.windows):
        if rows := list(paths.differences(correlation, place)):
            yield _table(("all", "kind", window), _differences(rows), alternative)


def _pairs(
    where: Where,
    names: TextArray,
    values: FloatArray,
    covariance: FloatArray,
    df: FloatArray,
    alternative: Alternative,
    note: str = "",
    shared: IntArray | None = None,
) -> Columns:
    """Return every pair of some CARs with a covariance."""
    a, b = np.triu_indices(len(names), 1)
    spread = np.diag(covariance)
    size = spread[a] + spread[b]
    overlap = np.zeros(len(a), dtype=np.int64) if shared is None else shared[a, b]
    notes = [f"the windows share {count} session{'s'[: count - 1]}" if count else note for count in overlap]
    found = Differences(
        names[a],
        names[b],
        values[a] - values[b],
        size - 2 * covariance[a, b],
        size,
        np.minimum(df[a], df[b]),
        np.full(len(a), 2),
    )
    return _table(where, found, alternative, notes)


def _differences(rows: Sequence[tuple[Any, ...]]) -> Differences:
    return Differences(*(np.array(column) for column in zip(*rows, strict=True)))


def _table(
    where: Where, found: Differences, alternative: Alternative, notes: Sequence[str] | None = None
) -> Columns:
    """Return differences with error and t; what differs by rounding alone has neither."""
    level, key, window = where
    real = (found.variance > ROUNDING * found.size) & np.isfinite(found.value)
    se = np.sqrt(np.where(real, found.variance, np.nan))
    statistic = found.value / se
    width = len(found.a)
    return {
        "level": np.full(width, level, dtype=object),
        "key": np.full(width, key, dtype=object),
        "a": found.a.astype(object),
        "b": found.b.astype(object),
        "start": np.full(width, window.start),
        "end": np.full(width, window.end),
        "difference": found.value,
        "se": se,
        "statistic": statistic,
        "df": found.df,
        "pvalue": t_pvalue(statistic, found.df, alternative),
        "n": found.n,
        "note": np.full(width, "", dtype=object) if notes is None else np.array(notes, dtype=object),
    }


def with_holm(parts: Sequence[Columns]) -> Columns:
    """Stack the comparisons and adjust each p-value over the pairs of its group and window."""
    table = stacked(parts)
    if not table:
        return {}
    families: dict[Any, int] = {}
    labels = zip(table["level"], table["key"], table["start"], table["end"], strict=True)
    family = np.array([families.setdefault(label, len(families)) for label in labels], dtype=np.int64)
    table["pvalue_holm"] = holm(table["pvalue"], family)
    table["pvalue_rw"] = np.full(len(family), np.nan)
    return table
