"""The wild bootstrap: random signs by date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.significance.result import SignificanceResult, SignificanceTest, too_few
from eventstudy.significance.sample import totals
from eventstudy.significance.sums import Summed, scar_by_date
from eventstudy.significance.totals import ROUNDING, CellTotals

DRAWS = 9_999  #: sign vectors, where there are not fewer of them altogether
BLOCK = 1 << 20  #: sums or signs at once: bounds the memory
IN_CACHE = 1 << 15  #: statistics at once
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
    """Return p-values, shape (G, W): cells with about as many dates share their signs and their products."""
    pvalue = np.full(t.size, np.nan)
    place, cluster = np.nonzero(date.size.T)
    cell, observed = place * len(t) + date.group[cluster], t.T.ravel()
    dates = np.bincount(cell, minlength=t.size)
    column = np.arange(len(cell)) - (np.cumsum(dates) - dates)[cell]  # of each date among those of its cell
    for cells in _of_similar_size(dates, np.isfinite(observed)):
        row = np.full(t.size, -1)
        row[cells] = np.arange(len(cells))
        own = row[cell] >= 0
        total, size = np.zeros((2, len(cells), dates[cells].max()))
        where = row[cell[own]], column[own]
        total[where] = date.total[cluster[own], place[own]]
        size[where] = date.size[cluster[own], place[own]]
        pvalue[cells] = _share(total, size, dates[cells], observed[cells], seed, alternative)
    return pvalue.reshape(t.T.shape).T


def _of_similar_size(dates: IntArray, wanted: BoolArray) -> Iterator[IntArray]:
    """Yield places of wanted cells: those of few dates that have equally many, others within a fifth."""
    kind = np.where(_enumerated(dates), -dates, np.ceil(4 * np.log2(np.maximum(dates, 1))))
    for each in np.unique(kind[wanted]):
        cells = np.flatnonzero(wanted & (kind == each))
        step = max(BLOCK // int(dates[cells].max()), 1)
        yield from (cells[start : start + step] for start in range(0, len(cells), step))


def _enumerated(dates: Any) -> Any:
    """Return where all sign vectors are at most as many as would be drawn."""
    return 2.0 ** np.minimum(dates, 64) <= DRAWS


def _share(
    total: FloatArray, size: FloatArray, dates: IntArray, t: FloatArray, seed: int, alternative: Alternative
) -> FloatArray:
    """Return the share of sign vectors whose statistic is at least the observed one, shape (K,).

    Parameters
    ----------
    total, size
        Sums and counts of up to D dates, zeros after them, shape (K, D).
    dates
        How many each cell has, shape (K,).
    t
        The observed statistics, shape (K,).
    """
    if alternative == "less":
        total, t = -total, -t
    observed = np.abs(t) if alternative == "two-sided" else t
    threshold = (observed - TIE * (1.0 + np.abs(observed)))[:, None]
    n, sizes, squares = (part.sum(axis=1)[:, None] for part in (size, size**2, total**2))
    both, correction = np.concatenate([total, size * total]), (dates / (dates - 1.0))[:, None]
    hits = np.zeros(len(t))
    exact = bool(_enumerated(dates).all())
    cells, length = total.shape
    bits = _every_sign(length) if exact else _drawn_signs(length, seed)
    vectors = 2**length if exact else DRAWS
    step = 8 * max(min(BLOCK // length, IN_CACHE // cells) // 8, 1)
    for start in range(0, vectors, step):
        some = bits[:, start // 8 : (start + step) // 8]
        signs = 1.0 - 2.0 * np.unpackbits(some, axis=1, count=min(step, vectors - start)).astype(np.float64)
        flipped, weighted = np.split(both @ signs, 2)
        mean = flipped / n
        # sum of (w T - n mean)^2: the squares of the signs are one
        variance = squares - 2 * mean * weighted + mean**2 * sizes
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = flipped / np.sqrt(correction * np.maximum(variance, 0.0))
        if alternative == "two-sided":
            np.abs(drawn, out=drawn)
        hits += (drawn >= threshold).sum(axis=1)
    return np.asarray(hits / 2.0**dates if exact else (1 + hits) / (1 + DRAWS))


def _every_sign(dates: int) -> Any:
    """Return all vectors of signs as bits, shape (D, 2^D / 8)."""
    return np.packbits((np.arange(2**dates) >> np.arange(dates)[:, None]) & 1, axis=1)


def _drawn_signs(dates: int, seed: int) -> Any:
    """Return ``DRAWS`` random vectors of signs as bits, shape (D, draws / 8).

    Those of the k-th date are the same for every D.
    """
    return np.random.default_rng(seed).integers(0, 256, (dates, -(-DRAWS // 8)), dtype=np.uint8)
