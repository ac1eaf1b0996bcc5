"""Differences between the groups of a column: a dummy regression of the CARs, clustered by session."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.inference.battery import ENOUGH_DATES, FEW_DATES, ONE_DATE
from eventstudy.inference.comparisons import MAX_LISTED
from eventstudy.inference.differences import Differences, compared, with_romano_wolf
from eventstudy.inference.groups import StudyInCalendarTime
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.pairs import upper_triangle

LEVEL = "group"  #: of these rows in the table ``comparisons``; the key is the column
NOT_DRAWN = "no Romano-Wolf p: the groups of a column are not resampled"


def group_differences(calendar: StudyInCalendarTime) -> Iterator[Columns]:
    """Yield the differences of mean CAR between every two groups of each column that the design groups by.

    A column with so many groups that their pairs are more than ``MAX_LISTED`` rows is left out.
    """
    estimates, design = calendar.estimates, calendar.spec.design
    for column in design.by:
        names, group, events = _firm_days(calendar, column)
        pairs = len(names) * (len(names) - 1) // 2
        if not 0 < pairs * len(design.car_windows) <= MAX_LISTED:
            continue
        session = np.unique(calendar.day0[events], return_inverse=True)[1]
        for place, window in enumerate(design.car_windows):
            found, sessions = clustered_differences(names, group, session, estimates.car[events, place])
            notes = np.where(sessions < ENOUGH_DATES, FEW_DATES, "")
            notes = np.where(sessions == 1, ONE_DATE, notes)
            table = compared((LEVEL, column, [window]), found, design.alternative, notes.tolist())
            yield with_romano_wolf(table, (np.full(len(found.a), np.nan), NOT_DRAWN))


def _firm_days(calendar: StudyInCalendarTime, column: str) -> tuple[TextArray, IntArray, IntArray]:
    """Return the groups of a column, and the group and the firm-event of each of their firm-days, (n,)."""
    labels = calendar.spec.panel.firm_events.labels(column).astype(str)
    names = [name for name in dict.fromkeys(labels[calendar.estimates.ok]) if name]
    order = np.argsort(labels, kind="stable")
    first, last = (np.searchsorted(labels[order], names, side=side) for side in ("left", "right"))
    members = [calendar.firm_days(order[low:high])[0] for low, high in zip(first, last, strict=True)]
    group = np.repeat(np.arange(len(names)), [len(each) for each in members])
    return np.array(names, dtype=object), group, np.concatenate([*members, np.empty(0, dtype=np.int64)])


def clustered_differences(
    names: TextArray, group: IntArray, session: IntArray, car: FloatArray
) -> tuple[Differences, IntArray]:
    """Return the difference of mean CAR of every two groups, and the sessions of each pair, (P,).

    Parameters
    ----------
    names
        Of the K groups, shape (K,).
    group, session
        Codes of each firm-day's group and day 0, shape (n,).
    car
        Decimal, shape (n,); NaN is left out.

    Notes
    -----
    The slope of the regression of CAR on a constant and a dummy over the firm-days of both groups is
    ``mean_a - mean_b``, and with ``z_gc`` the sum over session c of the deviations from the group's mean,
    over the group's number,

    ``Var = G/(G-1) (n-1)/(n-2) sum_c (z_ac - z_bc)^2``, t(G-1), ``G`` the sessions of both.

    Robust to correlation of the firms of one session; assumes independent sessions.

    References
    ----------
    Cameron, Gelbach & Miller 2011, Journal of Business & Economic Statistics 29, 238-249,
    doi:10.1198/jbes.2010.07136.
    """
    there, shape = np.isfinite(car), (len(names), int(session.max(initial=-1)) + 1)
    cell = group[there] * shape[1] + session[there]
    size = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    count = size.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group[there], car[there], minlength=len(names)) / count
        deviation = car[there] - mean[group[there]]
        z = np.bincount(cell, deviation, minlength=size.size).reshape(shape) / count[:, None]
    z = np.nan_to_num(z)
    present = (size > 0).astype(np.int64)
    own, shared = present.sum(axis=1), present @ present.T
    a, b = upper_triangle(len(names), 1)
    n, sessions = count[a] + count[b], own[a] + own[b] - shared[a, b]
    product = z @ z.T
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = sessions / (sessions - 1.0) * (n - 1.0) / (n - 2.0)
        known = (sessions > 1) & (n > 2) & (count[a] > 0) & (count[b] > 0)
        factor = np.where(known, factor, np.nan)
        spread = np.diag(product)
        variance = factor * (spread[a] + spread[b] - 2 * product[a, b])
        size_of = factor * (spread[a] + spread[b])
    df = np.where(known, sessions - 1.0, np.nan)
    return Differences(names[a], names[b], mean[a] - mean[b], variance, size_of, df, n), sessions
