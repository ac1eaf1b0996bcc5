"""The count: how many firm-days of a study have a small rank among their own left-out windows."""

from __future__ import annotations

from functools import reduce

import numpy as np

from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.study_reference import StudyReference

MOST_SESSIONS = 5  #: of a window whose count has a p-value: longer ones share too much estimation error
LEAST_SHIFTS = 20  #: that each cluster of dates needs for a p-value
NO_REFERENCE = "no firm-day has a left-out window"
TOO_LONG = f"beyond {MOST_SESSIONS} sessions estimation error is shared: no p-value"
TOO_FEW = f"fewer than {LEAST_SHIFTS} shifts at which all firm-days of a date have a left-out window"


def study_count(study: StudyReference) -> SignificanceResult:
    """Count the firm-days whose own rank p-value is at most 5 %, and compare with shifts of the dates."""
    known, firm_days = study.windows > 0, len(study.score)
    if not known.any():
        note = NO_REFERENCE if firm_days else ""
        return SignificanceResult(np.array(np.nan), np.array(np.nan), firm_days, note=note)
    count = int((study.rank <= study.extreme)[known].sum())
    expected = float((study.extreme[known] / study.windows[known]).sum())
    pvalue, note = np.nan, ""
    if study.length > MOST_SESSIONS:
        note = TOO_LONG
    elif study.whole.sum(axis=1).min() < LEAST_SHIFTS:
        note = TOO_FEW
    else:
        pvalue = float(_distribution(study)[count:].sum())
    return SignificanceResult(
        np.array(float(count)), np.array(pvalue), firm_days, note=note, expected=expected
    )


def _distribution(study: StudyReference) -> np.ndarray:
    """Return the probability of 0, 1, ... firm-days by chance: that of each cluster, convolved."""
    frequencies = (
        np.bincount(hits[whole]) / whole.sum() for hits, whole in zip(study.hits, study.whole, strict=True)
    )
    return reduce(np.convolve, frequencies)


STUDY_COUNT = SignificanceTest(
    function=study_count,
    scope="study",
    unit="firm-day",
    distribution="rank",
    parametric=False,
    robust_to=("cross-correlation", "fat tails"),
    summary="Number of firm-days whose rank among their own left-out windows is at most 5 %.",
    null="on no date are the CARs drawn otherwise than in the estimation window",
    formulas=(
        r"C = \#\{i: p_i \le 0.05\}, \quad E[C] = \sum_i k_i / n_i",
        r"k_i = \lfloor 0.05 (1 + n_i) \rfloor",
        r"p = P(\sum_d C_d \ge C)",
    ),
    notes="""`p_i` is the rank of `CAR_i / se_i` among the `n_i` left-out `t` of its own estimation window,
    under the alternative of the design. By chance date `d` has `C_d` firm-days whose left-out `t` is among
    their own `k_i` most extreme ones, at any shift of the date into its estimation window; all firm-days of
    a date are shifted together, and so are dates whose windows overlap, which keeps their correlation. Dates
    are independent: their distributions are convolved.

    A firm-day counts once, in however many events. Where a firm-day has a missing left-out window the shift
    is left out; no p-value with fewer than 20 shifts of some date, nor for windows of more than five
    sessions, where the estimation error that they share makes it too small. Names no firm-day.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht009""",
)
