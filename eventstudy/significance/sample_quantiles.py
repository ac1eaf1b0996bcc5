"""Gelbach, Helland & Klick: the signed rank of a CAR among those of the estimation window (SQ test)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.numerics.distributions import smaller_tail
from eventstudy.numerics.kernels import rank_pvalue, whole_part
from eventstudy.significance.result import SignificanceTest


class SampleQuantiles(NamedTuple):
    """p-values and critical values of n CARs, shape (n,); a critical value is NaN where there is none."""

    pvalue: FloatArray
    low: FloatArray
    high: FloatArray


def sq(
    car: FloatArray, placebos: FloatArray, alternative: Alternative = "two-sided", size: float = 0.05
) -> SampleQuantiles:
    """Return signed-rank p-values of CARs, shape (n,), among placebo CARs, (n, P), and critical values.

    Parameters
    ----------
    placebos
        ``car`` of `left_out.left_out`; NaN = no such window.
    size
        Of the test by its critical values; two-sided it has half in each tail, one-sided all in the one.
    """
    (above, n), (below, _) = rank_pvalue(car, placebos), rank_pvalue(-car, -placebos)
    tail = size / 2 if alternative == "two-sided" else size
    rank = whole_part(tail * (1 + n))
    ordered, none = np.sort(placebos, axis=1), np.full(len(car), np.nan)
    low = none if alternative == "greater" else _ranked(ordered, rank - 1, rank > 0)
    high = none if alternative == "less" else _ranked(ordered, n - rank, rank > 0)
    return SampleQuantiles(smaller_tail(below, above, alternative), low, high)


SQ = SignificanceTest(
    function=sq,
    scope="firm-event",
    distribution="rank",
    parametric=False,
    robust_to=("skewness", "fat tails"),
    summary="Signed rank of the CAR among those of the estimation window: a two-sided p has equal tails.",
    null="the event's CAR has the distribution of those in the estimation window",
    formulas=(
        r"p = \min(1, 2 \min(p_<, p_>)), \quad "
        r"p_> = (1 + \#\{c_w \ge CAR\}) / (1 + n), \quad p_< = (1 + \#\{c_w \le CAR\}) / (1 + n)",
    ),
    notes="""`c_w` and missing returns as in `placebo`, from which it differs where residuals are skewed. The
    critical values `sq_low` and `sq_high` are the `k`-th smallest and the `k`-th largest `c_w`,
    `k = floor(a (1 + n))` with `a` half of one minus the confidence of the design in each tail, or all of it
    in the one of a one-sided alternative; a CAR beyond one is rejected. There is none where `k` is 0.

    One-sided tests are what the paper proposes; it ranks residuals of the fit itself, here each window is
    left out of its fit. Not robust to event-induced variance.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht009""",
)


def _ranked(ordered: FloatArray, place: IntArray, there: BoolArray) -> FloatArray:
    """Return the value at a place of each ordered row, NaN where there is none, shape (n,)."""
    if not ordered.shape[1]:
        return np.full(len(ordered), np.nan)
    value = np.take_along_axis(ordered, np.where(there, place, 0)[:, None], axis=1)[:, 0]
    return np.where(there, value, np.nan)
