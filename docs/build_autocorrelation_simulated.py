"""Write docs/autocorrelation.csv, size and power where the noise is autocorrelated.

A job of a release, a minute on one core: `python docs/build_autocorrelation_simulated.py`. One row per
autocorrelation, effect, window, estimate of the noise and test; the rate is the share of firm-events that
reject at 5 %.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.design import Design
from eventstudy.events.inputs import read_inputs
from eventstudy.models import model_of
from eventstudy.models.estimation import Specification, estimate
from eventstudy.panel.returns import returns_from_frame
from eventstudy.significance.forecast_error import forecast_t

SIMULATED = Path(__file__).resolve().parent / "autocorrelation.csv"
FIRM_EVENTS = 5_000
LEVEL = 0.05
AUTOCORRELATIONS = (0.0, 0.5, 0.7)
WINDOWS = ((0, 0), (-1, 1), (-5, 5))
NOISES = ("independent", "ar1")
EFFECT = 1.0  #: of each session of the event window, in standard deviations of the noise
SESSIONS, DAY0 = 320, 300
BURN_IN = 100  #: sessions after which the start of a series is forgotten: 0.7 ** 100 is nothing
COLUMNS = ("autocorrelation", "effect", "length", "noise", "test", "rate", "n")


def series(rng: np.random.Generator, number: int, rho: float) -> pd.DataFrame:
    """Return a market and series of slope one on it, with noise of an autocorrelation; sessions x series."""
    innovations = np.sqrt(1 - rho**2) * rng.normal(size=(BURN_IN + SESSIONS, number + 1))
    noise = np.zeros_like(innovations)
    for session in range(1, len(noise)):
        noise[session] = rho * noise[session - 1] + innovations[session]
    market, own = noise[BURN_IN:, :1], noise[BURN_IN:, 1:]
    names = ["MKT", *(f"S{at}" for at in range(number))]
    index = pd.bdate_range("2018-01-02", periods=SESSIONS)
    return pd.DataFrame(np.hstack([market, market + own]), index=index, columns=names)


def rows(rho: float, effect: float = 0.0, firm_events: int = FIRM_EVENTS) -> Iterator[dict[str, str]]:
    """Simulate one autocorrelation and effect and yield what is stored of them."""
    frame = series(np.random.default_rng([0, round(10 * rho)]), firm_events, rho)
    frame.iloc[DAY0 + WINDOWS[-1][0] : DAY0 + WINDOWS[-1][1] + 1, 1:] += effect
    listed = pd.DataFrame({"event_id": "e", "ticker": frame.columns[1:], "session": frame.index[DAY0]})
    for noise in NOISES:
        design = Design(benchmark="MKT", car_windows=WINDOWS, noise=noise, mask_events=False)
        inputs = read_inputs(listed, design)
        matrix = returns_from_frame(frame, "simple")
        found = estimate(Specification.of(inputs.firm_events(), matrix, model_of(design), design))
        df, width = found.abnormal.df[:, None], len(WINDOWS)
        pvalue = forecast_t(found.car[:, :width], found.car_se[:, :width], df, "two-sided")[1]
        for test, values in (("car_t", pvalue), ("placebo", found.ranks.placebo_pvalue)):
            for (start, end), own in zip(WINDOWS, values.T, strict=True):
                yield {
                    "autocorrelation": f"{rho:g}",
                    "effect": f"{effect:g}",
                    "length": str(end - start + 1),
                    "noise": noise,
                    "test": test,
                    "rate": f"{(own <= LEVEL).mean():.4f}",
                    "n": str(len(own)),
                }


def stored(effect: float = 0.0) -> dict[tuple[float, int, str, str], float]:
    """Return the stored rates of an effect by autocorrelation, length, noise and test."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (float(row["autocorrelation"]), int(row["length"]), row["noise"], row["test"]): float(row["rate"])
            for row in csv.DictReader(file)
            if float(row["effect"]) == effect
        }


def table(effect: float = 0.0) -> str:
    """Return the stored rates of an effect in per cent, a row per autocorrelation and length."""
    rates = stored(effect)
    kinds = [(noise, test) for test in ("car_t", "placebo") for noise in NOISES]
    return "\n".join(
        [
            f"| autocorrelation | sessions | {' | '.join(f'`{test}`, {noise}' for noise, test in kinds)} |",
            f"| ---: | ---: |{' ---: |' * len(kinds)}",
            *(
                f"| {rho:g} | {end - start + 1} | "
                + " | ".join(f"{100 * rates[rho, end - start + 1, *kind]:.1f}" for kind in kinds)
                + " |"
                for rho in AUTOCORRELATIONS
                for start, end in WINDOWS
            ),
        ]
    )


def power() -> str:
    """Return the stored rates of the effect in per cent."""
    return table(EFFECT)


if __name__ == "__main__":
    found = [row for effect in (0.0, EFFECT) for each in AUTOCORRELATIONS for row in rows(each, effect)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
