"""`RowFit`: the fit of one firm-event, of a model that is fitted one at a time; `stacked` joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray, TextArray
from eventstudy.models.model import ModelFit
from eventstudy.models.ols import noise_problems
from eventstudy.models.pool_weights import PoolWeights
from eventstudy.panel.panel import Sample


def _nothing() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True)
class RowFit:
    """The figures of `ModelFit` for one firm-event; one that could not be fitted has its reason alone.

    ``residuals`` are those of the used sessions and ``estimation_root`` their rows of ``Q``; ``weights`` are
    those of the used securities of the pool.
    """

    problem: str = ""
    terms: TextArray = field(default_factory=_nothing)
    coefficients: FloatArray = field(default_factory=_nothing)
    residuals: FloatArray = field(default_factory=_nothing)
    expected: FloatArray | float = np.nan
    root: FloatArray | None = None
    estimation_root: FloatArray | None = None
    sigma: float = np.nan
    df: float = np.nan
    rsquared: float = np.nan
    weights: FloatArray | float = np.nan
    folds: IntArray | None = None


def stacked(
    rows: Sequence[RowFit],
    used: Sequence[IntArray],
    weights: PoolWeights,
    estimation: Sample,
    event: Sample,
    *,
    folded: bool = False,
) -> ModelFit:
    """Return the fits of n firm-events as one, columns that a row lacks filled with zeros or ``""``.

    Parameters
    ----------
    used
        Places of the used sessions in the estimation window, for each firm-event.
    folded
        Whether windows of estimation sessions must lie within folds.
    """
    n, past = estimation.y.shape
    ahead = event.y.shape[1]
    basis = max((row.root.shape[1] for row in rows if row.root is not None), default=0)
    width = max((len(row.terms) for row in rows), default=0)
    found: dict[str, Any] = {
        "terms": np.full((n, width), "", dtype=object),
        "coefficients": np.full((n, width), np.nan),
        "residuals": np.full((n, past), np.nan),
        "expected": np.full((n, ahead), np.nan),
        "root": np.zeros((n, ahead, basis)),
        "estimation_root": np.zeros((n, past, basis)),
        "folds": np.zeros((n, past), dtype=np.int64) if folded else None,
    }
    found["estimation_root"][np.isnan(estimation.y)] = np.nan
    for place, (row, at) in enumerate(zip(rows, used, strict=True)):
        found["terms"][place, : len(row.terms)] = row.terms
        found["coefficients"][place, : len(row.terms)] = row.coefficients
        found["expected"][place] = row.expected
        if row.folds is not None:
            found["folds"][place, at] = row.folds
        if row.problem:
            continue
        found["estimation_root"][place] = np.nan
        found["estimation_root"][place, at] = 0.0
        found["residuals"][place, at] = row.residuals
        if row.root is not None and row.estimation_root is not None:
            found["root"][place, :, : row.root.shape[1]] = row.root
            found["estimation_root"][place, at, : row.root.shape[1]] = row.estimation_root
    sigma = np.array([row.sigma for row in rows])
    own = np.array([row.problem for row in rows], dtype=object)
    noisy = noise_problems(sigma, np.zeros(n, dtype=bool), estimation.y + estimation.risk_free)
    return ModelFit(
        **found,
        std_errors=np.full((n, width), np.nan),
        noise=event.span,
        estimation_noise=estimation.span,
        sigma=sigma,
        df=np.array([row.df for row in rows]),
        n=np.array([len(at) for at in used], dtype=np.int64),
        rsquared=np.array([row.rsquared for row in rows]),
        problem=np.where(noisy == "", own, noisy),
        weights=weights,
    )
