"""`OwnSeriesRanks`: the ranks of a firm-event's CARs in its own series, without a distribution of returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Design, Window
from eventstudy.numerics.distributions import t_quantile
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.conformal import Conformal, conformal
from eventstudy.significance.left_out import left_out
from eventstudy.significance.placebo import placebo
from eventstudy.significance.sample_quantiles import sq

DAY0 = Window(0, 0)


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
    windows, side = design.car_windows, design.alternative
    lengths = dict.fromkeys(window.length for window in windows)
    placebos = {length: left_out(abnormal.residuals, root, length).car for length in lengths}
    among = [placebos[window.length] for window in windows]
    ranked = [placebo(own, others, side) for own, others in zip(car.T, among, strict=False)]
    signed = [sq(own, others, side, 1 - design.confidence) for own, others in zip(car.T, among, strict=False)]
    blocks = {window: _conformal(abnormal, root, window, design) for window in windows}
    low, high = (np.column_stack([getattr(each, end) for each in blocks.values()]) for end in ("low", "high"))
    return OwnSeriesRanks(
        placebo_pvalue=np.column_stack([pvalue for pvalue, _ in ranked]),
        placebo_n=np.column_stack([n for _, n in ranked]),
        sq_pvalue=np.column_stack([each.pvalue for each in signed]),
        sq_low=np.column_stack([each.low for each in signed]),
        sq_high=np.column_stack([each.high for each in signed]),
        conformal_pvalue=np.column_stack([each.pvalue for each in blocks.values()]),
        conformal_path_pvalue=np.column_stack([each.path_pvalue for each in blocks.values()]),
        conformal_low=np.where(np.isfinite(low), low, np.nan),
        conformal_high=np.where(np.isfinite(high), high, np.nan),
        conformal_estimate=np.column_stack([each.estimate for each in blocks.values()]),
        conformal_n=np.column_stack([each.n for each in blocks.values()]),
    )


def day0_sign(abnormal: AbnormalReturns, root: FloatArray, design: Design) -> FloatArray:
    """Return the sign of day 0, shape (N,): 0 where its interval holds zero, NaN where it has no return.

    The interval at the confidence of the design is the conformal one, or that of t for a model whose fit is
    not least squares.
    """
    if not abnormal.window.start <= 0 <= abnormal.window.end:
        return np.full(len(abnormal), np.nan)
    found, ar = _conformal(abnormal, root, DAY0, design), abnormal.car(DAY0)
    half = t_quantile((1 + design.confidence) / 2, abnormal.df) * abnormal.car_se(DAY0)
    known = np.isfinite(found.pvalue)
    low, high = np.where(known, found.low, ar - half), np.where(known, found.high, ar + half)
    return np.where(np.isfinite(ar), (low > 0).astype(float) - (high < 0), np.nan)


def _conformal(abnormal: AbnormalReturns, root: FloatArray, window: Window, design: Design) -> Conformal:
    part = abnormal.columns(window)
    ar = np.where(abnormal.complete(window)[:, None], abnormal.ar[:, part], np.nan)
    side, confidence = design.alternative, design.confidence
    return conformal(abnormal.residuals, root, ar, abnormal.root[:, part], side, confidence)
