"""Placebo ranks: a CAR among those of the estimation window (sample quantiles)."""

from __future__ import annotations

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.numerics.kernels import rank_pvalue
from eventstudy.significance.result import SignificanceTest
from eventstudy.significance.romano_wolf import towards

ENOUGH = 10  #: estimation returns for each session of the window; with fewer the rank rejects too often
TOO_SHORT = f"fewer than {ENOUGH} estimation returns for each session of the window: read the conformal p"


def placebo(
    car: FloatArray, placebos: FloatArray, alternative: Alternative = "two-sided"
) -> tuple[FloatArray, IntArray]:
    """Return the rank p-value of CARs, shape (n,), among placebo CARs, (n, P), and the number of these.

    Parameters
    ----------
    placebos
        ``car`` of `left_out.left_out`; NaN = no such window.
    """
    return rank_pvalue(towards(car, alternative), towards(placebos, alternative))


PLACEBO = SignificanceTest(
    function=placebo,
    scope="firm-event",
    distribution="rank",
    parametric=False,
    robust_to=("fat tails",),
    summary="Rank of `|CAR|` among the CARs of the estimation window, each left out of its own fit.",
    null="the event's CAR has the distribution of those in the estimation window",
    formulas=(
        r"p = (1 + \#\{|c_w| \ge |CAR|\}) / (1 + n), \quad "
        r"c_w = 1' (I - Q_w Q_w')^{-1} e_w",
    ),
    notes="""`c_w` are the CARs of the `n` windows of the same length inside the estimation window in which no
    session is missing, each forecast by a fit without it; `Q` is an orthonormal basis of the regressors and
    `e` are the residuals. One-sided by the signed CARs: greater counts `c_w >= CAR`, less `c_w <= CAR`.

    Needs no normality; robust to fat tails, not to event-induced variance. Residuals of the fit itself would
    be too small (size 12 to 13 % with 30 returns and a window of 5, left out 6 to 7 %). With fewer than ten
    estimation returns for each session of the window it still rejects too often: read `conformal` there.""",
    references="""Gelbach, Helland & Klick 2013, American Law and Economics Review 15, 495-541,
    doi:10.1093/aler/aht009""",
)
