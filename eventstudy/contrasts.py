"""Differences between firm-events, with the residual covariance: the `comparisons` table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray, TextArray
from eventstudy.design import Window
from eventstudy.distributions import t_pvalue
from eventstudy.groups import Calendar, Examined
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
from eventstudy.significance.multivariate import NOT_EXACT

MAX_LISTED = 100_000  #: rows of a level; a level that would have more is left out of the table as a whole
MAX_SECURITIES = 500  #: securities whose mutual correlations are worth a matrix
Columns = dict[str, Any]
Where = tuple[str, str, Window]


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


def within_event(calendar: Calendar, examined: Examined, plan: Plan) -> list[Columns]:
    """Return the comparisons of the tickers of one event, where it falls on one date."""
    group, system = examined.group, examined.system
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
    paths = _KindPaths(calendar, plan)
    for name, events in plan.securities.items():
        security = security_rows(calendar, events, plan.windows)
        residuals.append(security.residual)
        paths.add(security)
        if name in plan.tickers:
            parts.extend(_within_ticker(calendar, name, security, plan.windows))
        if plan.across:
            kept[name] = security
    if plan.across or len(plan.kinds) > 1:
        stacked = np.vstack(residuals)
        correlation = masked_correlation(stacked, stacked)
        np.fill_diagonal(correlation, 1.0)
        parts.extend(_between_tickers(calendar, kept, correlation, plan.windows))
        parts.extend(paths.comparisons(correlation))
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
        across=len(by_ticker) > 1 and few and listed(len(securities)) and int(ok.sum()) <= MAX_LISTED // 50,
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
    """Compare every two securities over the dates that both have."""
    for (first, (a, one)), (second, (b, two)) in combinations(enumerate(securities.items()), 2):
        for place, window in enumerate(windows):
            ours, theirs = (complete_dates(calendar, s.events, place) for s in (one, two))
            shared = np.intersect1d(ours, theirs)
            left, right = (date_weights(calendar, s.events, place, shared) for s in (one, two))
            z_a, z_b = left @ one.rows[place], right @ two.rows[place]
            variance = z_a @ z_a + z_b @ z_b - 2 * correlation[first, second] * (z_a @ z_b)
            means = [weighted_car(calendar, s.events, w, place) for s, w in ((one, left), (two, right))]
            entering = np.concatenate([s.events[w > 0] for s, w in ((one, left), (two, right))])
            yield _single(calendar, ("all", "ticker", window), (a, b), means, float(variance), entering)


class _KindPaths:
    """The mean CAR of each kind of event as linear forms in the residuals, gathered security by security."""

    def __init__(self, calendar: Calendar, plan: Plan) -> None:
        self.calendar, self.plan = calendar, plan
        self.events = np.concatenate(list(plan.securities.values()))
        kinds = calendar.setting.panel.firm_events.kind[self.events]
        self.weights = {
            (kind, place): kind_weights(calendar, self.events, kinds == kind, place)
            for kind in plan.kinds
            for place in range(len(plan.windows))
        }
        self.paths: dict[tuple[str, int], list[FloatArray]] = {key: [] for key in self.weights}
        self.done = 0

    def add(self, security: Security) -> None:
        """Weigh one security's rows; securities come in the order of the plan."""
        part = slice(self.done, self.done + len(security.events))
        self.done = part.stop
        for (kind, place), weights in self.weights.items():
            self.paths[kind, place].append(weights[part] @ security.rows[place])

    def comparisons(self, correlation: FloatArray) -> Iterator[Columns]:
        """Compare every two kinds, each the mean of its date means."""
        for (a, b), (place, window) in (
            (pair, where)
            for pair in combinations(self.plan.kinds, 2)
            for where in enumerate(self.plan.windows)
        ):
            z = np.vstack(self.paths[a, place]) - np.vstack(self.paths[b, place])
            weights = [self.weights[kind, place] for kind in (a, b)]
            means = [weighted_car(self.calendar, self.events, w, place) for w in weights]
            entering = np.concatenate([self.events[w > 0] for w in weights])
            variance = float(np.sum((correlation @ z) * z))
            yield _single(self.calendar, ("all", "kind", window), (a, b), means, variance, entering)


def _single(
    calendar: Calendar,
    where: Where,
    names: tuple[str, str],
    means: Sequence[float],
    variance: float,
    entering: IntArray,
) -> Columns:
    """Return one comparison of two weighted means."""
    df = calendar.measured.abnormal.df[entering].min() if len(entering) else np.nan
    columns = _pairs(
        where,
        np.array(names, dtype=object),
        np.array(means),
        np.diag([max(variance, 0.0), 0.0]),
        np.full(2, df),
        calendar.setting.design.alternative,
    )
    return {**columns, "n": np.array([len(entering)])}


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
    notes = [f"the windows share {count} session{'s'[: count - 1]}" if count else note for count in overlap]
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


def with_holm(parts: Sequence[Columns]) -> Columns:
    """Stack the comparisons and adjust each p-value over the pairs of its group and window."""
    if not parts:
        return {}
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    families: dict[Any, int] = {}
    labels = zip(table["level"], table["key"], table["start"], table["end"], strict=True)
    family = np.array([families.setdefault(label, len(families)) for label in labels], dtype=np.int64)
    table["pvalue_holm"] = holm(table["pvalue"], family)
    table["pvalue_rw"] = np.full(len(family), np.nan)
    return table
