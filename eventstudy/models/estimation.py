"""Estimation: fit, forecast, cumulate and rank, a chunk of firm-events at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray, TextArray
from eventstudy.design import Design, Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.panel.absence import NOUNS, missing_day0, missing_estimation
from eventstudy.panel.building import build_panel
from eventstudy.panel.masking import with_reach
from eventstudy.panel.panel import Panel, sample
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.own_series import OwnSeriesRanks, day0_sign, own_series_ranks

CHUNK = 2_048  #: firm-events worked on at once: enough to vectorise, little enough to stay in the cache
ESTIMATED = {"returns": "returns", "volume": "volumes", "volatility": "ranges"}  #: in sentences, by measure
PASSED_THROUGH = 1e-10  #: a session with less of its noise than this, ``d - h``, left has no residual


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
        """Place firm-events on returns for a model; parameters and errors of `build_panel`."""
        panel = build_panel(firm_events, matrix, design, model.requires, failures or {}, tickers)
        spec = cls(panel, model, design)
        return replace(spec, panel=with_reach(panel, design, spec.required_observations))

    def required_observations(self, events: IntArray) -> IntArray:
        """Return the least number of usable estimation returns that some firm-events need, shape (n,)."""
        k = 1 + self.panel.regressors.shape[1] if self.model.k is None else self.model.k
        lengths = self.panel.lengths(events, self.design.estimation_window, estimation=True)
        distinct, codes = np.unique(lengths, return_inverse=True)
        need = [self.design.required_observations(k, int(length)) for length in distinct]
        return np.array(need, dtype=np.int64)[codes]


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
        Sign of day 0 where its interval excludes zero, else 0; shape (N,).
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
    before = sample(spec.panel, events, design.estimation_window, estimation=True)
    if keep is not None:
        before.y[:, ~keep] = np.nan
    event = sample(spec.panel, events, design.window, estimation=False, lump=design.gaps == "lump")
    outside = spec.panel.outside(events, design.window, estimation=False)
    event = replace(event, y=np.where(outside, np.nan, event.y))
    fit = spec.model.estimate(before, event)
    abnormal = AbnormalReturns(
        kind=design.returns if design.measure == "returns" else None,
        window=design.window,
        ret=event.y + event.risk_free,
        normal=fit.expected + event.risk_free,
        ar=event.y - fit.expected,
        span=event.span,
        noise=fit.noise,
        root=fit.root,
        sigma=fit.sigma,
        df=fit.df.astype(float),
        n=fit.n,
        residuals=fit.residuals,
        studentised=_studentised(fit),
        rho=fit.rho,
    )
    return fit, abnormal


def _studentised(fit: ModelFit) -> FloatArray:
    """Return residuals over ``s sqrt(d - h)``, shape (n, L1), ``d`` the noise and ``h`` the leverage.

    NaN where the fit passes through a session whatever its return, so that its residual is rounding.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        leverage = np.einsum("nlr,nlr->nl", fit.estimation_root, fit.estimation_root)
        freedom = fit.estimation_noise - leverage
        freedom = np.where(freedom > PASSED_THROUGH, freedom, np.nan)
        studentised: FloatArray = fit.residuals / (fit.sigma[:, None] * np.sqrt(freedom))
        return studentised


def estimate(
    spec: Specification,
    progress: Callable[[int, int], None] | None = None,
    firm_events: IntArray | None = None,
) -> Estimates:
    """Estimate every firm-event, or some; one that cannot be estimated has a reason and NaN."""
    chosen = np.arange(len(spec.panel)) if firm_events is None else firm_events
    total, parts = len(chosen), []
    for start in range(0, total, CHUNK):
        events = chosen[start : start + CHUNK]
        parts.append(estimates_of(spec, events, *fit_and_forecast(spec, events)))
        if progress is not None:
            progress(start + len(events), total)
    whole: Estimates = _joined(parts)
    return whole


def estimates_of(
    spec: Specification, events: IntArray, fit: ModelFit, abnormal: AbnormalReturns
) -> Estimates:
    """Cumulate and rank the abnormal returns of some firm-events."""
    design, windows = spec.design, all_windows(spec.design)
    reason = _reasons(spec, events, fit, abnormal)
    usable = np.asarray(reason == "")
    abnormal = _blanked(abnormal, usable)
    car = np.column_stack([abnormal.car(window) for window in windows])
    ranks = own_series_ranks(abnormal, fit.estimation_root, car, design)
    path, path_se = abnormal.cumulated()
    return Estimates(
        abnormal=abnormal,
        terms=fit.terms,
        coefficients=_keep(fit.coefficients, usable),
        std_errors=_keep(fit.std_errors, usable),
        rsquared=_keep(fit.rsquared, usable),
        masked=_masked(spec, events),
        reason=reason,
        windows=windows,
        car=car,
        car_se=np.column_stack([abnormal.car_se(window) for window in windows]),
        bhar=np.column_stack([abnormal.bhar(window) for window in windows]),
        count=np.column_stack([abnormal.count(window) for window in windows]),
        path=path,
        path_se=path_se,
        ranks=ranks,
        day0_sign=day0_sign(abnormal, fit.estimation_root, ranks, design),
    )


def _masked(spec: Specification, events: IntArray) -> IntArray:
    """Return how many sessions of their own estimation window some firm-events leave out, shape (n,)."""
    window = spec.design.estimation_window
    inside = ~spec.panel.outside(events, window, estimation=True)
    return np.asarray((spec.panel.masked(events, window) & inside).sum(axis=1))


def _reasons(spec: Specification, events: IntArray, fit: ModelFit, abnormal: AbnormalReturns) -> TextArray:
    """Return why each firm-event cannot be measured: the first reason that holds, or ``""``."""
    design, need = spec.design, spec.required_observations(events)
    reason = np.select([spec.panel.reason[events] != ""], [spec.panel.reason[events]], "").astype(object)
    few = np.flatnonzero((reason == "") & (fit.n < need))
    causes = missing_estimation(spec.panel, events[few], design.estimation_window) if few.size else ()
    lengths = spec.panel.lengths(events, design.estimation_window, estimation=True)
    for at, cause in zip(few, causes, strict=True):
        what = ESTIMATED[design.measure]
        usable = f"only {fit.n[at]} of {lengths[at]} estimation {what} are usable"
        reason[at] = f"{usable}; {need[at]} are needed" + (f" ({cause})" if cause else "")
    reason = np.where(reason == "", fit.problem, reason)
    holds = _holds_day0(spec, events)
    unseen = np.flatnonzero((reason == "") & ~_measured(abnormal, design, holds))
    what = NOUNS[design.measure]
    reason[unseen] = f"no {what} in the event window: prices are missing there"
    there = unseen[holds[unseen]]
    reason[there] = missing_day0(spec.panel, events[there])
    return reason


def _holds_day0(spec: Specification, events: IntArray) -> BoolArray:
    """Return which firm-events have day 0 in their event window, shape (n,)."""
    day0 = Window(0, 0)
    if not spec.design.window.start <= 0 <= spec.design.window.end:
        return np.zeros(len(events), dtype=bool)
    outside = spec.panel.outside(events, day0, estimation=False)
    return np.broadcast_to(~outside[:, 0], len(events))


def _measured(abnormal: AbnormalReturns, design: Design, holds: BoolArray) -> BoolArray:
    """Return which firm-events have an abnormal return on day 0, or a later one that spans it, shape (n,).

    Where the event window leaves out day 0 (``holds`` is False), any of its sessions will do.
    """
    known, tau = np.isfinite(abnormal.ar), np.arange(design.window.start, design.window.end + 1)
    spans = (tau >= 0) & (tau - abnormal.span < 0)
    return np.asarray(np.where(holds, (known & spans).any(axis=1), known.any(axis=1)))


def _keep(values: FloatArray, usable: BoolArray) -> FloatArray:
    return np.where(usable.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)


def _blanked(abnormal: AbnormalReturns, usable: BoolArray) -> AbnormalReturns:
    """Return the abnormal returns with NaN for every firm-event that is not usable."""
    names = ["ret", "normal", "ar", "sigma", "df", "residuals", "studentised"]
    names += ["rho"] if abnormal.rho is not None else []
    blank: dict[str, Any] = {name: _keep(getattr(abnormal, name), usable) for name in names}
    return replace(abnormal, **blank)


def _joined(parts: Sequence[Any]) -> Any:
    """Concatenate chunks along axis 0, field by field; what is no array is the same in all of them."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if not isinstance(first, Estimates | AbnormalReturns | OwnSeriesRanks):
        return first
    values = {field.name: [getattr(part, field.name) for part in parts] for field in fields(first)}
    return type(first)(**{name: _joined(chunks) for name, chunks in values.items()})
