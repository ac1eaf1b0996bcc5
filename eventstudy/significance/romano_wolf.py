"""Romano & Wolf: p-values of many tests adjusted stepwise from draws that keep their dependence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.significance.left_out import left_out_each
from eventstudy.significance.past_sessions import PLAIN, PastSessions

DRAWS = 9_999  #: of each family
#: distinct blocks of residuals below which nothing is drawn: too few for the tails
MIN_BLOCKS = 30


def block_statistics(
    residuals: FloatArray,
    root: FloatArray,
    sigma: FloatArray,
    lengths: Iterable[int],
    past: PastSessions = PLAIN,
) -> dict[int, FloatArray]:
    """Return the t of every block of estimation sessions, forecast by a fit without the block, by length.

    The counterpart of the event's t without an event: the block's CAR over its forecast error with ``s`` of
    the whole estimation window; for one session the internally studentised residual. Residuals are centred,
    so the draws satisfy the null for a model without a constant too.

    Parameters
    ----------
    residuals, root
        Shapes (n, L1) and (n, L1, r), with ``past`` as of `left_out_each`; NaN = not used.
    sigma
        Residual standard deviation, shape (n,).

    Returns
    -------
    dict of FloatArray
        Shape (n, L1 - length + 1) each; NaN where a session of the block was not used.
    """
    blocks = left_out_each(centred(residuals), root, lengths, past)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            length: each.car / (sigma[:, None] * np.sqrt(each.variance)) for length, each in blocks.items()
        }


def centred(residuals: FloatArray) -> FloatArray:
    """Return residuals about their mean over the sessions used, shape (n, L1)."""
    used = np.isfinite(residuals)
    total = np.where(used, residuals, 0.0).sum(axis=1, keepdims=True)
    return np.asarray(residuals - total / np.maximum(used.sum(axis=1, keepdims=True), 1))


def towards(statistic: FloatArray, alternative: Alternative, out: FloatArray | None = None) -> FloatArray:
    """Return a statistic so that larger values favour the alternative; written to ``out``."""
    if alternative == "two-sided":
        return np.abs(statistic, out=out)
    return statistic if alternative == "greater" else np.negative(statistic, out=out)


@lru_cache(maxsize=1_024)
def block_counts(blocks: int, seed: int) -> IntArray:
    """Return how often each of some equally likely blocks is drawn in ``DRAWS`` draws, shape (blocks,).

    The same for all families with as many blocks, so no p-value depends on the order of events.
    """
    counts = np.random.default_rng([seed, blocks]).multinomial(DRAWS, np.full(blocks, 1.0 / blocks))
    counts.flags.writeable = False
    return counts


def stepdown(observed: FloatArray, drawn: FloatArray, counts: IntArray) -> FloatArray:
    """Return the stepdown p-values of F families of m tests each, shape (F, m).

    Parameters
    ----------
    observed
        Statistics as `towards` gives them, shape (F, m), finite.
    drawn
        Resampled statistics, shape (F, m, D): column d of every test of a family is one joint draw.
    counts
        How often each column was drawn, shape (F, D), `DRAWS` in all.

    Notes
    -----
    With the tests in falling order of their statistics, ``p_j = (1 + #{max over i >= j of t*_i >= t_j}) /
    (1 + DRAWS)``, and no p-value below the one before it. The maximum runs over the tests not yet rejected,
    drawn jointly, which uses their dependence; Holm's bound does not.

    References
    ----------
    Romano & Wolf 2005, Journal of the American Statistical Association 100, 94-108,
    doi:10.1198/016214504000000539, algorithm 4.1; 2016, Statistics & Probability Letters 113, 38-40,
    doi:10.1016/j.spl.2016.02.012, section 3.
    """
    families, order = np.arange(len(observed))[:, None], np.argsort(observed, axis=1, kind="stable")
    highest = drawn[families, order]
    for place in range(1, order.shape[1]):  # from the smallest, so that each maximum continues the last
        np.maximum(highest[:, place - 1], highest[:, place], out=highest[:, place])
    reached = highest >= observed[families, order][:, :, None]
    hits = np.einsum("fmd,fd->fm", reached, counts)[:, ::-1]
    pvalue = np.empty(observed.shape)
    pvalue[families, order[:, ::-1]] = np.maximum.accumulate((1.0 + hits) / (1.0 + DRAWS), axis=1)
    return pvalue


def stepdown_of_draws(observed: FloatArray, drawn: Callable[[int], FloatArray]) -> FloatArray:
    """Return the stepdown p-values of one family of m tests, shape (m,); see `stepdown`.

    Parameters
    ----------
    observed
        Statistics as `towards` gives them, shape (m,), finite.
    drawn
        Returns the statistics of one test in `DRAWS` joint draws, shape (DRAWS,); the next call may overwrite
        them.
    """
    order = np.argsort(observed, kind="stable")
    highest, reached = np.full(DRAWS, -np.inf), np.empty(DRAWS, dtype=bool)
    hits, lowest = np.full(len(order), DRAWS), -np.inf
    for place, (which, value) in enumerate(zip(order.tolist(), observed[order].tolist(), strict=True)):
        np.maximum(highest, drawn(which), out=highest)
        if value > lowest:  # otherwise every draw has reached it
            hits[place] = np.count_nonzero(np.greater_equal(highest, value, out=reached))
            lowest = highest.min() if hits[place] == DRAWS else lowest
    pvalue = np.empty(len(order))
    pvalue[order[::-1]] = np.maximum.accumulate((1.0 + hits[::-1]) / (1.0 + DRAWS))
    return pvalue
