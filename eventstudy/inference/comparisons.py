"""Which firm-events are compared, and their differences: the ``comparisons`` table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Design
from eventstudy.inference.differences import collected, compared, every_pair, with_romano_wolf
from eventstudy.inference.groups import Group, StudyInCalendarTime
from eventstudy.inference.linear_forms import (
    DateMean,
    KindPaths,
    Security,
    complete_dates,
    date_mean,
    security_rows,
)
from eventstudy.inference.resampling import Forms, difference_pvalues, pair_pvalues
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.pairs import upper_triangle
from eventstudy.significance.multivariate import NOT_EXACT
from eventstudy.significance.pair_correlation import masked_correlation

MAX_LISTED = 100_000  #: rows of a level; a level that would have more is left out
MAX_SECURITIES = 500  #: securities for which a correlation matrix is computed
MAX_ACROSS = 2_000  #: firm-events whose linear forms are kept to compare securities over all dates
AUTOCORRELATED = "no Romano-Wolf p: the sessions are autocorrelated"
NOT_DRAWN = f"no Romano-Wolf p: more than {MAX_ACROSS:,} firm-events or {MAX_SECURITIES} means to draw"


@dataclass(frozen=True)
class Plan:
    """Which comparisons a run lists.

    Attributes
    ----------
    events
        Whether the tickers within each event are compared.
    tickers
        Securities whose events are compared.
    securities
        The measured events of each security, as the study lists its tickers, by day 0.
    across
        Whether securities are compared with one another over all dates.
    kinds
        Kinds compared with one another, by name; fewer than two means none.
    drawn
        Whether comparisons across dates are resampled.
    """

    events: bool
    tickers: frozenset[str]
    securities: Mapping[str, IntArray]
    across: bool
    kinds: tuple[str, ...]
    drawn: bool


def within_event(calendar: StudyInCalendarTime, group: Group, plan: Plan) -> list[Columns]:
    """Return the comparisons of the tickers of one event, where it falls on one date."""
    if group.level != "event" or not plan.events or len(group.events) < 2:
        return []
    members, design = calendar.spec.panel.firm_events.ticker[group.events], calendar.spec.design
    windows = [window for window in design.car_windows if window in group.systems]
    if not windows:
        return []
    places = [(group.systems[window], group.systems[window].windows.index(window)) for window in windows]
    pairs = len(upper_triangle(len(members), 1)[0])
    table = every_pair(
        ("event", group.key, windows),
        members,
        np.array([system.car[:, place] for system, place in places]),
        np.array([system.covariance[place] for system, place in places]),
        np.array([[system.df] * len(members) for system, _ in places]),
        design.alternative,
        ["" if system.same_regressors else NOT_EXACT for system, _ in places for _ in range(pairs)],
    )
    statistics = table["statistic"].reshape(len(places), pairs)
    drawn = (pair_pvalues(*each, t, design.seed) for each, t in zip(places, statistics, strict=True))
    return [with_romano_wolf(table, *drawn)]


def across_events(calendar: StudyInCalendarTime, plan: Plan) -> list[Columns]:
    """Return the comparisons of each ticker's events, of tickers over all dates, and of kinds."""
    parts: list[Columns] = []
    if not (plan.tickers or plan.across or len(plan.kinds) > 1):
        return parts
    kept: dict[str, Security] = {}
    residuals = []
    paths = KindPaths(
        calendar, plan.kinds, plan.securities, len(calendar.spec.design.car_windows), plan.drawn
    )
    for name, events in plan.securities.items():
        security = security_rows(calendar, events, calendar.spec.design.car_windows)
        residuals.append(security.residual)
        paths.add(security)
        if name in plan.tickers:
            parts.append(_within_ticker(calendar, name, security, plan))
        if plan.across:
            kept[name] = security
    if plan.across or len(plan.kinds) > 1:
        every = np.vstack(residuals)
        correlation = masked_correlation(every, every, every.shape[1])
        np.fill_diagonal(correlation, 1.0)
        parts.extend(_between_tickers(calendar, kept, correlation, plan))
        parts.extend(_between_kinds(paths, every, correlation, plan, calendar.spec.design))
    return parts


def plan_comparisons(calendar: StudyInCalendarTime) -> Plan:
    """Return which comparisons a run lists.

    A level that would list more than ``MAX_LISTED`` rows is left out.
    """
    spec, ok = calendar.spec, calendar.estimates.ok
    firm_events = spec.panel.firm_events
    windows = spec.design.car_windows
    securities: dict[str, list[int]] = {}
    for event in _in_order(calendar):
        securities.setdefault(firm_events.ticker[event], []).append(int(event))
    kinds = tuple(sorted(set(firm_events.kind[ok]) - {""}))
    few = len(securities) <= MAX_SECURITIES

    def listed(*sizes: int) -> bool:
        return sum(size * (size - 1) // 2 for size in sizes) * len(windows) <= MAX_LISTED

    by_event = np.unique(firm_events.event_id.astype(str), return_counts=True)[1]
    days = {name: len(calendar.firm_days(np.array(events))[0]) for name, events in securities.items()}
    by_ticker = [name for name, count in days.items() if count > 1]
    return Plan(
        events=listed(*by_event.tolist()),
        tickers=frozenset(by_ticker if listed(*(days[name] for name in by_ticker)) else ()),
        securities={name: np.array(events) for name, events in securities.items()},
        across=len(by_ticker) > 1 and few and listed(len(securities)) and int(ok.sum()) <= MAX_ACROSS,
        kinds=kinds if few and listed(len(kinds)) else (),
        drawn=int(ok.sum()) <= MAX_ACROSS,
    )


def _in_order(calendar: StudyInCalendarTime) -> IntArray:
    """Return the measured firm-events by security, day 0 and id, whatever the order of the list."""
    measured = np.flatnonzero(calendar.estimates.ok)
    name = calendar.spec.panel.firm_events.event_id[measured].astype(str)
    return measured[np.lexsort((name, calendar.day0[measured], calendar.ticker_rank[measured]))]


def _within_ticker(calendar: StudyInCalendarTime, name: str, security: Security, plan: Plan) -> Columns:
    """Compare the events of one security, each firm-day once."""
    security, design = security.only(calendar.once(security.events)), calendar.spec.design
    events, windows = security.events, design.car_windows
    day0 = calendar.spec.panel.day0[events]  # counted on the security's own exchange
    car = calendar.estimates.car[events, : len(windows)].T
    residual, pairs = security.residual[None], upper_triangle(len(events), 1)
    apart = np.abs(day0[pairs[0]] - day0[pairs[1]])
    shared = np.concatenate([np.maximum(window.length - apart, 0) for window in windows])
    table = every_pair(
        ("ticker", name, windows),
        calendar.spec.panel.firm_events.event_id[events],
        car,
        np.array([rows @ rows.T for rows in security.rows]),
        np.tile(calendar.estimates.abnormal.df[events], (len(windows), 1)),
        design.alternative,
        [f"the windows share {n} session{'s'[: n - 1]}" if n else "" for n in shared.tolist()],
    )
    statistics = table["statistic"].reshape(len(windows), -1)
    drawn = (
        _drawn(statistic, plan, partial(_event_forms, security, place, there), residual, pairs, design)
        for place, (statistic, there) in enumerate(zip(statistics, np.isfinite(car), strict=True))
    )
    return with_romano_wolf(table, *drawn)


def _event_forms(security: Security, place: int, complete: BoolArray) -> Forms:
    """Return one security's CARs as linear forms to draw."""
    ahead = np.where(complete[:, None], security.ahead(place), 0.0)
    return Forms([np.array([0])] * len(ahead), list(ahead[:, None]), ahead @ ahead.T)


def _between_tickers(
    calendar: StudyInCalendarTime, securities: Mapping[str, Security], correlation: FloatArray, plan: Plan
) -> Iterator[Columns]:
    """Compare every two securities over their common dates, where they have any."""
    names, design = list(securities), calendar.spec.design
    residuals = np.array([security.residual for security in securities.values()])
    for place, window in enumerate(design.car_windows):
        complete = [complete_dates(calendar, security.events, place) for security in securities.values()]
        means: dict[tuple[int, bytes], DateMean] = {}
        rows, pairs = [], []
        for both in combinations(range(len(names)), 2):
            dates = np.intersect1d(complete[both[0]], complete[both[1]], assume_unique=True)
            if not dates.size:
                continue
            keys = [(each, dates.tobytes()) for each in both]
            for key in keys:
                if key not in means:
                    means[key] = date_mean(calendar, securities[names[key[0]]], place, dates)
            one, two = (means[key] for key in keys)
            size = one.z @ one.z + two.z @ two.z
            variance = size - 2 * correlation[both] * (one.z @ two.z)
            df, n = min(one.df, two.df), one.n + two.n
            rows.append((*(names[each] for each in both), one.car - two.car, variance, size, df, n))
            pairs.append(keys)
        if rows:
            table = compared(("all", "ticker", [window]), collected(rows), design.alternative)
            order = {key: at for at, key in enumerate(means)}
            a, b = np.array([[order[key] for key in keys] for keys in pairs]).T
            forms = partial(_mean_forms, means, correlation)
            drawn = _drawn(table["statistic"], plan, forms, residuals, (a, b), design)
            yield with_romano_wolf(table, drawn)


def _mean_forms(means: Mapping[tuple[int, bytes], DateMean], correlation: FloatArray) -> Forms:
    """Return the mean CARs of securities over dates as linear forms to draw."""
    of = np.array([each for each, _ in means])
    ahead = np.array([mean.ahead for mean in means.values()])
    return Forms(list(of[:, None]), list(ahead[:, None]), correlation[np.ix_(of, of)] * (ahead @ ahead.T))


def _between_kinds(
    paths: KindPaths, residuals: FloatArray, correlation: FloatArray, plan: Plan, design: Design
) -> Iterator[Columns]:
    """Compare every two kinds of event, each by the mean of its date means."""
    for place, window in enumerate(design.car_windows):
        if rows := list(paths.differences(correlation, place)):
            table = compared(("all", "kind", [window]), collected(rows), design.alternative)
            pairs = upper_triangle(len(plan.kinds), 1)
            forms = partial(paths.forms, correlation, place)
            drawn = _drawn(table["statistic"], plan, forms, residuals, pairs, design)
            yield with_romano_wolf(table, drawn)


def _drawn(
    statistic: FloatArray,
    plan: Plan,
    forms: Callable[[], Forms],
    residuals: FloatArray,
    pairs: tuple[IntArray, IntArray],
    design: Design,
) -> tuple[FloatArray, str]:
    """Return the resampled p-values of differences across dates, or why they are not drawn.

    Draws are compared with a variance without correlation over time, so that autocorrelated noise has none.
    """
    if design.autocorrelated:
        return np.full(len(statistic), np.nan), AUTOCORRELATED
    if not plan.drawn or len(np.union1d(*pairs)) > MAX_SECURITIES:
        return np.full(len(statistic), np.nan), NOT_DRAWN
    return difference_pvalues(forms(), residuals, pairs, statistic, design.alternative, design.seed)
