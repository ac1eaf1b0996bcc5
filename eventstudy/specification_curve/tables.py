"""The result tables of a study under many specifications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.assembly.assemble import TEST_FAMILY
from eventstudy.assembly.building import Labels, make_table, with_adjusted
from eventstudy.design import Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.inference.battery import study_tests
from eventstudy.inference.study_inference import StudyInference
from eventstudy.specification_curve.covering import Placed
from eventstudy.specification_curve.measuring import Curves

MEASURE = "median t"  #: in the table of tests: what the count of firm-days is about
NO_CAR = "an abnormal return in the window is missing"
NO_SHIFT = "no shift is common to the estimation windows of all specifications"
NO_T = "no specification has a t"


def specifications_table(placed: Sequence[Placed], curves: Curves, windows: Sequence[Window]) -> pa.Table:
    """Return a row per firm-event, window and specification, by CAR; those without one come last."""
    n, s, w = curves.car.shape
    by_window = np.moveaxis(curves.car, 2, 1)  # (N, W, S)
    order = np.argsort(by_window, axis=2, kind="stable")
    event, window = np.repeat(np.arange(n), w * s), np.tile(np.repeat(np.arange(w), s), n)
    at = order.ravel()

    def of_choice(values: Sequence[Any]) -> TextArray:
        return np.array([*values, None], dtype=object)[:-1][at]

    choices = [each.choice for each in placed]
    spans = [choice.design.estimation and choice.design.estimation_window for choice in choices]
    ends = np.array([span or (np.nan, np.nan) for span in spans], dtype=float)
    car = curves.car[event, at, window]
    reason = _reasons(curves, event, at, car)
    return make_table(
        "specifications",
        {
            **_labels(placed).columns(event),
            "start": np.array([each.start for each in windows])[window],
            "end": np.array([each.end for each in windows])[window],
            "specification": np.array([choice.number for choice in choices], dtype=np.int64)[at],
            "model": of_choice([choice.model for choice in choices]),
            "benchmark": np.stack([_benchmarks(each) for each in placed], axis=1)[event, at],
            "estimation_start": ends[at, 0],
            "estimation_end": ends[at, 1],
            "returns": of_choice([choice.design.returns for choice in choices]),
            "stated": np.array([choice.stated for choice in choices])[at],
            "n_estimation": curves.n_estimation[event, at],
            "car": car,
            "car_se": curves.car_se[event, at, window],
            "statistic": curves.statistic[event, at, window],
            "df": curves.df[event, at],
            "pvalue": curves.pvalue[event, at, window],
            "status": np.where(reason == "", "ok", "skipped").astype(object),
            "reason": reason,
        },
    )


def curves_table(
    placed: Sequence[Placed], curves: Curves, windows: Sequence[Window], study: StudyInference
) -> pa.Table:
    """Return a row per firm-event and window: the specifications taken together."""
    n, s, w = curves.car.shape
    event = np.repeat(np.arange(n), w)
    ordered, measured = np.sort(curves.car, axis=1), np.isfinite(curves.car).sum(axis=1)  # NaN comes last
    last = np.maximum(measured - 1, 0)
    low, high, median = ordered[:, 0], _at(ordered, last), _middle(ordered, measured)
    known = np.isfinite(study.pvalue)

    def joint(name: str) -> np.ndarray:
        return np.stack([getattr(each, name) for each in curves.joint], axis=1)

    shifts = joint("shifts")
    note = np.select(
        [measured == 0, ~np.isfinite(joint("median")), shifts == 0], [_no_car(curves), NO_T, NO_SHIFT], ""
    )
    return make_table(
        "specification_curves",
        {
            **_labels(placed).columns(event),
            "session": placed[0].spec.panel.firm_events.session[event],
            "start": np.tile([window.start for window in windows], n),
            "end": np.tile([window.end for window in windows], n),
            "n_specifications": np.full(n * w, s),
            "n_measured": measured.ravel(),
            "car_median": median.ravel(),
            "car_low": low.ravel(),
            "car_high": high.ravel(),
            "same_sign": (np.sign(curves.car) == np.sign(median)[:, None]).sum(axis=1).ravel(),
            "median_statistic": joint("median").ravel(),
            "max_statistic": joint("most").ravel(),
            "n_significant": joint("count").ravel(),
            **{name: joint(name).ravel() for name in ("p_median", "p_max", "p_count")},
            "n_shifts": shifts.ravel(),
            "first_shift": _ends_of(joint("first"), curves.window).ravel(),
            "last_shift": _ends_of(joint("last"), curves.window).ravel(),
            "pvalue_study": study.pvalue.ravel(),
            "pvalue_study_bh": study.pvalue_bh.ravel(),
            "pvalue_study_holm": study.pvalue_holm.ravel(),
            "study_n": np.where(known, study.effective, np.nan).ravel(),
            "note": note.astype(object).ravel(),
        },
    )


def firm_events_table(firm_events: FirmEvents, curves: Curves) -> pa.Table:
    """Return a row per firm-event requested; it is skipped where no specification measures it."""
    lost = lost_reasons(curves)
    listed = ("event_id", "ticker", "kind", "title", "when", "timing", "session", "shift", "session_note")
    return make_table(
        "events",
        {
            **{name: getattr(firm_events, name) for name in (*listed, "expect", "characteristics")},
            "status": np.where(lost == "", "ok", "skipped").astype(object),
            "reason": lost,
        },
    )


def count_table(study: StudyInference) -> pa.Table:
    """Return the count of firm-days whose median t is extreme on its own, for each window."""
    rows = [
        {**part, "measure": np.full(len(part["test"]), MEASURE, dtype=object)} for part in study_tests(study)
    ]
    return make_table("tests", with_adjusted(rows, TEST_FAMILY))


def lost_reasons(curves: Curves) -> TextArray:
    """Return why no specification measures each firm-event, ``""`` where one does; shape (N,)."""
    return np.where((curves.reason == "").any(axis=1), "", curves.reason[:, 0])


def _labels(placed: Sequence[Placed]) -> Labels:
    firm_events = placed[0].spec.panel.firm_events
    return Labels(firm_events.event_id, firm_events.ticker)


def _benchmarks(placed: Placed) -> TextArray:
    """Return the benchmark of each firm-event, "" where the model needs none; shape (N,)."""
    firm_events = placed.spec.panel.firm_events
    if not placed.choice.needs_benchmark:
        return np.full(len(firm_events), "", dtype=object)
    names = np.array([*map(str, firm_events.benchmarks), ""], dtype=object)
    return names[firm_events.benchmark]


def _reasons(curves: Curves, event: IntArray, at: IntArray, car: FloatArray) -> TextArray:
    """Return why a row has no CAR, ``""`` where it has one."""
    stated = curves.reason[event, at]
    return np.where(np.isfinite(car), "", np.where(stated == "", NO_CAR, stated))


def _no_car(curves: Curves) -> TextArray:
    """Return why a firm-event has no CAR in any specification, shape (N, 1)."""
    lost = lost_reasons(curves)
    return np.where(lost == "", NO_CAR, lost)[:, None]


def _ends_of(columns: IntArray, window: Window) -> FloatArray:
    """Return shifts as event time, NaN where there is none."""
    return np.where(columns < 0, np.nan, columns + window.start)


def _at(ordered: FloatArray, place: IntArray) -> FloatArray:
    return np.take_along_axis(ordered, place[:, None], axis=1)[:, 0]


def _middle(ordered: FloatArray, number: IntArray) -> FloatArray:
    """Return the median of the first ``number`` along axis 1; NaN where it is 0."""
    low, high = np.maximum(number - 1, 0) // 2, np.minimum(number // 2, ordered.shape[1] - 1)
    return (_at(ordered, low) + _at(ordered, high)) / 2
