"""Weights of the model synthetic: processor seconds for one firm-event, beside clarabel's interior point.

    python benchmarks/portfolio.py --donors 60 1000 10000 [--sessions 250]

The interior point works on the same problem with tolerances of 1e-12; the gap is that by which the residual
of its solution is longer.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from eventstudy.numerics.simplex import simplex_least_squares

PEER_LIMIT = 2_000  #: donors up to which the interior point, whose matrix has their square, is run


def problem(sessions: int, donors: int) -> tuple[Any, Any]:
    """Return a security and donors that share a market and have noise of their own."""
    rng = np.random.default_rng(0)
    market = rng.normal(0, 0.01, sessions)
    d = market[:, None] * rng.uniform(0.5, 1.5, donors) + rng.normal(0, 0.02, (sessions, donors))
    return market + rng.normal(0, 0.02, sessions), d


def interior_point(y: Any, d: Any) -> Any:
    """Return the weights by clarabel."""
    import clarabel
    from scipy import sparse

    n, scale = d.shape[1], np.sqrt((y**2).mean())
    d, y = d / scale, y / scale
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    for name in ("tol_gap_abs", "tol_gap_rel", "tol_feas"):
        setattr(settings, name, 1e-12)
    rows = sparse.csc_matrix(np.vstack([np.ones(n), -np.eye(n)]))
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(n)]
    bounds = np.concatenate([[1.0], np.zeros(n)])
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(np.triu(d.T @ d)), -d.T @ y, rows, bounds, cones, settings
    )
    return np.array(solver.solve().x)


def main() -> None:
    """Print seconds and the gaps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--donors", type=int, nargs="+", default=[60, 1_000, 10_000])
    parser.add_argument("--sessions", type=int, default=250)
    asked = parser.parse_args()
    simplex_least_squares(*problem(30, 5))  # imports scipy
    for donors in asked.donors:
        y, d = problem(asked.sessions, donors)
        begun = time.process_time()
        fit = simplex_least_squares(y, d)
        seconds = time.process_time() - begun
        line = f"{donors:6,} donors: {seconds:.4f} s, {len(fit.positive)} weights"
        if donors <= PEER_LIMIT:
            begun = time.process_time()
            weights = interior_point(y, d)
            seconds = time.process_time() - begun
            excess = np.linalg.norm(y - d @ weights) / np.linalg.norm(fit.residual) - 1
            line += f"; clarabel {seconds:.4f} s, gap {excess:+.1e}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
