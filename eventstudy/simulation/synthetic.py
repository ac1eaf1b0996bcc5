"""Synthetic markets: every replication has a market and securities of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray, ReturnKind
from eventstudy.design import Benchmark, Design
from eventstudy.errors import UsageError
from eventstudy.events.firm_events import FirmEvents, from_frame
from eventstudy.models import NormalReturnModel
from eventstudy.models.estimation import Specification
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.simulation.draws import EligibleDates, generator
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
    situation. On the dates of events ``f`` is multiplied by the root of ``factor_variance``.
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
            It has fewer sessions than the windows need, or the model requires peers.
        """
        securities = situation.securities or situation.firm_events
        if model.requires.peers or model.requires.pool:
            raise UsageError(f"synthetic markets have no peers for the model {model}; simulate on a study")
        around = model.requires.return_window(design).length - 1
        days = MORE_SESSIONS if situation.sessions is None else situation.sessions - around
        if days < 1:
            raise UsageError(f"sessions is {situation.sessions}; the windows alone need {around + 1}")
        return cls(situation, design, model, EligibleDates(np.ones((securities, days), dtype=bool)))

    def prepare(self, replications: range) -> Specification:
        """Return the firm-events of some replications on the returns of their markets."""
        situation, first = self.situation, -self.model.requires.return_window(self.design).start
        returns, absent, securities, rows = [], [], [], []
        for replication in replications:
            rng = generator(self.design.seed, replication)
            security, date = self.eligible_dates.draw(rng, situation.firm_events, situation.dates)
            drawn, gone = self._returns(rng, np.unique(date) + first)
            returns.append(drawn)
            absent.append(gone)
            securities.append(security)
            rows.append(date + first)
        matrix = side_by_side(np.stack(returns), self.design, np.stack(absent) if situation.missing else None)
        firm_events = on_markets(np.stack(securities), matrix.dates[np.concatenate(rows)])
        return Specification.of(firm_events, matrix, self.model, self.design)

    def _returns(self, rng: np.random.Generator, rows: IntArray) -> tuple[FloatArray, BoolArray]:
        """Draw the returns of a market and its securities, and which are missing, each of shape (1 + S, T).

        Events are on some of the rows.
        """
        situation, draw = self.situation, DISTRIBUTIONS[self.situation.distribution]
        securities, days = self.eligible_dates.eligible.shape
        shape = (securities, days + self.model.requires.return_window(self.design).length - 1)
        market = MARKET_MEAN + MARKET_SD * rng.standard_normal(shape[1])
        beta, deviation = (rng.uniform(*bounds, (securities, 1)) for bounds in (BETAS, DEVIATIONS))
        residuals = draw(rng, shape)
        if situation.correlation:
            shared = draw(rng, shape[1:])
            shared[rows] *= np.sqrt(situation.factor_variance)
            residuals *= np.sqrt(1 - situation.correlation)
            residuals += np.sqrt(situation.correlation) * shared
        residuals *= deviation
        residuals += beta * market
        gone = np.zeros((1 + securities, shape[1]), dtype=bool)
        if situation.missing:
            gone[1:] = rng.random(shape) < situation.missing
        return np.vstack([market, residuals]), gone


def side_by_side(returns: FloatArray, design: Design, absent: BoolArray | None = None) -> ReturnMatrix:
    """Lay the markets, shape (R, 1 + S, T), side by side; each series is one piece of memory.

    Parameters
    ----------
    absent
        Which returns are missing, of the same shape; or, unless gaps of the design are, which sessions have
        no trade, so that the next return spans them. None = none.
    """
    markets, series, days = returns.shape
    values = returns.reshape(-1, days).T
    lumped, span = values, np.broadcast_to(np.int64(1), values.shape)
    if absent is not None:
        gone = absent.reshape(-1, days).T
        if design.gaps == "missing":
            values = lumped = np.where(gone, np.nan, values)
        else:
            lumped, span = between_trades(values, gone, design.returns)
            values = np.where(span == 1, lumped, np.nan)
    dates = np.datetime64("2000-01-01", "D") + np.arange(days).astype("timedelta64[D]")
    names = [_name(market, place) for market in range(markets) for place in range(series)]
    return ReturnMatrix(
        kind=design.returns,
        dates=dates,
        values=values,
        lumped=lumped,
        span=span,
        columns={name: place for place, name in enumerate(names)},
        blocks={"": (0, days - 1)},
    )


def between_trades(returns: FloatArray, absent: BoolArray, kind: ReturnKind) -> tuple[FloatArray, IntArray]:
    """Return the returns from trade to trade and over how many sessions each runs, both of shape (T, S).

    Parameters
    ----------
    returns, absent
        Of every session, and which have no trade, shape (T, S). The session before the first has one.
    """
    row = np.arange(len(returns))[:, None]
    last = np.maximum.accumulate(np.where(absent, -1, row), axis=0)
    before = np.vstack([np.full((1, returns.shape[1]), -1), last[:-1]])
    total = np.cumsum(returns if kind == "log" else np.log1p(returns), axis=0)
    since = total - np.where(before < 0, 0.0, np.take_along_axis(total, np.maximum(before, 0), axis=0))
    span = np.where(absent, 1, row - before)
    lumped = np.where(span == 1, returns, since if kind == "log" else np.expm1(since))
    return np.where(absent, np.nan, lumped), span


def _name(market: int, place: int) -> str:
    """Name a series; a market's own is its place 0."""
    return f"{market}/{place}"


def on_markets(securities: IntArray, session: DateArray) -> FirmEvents:
    """Return the firm-events of R replications, shape (R, n), each against the market of its replication."""
    import pandas as pd

    market = np.repeat(np.arange(len(securities)), securities.shape[1])
    pairs = zip(market.tolist(), (1 + securities).ravel().tolist(), strict=True)
    columns = {
        "event_id": market.astype(str).astype(object),
        "ticker": [_name(*pair) for pair in pairs],
        "session": session,
        "benchmark": [_name(place, 0) for place in market.tolist()],
    }
    return from_frame(pd.DataFrame(columns), benchmark=Benchmark((_name(0, 0),)), calendars=False)
