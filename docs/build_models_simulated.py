"""Write docs/models_simulated.csv, how often models reject at 5 %: `python docs/build_models_simulated.py`.

A job of a release, some minutes on one core. One row per situation, model and test; the rate is the share of
firm-events, each in a series of its own, on whose day 0 the test rejects although nothing happened, or finds
an effect of four standard deviations.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventstudy._typing import FloatArray
from eventstudy.design import Design
from eventstudy.models import model_of
from eventstudy.models.estimation import Estimates, Specification, estimate
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.simulation.synthetic import on_markets, side_by_side

SIMULATED = Path(__file__).resolve().parent / "models_simulated.csv"
COLUMNS = ("situation", "effect", "model", "test", "rate", "n")
LEVEL = 0.05
SESSIONS, DAY0, BURN = 272, 266, 250
SERIES = 2_000  #: firm-events of a situation
BETA, DEVIATION, EFFECT = 1.2, 0.02, 0.08
SHOCKS, SHOCK = 5, 0.12  #: earlier events in the estimation window of each series, and their size
A, B = 0.10, 0.87  #: of the variance that clusters
LOUD, CALM = 1.3, 0.7  #: variance of day 0 over its mean
SITUATIONS = {
    "normal": ("market", "scholes-williams", "robust"),
    "half of the market's return a session late": ("market", "scholes-williams", "dimson"),
    "t(4)": ("market", "robust"),
    "t(4), five shocks in the window": ("market", "robust"),
    "calm spell": ("market", "garch"),
    "loud spell": ("market", "garch"),
    "t(4), five rises on the market's best days": ("market", "robust"),
}


def returns_of(situation: str, rng: np.random.Generator, n: int) -> FloatArray:
    """Draw a market and a security for each of n firm-events, shape (n, 2, T)."""
    market = rng.normal(0.0003, 0.01, (n, SESSIONS))
    noise = DEVIATION * rng.standard_normal((n, SESSIONS))
    own = market.copy()
    if situation.startswith("half"):
        own[:, 1:] = 0.5 * market[:, 1:] + 0.5 * market[:, :-1]
    if situation.startswith("t(4)"):
        noise = DEVIATION / np.sqrt(2) * rng.standard_t(4, (n, SESSIONS))
    if situation.endswith("shocks in the window"):
        place = rng.permuted(np.tile(np.arange(10, 250), (n, 1)), axis=1)[:, :SHOCKS]
        shock = SHOCK * rng.choice((-1.0, 1.0), place.shape)
        np.put_along_axis(noise, place, np.take_along_axis(noise, place, axis=1) + shock, axis=1)
    if situation.endswith("best days"):
        best = 10 + np.argsort(market[:, 10:250], axis=1)[:, -SHOCKS:]
        np.put_along_axis(noise, best, np.take_along_axis(noise, best, axis=1) + SHOCK, axis=1)
    if situation.endswith("spell"):
        noise = spells(situation, rng, n)
    return np.stack([market, BETA * own + noise], axis=1)


def spells(situation: str, rng: np.random.Generator, n: int) -> FloatArray:
    """Draw noise of a clustered variance whose day 0 is loud or calm, shape (n, T)."""
    draws = 12 * n
    h, noise, path = np.full(draws, DEVIATION**2), np.empty((draws, BURN + SESSIONS)), []
    for session in range(BURN + SESSIONS):
        noise[:, session] = np.sqrt(h) * rng.standard_normal(draws)
        path.append(h)
        h = (1 - A - B) * DEVIATION**2 + A * noise[:, session] ** 2 + B * h
    variance = np.column_stack(path[BURN:])
    ratio = variance[:, DAY0] / variance[:, :DAY0].mean(axis=1)
    chosen = np.flatnonzero(ratio > LOUD if situation.startswith("loud") else ratio < CALM)[:n]
    return noise[chosen, BURN:]


def estimated(drawn: FloatArray, model: str) -> Estimates:
    """Measure day 0 of every series, shape (n, 2, T), against its own market."""
    design = Design(
        model=model,
        benchmark="0/0",
        car_windows=((0, 0),),
        mask_events=False,
        placebo_history="estimation",
    )
    matrix, first = side_by_side(drawn, design), np.zeros((len(drawn), 1), dtype=np.int64)
    firm_events = on_markets(first, np.full(len(drawn), matrix.dates[DAY0]))
    return estimate(Specification.of(firm_events, matrix, model_of(design), design))


def rates(situation: str, n: int, effect: float, seed: int = 1) -> Iterator[dict[str, str]]:
    """Yield the rows of a situation; every model measures the same returns."""
    drawn = returns_of(situation, np.random.default_rng([seed, list(SITUATIONS).index(situation)]), n)
    drawn[:, 1, DAY0] += effect
    for name in SITUATIONS[situation]:
        estimates = estimated(drawn, name)
        df, factor = estimates.abnormal.reference([1])
        car, se = estimates.car[:, :1], estimates.car_se[:, :1]
        pvalues = {
            "car_t": forecast_t(car, se, df, "two-sided", factor)[1],
            "placebo": estimates.ranks.placebo_pvalue,
            "conformal": estimates.ranks.conformal_pvalue,
        }
        for test, pvalue in pvalues.items():
            measured = pvalue[np.isfinite(pvalue)]
            if len(measured):
                yield {
                    "situation": situation,
                    "effect": f"{effect:g}",
                    "model": name,
                    "test": test,
                    "rate": f"{(measured <= LEVEL).mean():.4f}",
                    "n": str(len(measured)),
                }


def stored() -> list[dict[str, str]]:
    """Return the stored rows."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table() -> str:
    """Return the stored rates in per cent, a row per situation, model and test."""
    found = {(row["situation"], row["model"], row["test"], row["effect"]): row for row in stored()}
    lines = [
        "| noise | model | test | no effect | effect of 8 % | n |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for (situation, model, test, effect), row in found.items():
        if effect == "0":
            power = found[situation, model, test, f"{EFFECT:g}"]
            shown = (f"{100 * float(each['rate']):.1f}" for each in (row, power))
            lines.append(f"| {situation} | `{model}` | `{test}` | {' | '.join(shown)} | {row['n']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    rows = [row for name in SITUATIONS for effect in (0.0, EFFECT) for row in rates(name, SERIES, effect)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
