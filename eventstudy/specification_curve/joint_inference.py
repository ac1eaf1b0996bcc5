"""The specifications of a firm-event taken together: shifts of day 0 that are common to all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue, t_quantile
from eventstudy.significance.romano_wolf import towards

LEVEL = 0.05  #: p-values below it are counted


@dataclass(frozen=True)
class JointInference:
    """What n firm-events show in one window over S specifications.

    Attributes
    ----------
    median, most
        Median of the t, and the largest in the direction of the alternative (of absolute values where it is
        two-sided); shape (n,), NaN without a t.
    count
        Specifications with a p-value below `LEVEL`, shape (n,).
    p_median, p_max, p_count
        Share of the common shifts at which median, largest t and count are at least as extreme, the event
        itself counted as one; shape (n,), NaN without a common shift.
    shifts, first, last
        Number of common shifts, and the columns of the first and the last; shape (n,), -1 without any.
    reference
        Median of the left-out t at each common shift, shape (n, P); NaN at others.
    """

    median: FloatArray
    most: FloatArray
    count: IntArray
    p_median: FloatArray
    p_max: FloatArray
    p_count: FloatArray
    shifts: IntArray
    first: IntArray
    last: IntArray
    reference: FloatArray


def joint_inference(
    t: FloatArray,
    df: FloatArray,
    left_out: FloatArray,
    left_out_df: FloatArray,
    alternative: Alternative = "two-sided",
) -> JointInference:
    """Compare median, extreme and count of the t over specifications with those at common shifts.

    Parameters
    ----------
    t, df
        Shape (n, S); NaN where a specification has no CAR, which leaves it out.
    left_out
        The left-out t of every specification at every shift, shape (n, P, S); NaN where it has none.
    left_out_df
        Their degrees of freedom, shape (n, S).

    Notes
    -----
    A shift counts where every specification with a t has a left-out t. All of them are taken at the same
    shift, so that their dependence is kept. With ``z`` the left-out t, ``p_median = (1 + #{|med_s z| >=
    |med_s t|}) / (1 + n)``, ``p_max`` the same of ``max_s |z|``, ``p_count`` of ``#{s: p_s < 0.05}``; a
    one-sided alternative takes ``z`` and ``-z`` in the place of ``|z|``.

    References
    ----------
    Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4, 1208-1214, doi:10.1038/s41562-020-0912-z.
    """
    known: BoolArray = np.isfinite(t)
    there = np.isfinite(left_out) | ~known[:, None, :]
    common = np.asarray(there.all(axis=2) & known.any(axis=1, keepdims=True))
    there = known[:, None, :] & common[:, :, None]
    z = np.where(there, left_out, np.nan)
    median = _median(t[:, None, :], known)[:, 0]
    reference = _median(z, known)
    tail = LEVEL / (2 if alternative == "two-sided" else 1)
    observed, shifted = towards(t, alternative), towards(z, alternative, out=z)
    with np.errstate(invalid="ignore"):
        count = (t_pvalue(t, df, alternative) < LEVEL).sum(axis=1)
        counts = (shifted > t_quantile(1 - tail, left_out_df)[:, None, :]).sum(axis=2)
    most = np.where(known, observed, -np.inf).max(axis=1, initial=-np.inf)
    largest = np.where(there, shifted, -np.inf).max(axis=2, initial=-np.inf)
    middle = towards(reference, alternative)
    shifts = common.sum(axis=1)
    return JointInference(
        median=median,
        most=np.where(known.any(axis=1), most, np.nan),
        count=count,
        p_median=_share(middle >= towards(median, alternative)[:, None], common),
        p_max=_share(largest >= most[:, None], common),
        p_count=_share(counts >= count[:, None], common),
        shifts=shifts,
        first=np.where(shifts > 0, common.argmax(axis=1), -1),
        last=np.where(shifts > 0, common.shape[1] - 1 - common[:, ::-1].argmax(axis=1), -1),
        reference=reference,
    )


def _median(values: FloatArray, known: BoolArray) -> FloatArray:
    """Return the median over the known specifications, (n, P) of (n, P, S); NaN where one of them is."""
    ordered, number = np.sort(values, axis=2), known.sum(axis=1)  # NaN comes last
    middle = np.stack([np.maximum(number - 1, 0) // 2, np.minimum(number // 2, values.shape[2] - 1)], axis=1)
    both = np.take_along_axis(ordered, np.broadcast_to(middle[:, None, :], (*values.shape[:2], 2)), axis=2)
    whole = np.isfinite(values).sum(axis=2) == number[:, None]
    return np.where(whole & (number > 0)[:, None], both.mean(axis=2), np.nan)


def _share(reached: BoolArray, common: BoolArray) -> FloatArray:
    """Return ``(1 + #reached) / (1 + #common)`` over the common shifts, shape (n,); NaN without any."""
    n = common.sum(axis=1)
    return np.where(n > 0, (1.0 + (reached & common).sum(axis=1)) / (1.0 + n), np.nan)
