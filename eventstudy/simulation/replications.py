"""`Replications`: placebo firm-events, a group for each replication, and every test on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.inference.battery import level_tests
from eventstudy.inference.groups import Group, StudyInCalendarTime
from eventstudy.inference.levels import Level
from eventstudy.inference.one_date_tests import one_date_rows, tested_date
from eventstudy.models import ModelFit
from eventstudy.models.estimation import Specification, estimates_of, fit_and_forecast
from eventstudy.numerics.columns import Columns
from eventstudy.significance import SignificanceTest
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.barber_lyon import bhar_t
from eventstudy.significance.corrado_single import rank_single
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.significance.mean_correlation import correlated_pairs
from eventstudy.significance.observations import by_measure
from eventstudy.significance.sample import CrossSection, InCalendarTime
from eventstudy.simulation.situation import Situation


@dataclass(frozen=True)
class Replications:
    """Replications computed together, and what does not depend on the effect.

    Attributes
    ----------
    level
        The replications as groups.
    fit, abnormal, sample
        Before an effect is injected: effects change the event window, the estimation is common to all.
    systems
        The replications as regression systems, where each is of one date.
    """

    spec: Specification
    situation: Situation
    level: Level
    fit: ModelFit
    abnormal: AbnormalReturns
    sample: CrossSection
    systems: tuple[Group, ...]

    @classmethod
    def of(cls, spec: Specification, situation: Situation, *, systems: bool) -> Replications:
        """Estimate the firm-events of a specification, which are sorted by replication.

        Parameters
        ----------
        systems
            Build the regression systems of one date too.
        """
        events = np.arange(len(spec.panel))
        members = tuple(events.reshape(-1, situation.firm_events))
        expect = spec.panel.firm_events.expect
        level = Level.of("replication", list(map(str, range(len(members)))), members, expect)
        fit, abnormal = fit_and_forecast(spec, events)
        calendar = _calendar(spec, fit, abnormal)
        groups = tuple(calendar.groups(level)) if systems else ()
        return cls(spec, situation, level, fit, abnormal, calendar.cross_section(level), groups)

    def tested(self, tests: Sequence[SignificanceTest], effect: float) -> Iterator[Columns]:
        """Yield rows of the table ``tests`` under an effect; in each part replication by replication."""
        abnormal = injected(self.abnormal, effect, self.situation.variance)
        calendar = _calendar(self.spec, self.fit, abnormal)
        yield from level_tests(self.level, by_measure(self._sample(calendar, tests)), tests)
        windows = calendar.estimates.windows
        found = (tested_date(self._changed(group, effect), tests, windows) for group in self.systems)
        yield from one_date_rows([date for date in found if date is not None], tests, windows)
        yield from self._of_firm_events(calendar, tests)

    def _sample(self, calendar: StudyInCalendarTime, tests: Sequence[SignificanceTest]) -> CrossSection:
        """Return the groups under an effect: the correlation of their residuals is as it was."""
        before, sample = self.sample, calendar.cross_section(self.level)
        change = (calendar.estimates.abnormal.ret - self.abnormal.ret)[sample.events]

        def calendar_time() -> InCalendarTime:
            known = before.calendar_time()
            return known._replace(ret=known.ret + change)

        kept = {correlated_pairs} & {kind for test in tests for kind in test.sums}
        return replace(sample, calendar_time=calendar_time).given({kind: before.sums(kind) for kind in kept})

    def _changed(self, group: Group, effect: float) -> Group:
        changed = {
            id(system): replace(system, abnormal=injected(system.abnormal, effect, self.situation.variance))
            for system in group.distinct_systems
        }
        return replace(group, systems={window: changed[id(each)] for window, each in group.systems.items()})

    def _of_firm_events(
        self, calendar: StudyInCalendarTime, tests: Sequence[SignificanceTest]
    ) -> Iterator[Columns]:
        """Yield the tests of one firm-event, on the first of each replication."""
        first = np.array([events[0] for events in self.level.members])
        windows, shape = calendar.estimates.windows, (len(first), len(calendar.estimates.windows))
        pvalues = _firm_event_pvalues(calendar, first)
        for test in tests:
            if test.name in pvalues:
                pvalue = pvalues[test.name]
                yield {
                    "test": np.full(pvalue.size, test.name, dtype=object),
                    "unit": np.full(pvalue.size, test.unit, dtype=object),
                    "measure": np.full(pvalue.size, test.measures[0], dtype=object),
                    "start": np.broadcast_to([window.start for window in windows], shape).ravel(),
                    "end": np.broadcast_to([window.end for window in windows], shape).ravel(),
                    "pvalue": pvalue.ravel(),
                    "n": np.isfinite(pvalue).astype(np.int64).ravel(),
                }


def _calendar(spec: Specification, fit: ModelFit, abnormal: AbnormalReturns) -> StudyInCalendarTime:
    """Return the firm-events measured over the windows of the design alone."""
    estimates = estimates_of(spec, np.arange(len(abnormal)), fit, abnormal)
    width = len(spec.design.car_windows)
    arrays = {name: getattr(estimates, name)[:, :width] for name in ("car", "car_se", "bhar", "count")}
    return StudyInCalendarTime.of(spec, replace(estimates, windows=estimates.windows[:width], **arrays))


def _firm_event_pvalues(calendar: StudyInCalendarTime, events: IntArray) -> dict[str, FloatArray]:
    """Return the p-values of tests of one firm-event, shape (n, W); on one session `ar_t` is `car_t`."""
    estimates, alternative = calendar.estimates, calendar.spec.design.alternative
    car, residual_df = estimates.car[events], estimates.abnormal.df[events, None]
    length = np.array([window.length for window in estimates.windows])
    df, factor = (each[events] for each in estimates.abnormal.reference(length.tolist()))
    sigma, history = estimates.abnormal.sigma[events, None], calendar.history
    own = replace(
        history, **{name: getattr(history, name)[events] for name in ("residuals", "studentised", "ar")}
    )
    return {
        "car_t": forecast_t(car, estimates.car_se[events], df, alternative, factor)[1],
        "placebo": estimates.ranks.placebo_pvalue[events],
        "sq": estimates.ranks.sq_pvalue[events],
        "conformal": estimates.ranks.conformal_pvalue[events],
        "rank_single": rank_single(own, estimates.windows, np.isfinite(car), alternative)[1],
        "bhar_t": bhar_t(estimates.bhar[events], sigma, length, residual_df, alternative)[1],
    }


def injected(abnormal: AbnormalReturns, effect: float, variance: float) -> AbnormalReturns:
    """Return abnormal returns with an effect and event-induced variance on day 0.

    The estimation windows lie outside the event window: this equals adding the effect to the return.

    Parameters
    ----------
    effect
        Added to return and abnormal return, decimal.
    variance
        Factor by which the variance of the abnormal return is multiplied first.
    """
    day0 = -abnormal.window.start
    change = np.zeros(abnormal.ar.shape)
    change[:, day0] = (np.sqrt(variance) - 1.0) * abnormal.ar[:, day0] + effect
    return replace(abnormal, ar=abnormal.ar + change, ret=abnormal.ret + change)
