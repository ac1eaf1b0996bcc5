"""The model garch beside the package arch, on the same series in one run.

Run with the project's interpreter: `PYTHONPATH=. .venv/bin/python benchmarks/garch.py [FIRM_EVENTS] [PEERS]`.
First a whole study of FIRM_EVENTS (1,000), each in a series of its own whose variance clusters; then PEERS
(100) of its estimation windows by `arch.univariate` alone, one after the other, with the tolerance that the
model asks for.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd
from arch.univariate import GARCH, LS, Normal, StudentsT

import eventstudy as es

SEED, SESSIONS, DAY0, BURN = 7, 300, 280, 200
OMEGA, A, B = 0.03, 0.10, 0.87  #: of a variance with mean 1
DEVIATION, TAILS = 0.02, 5


def returns_of(n: int, dist: str) -> pd.DataFrame:
    """Draw n securities and a market."""
    rng = np.random.default_rng(SEED)
    h, noise = np.ones(n), np.empty((BURN + SESSIONS, n))
    for session in range(len(noise)):
        draw = rng.standard_t(TAILS, n) * np.sqrt(1 - 2 / TAILS) if dist == "t" else rng.standard_normal(n)
        noise[session] = np.sqrt(h) * draw
        h = OMEGA + A * noise[session] ** 2 + B * h
    market = rng.normal(0.0003, 0.01, SESSIONS)
    days = pd.bdate_range("2020-01-02", periods=SESSIONS)
    table = pd.DataFrame(1.1 * market[:, None] + DEVIATION * noise[BURN:], days)
    table.columns = [f"S{place}" for place in range(n)]
    return table.assign(MKT=market)


def study_of(returns: pd.DataFrame, dist: str) -> es.EventStudyResult:
    """Run the whole study, with its tests and tables."""
    tickers = [name for name in returns if name != "MKT"]
    events = pd.DataFrame({"event_id": tickers, "ticker": tickers, "session": returns.index[DAY0]})
    design = es.Design(model="garch", garch_dist=dist, benchmark="MKT")
    return es.run(events, returns=returns, design=design)


def fit(returns: pd.DataFrame, ticker: str, dist: str) -> float:
    """Return the log-likelihood that arch finds."""
    window = 100 * returns.iloc[DAY0 - 260 : DAY0 - 10]
    errors = StudentsT() if dist == "t" else Normal()
    volatility = GARCH(1, 0, 1)
    model = LS(window[ticker], x=window[["MKT"]], volatility=volatility, distribution=errors, rescale=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(disp="off", show_warning=False, tol=1e-12, options={"maxiter": 1_000})
    return float(found.loglikelihood)


def main(firm_events: int = 1_000, peers: int = 100) -> None:
    """Print time, and agreement of the log-likelihoods, for both distributions."""
    for dist in ("normal", "t"):
        returns = returns_of(firm_events, dist)
        wall, own = time.perf_counter(), time.process_time()
        result = study_of(returns, dist)
        wall, own = time.perf_counter() - wall, time.process_time() - own
        skipped = (result.events["status"] != "ok").sum()
        print(f"{dist}: a study of {firm_events:,}: {wall:.1f} s, processor {own:.1f} s; {skipped} skipped")
        terms = result.coefficients.query("term == 'log-likelihood'").set_index("ticker")["estimate"]
        start = time.perf_counter()
        found = {ticker: fit(returns, ticker, dist) for ticker in terms.index[:peers]}
        per_fit = (time.perf_counter() - start) / peers
        apart = max(abs(terms[ticker] - value) for ticker, value in found.items())
        print(f"  arch alone: {per_fit:.3f} s a fit; log-likelihoods agree to {apart:.0e}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
