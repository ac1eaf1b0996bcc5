"""`OwnSeriesRanks`: the ranks of a firm-event's CARs in its own series, without a distribution of returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Design, Window
from eventstudy.numerics.distributions import t_quantile
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.conformal import conformal
from eventstudy.significance.left_out import left_out
from eventstudy.significance.placebo import placebo
from eventstudy.significance.sample_quantiles import sq

DAY0 = Window(0, 0)
IN_CACHE = 256  #: firm-events per step, whose blocks fit the processor's cache: two thirds of the time


@dataclass(frozen=True)
class OwnSeriesRanks:
    """Figures of N firm-events in C windows, named as their columns in ``cars``; shape (N, C)."""

    placebo_pvalue: FloatArray
    placebo_n: IntArray
    sq_pvalue: FloatArray
    sq_low: FloatArray
    sq_high: FloatArray
    conformal_pvalue: FloatArray
    conformal_path_pvalue: FloatArray
    conformal_low: FloatArray
    conformal_high: FloatArray
    conformal_estimate: FloatArray
    conformal_n: FloatArray


def own_series_ranks(
    abnormal: AbnormalReturns, root: FloatArray, car: FloatArray, design: Design
) -> OwnSeriesRanks:
    """Rank the CARs of the design's windows, the first columns of ``car``, in the series of their firm-event.

    Parameters
    ----------
    root
        ``Q`` of the regressors over the estimation window, shape (n, L1, r).
    """
    events = [_event(abnormal, window) for window in design.car_windows]
    parts = []
    for start in range(0, max(len(abnormal), 1), IN_CACHE):
        rows = slice(start, start + IN_CACHE)
        own = [(ar[rows], event_root[rows]) for ar, event_root in events]
        rho = None if abnormal.rho is None else abnormal.rho[rows]
        parts.append(vars(_ranks(abnormal.residuals[rows], root[rows], rho, car[rows], own, design)))
    return OwnSeriesRanks(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def day0_sign(
    abnormal: AbnormalReturns, root: FloatArray, ranks: OwnSeriesRanks, design: Design
) -> FloatArray:
    """Return the sign of day 0, shape (N,): 0 where its interval holds zero, NaN where it has no return.

    The interval at the confidence of the design is the conformal one, or that of t for a model whose fit is
    not least squares.
    """
    if not abnormal.window.start <= 0 <= abnormal.window.end:
        return np.full(len(abnormal), np.nan)
    if DAY0 not in design.car_windows:
        design = design.replace(car_windows=(DAY0,))
        ranks = own_series_ranks(abnormal, root, abnormal.car(DAY0)[:, None], design)
    place, ar = design.car_windows.index(DAY0), abnormal.car(DAY0)
    low, high = ranks.conformal_low[:, place], ranks.conformal_high[:, place]
    without = np.isfinite(ar) & np.isnan(ranks.conformal_pvalue[:, place])
    if without.any():
        half = t_quantile((1 + design.confidence) / 2, abnormal.df) * abnormal.car_se(DAY0)
        low, high = np.where(without, ar - half, low), np.where(without, ar + half, high)
    return np.where(np.isfinite(ar), (low > 0).astype(float) - (high < 0), np.nan)


def _event(abnormal: AbnormalReturns, window: Window) -> tuple[FloatArray, FloatArray]:
    """Return the abnormal returns of a window, NaN where it has a gap, and its rows of ``G``."""
    part = abnormal.columns(window)
    complete = abnormal.complete(window)[:, None]
    return np.where(complete, abnormal.ar[:, part], np.nan), abnormal.root[:, part]


def _ranks(
    residuals: FloatArray,
    root: FloatArray,
    rho: FloatArray | None,
    car: FloatArray,
    events: Sequence[tuple[FloatArray, FloatArray]],
    design: Design,
) -> OwnSeriesRanks:
    """Return the ranks of some firm-events; ``events`` are those of `_event` for each window."""
    side, lengths = design.alternative, [ar.shape[1] for ar, _ in events]
    placebos = {length: left_out(residuals, root, length, rho).car for length in dict.fromkeys(lengths)}
    pairs = [(own, placebos[length]) for own, length in zip(car.T, lengths, strict=False)]
    ranked = [placebo(*pair, side) for pair in pairs]
    signed = [sq(*pair, side, 1 - design.confidence) for pair in pairs]
    blocks = [conformal(residuals, root, *event, side, design.confidence) for event in events]
    low, high = (np.column_stack([getattr(each, end) for each in blocks]) for end in ("low", "high"))
    return OwnSeriesRanks(
        placebo_pvalue=np.column_stack([pvalue for pvalue, _ in ranked]),
        placebo_n=np.column_stack([n for _, n in ranked]),
        sq_pvalue=np.column_stack([each.pvalue for each in signed]),
        sq_low=np.column_stack([each.low for each in signed]),
        sq_high=np.column_stack([each.high for each in signed]),
        conformal_pvalue=np.column_stack([each.pvalue for each in blocks]),
        conformal_path_pvalue=np.column_stack([each.path_pvalue for each in blocks]),
        conformal_low=np.where(np.isfinite(low), low, np.nan),
        conformal_high=np.where(np.isfinite(high), high, np.nan),
        conformal_estimate=np.column_stack([each.estimate for each in blocks]),
        conformal_n=np.column_stack([each.n for each in blocks]),
    )
