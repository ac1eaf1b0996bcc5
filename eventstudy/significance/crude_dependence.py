"""Brown & Warner: the crude dependence adjustment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.exact_sums import ExactSums
from eventstudy.numerics.row_sums import sum_chosen
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection
from eventstudy.significance.sums import Summed, car_powers
from eventstudy.significance.totals import Totals


@dataclass(frozen=True)
class PastTotals:
    """Counts and sums of estimation residuals over the firm-events that are complete in each window.

    Attributes
    ----------
    pattern
        Which of the ``totals`` each window has, shape (W,): windows that the same firm-events are complete
        in share them.
    totals
        Session by session, shape (G, L1).
    """

    pattern: IntArray
    totals: tuple[Totals, ...]

    def __add__(self, other: PastTotals) -> PastTotals:
        """Return the totals of both shards."""
        pairs, pattern = np.unique(np.stack([self.pattern, other.pattern]), axis=1, return_inverse=True)
        totals = tuple(self.totals[mine] + other.totals[theirs] for mine, theirs in pairs.T)
        return PastTotals(pattern.ravel(), totals)

    def of_all_groups(self) -> PastTotals:
        """Return the totals of all groups as those of one."""
        return PastTotals(self.pattern, tuple(each.of_all_groups() for each in self.totals))


def residual_totals(sample: CrossSection) -> PastTotals:
    """Take the estimation residuals of the firm-events complete in each window.

    Sums are exact, so those of a window in which most are complete are the sums of all less those of the
    others.
    """
    every, totals = _residuals(sample, slice(None)), {}
    masks = [mask.tobytes() for mask in np.isfinite(sample.car).T]
    for each in dict.fromkeys(masks):
        mask = np.frombuffer(each, dtype=bool)
        if 2 * mask.sum() < len(mask):
            totals[each] = _residuals(sample, mask)
        else:
            totals[each] = every - _residuals(sample, ~mask)
    order = list(totals)
    return PastTotals(np.array([order.index(each) for each in masks]), tuple(totals.values()))


def _residuals(sample: CrossSection, rows: Any) -> Totals:
    """Return counts and sums of the estimation residuals of some firm-events, (G, L1)."""
    residuals, events, group = sample.history.residuals, sample.events[rows], sample.group[rows]
    count = sum_chosen(sample.history.there, events, group, sample.groups)
    return Totals((count,), (ExactSums.of_chosen(residuals, events, group, sample.groups),))


def crude_dependence_t(sample: Summed) -> SignificanceResult:
    """Compare the mean CAR with the variation of the same firms' mean abnormal return before the event."""
    spread, sessions = _past(sample)
    length = np.array([window.length for window in sample.windows])
    mean, _, n = sample.sums(car_powers).moments()
    se = spread * np.sqrt(length)
    with np.errstate(invalid="ignore"):
        t = mean / se
    df = np.where(n > 0, sessions - 1.0, np.nan)
    return SignificanceResult(t, t_pvalue(t, df, sample.alternative), n, df=df, se=se)


CRUDE_DEPENDENCE_T = SignificanceTest(
    function=crude_dependence_t,
    sums=(car_powers, residual_totals),
    distribution="t",
    robust_to=("cross-correlation",),
    independent_sessions=True,
    summary="Mean CAR over the time-series deviation of the mean abnormal return in the estimation window.",
    null="the mean abnormal return is zero",
    formulas=(
        r"t = \mathrm{CAAR} / (\sqrt L S) \sim t(M-1), \quad "
        r"S^2 = \frac{1}{M-1} \sum_t (\mathrm{AAR}_t - \overline{\mathrm{AAR}})^2",
    ),
    notes="""The CAAR is the mean over the firm-events that are complete in the window, `AAR_t` the mean over
    the same firm-events in estimation session `t`, aligned in event time, of those that have a return there;
    `M` counts the sessions in which any has. Robust to cross-correlation of firms that share their dates,
    because their mean had it in the estimation window too. Not robust to event-induced variance; assumes
    independent sessions.""",
    references="""Brown & Warner 1980, Journal of Financial Economics 8, 205-258,
    doi:10.1016/0304-405X(80)90002-1, A.4; Brown & Warner 1985, Journal of Financial Economics 14, 3-31,
    doi:10.1016/0304-405X(85)90042-X, eqs. 4-6""",
)


def _past(sample: Summed) -> tuple[FloatArray, IntArray]:
    """Return the deviation over the estimation sessions of the mean of the firms in each window, (G, W).

    The second array counts these sessions.
    """
    blocks = []
    for past in sample.in_blocks(residual_totals):
        parts = [_deviation(each.sums[0].value, each.counts[0]) for each in past.totals]
        blocks.append([np.stack(part, axis=1)[:, past.pattern] for part in zip(*parts, strict=True)])
    deviation, sessions = (np.concatenate(block) for block in zip(*blocks, strict=True))
    return deviation, sessions


def _deviation(total: FloatArray, count: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the deviation of the means ``total / count`` over sessions, and their number, (G,)."""
    there = count > 0
    sessions = there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        aar = total / count
        mean = np.where(there, aar, 0.0).sum(axis=1) / sessions
        squares = np.where(there, (aar - mean[:, None]) ** 2, 0.0).sum(axis=1)
        variance = squares / np.where(sessions > 1, sessions - 1, np.nan)
    return np.sqrt(np.where(variance > 0, variance, np.nan)), sessions
