"""The models `peers` and `synthetic` over many firm-events, beside scikit-learn and SLSQP.

    python benchmarks/pools.py [--firm-events 1000] [--donors 20] [--each 25]

Seconds of the processor for estimation with all ranks of one study (estimation window 120 sessions, event
window 5), and of the same fits by another program, on the first ``--each`` firm-events and scaled up: for
ridge a loop over scikit-learn's `Ridge` and for the elastic net its `ElasticNetCV`, over ten folds and fifty
penalties, for the portfolio scipy's SLSQP.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy.models.penalised_peers import FOLDS, L1_SHARE, LAMBDAS, RIDGE_PENALTIES

LENGTH, AHEAD, SEED = 120, 5, 5
METHODS: dict[str, dict[str, Any]] = {
    "peers, index": {"model": "peers"},
    "peers, ols": {"model": "peers", "peer_method": "ols"},
    "peers, ridge": {"model": "peers", "peer_method": "ridge"},
    "synthetic": {"model": "synthetic"},
    "peers, elastic-net": {"model": "peers", "peer_method": "elastic-net"},
}


def study(firm_events: int, donors: int) -> tuple[Any, Any, tuple[str, ...]]:
    """Return seeded events and returns: a firm whose events lie on sessions of their own, and its donors."""
    rng = np.random.default_rng(SEED)
    sessions = firm_events * AHEAD + LENGTH + AHEAD
    market, industry = rng.normal(0.0, 0.01, (2, sessions, 1))
    names = tuple(f"P{place:03d}" for place in range(donors))
    securities = market + rng.uniform(0.5, 1.5, 1 + donors) * industry
    securities = securities + rng.normal(0.0, 0.02, (sessions, 1 + donors))
    dates = pd.date_range("1990-01-01", periods=sessions, unit="s")
    returns = pd.DataFrame(np.column_stack([market, securities]), dates, ["MKT", "FIRM", *names])
    places = LENGTH + AHEAD * np.arange(firm_events)
    events = pd.DataFrame({"event_id": [f"e{place}" for place in places], "ticker": "FIRM"})
    return events.assign(session=dates[places]), returns, names


def ridge(y: Any, x: Any) -> None:
    """Fit every fold and penalty by scikit-learn's Ridge."""
    from sklearn.linear_model import Ridge

    for inside in _folds(len(y)):
        z = (x[inside] - x[inside].mean(axis=0)) / x[inside].std(axis=0)
        for penalty in RIDGE_PENALTIES:
            Ridge(alpha=penalty * len(z), fit_intercept=False).fit(z, y[inside] - y[inside].mean())


def elastic_net(y: Any, x: Any) -> None:
    """Find the penalty by scikit-learn's ElasticNetCV, at its own tolerance."""
    from sklearn.linear_model import ElasticNetCV

    z = (x - x.mean(axis=0)) / x.std(axis=0)
    ElasticNetCV(l1_ratio=L1_SHARE, alphas=LAMBDAS, eps=1e-4, cv=FOLDS, max_iter=10_000).fit(z, y)


def slsqp(y: Any, x: Any) -> None:
    """Find the portfolio by scipy's SLSQP."""
    from scipy.optimize import minimize

    scale = np.sqrt((y**2).mean())
    d, target, n = x / scale, y / scale, x.shape[1]
    minimize(
        lambda w: ((target - d @ w) ** 2).sum(),
        np.full(n, 1 / n),
        jac=lambda w: -2 * d.T @ (target - d @ w),
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1_000},
    )


OTHERS: dict[str, tuple[str, Callable[[Any, Any], None]]] = {
    "peers, ridge": ("scikit-learn Ridge", ridge),
    "peers, elastic-net": ("scikit-learn ElasticNetCV", elastic_net),
    "synthetic": ("scipy SLSQP", slsqp),
}


def _folds(n: int) -> list[Any]:
    return [np.setdiff1d(np.arange(n), out) for out in np.array_split(np.arange(n), FOLDS)]


def each_of(function: Callable[[Any, Any], None], samples: list[Any]) -> None:
    """Fit each of some firm-events."""
    for each in samples:
        function(each[:, 1], each[:, 2:])


def seconds(function: Callable[[], Any]) -> float:
    """Return the processor time of a call."""
    begun = time.process_time()
    function()
    return time.process_time() - begun


def main() -> None:
    """Print processor seconds a method, and of the other programs."""
    from eventstudy.events.inputs import read_inputs
    from eventstudy.models.estimation import estimate
    from eventstudy.preparation.data_request import DataRequest
    from eventstudy.preparation.preparing import prepare

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--firm-events", type=int, default=1_000)
    parser.add_argument("--donors", type=int, default=20)
    parser.add_argument("--each", type=int, default=25)
    asked = parser.parse_args()
    events, returns, names = study(asked.firm_events, asked.donors)
    pool: dict[str, Any] = {"peers": names, "donors": names, "benchmark": "MKT", "mask_events": False}
    windows: dict[str, Any] = {
        "estimation": (-LENGTH, -1),
        "window": (0, AHEAD - 1),
        "car_windows": ((0, 0),),
    }
    table = returns.to_numpy()
    for name, options in METHODS.items():
        design = es.Design(**pool, **windows, **options, placebo_history="estimation")
        spec = prepare(read_inputs(events, design), DataRequest(returns=returns)).spec
        estimate(spec, firm_events=np.arange(2))  # imports
        line = f"{name:20s} {seconds(partial(estimate, spec)):7.2f} s"
        if name in OTHERS:
            program, function = OTHERS[name]
            samples = [table[AHEAD * place :][:LENGTH] for place in range(asked.each)]
            each_of(function, samples[:1])  # imports
            took = seconds(partial(each_of, function, samples))
            line += f"; {program} {took / asked.each * asked.firm_events:7.2f} s"
        print(line, flush=True)


if __name__ == "__main__":
    main()
