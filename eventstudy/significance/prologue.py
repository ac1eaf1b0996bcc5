"""Cohn, Johnson, Liu & Wardlaw: the slope of one date's returns on a characteristic against ordinary days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from eventstudy._typing import Alternative, BoolArray, FloatArray
from eventstudy.numerics.kernels import rank_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest, too_few
from eventstudy.significance.romano_wolf import towards

DAYS = 200  #: ordinary days before the event
LEAST_FIRMS, LEAST_DAYS = 8, 60  #: with fewer there is no test
LEAST_COMPONENTS, MOST_COMPONENTS = 3, 100
LEAST_VARIANCE = 1e-15  #: of a firm beyond the components, as the authors bound it
BLOCK = 1 << 22  #: returns gathered at once: bounds the memory
FEW_FIRMS = f"fewer than {LEAST_FIRMS} firms with complete returns and characteristics"
FEW_DAYS = f"fewer than {LEAST_DAYS} earlier days"
COLLINEAR = "the characteristics are collinear, or the same for all firms"


@dataclass(frozen=True)
class DateAndBefore:
    """Returns of N firms on one date and on D earlier days, and k characteristics of the firms.

    Attributes
    ----------
    event
        Return over the L sessions of the window, decimal, shape (N,).
    earlier
        The same over L sessions that begin on each of D consecutive sessions, shape (D, N); the last is the
        latest whose window ends before the event window. NaN: the firm is left out.
    x
        Characteristics without the constant, as of the event, shape (N, k); NaN: the firm is left out.
    gap
        Sessions from the last earlier day to the event.
    days
        Earlier days to compare with, as far as there are so many.
    span
        Days from which the covariance of each day is estimated; None: as many as are compared with.
    components
        Principal components of the covariance; None: ``max(3, min(N / 10, span / 4, 100))``.
    alternative
        Of the p-values.
    """

    event: FloatArray
    earlier: FloatArray
    x: FloatArray
    gap: int = 1
    days: int = DAYS
    span: int | None = None
    components: int | None = None
    alternative: Alternative = "two-sided"

    @classmethod
    def of(
        cls,
        returns: FloatArray,
        x: FloatArray,
        day: int,
        *,
        length: int = 1,
        end: int | None = None,
        days: int = DAYS,
        span: int | None = None,
        components: int | None = None,
        alternative: Alternative = "two-sided",
    ) -> DateAndBefore:
        """Take the event and the days before it out of a table of returns.

        Parameters
        ----------
        returns
            Shape (T, N), decimal, sessions in order.
        x
            Shape (N, k), without a constant.
        day, length
            Row of the first session of the window, and its number of sessions.
        end
            Row before which earlier windows end; by default ``day``.
        days, span, components, alternative
            As the attributes.
        """
        windows = (
            sliding_window_view(returns, length, axis=0) if len(returns) >= length else returns[:0, :, None]
        )
        sums = windows.sum(axis=-1)
        last = (day if end is None else end) - length
        wanted = 2 * days if span is None else days + span
        event = sums[day] if 0 <= day < len(sums) else np.full(returns.shape[1], np.nan)
        earlier = sums[max(last + 2 - wanted - (day - last), 0) : max(last + 1, 0)]
        return cls(event, earlier, x, day - last, days, span, components, alternative)


class Slopes(NamedTuple):
    """Slopes on the event, shape (k,), and on n earlier days, shape (n, k), decimal per unit of each x.

    ``firms`` entered, of ``given``; ``note`` says why there are none, or what the covariance is made of.
    """

    event: FloatArray
    earlier: FloatArray
    firms: int
    given: int
    note: str


def slopes_ols(data: DateAndBefore) -> Slopes:
    """Return the least-squares slopes of the event and of each earlier day."""
    n = min(data.days, len(data.earlier))
    earlier = data.earlier[len(data.earlier) - n :]
    there, design, problem = _complete(data, earlier, n)
    if problem:
        return _none(data, there, problem)
    returns = np.vstack([earlier, data.event])[:, there]
    b = np.asarray(np.linalg.lstsq(design, returns.T, rcond=None)[0], dtype=float).T[:, 1:]
    return Slopes(b[-1], b[:-1], int(there.sum()), len(there), "")


def slopes_gls(data: DateAndBefore) -> Slopes:
    """Return the slopes by generalised least squares; each day has the covariance of the days before it."""
    have = len(data.earlier) - data.gap + 1
    n = min(data.days, have // 2 if data.span is None else have - data.span)
    span = n if data.span is None else data.span
    used = n + data.gap - 1 + span
    earlier = data.earlier[len(data.earlier) - max(used, 0) :]
    there, design, problem = _complete(data, earlier, n)
    if problem:
        return _none(data, there, problem)
    firms = int(there.sum())
    most = max(LEAST_COMPONENTS, min(firms // 10, span // 4, MOST_COMPONENTS))
    components = min(most if data.components is None else data.components, firms - 1, span - 1)
    earlier = earlier[:, there]
    returns = np.vstack([earlier[len(earlier) - n :], data.event[there]])
    # the covariance of an earlier day ends `gap` days before it, that of the event with the last earlier day
    windows = sliding_window_view(earlier, span, axis=0)[np.append(np.arange(n), len(earlier) - span)]
    b, step = np.empty((n + 1, design.shape[1])), max(BLOCK // (firms * span), 1)
    for start in range(0, n + 1, step):
        part = slice(start, start + step)
        b[part] = _generalised(returns[part], design, windows[part], components)
    note = f"covariance of {components} components over {span} days"
    return Slopes(b[-1, 1:], b[:-1, 1:], firms, len(there), note)


def _complete(data: DateAndBefore, earlier: FloatArray, n: int) -> tuple[BoolArray, FloatArray, str]:
    """Return which firms are complete, (N,), their regressors, and what makes it impossible."""
    there: BoolArray = (
        np.isfinite(data.event) & np.isfinite(data.x).all(axis=1) & np.isfinite(earlier).all(axis=0)
    )
    design = np.column_stack([np.ones(int(there.sum())), data.x[there]])
    if n < LEAST_DAYS:
        return there, design, FEW_DAYS
    if len(design) < max(LEAST_FIRMS, design.shape[1] + 1):
        return there, design, FEW_FIRMS
    scale = np.abs(design).max(axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(design / scale) < design.shape[1]:
        return there, design, COLLINEAR
    return there, design, ""


def _none(data: DateAndBefore, there: BoolArray, problem: str) -> Slopes:
    k = data.x.shape[1]
    return Slopes(np.full(k, np.nan), np.empty((0, k)), int(there.sum()), len(there), problem)


def _generalised(returns: FloatArray, x: FloatArray, windows: FloatArray, components: int) -> FloatArray:
    """Return ``(X'O^-1 X)^-1 X'O^-1 y`` of some days, shape (n, k + 1).

    Parameters
    ----------
    returns
        Shape (n, N).
    x
        With the constant, shape (N, k + 1).
    windows
        Returns before each day, shape (n, N, span).
    """
    deviation = windows - windows.mean(axis=2, keepdims=True)
    deviation /= np.sqrt(windows.shape[2] - 1.0)
    variance = (deviation**2).sum(axis=2)
    across = deviation.transpose(0, 2, 1)
    if windows.shape[2] < windows.shape[1]:  # the same components from the smaller product
        factors = deviation @ np.linalg.eigh(across @ deviation)[1][:, :, -components:]
    else:
        values, vectors = np.linalg.eigh(deviation @ across)
        factors = vectors[:, :, -components:] * np.sqrt(np.maximum(values[:, None, -components:], 0.0))
    own = np.maximum(variance - (factors**2).sum(axis=2), LEAST_VARIANCE)
    weighted = factors / own[:, :, None]
    inner = np.eye(components) + factors.transpose(0, 2, 1) @ weighted
    # O^-1 X = D^-1 X - D^-1 F (I + F'D^-1 F)^-1 F'D^-1 X (Woodbury)
    rotated = x / own[:, :, None] - weighted @ np.linalg.solve(inner, weighted.transpose(0, 2, 1) @ x)
    left = rotated.transpose(0, 2, 1)
    return np.asarray(np.linalg.solve(left @ x, left @ returns[:, :, None])[:, :, 0])


def _tested(slopes: Slopes, alternative: Alternative) -> SignificanceResult:
    """Compare the slopes of the event with those of the earlier days; arrays of shape (k,)."""
    n = len(slopes.earlier)
    if not n:
        nothing = np.full(len(slopes.event), np.nan)
        return SignificanceResult(nothing, nothing, slopes.firms, note=slopes.note)
    mean, deviation = slopes.earlier.mean(axis=0), slopes.earlier.std(axis=0, ddof=1)
    distance = towards(slopes.event - mean, alternative)
    pvalue, _ = rank_pvalue(distance, towards(slopes.earlier - mean, alternative).T)
    parts = [f"rank among {n} earlier days", slopes.note]
    if slopes.firms < slopes.given:
        parts.append(f"{slopes.given - slopes.firms} of {slopes.given} firms left out: a gap in their returns"
                     " or no characteristic")  # fmt: skip
    parts.append(str(too_few(np.array(1 / (1 + n)))))
    return SignificanceResult(
        (slopes.event - mean) / (deviation * np.sqrt(1.0 + 1.0 / n)),
        pvalue,
        slopes.firms,
        df=n - 1,
        note="; ".join(filter(None, parts)),
        estimate=slopes.event,
    )


def prologue_ols(data: DateAndBefore) -> SignificanceResult:
    """Rank the least-squares slopes of the event among those of earlier days; arrays of shape (k,)."""
    return _tested(slopes_ols(data), data.alternative)


def prologue_gls(data: DateAndBefore) -> SignificanceResult:
    """Rank the generalised least-squares slopes of the event among those of earlier days, shape (k,)."""
    return _tested(slopes_gls(data), data.alternative)


PROLOGUE_OLS = SignificanceTest(
    function=prologue_ols,
    scope="slopes",
    unit="tickers",
    distribution="rank",
    parametric=False,
    robust_to=("cross-correlation", "fat tails"),
    measures=("return",),
    summary="Slope of the returns of one date on a characteristic, among the slopes of ordinary days.",
    null="the slope on the event day is drawn like that of an ordinary day",
    formulas=(
        r"p = \frac{1 + \#\{|b_t - \bar b| \ge |b_0 - \bar b|\}}{1 + n}",
        r"t = \frac{b_0 - \bar b}{\mathrm{sd}(b_t) \sqrt{1 + 1/n}} \sim t(n - 1)",
    ),
    notes="""`b_t` are the coefficients of the regression of the returns of all firms of day `t` on a constant
    and their characteristics, those of the event date for every day; over several sessions their returns are
    summed. The `n` earlier days, 200 where the data hold them, end so that no window touches the event
    window. The table holds `t` with its degrees of freedom, and the rank as p-value.

    Robust to any correlation of the firms, which the earlier days have too; standard errors of one date,
    clustered or not, are far too small then. Not robust to a day that is louder than ordinary ones. A firm
    with a missing return or characteristic is left out and counted; needs 8 firms and 60 days.""",
    references="""Cohn, Johnson, Liu & Wardlaw 2026, Journal of Financial Economics 180, 104278,
    doi:10.1016/j.jfineco.2026.104278""",
)

PROLOGUE_GLS = replace(
    PROLOGUE_OLS,
    name="prologue_gls",
    function=prologue_gls,
    summary="`prologue_ols` with slopes by generalised least squares: more power where firms move together.",
    formulas=(
        r"b_t = (X' \Omega_t^{-1} X)^{-1} X' \Omega_t^{-1} R_t, \quad "
        r"\Omega_t = P \Lambda P' + \mathrm{diag}(d)",
        *PROLOGUE_OLS.formulas,
    ),
    notes="""`P` and `Lambda` are the first principal components of the firms' returns over a span of days
    that ends as long before day `t` as the earlier days end before the event, `d` what they leave of each
    firm's variance. Each day has a covariance of its own: one that is estimated on the days it is compared
    with rejects too often. There are `max(3, min(N/10, span/4, 100))` components, and as many days of the
    span as earlier days: half of the history, 200 at most.

    Otherwise as `prologue_ols`. A firm with a missing return in the span is left out and counted.""",
)
