"""GARCH(1,1) parameters of many series by the package arch: kept, and in processes where there are many."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from hashlib import blake2b
from importlib.util import find_spec
from itertools import repeat

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.errors import DesignError

IN_PERCENT = 100.0  #: the optimiser works on returns of about 1
TIGHT, LOOSE = 1e-12, 1e-8  #: tolerances of the log-likelihood: the second where rounding stops the first
MOST_ITERATIONS = 1_000
PARALLEL = 100  #: series for which another process pays for its start
SHARE = 16  #: series that a process takes at a time
KEPT = 50_000  #: parameters that are kept, because a run fits the same series for several tables
#: the log-likelihood is that of returns in percent
PARAMETERS = ("alpha", "beta", "omega", "a", "b", "nu", "log-likelihood")
_kept: dict[bytes, FloatArray] = {}


def garch_parameters(series: Sequence[FloatArray], dist: str) -> FloatArray:
    """Return the ``PARAMETERS`` of each series, shape (n, 7); NaN where the optimiser did not converge.

    Parameters
    ----------
    series
        Return and market return without gaps, each of shape (2, M), decimal.
    dist
        ``normal``, for which nu is infinite, or ``t``.

    Raises
    ------
    DesignError
        The package arch is not installed.
    """
    if series and find_spec("arch") is None:
        raise DesignError("model", 'garch needs the package arch: pip install "eventstudy-impact[models]"')
    keys = [blake2b(dist.encode() + each.tobytes(), digest_size=16).digest() for each in series]
    if len(_kept) + len(keys) > KEPT:
        _kept.clear()
    new = {key: each for key, each in zip(keys, series, strict=True) if key not in _kept}
    _kept.update(zip(new, _all_fitted(list(new.values()), dist), strict=True))
    return np.array([_kept[key] for key in keys]).reshape(len(keys), len(PARAMETERS))


def _all_fitted(series: Sequence[FloatArray], dist: str) -> FloatArray:
    """Fit each series, in as many processes as there are cores where they are many."""
    if not series:
        return np.empty((0, len(PARAMETERS)))
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_all_start_methods, get_context

    import arch.univariate  # noqa: F401 - before the processes fork, so that it is loaded once

    workers = min(os.cpu_count() or 1, 1 + len(series) // PARALLEL)
    if workers == 1 or "fork" not in get_all_start_methods():
        rows = [fitted(each, dist) for each in series]
    else:
        with ProcessPoolExecutor(workers, get_context("fork")) as processes, warnings.catch_warnings():
            # of forking beside threads: those of linear algebra, which stop for it
            warnings.simplefilter("ignore", DeprecationWarning)
            rows = list(processes.map(fitted, series, repeat(dist), chunksize=SHARE))
    return np.array(rows).reshape(len(series), len(PARAMETERS))


def fitted(series: FloatArray, dist: str) -> FloatArray:
    """Return the ``PARAMETERS`` of one series, shape (7,), decimal; NaN where it did not converge."""
    from arch.univariate import GARCH, LS, Normal, StudentsT

    y, market = series
    errors = StudentsT() if dist == "t" else Normal()
    model = LS(
        IN_PERCENT * y,
        x=IN_PERCENT * market[:, None],
        volatility=GARCH(1, 0, 1),
        distribution=errors,
        rescale=False,
    )
    for tolerance in (TIGHT, LOOSE):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # arch warns of what the convergence flag tells
            result = model.fit(
                disp="off", show_warning=False, tol=tolerance, options={"maxiter": MOST_ITERATIONS}
            )
        if result.convergence_flag == 0 and np.isfinite(result.params).all():
            alpha, beta, omega, a, b, *nu = np.asarray(result.params)
            scaled = [alpha / IN_PERCENT, beta, omega / IN_PERCENT**2, a, b, *(nu or [np.inf])]
            return np.array([*scaled, result.loglikelihood])
    return np.full(len(PARAMETERS), np.nan)
