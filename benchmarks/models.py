"""1,000 firm-events of each model beside a loop of statsmodels: `models.py [FIRM_EVENTS]`.

The loop fits the same regressions and forecasts the abnormal return of day 0; both must agree. Our estimation
also forecasts the rest of the event window and ranks it among earlier sessions; `es.run` reads, checks,
tests groups and tabulates as well. Wall and processor time, in one process, one after the other.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from synthetic import make

import eventstudy as es
from eventstudy.events.inputs import read_inputs
from eventstudy.models.estimation import estimate
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare

FIRST, LAST = -260, -11  #: of the estimation window
AGREE = 1e-8  #: decimal: two engines, one of them iterative
RLM_TOLERANCE, RLM_ITERATIONS = 1e-14, 2_000  #: RLM's own tolerance is too loose to compare with


def ordinary(y: Any, x: Any, own: Any, future: Any) -> float:
    """Return the abnormal return of day 0 by OLS."""
    import statsmodels.api as sm

    fit = sm.OLS(y, x).fit()
    forecast = fit.get_prediction(future[None])
    return float(own - forecast.predicted_mean[0] + 0 * forecast.se_obs[0])


def huber(y: Any, x: Any, own: Any, future: Any) -> float:
    """Return the abnormal return of day 0 by Huber's M-estimator."""
    import statsmodels.api as sm

    model = sm.RLM(y, x, sm.robust.norms.HuberT(1.345))
    fit = model.fit(tol=RLM_TOLERANCE, maxiter=RLM_ITERATIONS, cov="H1")
    return float(own - future @ fit.params)


def scholes_williams(y: Any, x: Any, own: Any, future: Any) -> float:
    """Return the abnormal return of day 0 by three regressions; x has the lag, the same and the lead."""
    import statsmodels.api as sm

    inside = slice(1, -1)
    y, x = y[inside], x[inside]
    slopes = [sm.OLS(y, x[:, [0, column]]).fit().params[1] for column in (1, 2, 3)]
    beta = sum(slopes) / (1 + 2 * np.corrcoef(x[:, 2], x[:, 1])[0, 1])
    return float(own - (y.mean() - beta * x[:, 2].mean()) - beta * future[2])


#: Model, columns of (constant, lag, same session, lead) that it takes, and the loop's body.
PEERS: dict[str, tuple[list[int], Callable[..., float]]] = {
    "market": ([0, 2], ordinary),
    "dimson": ([0, 1, 2, 3], ordinary),
    "scholes-williams": ([0, 1, 2, 3], scholes_williams),
    "robust": ([0, 2], huber),
}


def looped(events: Any, returns: Any, columns: list[int], body: Callable[..., float]) -> Any:
    """Return the abnormal return of day 0 of every firm-event, one regression after the other."""
    market = returns["MKT"].to_numpy()
    x = np.column_stack([np.ones(len(market)), np.roll(market, 1), market, np.roll(market, -1)])[:, columns]
    day0 = returns.index.get_indexer(events["session"])
    found = []
    for ticker, row in zip(events["ticker"], day0, strict=True):
        own, window = returns[ticker].to_numpy(), slice(row + FIRST, row + LAST + 1)
        found.append(body(own[window], x[window], own[row], x[row]))
    return np.array(found)


def timed(function: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what a call gives, its seconds on the wall and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    value = function()
    return value, time.perf_counter() - wall, time.process_time() - processor


def main(firm_events: int = 1_000) -> None:
    """Print a row per model."""
    events, returns = make(firm_events)
    events = events.drop_duplicates(["ticker", "session"])
    es.run(events.head(2), returns=returns, design=design("market"))  # imports
    looped(events.head(2), returns, *PEERS["market"])
    for model, (columns, body) in PEERS.items():
        asked = design(model)
        spec = prepare(read_inputs(events, asked), DataRequest(returns=returns)).spec
        _, *ours = timed(lambda: estimate(spec))  # noqa: B023
        result, *whole = timed(lambda: es.run(events, returns=returns, design=asked))  # noqa: B023
        expected, *theirs = timed(lambda: looped(events, returns, columns, body))  # noqa: B023
        found = result.abnormal_returns.query("tau == 0")["ar"].to_numpy()
        np.testing.assert_allclose(found, expected, atol=AGREE)
        print(
            f"{model:16} {len(events):,} firm-events (wall, processor): "
            f"estimation {ours[0]:.2f} s ({ours[1]:.2f} s), "
            f"es.run {whole[0]:.2f} s ({whole[1]:.2f} s), statsmodels {theirs[0]:.2f} s ({theirs[1]:.2f} s)",
            flush=True,
        )


def design(model: str) -> es.Design:
    """Return the design of a model with its own test of each firm-event."""
    return es.Design(
        model=model,
        benchmark="MKT",
        estimation=(FIRST, LAST),
        car_windows=((0, 0),),
        mask_events=False,
        placebo_history="estimation",
        max_loss=1.0,
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
