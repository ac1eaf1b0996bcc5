"""`OwnSeriesRanks`: the ranks of a firm-event's CARs in its own series, without a distribution of returns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.design import Design, Window
from eventstudy.numerics.distributions import t_quantile
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.conformal import conformal
from eventstudy.significance.left_out import left_out_each
from eventstudy.significance.past_sessions import PastSessions
from eventstudy.significance.placebo import placebo
from eventstudy.significance.sample_quantiles import sq

DAY0 = Window(0, 0)
RANKINGS = ("placebo", "sq", "conformal")  #: what `own_series_ranks` computes unless less is asked for
IN_CACHE = 256  #: firm-events per step, whose blocks fit the processor's cache: two thirds of the time


@dataclass(frozen=True)
class OwnSeriesRanks:
    """Figures of N firm-events in C windows, named as their columns in ``cars``; shape (N, C).

    Those of a ranking that was not asked for are NaN, or 0.
    """

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
    abnormal: AbnormalReturns,
    root: FloatArray,
    car: FloatArray,
    design: Design,
    rankings: Collection[str] = RANKINGS,
) -> OwnSeriesRanks:
    """Rank the CARs of the design's windows, the first columns of ``car``, in the series of their firm-event.

    A model whose weights depend on the returns ranks against fits with its weights held; where its variance
    changes, CARs are ranked over their standard errors, and critical values are those of the event.

    Parameters
    ----------
    root
        ``Q`` over the estimation window, shape (n, L1, r).
    rankings
        Some of `RANKINGS`.
    """
    events = [_event(abnormal, window) for window in design.car_windows]
    parts = []
    for start in range(0, max(len(abnormal), 1), IN_CACHE):
        rows = slice(start, start + IN_CACHE)
        own = [each.rows(rows) for each in events]
        past = abnormal.past.rows(rows)
        series = abnormal.residuals[rows], root[rows], past
        parts.append(_ranks(*series, car[rows], own, design, rankings))
    found: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    shape = len(abnormal), len(events)
    for name in (field.name for field in fields(OwnSeriesRanks) if field.name not in found):
        found[name] = np.zeros(shape, dtype=np.int64) if name == "placebo_n" else np.full(shape, np.nan)
    return OwnSeriesRanks(**found)


def day0_sign(
    abnormal: AbnormalReturns, root: FloatArray, ranks: OwnSeriesRanks, design: Design
) -> FloatArray:
    """Return the sign of day 0, shape (N,): 0 where its interval holds zero, NaN where it has no return.

    The interval at the confidence of the design is the conformal one, or that of t for a model that has none.
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
        df, factor = (each[:, 0] for each in abnormal.reference([DAY0.length]))
        half = t_quantile((1 + design.confidence) / 2, df) / factor * abnormal.car_se(DAY0)
        low, high = np.where(without, ar - half, low), np.where(without, ar + half, high)
    return np.where(np.isfinite(ar), (low > 0).astype(float) - (high < 0), np.nan)


class _Event(NamedTuple):
    """A window: AR, NaN where one is missing, rows of ``G`` and of the instruments, and ``se / s``."""

    ar: FloatArray
    root: FloatArray
    instruments: FloatArray | None
    deviation: FloatArray

    def rows(self, rows: slice) -> _Event:
        """Return some firm-events."""
        return _Event(*(None if part is None else part[rows] for part in self))  # type: ignore[arg-type]


def _event(abnormal: AbnormalReturns, window: Window) -> _Event:
    part = abnormal.columns(window)
    complete = abnormal.complete(window)[:, None]
    return _Event(
        np.where(complete, abnormal.ar[:, part], np.nan),
        abnormal.root[:, part],
        None if abnormal.instruments is None else abnormal.instruments[:, part],
        abnormal.car_se(window) / abnormal.sigma,
    )


def _ranks(
    residuals: FloatArray,
    root: FloatArray,
    past: PastSessions,
    car: FloatArray,
    events: Sequence[_Event],
    design: Design,
    rankings: Collection[str],
) -> dict[str, Any]:
    """Return the ranks of some firm-events by name; ``events`` are those of `_event` for each window."""
    side, lengths = design.alternative, [event.ar.shape[1] for event in events]
    found: dict[str, Any] = {}
    if "placebo" in rankings or "sq" in rankings:
        placebos = _placebos(residuals, root, past, lengths)
        scales = [np.ones(len(car)) if past.noise is None else event.deviation for event in events]
        pairs = [
            (own / scale, placebos[length])
            for own, scale, length in zip(car.T, scales, lengths, strict=False)
        ]
    if "placebo" in rankings:
        pvalues, numbers = zip(*(placebo(*pair, side) for pair in pairs), strict=True)
        found |= {"placebo_pvalue": np.column_stack(pvalues), "placebo_n": np.column_stack(numbers)}
    if "sq" in rankings:
        signed = [sq(*pair, side, 1 - design.confidence) for pair in pairs]
        found |= {
            "sq_pvalue": np.column_stack([each.pvalue for each in signed]),
            "sq_low": np.column_stack([each.low * scale for each, scale in zip(signed, scales, strict=True)]),
            "sq_high": np.column_stack(
                [each.high * scale for each, scale in zip(signed, scales, strict=True)]
            ),
        }
    if "conformal" in rankings:
        blocks = [
            conformal(
                *(residuals, root, event.ar, event.root, side, design.confidence, past),
                instruments=event.instruments,
            )
            for event in events
        ]
        low, high = (np.column_stack([getattr(each, end) for each in blocks]) for end in ("low", "high"))
        found |= {
            "conformal_pvalue": np.column_stack([each.pvalue for each in blocks]),
            "conformal_path_pvalue": np.column_stack([each.path_pvalue for each in blocks]),
            "conformal_low": np.where(np.isfinite(low), low, np.nan),
            "conformal_high": np.where(np.isfinite(high), high, np.nan),
            "conformal_estimate": np.column_stack([each.estimate for each in blocks]),
            "conformal_n": np.column_stack([each.n for each in blocks]),
        }
    return found


def _placebos(
    residuals: FloatArray, root: FloatArray, past: PastSessions, lengths: Sequence[int]
) -> dict[int, FloatArray]:
    """Return the CAR of every left-out block by length, over ``se / s`` where the variance changes."""
    blocks = left_out_each(residuals, root, lengths, past)
    if past.noise is None:
        return {length: each.car for length, each in blocks.items()}
    with np.errstate(invalid="ignore", divide="ignore"):
        return {length: each.car / np.sqrt(each.variance) for length, each in blocks.items()}
