"""Labelled tidy tables out of arrays, one function per result table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from eventstudy._typing import Alternative, FloatArray, IntArray, TextArray
from eventstudy.assembly.car_notes import car_notes
from eventstudy.design import Window
from eventstudy.inference.car_columns import car_columns
from eventstudy.inference.study_inference import StudyInference
from eventstudy.models.earlier_sessions import long_placebo
from eventstudy.models.estimation import Estimates, Specification
from eventstudy.numerics.arrow import coded_array, encoded, table_of
from eventstudy.numerics.columns import Columns, stacked
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.multiplicity import benjamini_hochberg, holm
from eventstudy.panel.confounding import Confounding
from eventstudy.panel.masking import mask_notes
from eventstudy.schema import arrow_schema
from eventstudy.significance.abnormal import AbnormalReturns
from eventstudy.significance.beaver import variance_ratio
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.significance.history import History
from eventstudy.significance.placebo import ENOUGH, TOO_SHORT
from eventstudy.significance.synthetic_phi import InSpace, space_ranks

#: columns of ``events`` that are as they were listed
LISTED = (
    *("event_id", "ticker", "kind", "title", "when", "timing", "session", "shift", "session_note", "expect"),
    "characteristics",
)


class Labels:
    """Event id and ticker of each firm-event as dictionary columns, so that long tables repeat codes."""

    def __init__(self, event_id: TextArray, ticker: TextArray) -> None:
        self.coded = {"event_id": encoded(event_id), "ticker": encoded(ticker)}

    def columns(self, rows: IntArray) -> dict[str, pa.Array]:
        """Return both columns for a table whose row r belongs to firm-event ``rows[r]``."""
        return {name: coded_array(codes[rows], names) for name, (codes, names) in self.coded.items()}


def make_table(name: str, columns: Columns) -> pa.Table:
    """Return a result table by its fixed schema; NaN, NaT, ``""`` and missing columns become null."""
    return table_of(arrow_schema(name), columns)


def events_table(spec: Specification, estimates: Estimates, confounding: Confounding) -> pa.Table:
    """Return one row per firm-event requested, with its status and reason."""
    firm_events = spec.panel.firm_events
    used = firm_events.benchmarks if spec.model.requires.benchmark else ()
    benchmarks = np.array([*map(str, used), *[""] * (1 + len(firm_events.benchmarks))], dtype=object)
    return make_table(
        "events",
        {
            **{name: getattr(firm_events, name) for name in LISTED},
            "benchmark": benchmarks[firm_events.benchmark],
            "status": np.where(estimates.ok, "ok", "skipped").astype(object),
            "reason": estimates.reason,
            "model": np.full(len(firm_events), spec.model.name, dtype=object),
            "n_estimation": estimates.abnormal.n,
            "df": estimates.abnormal.df,
            "sigma": estimates.abnormal.sigma,
            "rho": estimates.abnormal.rho,
            "rsquared": estimates.rsquared,
            "confounded": confounding.confounded,
            "confounders": confounding.confounders,
            "n_known": confounding.n_known,
            "n_overlap_window": confounding.in_window,
            "n_overlap_estimation": confounding.in_estimation,
            "masked": estimates.masked,
            "mask_note": mask_notes(spec.panel, spec.design),
            "n_findings": spec.panel.n_findings,
            "agrees": _agrees(firm_events.expect, estimates),
        },
    )


def coefficients_table(estimates: Estimates, labels: Labels) -> pa.Table:
    """Return one row per firm-event and estimated coefficient."""
    rows, column = np.nonzero(estimates.terms != "")
    coefficient, error = estimates.coefficients[rows, column], estimates.std_errors[rows, column]
    return make_table(
        "coefficients",
        {
            **labels.columns(rows),
            "term": estimates.terms[rows, column],
            **coefficient_columns(coefficient, error, estimates.abnormal.df[rows]),
        },
    )


def coefficient_columns(estimate: FloatArray, error: FloatArray, df: FloatArray) -> dict[str, FloatArray]:
    """Return estimates with their t-statistics and p-values, in one shape."""
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = estimate / error
    pvalue = t_pvalue(statistic, df)
    return {"estimate": estimate, "std_error": error, "statistic": statistic, "pvalue": pvalue}


def abnormal_returns_table(spec: Specification, estimates: Estimates, labels: Labels) -> pa.Table:
    """Return one row per firm-event and session of the event window."""
    abnormal, window = estimates.abnormal, estimates.abnormal.window
    n = len(abnormal)
    rows = np.repeat(np.arange(n), window.length)
    columns = abnormal_return_columns(abnormal, spec.design.alternative)
    columns |= {"car": estimates.path, "car_se": estimates.path_se}
    return make_table(
        "abnormal_returns",
        {
            **labels.columns(rows),
            "tau": np.tile(np.arange(window.start, window.end + 1), n),
            "session": spec.panel.dates(np.arange(n), window).ravel(),
            **{name: values.ravel() for name, values in columns.items()},
        },
    )


def abnormal_return_columns(abnormal: AbnormalReturns, alternative: Alternative) -> dict[str, FloatArray]:
    """Return the figures of each session of the event window that follow from it alone, shape (n, L) each."""
    se = abnormal.ar_se
    df, factor = abnormal.reference([1])
    statistic, pvalue = forecast_t(abnormal.ar, se, df, alternative, factor)
    u, u_pvalue = variance_ratio(statistic, abnormal.df[:, None])
    since, since_se = abnormal.cumulated(start=0)
    return {
        "ret": abnormal.ret,
        "normal_ret": abnormal.normal,
        "ar": abnormal.ar,
        "ar_se": se,
        "sar": statistic,
        "statistic": statistic,
        "pvalue": pvalue,
        "variance_ratio": u,
        "variance_ratio_pvalue": u_pvalue,
        "car0": since,
        "car0_se": since_se,
    }


def cars_table(
    spec: Specification,
    estimates: Estimates,
    labels: Labels,
    history: History,
    pvalue_rw: FloatArray,
    study: StudyInference,
    space: InSpace | None = None,
) -> pa.Table:
    """Return one row per firm-event and window of the design.

    Parameters
    ----------
    history
        Of all firm-events, for their ranks.
    pvalue_rw
        Of `resampling.car_pvalues`, shape (N, C).
    study
        Of all firm-events over the windows of the design.
    space
        Their donors in their place; None for a model without donors.
    """
    design, windows = spec.design, spec.design.car_windows
    n, width = len(estimates.reason), len(windows)
    of_cars = car_columns(
        *(estimates.abnormal, history, windows),
        car=estimates.car[:, :width],
        se=estimates.car_se[:, :width],
        bhar=estimates.bhar[:, :width],
        count=estimates.count[:, :width],
        alternative=design.alternative,
        confidence=design.confidence,
    )
    of_cars = {name: values.ravel() for name, values in of_cars.items()}
    pvalue = of_cars["pvalue"]
    event = labels.coded["event_id"][0].astype(np.int64)
    family = (event[:, None] * width + np.arange(width)).ravel()
    return make_table(
        "cars",
        {
            **labels.columns(np.repeat(np.arange(n), width)),
            **of_cars,
            "pvalue_holm": holm(pvalue, family),
            "pvalue_bh": benjamini_hochberg(pvalue, family),
            "pvalue_rw": pvalue_rw.ravel(),
            **{name: values.ravel() for name, values in vars(estimates.ranks).items()},
            "car_note": car_notes(estimates.abnormal, windows).ravel(),
            "placebo_note": _placebo_notes(estimates, windows).ravel(),
            **_study_columns(study),
            **_history_columns(spec, estimates),
            **_space_columns(space),
        },
    )


def _placebo_notes(estimates: Estimates, windows: Sequence[Window]) -> TextArray:
    """Say which placebo ranks reject too often, and what to read instead; shape (N, C)."""
    length = np.array([window.length for window in windows])
    few = estimates.abnormal.n[:, None] < ENOUGH * length
    return np.where(few & (estimates.ranks.placebo_n > 0), f"{TOO_SHORT}; read the conformal p", "").astype(
        object
    )


def _history_columns(spec: Specification, estimates: Estimates) -> Columns:
    """Return the ranks among earlier sessions, where the design asks for them."""
    if not spec.design.ranks_earlier_sessions:
        return {}
    pvalue, n = long_placebo(spec, estimates)
    return {"history_pvalue": pvalue.ravel(), "history_n": n.ravel()}


def _space_columns(space: InSpace | None) -> Columns:
    """Return the ranks among the donors, where the model has donors."""
    if space is None:
        return {}
    pvalue, n = space_ranks(space)
    return {"space_pvalue": pvalue.ravel(), "space_n": n.ravel()}


def _study_columns(study: StudyInference) -> Columns:
    """Return the p-values over the whole study, and what they are compared with where there is one."""
    known = np.isfinite(study.pvalue)
    kinds = ["estimation" if each.earlier is None else "earlier" for each in study.references]
    return {
        "pvalue_study": study.pvalue.ravel(),
        "pvalue_study_bh": study.pvalue_bh.ravel(),
        "pvalue_study_holm": study.pvalue_holm.ravel(),
        "study_n": np.where(known, study.effective, np.nan).ravel(),
        "study_reference": np.where(known, np.array(kinds, dtype=object), "").ravel(),
    }


def residuals_table(spec: Specification, estimates: Estimates, labels: Labels) -> pa.Table:
    """Return one row per firm-event and estimation session that was used."""
    window = spec.design.estimation_window
    rows, column = np.nonzero(np.isfinite(estimates.abnormal.residuals))
    return make_table(
        "residuals",
        {
            **labels.columns(rows),
            "tau": column + window.start,
            "session": spec.panel.matrix.dates[spec.panel.day0[rows] + column + window.start],
            "residual": estimates.abnormal.residuals[rows, column],
        },
    )


def with_adjusted(parts: Sequence[Columns], names: Sequence[str]) -> Columns:
    """Return the stacked parts with p-values adjusted over the rows that agree in some columns."""
    table = stacked(parts)
    if not table:
        return {}
    family, _ = encoded(zip(*(table[name].tolist() for name in names), strict=True))
    adjusted = {"pvalue_holm": holm, "pvalue_bh": benjamini_hochberg}
    return table | {name: adjust(table["pvalue"], family) for name, adjust in adjusted.items()}


def labelled_table(name: str, columns: Columns, labels: Labels) -> pa.Table:
    """Return a table of columns among which ``firm_event`` is the firm-event of each row."""
    if not columns:
        return make_table(name, {})
    rest = {key: values for key, values in columns.items() if key != "firm_event"}
    return make_table(name, {**labels.columns(columns["firm_event"]), **rest})


def _agrees(expect: TextArray, estimates: Estimates) -> TextArray:
    """Return whether day 0 has the expected sign; None where none is expected, or its sign is not known."""
    agrees = np.full(len(expect), None, dtype=object)
    known = (np.abs(estimates.day0_sign) == 1) & (expect != "")
    agrees[known] = ((estimates.day0_sign > 0) == (expect == "up"))[known]
    return agrees
