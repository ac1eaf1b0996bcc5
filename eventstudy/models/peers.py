"""The peers model: the expected return is linear in those of peers, by their mean or each with a slope.

References
----------
Baker & Gelbach 2020, Journal of Law, Finance, and Accounting 5, 231, doi:10.2139/ssrn.3600432.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, TextArray
from eventstudy.design import Design
from eventstudy.errors import DesignError
from eventstudy.models.model import ModelFit, NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.models.penalised_peers import estimate_elastic_net, estimate_ridge
from eventstudy.models.pool_weights import (
    LEAST_PEERS,
    MISSING,
    MOST_MISSING,
    pool_weights,
    seldom_missing,
    too_few,
)
from eventstudy.panel.panel import Sample
from eventstudy.panel.pool import PoolSample, refuse_lumps
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import from_simple, to_simple

SESSIONS_PER_COEFFICIENT = 5  #: sessions that each coefficient of a regression on all peers needs
INDEX = "peers"  #: term of the mean of the peers


def estimate_peer_index(estimation: Sample, event: Sample) -> ModelFit:
    """Regress each security on the mean return of its peers, beside the benchmark where there is one.

    Notes
    -----
    Least squares of ``R = alpha + beta R_m + gamma mean_j R_j + e`` with the forecast variance of the whole
    regression. Without the benchmark ``beta`` is 0. A session on which one of the peers has no return is left
    out; a peer without returns on more than 5 % of the estimation sessions is left out instead.
    """
    kept, before, after = _pools(estimation, event)
    samples = [
        replace(
            sample,
            x=np.concatenate([sample.x, _means(pool, kept)[:, :, None]], axis=2),
            terms=np.column_stack([sample.terms, np.full(len(kept), INDEX, dtype=object)]),
        )
        for sample, pool in ((estimation, before), (event, after))
    ]
    count = kept.sum(axis=1)
    fit = estimate_ols(samples[0], samples[1])
    with np.errstate(divide="ignore"):
        weights = np.broadcast_to(1.0 / count[:, None], kept.shape)
    own = (np.isfinite(estimation.y) & np.isfinite(estimation.x).all(axis=2)).sum(axis=1)
    few = count < LEAST_PEERS  # then peers are what is missing, not returns
    return replace(
        fit,
        n=np.where(few, own, fit.n),
        problem=np.where(few, _too_few(kept), fit.problem),
        weights=pool_weights(before.pool, kept, weights, MISSING),
    )


def estimate_peer_regression(estimation: Sample, event: Sample) -> ModelFit:
    """Regress each security on the returns of all of its peers, which needs five sessions a coefficient."""
    kept, before, after = _pools(estimation, event)
    widest = int(kept.sum(axis=1).max(initial=0))
    n, past, ahead = len(kept), estimation.y.shape[1], event.y.shape[1]
    shapes = {
        **dict.fromkeys(("coefficients", "std_errors"), (n, 1 + widest)),
        "residuals": (n, past),
        "expected": (n, ahead),
        **dict.fromkeys(("sigma", "rsquared", "df"), (n,)),
    }
    parts = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
    terms, problem = np.full((n, 1 + widest), "", dtype=object), _too_few(kept)
    root, estimation_root = np.zeros((n, ahead, 1 + widest)), np.zeros((n, past, 1 + widest))
    used, weights = np.zeros(n, dtype=np.int64), np.full(kept.shape, np.nan)
    for events, members in _alike(kept):
        size = 1 + len(members)
        names = np.tile(before.pool.names[members], (len(events), 1))
        own = [
            replace(_of(sample, events), x=pool.returns(events, members), terms=names)
            for sample, pool in ((estimation, before), (event, after))
        ]
        fit = estimate_ols(own[0], own[1])
        for name, values in parts.items():
            found = getattr(fit, name)
            values[(events, slice(0, size)) if name in ("coefficients", "std_errors") else events] = found
        terms[events, :size], used[events] = fit.terms, fit.n
        root[events, :, :size], estimation_root[events, :, :size] = fit.root, fit.estimation_root
        estimation_root[events, :, size:] = fit.estimation_root[:, :, :1] * 0.0
        weights[np.ix_(events, members)] = fit.coefficients[:, 1:]
        need = SESSIONS_PER_COEFFICIENT * size
        few = f"{size} coefficients need {need} estimation returns; use peer_method index"
        own_problem = np.where(fit.n < need, few, fit.problem)
        problem[events] = np.where(problem[events] == "", own_problem, problem[events])
    return ModelFit(
        **parts,
        terms=terms,
        root=root,
        estimation_root=estimation_root,
        noise=event.span,
        estimation_noise=estimation.span,
        n=used,
        problem=problem,
        weights=pool_weights(before.pool, kept, weights, MISSING),
    )


def _pools(estimation: Sample, event: Sample) -> tuple[BoolArray, PoolSample, PoolSample]:
    """Return which peers each firm-event uses, shape (n, D), and the samples of them."""
    if estimation.pool is None or event.pool is None:
        raise ValueError("the samples have no peers")
    kept = seldom_missing(estimation.pool, np.isfinite(estimation.y), MOST_MISSING)
    return kept, estimation.pool, event.pool


def _alike(kept: BoolArray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the firm-events that use the same peers, and these peers, for each set of peers."""
    sets, code = np.unique(kept, axis=0, return_inverse=True)
    code = code.ravel()
    return [(np.flatnonzero(code == place), np.flatnonzero(members)) for place, members in enumerate(sets)]


def _means(pool: PoolSample, kept: BoolArray) -> FloatArray:
    """Return the mean return of the peers of each firm-event, shape (n, L); NaN where one has none."""
    means = np.full(pool.rows.shape, np.nan)
    for events, members in _alike(kept):
        if members.size:
            simple = to_simple(pool.returns(events, members), pool.kind)
            means[events] = from_simple(simple.mean(axis=2), pool.kind)
    return means


def _of(sample: Sample, events: np.ndarray) -> Sample:
    """Return the returns of some firm-events, without regressors."""
    names = ("y", "risk_free", "span", "peers")
    return replace(sample, **{name: getattr(sample, name)[events] for name in names})


def _too_few(kept: BoolArray) -> TextArray:
    """Say where too few peers are left, shape (n,)."""
    count = kept.sum(axis=1)
    text = np.array([too_few(have) for have in count.tolist()], dtype=object)
    return np.where(count < LEAST_PEERS, text, "").astype(object)


def _configured(design: Design) -> NormalReturnModel:
    """Return the model of the design's ``peer_method``, with or without the benchmark."""
    refuse_lumps(design, PEERS.name)
    if design.peer_method == "index":
        return PEERS if design.peer_market else replace(PEERS, requires=POOL, k=2)
    if design.peer_method == "ols":
        return replace(
            PEERS, summary="alpha_i + sum_j b_j R_j", estimate=estimate_peer_regression, requires=POOL, k=4
        )
    if design.peer_method == "elastic-net" and find_spec("sklearn") is None:
        remedy = 'pip install "eventstudy-impact[models]"'
        raise DesignError("peer_method", f"elastic-net needs scikit-learn: {remedy}")
    penalised = {"ridge": estimate_ridge, "elastic-net": estimate_elastic_net}[design.peer_method]
    summary = f"alpha_i + sum_j b_j R_j, {design.peer_method}"
    return replace(PEERS, summary=summary, estimate=penalised, requires=POOL, k=1, slow=True)


POOL = Requires(pool="peers")
PEERS = NormalReturnModel(
    "peers",
    "alpha_i + beta_i R_m + gamma_i mean_j R_j",
    "Baker & Gelbach 2020",
    estimate_peer_index,
    replace(POOL, benchmark=True),
    k=3,
    configured=_configured,
)
