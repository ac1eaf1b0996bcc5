"""Event windows drawn from estimation residuals, for Romano & Wolf's adjustment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from eventstudy._typing import Alternative, BoolArray, FloatArray, IntArray
from eventstudy.models.estimation import Estimates, Specification, fit_and_forecast
from eventstudy.numerics.pairs import upper_triangle
from eventstudy.significance.one_date import OneDate
from eventstudy.significance.romano_wolf import (
    DRAWS,
    MIN_BLOCKS,
    block_counts,
    block_statistics,
    stepdown,
    stepdown_of_draws,
    towards,
)

CHUNK = 256  #: firm-events whose blocks are worked on at once, so that they stay in the processor's cache
#: a variance of a difference below this share of the two variances is rounding: both are the same return
ROUNDING = 1e-12
TOO_SHORT = f"no Romano-Wolf p: fewer than {MIN_BLOCKS} blocks of residuals to draw"


class Forms(NamedTuple):
    """Q mean CARs as linear forms in the standardised residuals of S securities on T calendar dates.

    Attributes
    ----------
    securities, rows
        Of each: which securities, shape (k,), and its weights on their event windows, shape (k, T).
    covariance
        Of all, with unit variances and no correlation over time, shape (Q, Q).
    """

    securities: Sequence[IntArray]
    rows: Sequence[FloatArray]
    covariance: FloatArray


def car_pvalues(spec: Specification, estimates: Estimates) -> FloatArray:
    """Return the stepdown p-value of each CAR over the tickers of its event and window, shape (N, C).

    Each draw takes one block of consecutive estimation sessions, as long as the window and at the same
    distance from day 0 for every ticker of the event, which keeps the dependence of the tickers. A ticker
    alone has its own resampled p. NaN where the CAR is, and with fewer than ``MIN_BLOCKS`` common blocks.
    """
    design, windows = spec.design, spec.design.car_windows
    width = len(windows)
    family = np.unique(spec.panel.firm_events.event_id.astype(str), return_inverse=True)[1]
    statistic = towards(estimates.car[:, :width] / estimates.car_se[:, :width], design.alternative)
    pvalue = np.full(statistic.shape, np.nan)
    for events in _whole_families(np.flatnonzero(estimates.ok), family):
        fit, abnormal = fit_and_forecast(spec, events)
        past = (fit.residuals, fit.estimation_root, fit.sigma)
        lengths = (window.length for window in windows)
        for length, drawn in block_statistics(*past, lengths, abnormal.past).items():
            drawn = towards(drawn, design.alternative)
            for place in (place for place, window in enumerate(windows) if window.length == length):
                pvalue[events, place] = _by_family(
                    statistic[events, place], drawn, family[events], design.seed
                )
    return pvalue


def pair_pvalues(system: OneDate, place: int, statistic: FloatArray, seed: int) -> tuple[FloatArray, str]:
    """Return the stepdown p-values of all pairs of one date's tickers in a window, shape (P,), or why none.

    Parameters
    ----------
    statistic
        Of the pairs in the order of `upper_triangle`, shape (P,); NaN = not in the family.
    """
    pvalue = np.full(statistic.shape, np.nan)
    at = np.flatnonzero(np.isfinite(statistic))
    a, b = (side[at] for side in upper_triangle(len(system.abnormal), 1))
    blocks = system.blocks[system.windows[place].length]
    car, variance = blocks.car, blocks.variance
    used = np.zeros(len(car), dtype=bool)
    used[a] = used[b] = True
    whole = np.isfinite(car[used]).all(axis=0)
    if not at.size or whole.sum() < MIN_BLOCKS:
        return pvalue, TOO_SHORT if at.size else ""
    car, variance = car[:, whole], variance[:, whole]
    spread = np.diag(system.sigma)
    scale = (spread[a] + spread[b] - 2 * system.sigma[a, b])[:, None]
    drawn = towards((car[a] - car[b]) / np.sqrt(scale * (variance[a] + variance[b]) / 2), system.alternative)
    observed, counts = towards(statistic[at], system.alternative), block_counts(drawn.shape[1], seed)
    pvalue[at] = stepdown(observed[None], drawn[None], counts[None])[0]
    return pvalue, ""


def difference_pvalues(
    forms: Forms,
    residuals: FloatArray,
    pairs: tuple[IntArray, IntArray],
    statistic: FloatArray,
    alternative: Alternative,
    seed: int,
) -> tuple[FloatArray, str]:
    """Return the stepdown p-values of P differences of forms across dates, shape (P,), or why there are none.

    Parameters
    ----------
    residuals
        Standardised residuals on the calendar, shape (S, T); NaN where none.
    pairs
        The forms that each difference is of, two arrays of shape (P,).
    statistic
        Shape (P,); NaN = not in the family.
    """
    a, b = pairs
    spread = np.diag(forms.covariance)
    variance = spread[a] + spread[b] - 2 * forms.covariance[a, b]
    pvalue = np.full(statistic.shape, np.nan)
    at = np.flatnonzero(np.isfinite(statistic) & (variance > ROUNDING * (spread[a] + spread[b])))
    if not at.size:
        return pvalue, ""
    values = _drawn_forms(forms, np.union1d(a[at], b[at]), residuals, seed)
    if values is None:
        return pvalue, TOO_SHORT
    rows, weight, buffer = list(values), (1.0 / np.sqrt(variance[at])).tolist(), np.empty(DRAWS)
    ends = list(zip(a[at].tolist(), b[at].tolist(), strict=True))

    def drawn(pair: int) -> FloatArray:
        one, other = ends[pair]
        np.subtract(rows[one], rows[other], out=buffer)
        return towards(np.multiply(buffer, weight[pair], out=buffer), alternative, out=buffer)

    pvalue[at] = stepdown_of_draws(towards(statistic[at], alternative), drawn)
    return pvalue, ""


def _whole_families(events: IntArray, family: IntArray) -> Iterator[IntArray]:
    """Yield firm-events by family, about ``CHUNK`` at a time and never part of a family."""
    events = events[np.argsort(family[events], kind="stable")]
    starts = np.flatnonzero(np.diff(family[events], prepend=-1))
    cuts = starts[np.flatnonzero(np.diff(starts // CHUNK, prepend=0))]
    yield from (part for part in np.split(events, cuts) if part.size)


def _by_family(observed: FloatArray, drawn: FloatArray, family: IntArray, seed: int) -> FloatArray:
    """Return the stepdown p-values of n CARs, sorted by family; families of one size are computed at once.

    Parameters
    ----------
    observed, drawn, family
        Shapes (n,), (n, P) and (n,); a block that one of a family does not have is not drawn.
    """
    pvalue = np.full(observed.shape, np.nan)
    rows = np.flatnonzero(np.isfinite(observed))
    starts = np.flatnonzero(np.diff(family[rows], prepend=-1))
    sizes = np.diff(starts, append=rows.size)
    for size in np.unique(sizes):
        members = rows[starts[sizes == size, None] + np.arange(size)]
        whole = np.isfinite(drawn[members[:, 0]])
        for other in members.T[1:]:
            whole &= np.isfinite(drawn[other])
        enough = whole.sum(axis=1) >= MIN_BLOCKS
        members, whole = members[enough], whole[enough]
        if members.size:
            pvalue[members] = stepdown(observed[members], drawn[members], _weights(whole, seed))
    return pvalue


def _weights(whole: BoolArray, seed: int) -> IntArray:
    """Return how often each family draws each block, shape (F, P)."""
    if whole.all():
        return np.broadcast_to(block_counts(whole.shape[1], seed), whole.shape)
    weights = np.zeros(whole.shape, dtype=np.int64)
    blocks = whole.sum(axis=1)
    for count in np.unique(blocks):
        rows = np.flatnonzero(blocks == count)
        part = np.zeros((len(rows), whole.shape[1]), dtype=np.int64)
        part[whole[rows]] = np.tile(block_counts(int(count), seed), len(rows))
        weights[rows] = part
    return weights


def _drawn_forms(forms: Forms, used: IntArray, residuals: FloatArray, seed: int) -> FloatArray | None:
    """Return the forms in each draw, shape (Q, DRAWS), or None where there are too few blocks.

    Calendar dates that the windows cover without a gap are one block, so that windows that overlap or follow
    one another are drawn together; separate blocks are drawn independently. They come from the sessions on
    which all securities of the family have residuals, in their order.
    """
    needed = np.unique(np.concatenate([forms.securities[q] for q in used]))
    pool = _pool(residuals[needed])
    line = dict(zip(needed.tolist(), pool, strict=True))
    touched = np.array([forms.rows[q].any(axis=0) for q in used])
    covered = touched.any(axis=0).astype(np.int8)
    edges = np.flatnonzero(np.diff(covered, prepend=0, append=0)).reshape(-1, 2).tolist()
    places = tuple(pool.shape[1] - (end - start) + 1 for start, end in edges)
    if min(places) < MIN_BLOCKS:
        return None
    values = np.zeros((len(forms.rows), DRAWS))
    for (start, end), first in zip(edges, _first_sessions(places, seed), strict=True):
        for q in used[touched[:, start:end].any(axis=1)].tolist():
            parts = zip(forms.securities[q].tolist(), forms.rows[q][:, start:end], strict=True)
            blocks = [np.correlate(line[each], weights, "valid") for each, weights in parts if weights.any()]
            values[q] += np.take(sum(blocks), first)
    return values


@lru_cache(maxsize=16)
def _first_sessions(places: tuple[int, ...], seed: int) -> tuple[IntArray, ...]:
    """Return where each of some blocks starts in each draw, one of so many places; shape (DRAWS,) each.

    The securities of a study have most of their blocks in common, and so these draws: they are kept, as
    integers of few bytes.
    """
    random, narrow = np.random.default_rng(seed), np.min_scalar_type(max(places))
    return tuple(random.integers(0, size, DRAWS, dtype=np.int32).astype(narrow) for size in places)


def _pool(residuals: FloatArray) -> FloatArray:
    """Return the residuals of the sessions that all securities have, with mean 0 and variance 1, (S, M)."""
    common = residuals[:, np.isfinite(residuals).all(axis=0)]
    if not common.shape[1]:
        return common
    about = common - common.mean(axis=1, keepdims=True)
    return np.asarray(about / np.sqrt((about**2).mean(axis=1, keepdims=True)))
