"""Synthetic markets: every replication has a market and securities of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import DateArray, FloatArray, IntArray
from eventstudy.design import Benchmark, Design, Window
from eventstudy.errors import UsageError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models import NormalReturnModel
from eventstudy.models.estimation import Specification
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.simulation.draws import EligibleDates, generator
from eventstudy.simulation.preparing import placed
from eventstudy.simulation.situation import DISTRIBUTIONS, Situation

MORE_SESSIONS = 100  #: unless stated, dates that an event can have
MARKET_MEAN, MARKET_SD = 0.0003, 0.01  #: of the market's return per session, decimal
BETAS, DEVIATIONS = (
    (0.5, 1.5),
    (0.01, 0.03),
)  #: range of the slopes, and of the residuals' deviations, decimal


@dataclass(frozen=True)
class SyntheticPanel:
    """Securities of a market model, drawn anew for every replication.

    ``R = beta R_m + s e`` with normal ``R_m`` and uniform ``beta`` and ``s``;
    ``e = sqrt(rho) f + sqrt(1 - rho) u`` with ``f`` shared by all securities, both of the distribution of the
    situation.
    """

    situation: Situation
    design: Design
    model: NormalReturnModel
    eligible_dates: EligibleDates

    @classmethod
    def of(cls, situation: Situation, design: Design, model: NormalReturnModel) -> SyntheticPanel:
        """Return the panel of a situation.

        Raises
        ------
        UsageError
            It has fewer sessions than the windows need.
        """
        securities = situation.securities or situation.firm_events
        around = design.window[1] - Window(*design.estimation).start
        days = MORE_SESSIONS if situation.sessions is None else situation.sessions - around
        if days < 1:
            raise UsageError(f"sessions is {situation.sessions}; the windows alone need {around + 1}")
        return cls(situation, design, model, EligibleDates(np.ones((securities, days), dtype=bool)))

    def prepare(self, replications: range) -> Specification:
        """Return the firm-events of some replications on the returns of their markets."""
        situation, first = self.situation, -Window(*self.design.estimation).start
        returns, securities, rows = [], [], []
        for replication in replications:
            rng = generator(self.design.seed, replication)
            security, date = self.eligible_dates.draw(rng, situation.firm_events, situation.dates)
            returns.append(self._returns(rng))
            securities.append(security)
            rows.append(date + first)
        matrix = _matrix(np.stack(returns), self.design)
        firm_events = _firm_events(np.stack(securities), matrix.dates[np.concatenate(rows)])
        return placed(firm_events, matrix, self.design, self.model)

    def _returns(self, rng: np.random.Generator) -> FloatArray:
        """Draw the returns of a market and its securities, shape (1 + S, T)."""
        situation, draw = self.situation, DISTRIBUTIONS[self.situation.distribution]
        securities, days = self.eligible_dates.eligible.shape
        shape = (securities, days + self.design.window[1] - Window(*self.design.estimation).start)
        market = MARKET_MEAN + MARKET_SD * rng.standard_normal(shape[1])
        beta, deviation = (rng.uniform(*bounds, (securities, 1)) for bounds in (BETAS, DEVIATIONS))
        residuals = draw(rng, shape)
        if situation.correlation:
            shared = draw(rng, shape[1:])
            residuals *= np.sqrt(1 - situation.correlation)
            residuals += np.sqrt(situation.correlation) * shared
        residuals *= deviation
        residuals += beta * market
        if situation.missing:
            residuals[rng.random(shape) < situation.missing] = np.nan
        return np.vstack([market, residuals])


def _matrix(returns: FloatArray, design: Design) -> ReturnMatrix:
    """Lay the markets, shape (R, 1 + S, T), side by side; each series is one piece of memory."""
    markets, series, days = returns.shape
    values = returns.reshape(-1, days).T
    dates = np.datetime64("2000-01-01", "D") + np.arange(days).astype("timedelta64[D]")
    names = [_name(market, place) for market in range(markets) for place in range(series)]
    return ReturnMatrix(
        kind=design.returns,
        dates=dates,
        values=values,
        lumped=values,
        span=np.broadcast_to(np.int64(1), values.shape),
        columns={name: place for place, name in enumerate(names)},
        blocks={"": (0, days - 1)},
    )


def _name(market: int, place: int) -> str:
    """Name a series; a market's own is its place 0."""
    return f"{market}/{place}"


def _firm_events(securities: IntArray, session: DateArray) -> FirmEvents:
    """Return the firm-events of R replications, shape (R, n), each against the market of its replication."""
    markets, n = securities.shape
    count = securities.size
    text = np.full(count, "", dtype=object)
    ticker = np.array(
        [_name(market, place + 1) for market, row in enumerate(securities.tolist()) for place in row],
        dtype=object,
    )
    return FirmEvents(
        event_id=np.repeat(np.arange(markets).astype(str).astype(object), n),
        ticker=ticker,
        kind=text,
        title=text,
        when=text,
        timing=text,
        expect=text,
        session=session,
        shift=np.zeros(count, dtype=np.int64),
        session_note=text,
        exchange=text,
        benchmarks=tuple(Benchmark((_name(market, 0),)) for market in range(markets)),
        benchmark=np.repeat(np.arange(markets), n),
        confounders=((),) * count,
        characteristics=text,
    )
