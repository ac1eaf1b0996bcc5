"""Donors in the place of the treated: their CARs beside portfolios of the other donors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Design
from eventstudy.inference.battery import Labels, test_rows
from eventstudy.inference.groups import Group, StudyInCalendarTime
from eventstudy.models.estimation import Estimates, Specification
from eventstudy.models.synthetic import fit_portfolio
from eventstudy.numerics.columns import Columns
from eventstudy.panel.panel import sample
from eventstudy.significance.result import SignificanceTest
from eventstudy.significance.synthetic_phi import SYNTHETIC_PHI, TOO_MANY, InSpace

MOST_DONORS = 100  #: that a firm-event treats in turn
MOST_PORTFOLIOS = 20_000  #: of the study: some minutes
LEAST_DONORS = 2  #: in the portfolio of a donor


def treat_donors(spec: Specification, estimates: Estimates) -> InSpace | None:
    """Return the CARs of the design's windows and those of the donors; None for a model without donors."""
    pool, weights, windows = spec.panel.pool, estimates.weights, spec.design.car_windows
    if pool is None or pool.role != "donors" or weights is None:
        return None
    abnormal, n = estimates.abnormal, len(estimates.reason)
    used = (weights.reason == "") & estimates.ok[weights.event]
    donors = np.split(weights.member[used], np.cumsum(np.bincount(weights.event[used], minlength=n))[:-1])
    last = [max(len(each) - 1, 0) for each in donors]
    chosen = [np.unique(np.linspace(0, end, MOST_DONORS).astype(int)) for end in last]
    treated = [each[at[: len(each)]] for each, at in zip(donors, chosen, strict=True)]
    shape = (n, len(pool.names))
    placebo, sigma = np.full((*shape, len(windows)), np.nan), np.full(shape, np.nan)
    many = sum(map(len, treated)) > MOST_PORTFOLIOS
    for event in () if many else np.flatnonzero(estimates.ok):
        for donor, car, deviation in _portfolios(spec, int(event), donors[event], treated[event]):
            placebo[event, donor], sigma[event, donor] = car, deviation
    return InSpace(
        car=estimates.car[:, : len(windows)],
        sigma=abnormal.sigma * np.sqrt(abnormal.df / abnormal.n),
        placebo=placebo,
        placebo_sigma=sigma,
        own=pool.own,
        alternative=spec.design.alternative,
        note=TOO_MANY if many else "",
    )


def donor_tests(
    calendar: StudyInCalendarTime, group: Group, tests: Sequence[SignificanceTest], space: InSpace | None
) -> list[Columns]:
    """Return rows of the ``tests`` table for a group beside its donors; none where ``space`` is None."""
    if space is None:
        return []
    own, windows = space.of(group.events), calendar.spec.design.car_windows
    complete = [group.events[there] for there in np.isfinite(own.car).T]
    counts = [
        [len(np.unique(codes[each])) for each in complete] for codes in (calendar.day0, calendar.ticker)
    ]
    labels = Labels((group.level,), (group.key,), "CAR", SYNTHETIC_PHI.unit, windows, *counts)
    chosen = (test for test in tests if test.scope == SYNTHETIC_PHI.scope)
    return [test_rows(test, labels, test.function(own), headline=False) for test in chosen]


def _portfolios(
    spec: Specification, event: int, donors: IntArray, treated: IntArray
) -> list[tuple[int, FloatArray, float]]:
    """Return each treated donor of a firm-event with its CARs and its deviation."""
    design, own = spec.design, np.array([event])
    before = sample(spec.panel, own, design.estimation_window, estimation=True)
    after = sample(spec.panel, own, design.window, estimation=False)
    if before.pool is None or after.pool is None:
        return []
    at, one = np.isfinite(before.y[0]), np.array([0])
    past, ahead = before.pool.returns(one, donors)[0, at], after.pool.returns(one, donors)[0]
    found = []
    for donor in treated:
        place = int(np.flatnonzero(donors == donor)[0])
        others = np.arange(len(donors)) != place
        if others.sum() < LEAST_DONORS:
            continue
        row = fit_portfolio(past[:, place], past[:, others], ahead[:, others])
        if not row.problem:
            deviation = row.sigma * np.sqrt(row.df / at.sum())
            found.append((int(donor), _cars(ahead[:, place] - row.expected, design), float(deviation)))
    return found


def _cars(ar: FloatArray, design: Design) -> FloatArray:
    """Return the sums of abnormal returns over the design's windows, shape (W,); NaN where one is missing."""
    first = design.window.start
    windows = design.car_windows
    return np.array([ar[each.start - first : each.end - first + 1].sum() for each in windows])
