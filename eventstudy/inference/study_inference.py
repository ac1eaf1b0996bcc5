"""`study_inference`: p-values of the firm-days of a study, from one reference for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.inference.earlier_reference import with_earlier_sessions
from eventstudy.models.estimation import CHUNK, Estimates, Specification, fit_and_forecast
from eventstudy.numerics.multiplicity import benjamini_hochberg, holm
from eventstudy.panel.panel import Panel
from eventstudy.significance.left_out import left_out_each
from eventstudy.significance.result import SignificanceResult
from eventstudy.significance.romano_wolf import towards
from eventstudy.significance.study_count import study_count
from eventstudy.significance.study_reference import StudyReference


@dataclass(frozen=True)
class StudyInference:
    """P-values of n firm-events over C windows, adjusted over the firm-days of the study.

    A firm-day is a security and a day 0; further firm-events of it have the figures of the first.

    Attributes
    ----------
    windows
        The C windows.
    pvalue, pvalue_bh, pvalue_holm
        Against the pooled reference, and adjusted by Benjamini-Hochberg and Holm over the firm-days of the
        window, shape (n, C); NaN where the window has no CAR, or the study no reference.
    own_pvalue
        Rank of the firm-day's t among its own left-out t, shape (n, C).
    references
        Of each window, over its distinct firm-days.
    counts
        `study_count` of each window.
    """

    windows: tuple[Window, ...]
    pvalue: FloatArray
    pvalue_bh: FloatArray
    pvalue_holm: FloatArray
    own_pvalue: FloatArray
    references: tuple[StudyReference, ...]
    counts: tuple[SignificanceResult, ...]

    @property
    def firm_days(self) -> IntArray:
        """Distinct firm-days with a CAR, shape (C,)."""
        return np.array([len(each.score) for each in self.references])

    @property
    def effective(self) -> FloatArray:
        """``N_eff``, distinct sessions in the reference over the length of the window, shape (C,)."""
        return np.array([each.effective for each in self.references])

    @property
    def smallest_holm(self) -> FloatArray:
        """The smallest Holm p-value that can be attained, ``m / (1 + N_eff)``, shape (C,); NaN without m."""
        attainable = np.minimum(self.firm_days / (1.0 + self.effective), 1.0)
        return np.where(self.firm_days > 0, attainable, np.nan)


class FirmDays(NamedTuple):
    """The m firm-days of one window.

    Attributes
    ----------
    window
        The window.
    first
        Place of the first firm-event of each, shape (m,).
    day
        Index of the firm-day of each firm-event, shape (n,); -1 where it has no CAR.
    reference
        Against which they are compared.
    """

    window: Window
    first: IntArray
    day: IntArray
    reference: StudyReference


def study_inference(
    spec: Specification,
    estimates: Estimates,
    windows: Sequence[Window] | None = None,
    events: IntArray | None = None,
) -> StudyInference:
    """Compare the t of every firm-day with the left-out t of all firm-days of the study.

    Nothing else of the study is computed, and the reference is gone through a chunk at a time, so that the
    memory does not grow with it. The fits are repeated for it. ``placebo_history`` of the design puts earlier
    sessions in the place of the left-out windows (`with_earlier_sessions`).

    Parameters
    ----------
    windows
        Some of the design's CAR windows; default: all.
    events
        Indices of the firm-events that are the study, shape (n,); default: all.

    Notes
    -----
    With ``F`` the share of all left-out ``c_w / (s_w sqrt(v_w))`` at least as extreme as ``CAR / se``,
    ``p = (1 + N_eff F) / (1 + N_eff)``. ``N_eff`` counts each session of a security once, however many events
    have it in their estimation window, and divides by the length, as overlapping windows are no new evidence.
    """
    chosen = tuple(spec.design.car_windows if windows is None else windows)
    events = np.arange(len(spec.panel)) if events is None else events
    days = [
        firm_days(
            spec.panel,
            window,
            _statistic(estimates, events, window),
            spec.design.estimation_window,
            spec.design.alternative,
            events,
        )
        for window in chosen
    ]
    _fill(spec, events, days)
    first, references = [events[each.first] for each in days], [each.reference for each in days]
    references = with_earlier_sessions(spec, events, chosen, first, references)
    return inference_of(
        chosen, [own._replace(reference=new) for own, new in zip(days, references, strict=True)]
    )


def firm_days(
    panel: Panel,
    window: Window,
    t: FloatArray,
    estimation: Window,
    alternative: Alternative,
    events: IntArray | None = None,
) -> FirmDays:
    """Return the firm-days of a window, and a reference in which nothing is counted yet.

    Parameters
    ----------
    t
        Of each firm-event of the study, shape (n,); NaN where it has none.
    estimation
        The sessions among which the reference finds its windows.
    events
        Indices of the firm-events that are the study, shape (n,); default: all.
    """
    chosen = np.arange(len(panel)) if events is None else events
    measured = np.flatnonzero(np.isfinite(t))
    key = np.column_stack([panel.security, panel.day0])[chosen[measured]]
    _, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    day = np.full(len(chosen), -1)
    day[measured] = inverse.reshape(-1)
    first = measured[first]
    _, position = np.unique(panel.matrix.dates, return_inverse=True)
    reference = StudyReference.empty(
        length=window.length,
        score=towards(t[first], alternative),
        day0=position[panel.day0[chosen[first]]],
        shifts=max(estimation.length - window.length + 1, 0),
        sessions=len(panel.matrix.dates),
        securities=len(np.unique(panel.security[chosen[first]])),
    )
    return FirmDays(window, first, day, reference)


def _statistic(estimates: Estimates, events: IntArray, window: Window) -> FloatArray:
    """Return the t of some firm-events in a window, shape (n,)."""
    place = estimates.windows.index(window)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(estimates.car[events, place] / estimates.car_se[events, place])


def _fill(spec: Specification, events: IntArray, days: Sequence[FirmDays]) -> None:
    """Count the left-out windows of every firm-day, each fitted once for all windows."""
    panel, design = spec.panel, spec.design
    first = np.unique(np.concatenate([each.first for each in days])).astype(np.int64)
    codes = [np.unique(panel.security[events[each.first]], return_inverse=True)[1] for each in days]
    for start in range(0, len(first), CHUNK):
        places = first[start : start + CHUNK]
        chunk = events[places]
        fit, abnormal = fit_and_forecast(spec, chunk)
        rows = panel.rows(chunk, design.estimation_window)[0]
        scores = {}
        lengths = (each.window.length for each in days)
        past = abnormal.residuals, fit.estimation_root
        for length, blocks in left_out_each(*past, lengths, abnormal.past).items():
            studentised = blocks.studentised(abnormal.sigma, abnormal.residual_df)
            scores[length] = towards(studentised, design.alternative)
        for each, code in zip(days, codes, strict=True):
            kept = np.flatnonzero(np.isin(places, each.first))
            day = each.day[places[kept]]
            each.reference.add(day, scores[each.window.length][kept])
            usable = np.isfinite(abnormal.residuals[kept])
            each.reference.used[rows[kept][usable], np.repeat(code[day], usable.sum(axis=1))] = True


def inference_of(windows: tuple[Window, ...], days: Sequence[FirmDays]) -> StudyInference:
    """Return the figures of every firm-event from those of its firm-day, whose references are filled."""

    def per_event(values: Sequence[FloatArray]) -> FloatArray:
        return np.column_stack(
            [np.append(own, np.nan)[each.day] for own, each in zip(values, days, strict=True)]
        )

    references = tuple(each.reference for each in days)
    pvalues = [each.pvalue for each in references]
    family = [np.zeros(len(own), dtype=np.int64) for own in pvalues]
    return StudyInference(
        windows=windows,
        pvalue=per_event(pvalues),
        pvalue_bh=per_event([benjamini_hochberg(*pair) for pair in zip(pvalues, family, strict=True)]),
        pvalue_holm=per_event([holm(*pair) for pair in zip(pvalues, family, strict=True)]),
        own_pvalue=per_event([each.own_pvalue for each in references]),
        references=references,
        counts=tuple(study_count(each) for each in references),
    )
