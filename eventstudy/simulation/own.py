"""The user's own panel: placebo events on sessions that the user's securities have returns for."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, DateArray, IntArray
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models.estimation import Specification
from eventstudy.panel.panel import Panel
from eventstudy.simulation.draws import EligibleDates, generator
from eventstudy.simulation.situation import Situation


@dataclass(frozen=True)
class OwnPanel:
    """Returns of S securities on D dates, the same for every replication.

    Attributes
    ----------
    template
        A firm-event of the user's study for each security, shape (S,).
    rows
        Row of the returns for each security and date, shape (S, D); negative where it has no session.
    """

    situation: Situation
    spec: Specification
    template: IntArray
    rows: IntArray
    eligible_dates: EligibleDates

    @property
    def tickers(self) -> tuple[str, ...]:
        """The securities that placebo events are drawn on."""
        return tuple(map(str, self.spec.panel.firm_events.ticker[self.template]))

    @classmethod
    def of(cls, situation: Situation, spec: Specification) -> OwnPanel:
        """Return the panel of a study: what is missing is missing in all replications.

        Events of other replications are not masked.
        """
        design = spec.design.replace(mask_events=False)
        spec = replace(spec, design=design, panel=_thinned(spec, situation.missing))
        template = _templates(spec.panel)
        rows = _rows(spec.panel, template)
        return cls(situation, spec, template, rows, EligibleDates(_eligible(spec, template, rows)))

    def prepare(self, replications: range) -> Specification:
        """Return the firm-events of some replications on the user's returns."""
        situation, design, panel = self.situation, self.spec.design, self.spec.panel
        drawn = [
            self.eligible_dates.draw(generator(design.seed, one), situation.firm_events, situation.dates)
            for one in replications
        ]
        security, date = (np.concatenate(part) for part in zip(*drawn, strict=True))
        session = panel.matrix.dates[self.rows[security, date]]
        firm_events = _taken(panel.firm_events, self.template[security], session)
        study = panel.firm_events.tickers
        return Specification.of(firm_events, panel.matrix, self.spec.model, design, tickers=study)


def _thinned(spec: Specification, missing: float) -> Panel:
    """Return the panel with a share of the securities' returns missing, seeded."""
    panel = spec.panel
    if not missing:
        return panel
    values, rng = panel.matrix.values.copy(), np.random.default_rng(spec.design.seed)
    for column in np.unique(panel.security[panel.security >= 0]):
        values[rng.random(len(values)) < missing, column] = np.nan
    ones = np.ones(values.shape, dtype=np.int64)
    return replace(panel, matrix=replace(panel.matrix, values=values, lumped=values, span=ones))


def _templates(panel: Panel) -> IntArray:
    """Return the first firm-event of each security that has returns and a benchmark, shape (S,)."""
    known = np.flatnonzero((panel.security >= 0) & (panel.regressors >= 0).all(axis=1))
    return known[np.unique(panel.security[known], return_index=True)[1]]


def _rows(panel: Panel, template: IntArray) -> IntArray:
    dates = np.unique(panel.matrix.dates)
    rows = np.full((len(template), len(dates)), -1)
    for place, event in enumerate(template):
        block = np.arange(panel.first[event], panel.last[event] + 1)
        rows[place, np.searchsorted(dates, panel.matrix.dates[block])] = block
    return rows


def _eligible(spec: Specification, template: IntArray, rows: IntArray) -> BoolArray:
    """Return which securities can have a placebo event on which dates, shape (S, D).

    Its windows lie inside the sessions, day 0 and enough of the estimation window have returns, and no
    listed event of the security is in the event window.
    """
    panel, window = spec.panel, spec.design.window
    reach = spec.model.requires.return_window(spec.design)
    eligible: BoolArray = (rows + reach.start >= panel.first[template, None]) & (rows >= 0)
    eligible &= rows + reach.end <= panel.last[template, None]
    there = np.isfinite(panel.matrix.values[:, panel.security[template]])
    before = np.vstack([np.zeros((1, len(template)), dtype=np.int64), np.cumsum(there, axis=0)])
    need = spec.required_observations(template)
    for place, event in enumerate(template):
        at = np.flatnonzero(eligible[place])
        row = rows[place, at]
        usable = sum(
            before[row + each.end + 1, place] - before[row + each.start, place]
            for each in spec.design.estimation_windows
        )
        listed = panel.day0[panel.security == panel.security[event]]
        ahead = listed - row[:, None]
        near = ((ahead >= window.start) & (ahead <= window.end)).any(axis=1)
        eligible[place, at] = there[row, place] & (usable >= need[place]) & ~near
    return eligible


def _taken(firm_events: FirmEvents, places: IntArray, session: DateArray) -> FirmEvents:
    """Return some firm-events, again and again, on other sessions."""
    arrays: dict[str, Any] = {
        field.name: values[places]
        for field in fields(firm_events)
        if isinstance(values := getattr(firm_events, field.name), np.ndarray)
    }
    windows = None if firm_events.own_windows is None else firm_events.own_windows.of(places)
    none = ((),) * len(places)
    return replace(firm_events, **{**arrays, "session": session, "confounders": none, "own_windows": windows})
