"""Brown & Warner: the crude dependence adjustment."""

from __future__ import annotations

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import CrossSection, moments


def crude_dependence_t(sample: CrossSection) -> SignificanceResult:
    """Compare the mean CAR with the variation of the group's mean abnormal return before the event."""
    spread, sessions = _past(sample)
    length = np.array([window.length for window in sample.windows])
    mean, _, n = moments(sample, sample.car)
    se = np.where(n > 0, spread[:, None] * np.sqrt(length), np.nan)
    with np.errstate(invalid="ignore"):
        t = mean / se
    df = sessions[:, None] - 1.0
    return SignificanceResult(t, t_pvalue(t, df, sample.alternative), n, df=df, se=se)


CRUDE_DEPENDENCE_T = SignificanceTest(
    function=crude_dependence_t,
    distribution="t",
    robust_to=("cross-correlation",),
    summary="Mean CAR over the time-series deviation of the mean abnormal return in the estimation window.",
    null="the mean abnormal return is zero",
    formulas=(
        r"t = \mathrm{CAAR} / (\sqrt L S) \sim t(M-1), \quad "
        r"S^2 = \frac{1}{M-1} \sum_t (\mathrm{AAR}_t - \overline{\mathrm{AAR}})^2",
    ),
    notes="""`AAR_t` is the mean abnormal return of the group's firm-events that have one in estimation
    session `t`, aligned in event time; `M` counts the sessions in which any has. Robust to cross-correlation
    of firms that share their dates, because their mean had it in the estimation window too. Not robust to
    event-induced variance; assumes independent sessions. NaN CARs are left out of the mean.""",
    references="""Brown & Warner 1980, Journal of Financial Economics 8, 205-258,
    doi:10.1016/0304-405X(80)90002-1, A.4; Brown & Warner 1985, Journal of Financial Economics 14, 3-31,
    doi:10.1016/0304-405X(85)90042-X, eqs. 4-6""",
)


def _past(sample: CrossSection) -> tuple[FloatArray, FloatArray]:
    """Return the deviation of each group's mean over the estimation sessions, and their number, (G,)."""
    residuals, events = sample.history.residuals, sample.events
    count = sample.total_of(lambda rows: np.isfinite(residuals[events[rows]]).astype(np.int64))
    total = sample.total_of(lambda rows: np.nan_to_num(residuals[events[rows]]))
    there = count > 0
    sessions = there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        aar = total / count
        mean = np.where(there, aar, 0.0).sum(axis=1) / sessions
        squares = np.where(there, (aar - mean[:, None]) ** 2, 0.0).sum(axis=1)
        variance = squares / np.where(sessions > 1, sessions - 1, np.nan)
    return np.sqrt(np.where(variance > 0, variance, np.nan)), sessions
