"""Estimation: fit, forecast, cumulate and rank, a chunk of firm-events at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models.fitted import abnormal_of
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.pool_weights import PoolWeights
from eventstudy.models.reasons import reasons
from eventstudy.models.refusals import refuse_design
from eventstudy.numerics.kernels import widened
from eventstudy.panel.building import build_panel
from eventstudy.panel.masking import with_reach
from eventstudy.panel.panel import Panel, between_windows, sample
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.own_series import RANKINGS, OwnSeriesRanks, day0_sign, own_series_ranks
from eventstudy.significance.past_sessions import PastSessions

CHUNK = 2_048  #: firm-events worked on at once: enough to vectorise, little enough to stay in the cache
SLOW_CHUNK = 256  #: the same of a slow model, whose chunks take seconds, so that progress is seen
MOST_POOLED = 1_000_000  #: pairs of firm-events and securities of a pool that are worked on at once


@dataclass(frozen=True)
class Specification:
    """What is estimated: the panel, the model and the design."""

    panel: Panel
    model: NormalReturnModel
    design: Design

    @classmethod
    def of(
        cls,
        firm_events: FirmEvents,
        matrix: ReturnMatrix,
        model: NormalReturnModel,
        design: Design,
        failures: Mapping[str, str] | None = None,
        tickers: Sequence[str] = (),
    ) -> Specification:
        """Place firm-events on returns for a model; parameters and errors of `build_panel`.

        And of `refuse_design`.
        """
        refuse_design(model, design, firm_events)
        panel = build_panel(firm_events, matrix, design, model.requires, failures or {}, tickers)
        spec = cls(panel, model, design)
        return replace(spec, panel=with_reach(panel, design, spec.required_observations))

    def required_observations(self, events: IntArray) -> IntArray:
        """Return the least number of usable estimation returns that some firm-events need, shape (n,)."""
        k = 1 + self.panel.regressors.shape[1] if self.model.k is None else self.model.k
        lengths = self.panel.lengths(events, self.design.estimation_window, estimation=True)
        distinct, codes = np.unique(lengths, return_inverse=True)
        need = [self.design.required_observations(k, int(length)) for length in distinct]
        return np.maximum(np.array(need, dtype=np.int64)[codes], self.model.least)


@dataclass(frozen=True)
class Estimates:
    """The estimates of N firm-events; axis 0 of every array is the firm-event.

    Attributes
    ----------
    abnormal
        Abnormal returns; NaN for a firm-event with a ``reason``.
    terms, coefficients, std_errors
        Shape (N, k).
    rsquared, masked
        Shape (N,); ``masked`` counts estimation sessions left out around other events
        and on the design's dates.
    reason
        Shape (N,): why a firm-event was skipped, or ``""``.
    windows
        The W windows that are cumulated: the design's, then every single session of the event window.
    car, car_se, bhar, count
        Shape (N, W).
    path, path_se
        CAR from the start of the event window to every session, and its error, shape (N, L).
    ranks
        Of the CARs in the series of their firm-event, for the C windows of the design.
    day0_sign
        Sign of day 0 where its interval excludes zero, else 0; shape (N,). NaN without the conformal ranks.
    weights
        Of peers and donors, the firm-events numbered as in the panel; None for a model without a pool.
    """

    abnormal: AbnormalReturns
    terms: TextArray
    coefficients: FloatArray
    std_errors: FloatArray
    rsquared: FloatArray
    masked: IntArray
    reason: TextArray
    windows: tuple[Window, ...]
    car: FloatArray
    car_se: FloatArray
    bhar: FloatArray
    count: IntArray
    path: FloatArray
    path_se: FloatArray
    ranks: OwnSeriesRanks
    day0_sign: FloatArray
    weights: PoolWeights | None = None

    @property
    def ok(self) -> BoolArray:
        """Which firm-events were measured, shape (N,)."""
        return np.asarray(self.reason == "")


def all_windows(design: Design) -> tuple[Window, ...]:
    """Return the design's CAR windows, then the single sessions not among them."""
    return tuple(dict.fromkeys([*design.car_windows, *design.window.sessions]))


def fit_and_forecast(
    spec: Specification, events: IntArray, keep: BoolArray | None = None
) -> tuple[ModelFit, AbnormalReturns]:
    """Fit the model to some firm-events and take their abnormal returns.

    Parameters
    ----------
    events
        Indices of firm-events, shape (n,).
    keep
        Estimation sessions to use, shape (L1,); the others count as missing (listwise samples).
    """
    design = spec.design
    thin = design.gaps == "trade-to-trade"
    before = sample(spec.panel, events, design.estimation_window, estimation=True, lump=thin)
    if keep is not None:
        before.y[:, ~keep] = np.nan
    if spec.model.requires.between:
        before = replace(before, between=between_windows(spec.panel, events, design))
    event = sample(spec.panel, events, design.window, estimation=False, lump=design.gaps != "missing")
    outside = spec.panel.outside(events, design.window, estimation=False)
    event = replace(event, y=np.where(outside, np.nan, event.y))
    fit = spec.model.estimate(before, event)
    abnormal = replace(
        abnormal_of(fit, event, design.window, design.returns if design.measure == "returns" else None),
        past=PastSessions(
            parts=_parts(fit, spec.panel.estimation_places(events, design.estimation_window)),
            apart=fit.folds is not None,
            span=before.span if thin else None,
            regressors=fit.estimation_regressors,
            noise=fit.changing_noise,
            rho=fit.rho,
        ),
        tail=fit.tail,
        instruments=fit.event_instruments,
    )
    return fit, abnormal


def _parts(fit: ModelFit, places: IntArray | None) -> IntArray | None:
    """Return the parts of `PastSessions`: the estimation window of each session, and its fold within it."""
    if fit.folds is None or places is None:
        return places if fit.folds is None else fit.folds
    return np.asarray(places * (1 + fit.folds.max(initial=0)) + fit.folds)


def estimate(
    spec: Specification,
    progress: Callable[[int, int], None] | None = None,
    firm_events: IntArray | None = None,
    rankings: Collection[str] = RANKINGS,
) -> Estimates:
    """Estimate every firm-event, or some, with some `RANKINGS`; one that cannot be has a reason and NaN."""
    chosen = np.arange(len(spec.panel)) if firm_events is None else firm_events
    total, parts = len(chosen), []
    pooled = 0 if spec.panel.pool is None else len(spec.panel.pool.names)
    step = min(SLOW_CHUNK if spec.model.slow else CHUNK, max(MOST_POOLED // max(pooled, 1), 1))
    for start in range(0, total, step):
        events = chosen[start : start + step]
        parts.append(estimates_of(spec, events, *fit_and_forecast(spec, events), rankings))
        if progress is not None:
            progress(start + len(events), total)
    whole: Estimates = joined(parts)
    return whole


def estimates_of(
    spec: Specification,
    events: IntArray,
    fit: ModelFit,
    abnormal: AbnormalReturns,
    rankings: Collection[str] = RANKINGS,
) -> Estimates:
    """Cumulate and rank the abnormal returns of some firm-events."""
    design, windows = spec.design, all_windows(spec.design)
    reason, abnormal = measured(spec, events, fit, abnormal)
    usable = np.asarray(reason == "")
    car = np.column_stack([abnormal.car(window) for window in windows])
    ranks = own_series_ranks(abnormal, fit.estimation_root, car, design, rankings)
    path, path_se = abnormal.cumulated()
    signed = "conformal" in rankings
    return Estimates(
        abnormal=replace(abnormal, past=PastSessions(rho=abnormal.rho), instruments=None),
        terms=fit.terms,
        coefficients=_keep(fit.coefficients, usable),
        std_errors=_keep(fit.std_errors, usable),
        rsquared=_keep(fit.rsquared, usable),
        masked=_masked(spec, events),
        reason=reason,
        windows=windows,
        car=car,
        car_se=np.column_stack([abnormal.car_se(window) for window in windows]),
        bhar=abnormal.bhar(windows),
        count=np.column_stack([abnormal.count(window) for window in windows]),
        path=path,
        path_se=path_se,
        ranks=ranks,
        day0_sign=day0_sign(abnormal, fit.estimation_root, ranks, design)
        if signed
        else np.full(len(car), np.nan),
        weights=None if fit.weights is None else fit.weights.of(events),
    )


def measured(
    spec: Specification, events: IntArray, fit: ModelFit, abnormal: AbnormalReturns
) -> tuple[TextArray, AbnormalReturns]:
    """Return why each firm-event cannot be measured, ``""`` where it can, and NaN for those that cannot."""
    reason = reasons(spec.panel, spec.design, spec.required_observations(events), events, fit, abnormal)
    return reason, _blanked(abnormal, np.asarray(reason == ""))


def _masked(spec: Specification, events: IntArray) -> IntArray:
    """Return how many sessions of their own estimation window some firm-events leave out, shape (n,)."""
    window = spec.design.estimation_window
    inside = ~spec.panel.outside(events, window, estimation=True)
    return np.asarray((spec.panel.masked(events, window) & inside).sum(axis=1))


def _keep(values: FloatArray, usable: BoolArray) -> FloatArray:
    return np.where(usable.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)


def _blanked(abnormal: AbnormalReturns, usable: BoolArray) -> AbnormalReturns:
    """Return the abnormal returns with NaN for every firm-event that is not usable."""
    names = ["ret", "normal", "ar", "sigma", "df", "residuals", "studentised"]
    blank: dict[str, Any] = {name: _keep(getattr(abnormal, name), usable) for name in names}
    if abnormal.rho is not None:
        blank["past"] = replace(abnormal.past, rho=_keep(abnormal.rho, usable))
    return replace(abnormal, **blank)


def joined(parts: Sequence[Any]) -> Any:
    """Concatenate chunks along axis 0, field by field; what is no array is the same in all of them."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(widened(parts))
    if not isinstance(first, Estimates | AbnormalReturns | OwnSeriesRanks | PastSessions | PoolWeights):
        return first
    values = {field.name: [getattr(part, field.name) for part in parts] for field in fields(first)}
    return type(first)(**{name: joined(chunks) for name, chunks in values.items()})
