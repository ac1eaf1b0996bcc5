"""`simulate_headline()`: how often a study names a firm-day without an effect, and how many it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.design import Design
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.inference.study_inference import StudyInference, study_inference
from eventstudy.models import model_of
from eventstudy.models.estimation import Specification, estimate
from eventstudy.numerics.multiplicity import holm
from eventstudy.panel.requirements import Requires
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.simulation.draws import generator
from eventstudy.simulation.study_noise import STUDY_NOISE, StudyNoise
from eventstudy.simulation.synthetic import (
    BETAS,
    DEVIATIONS,
    MARKET_MEAN,
    MARKET_SD,
    on_markets,
    side_by_side,
)

TOGETHER = 2_048  #: firm-events per block: bounds the memory
CORRELATION = 0.3  #: of the residuals of two securities
LEVEL = 0.05  #: of the adjusted p-values
#: Day 0 alone; the listed events of a ticker mask each other.
HEADLINE_DESIGN = Design(window=(0, 0), car_windows=((0, 0),), mask_events=True, placebo_history="estimation")


@dataclass(frozen=True)
class StudyCalendar:
    """Which securities have a day 0 when: the m firm-days of a study.

    Attributes
    ----------
    security
        Number of the security, shape (m,).
    session
        Sessions from the first day 0 of the study, shape (m,).
    """

    security: IntArray
    session: IntArray

    @classmethod
    def crossed(cls, sessions: IntArray, securities: int) -> StudyCalendar:
        """Return the calendar in which every security has an event on every session."""
        distinct = np.unique(sessions) - np.min(sessions)
        return cls(np.tile(np.arange(securities), len(distinct)), np.repeat(distinct, securities))


@dataclass(frozen=True)
class HeadlineRates:
    """What studies of one calendar say.

    Attributes
    ----------
    studies, planted
        How many there are, and firm-days with an effect in each.
    named, beyond_doubt
        Share of studies that name a firm-day without an effect (Benjamini-Hochberg at 5 %), and that hold one
        for beyond doubt (Holm at 5 %). An event is named through its firm-days, so that the same share names
        an event.
    within_event
        Share of studies that would name a firm-day without an effect by Student's t, adjusted by Holm over
        the tickers of each event alone.
    count
        Share of studies whose count of firm-days below 5 % has a p-value of at most 5 %.
    found, found_beyond_doubt
        Share of the planted effects that are named, and beyond doubt; NaN where nothing is planted.
    false, false_beyond_doubt
        Share of all names that are false; NaN without a name.
    false_discovery_rate
        Mean over studies of the share of a study's names that are false, 0 where it names nothing: what
        Benjamini and Hochberg bound by 5 %. Where effects are seldom found, ``false`` is larger.
    """

    studies: int
    planted: int
    named: float
    beyond_doubt: float
    within_event: float
    count: float
    found: float
    found_beyond_doubt: float
    false: float
    false_beyond_doubt: float
    false_discovery_rate: float


def simulate_headline(
    calendar: StudyCalendar,
    noise: str,
    *,
    studies: int,
    planted: int = 0,
    effect: float = 0.0,
    correlation: float = CORRELATION,
    design: Design = HEADLINE_DESIGN,
    progress: Callable[[int, int], None] | None = None,
) -> HeadlineRates:
    """Simulate studies and count whom they name over the first CAR window.

    Returns are ``beta R_m + s e`` as in `SyntheticPanel`, with ``e`` of the noise.

    Parameters
    ----------
    calendar
        The firm-days of every study.
    noise
        A name of ``STUDY_NOISE``.
    planted, effect
        Firm-days of each study, at random, that have an effect on day 0 of so many residual standard
        deviations, up or down.
    correlation
        Of the residuals of two securities, about.
    design
        How to measure; ``seed`` is that of everything drawn.
    progress
        Called with how many studies are done, and the total.

    Raises
    ------
    UsageError
        More is planted than there are firm-days.
    UnknownNameError
        A noise that does not exist.
    """
    if noise not in STUDY_NOISE:
        raise UnknownNameError("noise", noise, STUDY_NOISE)
    size = len(calendar.security)
    if planted > size:
        raise UsageError(f"planted is {planted}; the calendar has {size} firm-days")
    markets = StudyMarkets(calendar, STUDY_NOISE[noise], design, correlation, planted, effect)
    tallies = np.empty((studies, 6))
    step = max(TOGETHER // size, 1)
    for start in range(0, studies, step):
        together = range(start, min(start + step, studies))
        tallies[together.start : together.stop] = markets.tallied(together)
        if progress is not None:
            progress(together.stop, studies)
    return rates_of(tallies, planted)


@dataclass(frozen=True)
class StudyMarkets:
    """Studies of one calendar, each with returns of its own; the parameters of `simulate_headline`."""

    calendar: StudyCalendar
    noise: StudyNoise
    design: Design
    correlation: float
    planted: int
    effect: float

    def tallied(self, studies: range) -> FloatArray:
        """Return the tally of each study, shape (R, 6): see `_tally`."""
        model = model_of(self.design)
        drawn = [self.returns(generator(self.design.seed, one), model.requires) for one in studies]
        matrix = side_by_side(np.stack([returns for returns, _ in drawn]), self.design)
        firm_days = len(self.calendar.security)
        rows = self.calendar.session - model.requires.return_window(self.design).start
        firm_events = on_markets(
            np.tile(self.calendar.security, (len(drawn), 1)), np.tile(matrix.dates[rows], len(drawn))
        )
        spec = Specification.of(firm_events, matrix, model, self.design)
        estimates = estimate(spec)
        first = self.design.car_windows[:1]
        df, factor = (each[:, 0] for each in estimates.abnormal.reference([first[0].length]))
        car, se = estimates.car[:, 0], estimates.car_se[:, 0]
        student = forecast_t(car, se, df, self.design.alternative, factor)[1]
        tallies = []
        for place, (_, touched) in enumerate(drawn):
            events = np.arange(place * firm_days, (place + 1) * firm_days)
            alone = holm(student[events], self.calendar.session) <= LEVEL
            tallies.append(_tally(study_inference(spec, estimates, first, events), alone, touched))
        return np.array(tallies)

    def returns(self, rng: np.random.Generator, requires: Requires) -> tuple[FloatArray, BoolArray]:
        """Draw the returns of a market and its securities, (1 + S, T), and the firm-days with an effect."""
        calendar = self.calendar
        reach = requires.return_window(self.design)
        securities, days = int(calendar.security.max()) + 1, int(calendar.session.max()) + reach.length
        market = MARKET_MEAN + MARKET_SD * rng.standard_normal(days)
        beta, deviation = (rng.uniform(*bounds, (securities, 1)) for bounds in (BETAS, DEVIATIONS))
        residuals = self.noise(rng, securities, days, self.correlation)
        touched = np.zeros(len(calendar.security), dtype=bool)
        touched[rng.choice(len(touched), self.planted, replace=False)] = True
        at = calendar.security[touched], calendar.session[touched] - reach.start
        residuals[at] += self.effect * rng.choice((-1.0, 1.0), self.planted)
        return np.vstack([market, beta * market + deviation * residuals]), touched


def _tally(inference: StudyInference, alone: BoolArray, touched: BoolArray) -> tuple[float, ...]:
    """Return false and true names by both rules, false ones event by event, and the p-value of the count."""
    named, beyond_doubt = (p[:, 0] <= LEVEL for p in (inference.pvalue_bh, inference.pvalue_holm))
    counts = [int((rule & side).sum()) for rule in (named, beyond_doubt) for side in (~touched, touched)]
    return (*counts, int((alone & ~touched).sum()), float(inference.counts[0].pvalue))


def rates_of(tallies: FloatArray, planted: int) -> HeadlineRates:
    """Return the shares over studies, whose tallies are rows of shape (R, 6)."""
    false, found, false_beyond_doubt, found_beyond_doubt, within_event, count = tallies.T

    def share(part: FloatArray, whole: float) -> float:
        return float(part.sum() / whole) if whole else np.nan

    return HeadlineRates(
        studies=len(tallies),
        planted=planted,
        named=float((false > 0).mean()),
        beyond_doubt=float((false_beyond_doubt > 0).mean()),
        within_event=float((within_event > 0).mean()),
        count=float((count <= LEVEL).mean()),
        found=share(found, planted * len(tallies)),
        found_beyond_doubt=share(found_beyond_doubt, planted * len(tallies)),
        false=share(false, (false + found).sum()),
        false_discovery_rate=float((false / np.maximum(false + found, 1)).mean()),
        false_beyond_doubt=share(false_beyond_doubt, (false_beyond_doubt + found_beyond_doubt).sum()),
    )
