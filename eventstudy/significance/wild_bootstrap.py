"""The wild bootstrap: random signs by date."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.significance.clusters import cells_of_one_size
from eventstudy.significance.result import SignificanceResult, SignificanceTest, too_few
from eventstudy.significance.sample import totals
from eventstudy.significance.sums import Summed, scar_by_date
from eventstudy.significance.totals import ROUNDING, CellTotals

DRAWS = 9_999  #: sign vectors, where there are not fewer of them altogether
BLOCK = 1 << 15  #: numbers per step: fits the cache and bounds the memory
TIE = 1e-9  #: statistics this close are equal: sign vectors that give the same one round differently


def wild_bootstrap(sample: Summed) -> SignificanceResult:
    """Return the t clustered by date and its wild bootstrap p-value."""
    date = sample.sums(scar_by_date)
    n, total = date.over_groups(sample.groups)
    dates = totals((date.size > 0).astype(np.int64), date.group, sample.groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = date.total - date.size * np.where(n > 0, total / n, 0.0)[date.group]
        spread = np.sqrt(totals(deviation**2, date.group, sample.groups))
        spread = np.where((dates > 1) & (spread > ROUNDING * np.abs(total)), spread, np.nan)
        t = total / (spread * np.sqrt(dates / (dates - 1.0)))
    patterns = np.minimum(2.0 ** np.minimum(dates, 64), DRAWS + 1)
    smallest = (2 if sample.alternative == "two-sided" else 1) / patterns
    note = too_few(np.where(np.isfinite(t), smallest, np.nan))
    return SignificanceResult(t, _pvalues(t, date, sample.seed, sample.alternative), n, note=note)


WILD_BOOTSTRAP = SignificanceTest(
    function=wild_bootstrap,
    sums=(scar_by_date,),
    distribution="bootstrap",
    parametric=False,
    robust_to=("event-induced variance", "cross-correlation", "fat tails"),
    summary="Mean standardised abnormal return compared with itself after random sign changes by date.",
    null="the standardised abnormal returns of a date are jointly symmetric about zero",
    formulas=(
        r"t = \sum_c T_c \Big/ \sqrt{\tfrac{D}{D-1} \sum_c \left(T_c - n_c \overline{SCAR}\right)^2}, \quad "
        r"T_c = \sum_{i \in c} SCAR_i",
        r"p = \frac{1 + \#\{|t^*| \ge |t|\}}{1 + B}",
    ),
    notes="""The `D` clusters are the day-0 sessions; `t*` is the same statistic of `w_c T_c`, each sign `w_c`
    plus or minus one with equal probability. `B` = 9,999 seeded draws; where the `2^D` sign vectors are
    fewer, all are enumerated and `p` is their exact share. Robust to event-induced variance and to
    correlation of the firms of one date; assumes independent dates. Not for fewer than about ten dates. NaN
    is left out; needs two dates.""",
    references="""Cameron, Gelbach & Miller 2008, Review of Economics and Statistics 90, 414-427,
    doi:10.1162/rest.90.3.414; Davidson & Flachaire 2008, Journal of Econometrics 146, 162-169,
    doi:10.1016/j.jeconom.2008.08.003""",
)


def _pvalues(t: FloatArray, date: CellTotals, seed: int, alternative: Alternative) -> FloatArray:
    """Return p-values, shape (G, W): one set of signs for all cells that have the same number of dates."""
    pvalue = np.full(t.T.shape, np.nan)
    place, cluster = np.nonzero(date.size.T)
    total, size = date.total[cluster, place], date.size[cluster, place]
    for cells, entries in cells_of_one_size(place, date.group[cluster], np.isfinite(t.T)):
        pvalue[cells] = _share(total[entries].T, size[entries].T, t.T[cells], seed, alternative)
    return pvalue.T


def _share(
    total: FloatArray, size: IntArray, t: FloatArray, seed: int, alternative: Alternative
) -> FloatArray:
    """Return the share of sign vectors whose statistic is at least the observed one, shape (K,).

    Parameters
    ----------
    total, size
        Sums and counts of D dates, shape (D, K).
    t
        The observed statistics, shape (K,).
    """
    if alternative == "less":
        total, t = -total, -t
    observed = np.abs(t) if alternative == "two-sided" else t
    threshold = observed - TIE * (1.0 + np.abs(observed))
    n, sizes, squares = size.sum(axis=0), (size**2).sum(axis=0), (total**2).sum(axis=0)
    weighted, correction = size * total, len(total) / (len(total) - 1)
    hits = np.zeros(len(t))
    exact = 2 ** min(len(total), 64) <= DRAWS
    for signs in _every_sign(len(total)) if exact else _drawn_signs(len(total), seed):
        step = max(BLOCK // len(signs), 1)
        for start in range(0, len(t), step):
            part = slice(start, start + step)
            flipped = signs @ total[:, part]
            mean = flipped / n[part]
            # sum of (w T - n mean)^2: the squares of the signs are one
            variance = squares[part] - 2 * mean * (signs @ weighted[:, part]) + mean**2 * sizes[part]
            with np.errstate(invalid="ignore", divide="ignore"):
                drawn = flipped / np.sqrt(correction * np.maximum(variance, 0.0))
            if alternative == "two-sided":
                np.abs(drawn, out=drawn)
            hits[part] += (drawn >= threshold[part]).sum(axis=0)
    return np.asarray(hits / 2.0 ** len(total) if exact else (1 + hits) / (1 + DRAWS))


def _every_sign(dates: int) -> Iterator[FloatArray]:
    """Yield all vectors of signs, shape (2^D, D)."""
    yield np.where((np.arange(2**dates)[:, None] >> np.arange(dates)) & 1, -1.0, 1.0)


def _drawn_signs(dates: int, seed: int) -> Iterator[FloatArray]:
    """Yield ``DRAWS`` random vectors of signs in blocks, shape (rows, D): the same for every D and seed."""
    random = np.random.default_rng([seed, dates])
    rows = max(BLOCK // dates, 1)
    for start in range(0, DRAWS, rows):
        yield np.where(random.random((min(rows, DRAWS - start), dates)) < 0.5, -1.0, 1.0)
