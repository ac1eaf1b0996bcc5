"""Write docs/gaps_simulated.csv, ways of treating gaps compared: `python docs/build_gaps_simulated.py`.

A job of a release, a minute on one core. One row per way, window and effect on day 0; a fifth of the
sessions have no trade. The rate is the share of the measured firm-events, each on a market of its own, on
which `car_t` rejects at 5 %.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.design import Design, Window
from eventstudy.models import model_of
from eventstudy.models.estimation import Specification, estimate
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.simulation.synthetic import between_trades, on_markets, side_by_side
from eventstudy.words.formatting import car_label

SIMULATED = Path(__file__).resolve().parent / "gaps_simulated.csv"
COLUMNS = ("gaps", "start", "end", "effect", "rate", "measured", "beta", "n")
SERIES, SESSIONS, DAY0 = 2_000, 272, 266
LEVEL, WITHOUT_TRADE = 0.05, 0.2
BETA, MARKET, NOISE, EFFECT = 1.2, 0.01, 0.02, 0.08
WINDOWS = (Window(0, 0), Window(-1, 1))
CARRIED = "carried forward"  #: prices repeated on sessions without trade: returns of zero, then all at once
WAYS = (CARRIED, "missing", "lump", "trade-to-trade")


def drawn(rng: np.random.Generator, n: int, effect: float) -> tuple[FloatArray, BoolArray]:
    """Return a market and a security of n firm-events, shape (n, 2, T), and where there is no trade."""
    market = MARKET * rng.standard_normal((n, SESSIONS))
    own = BETA * market + NOISE * rng.standard_normal((n, SESSIONS))
    own[:, DAY0] += effect
    absent = np.zeros((n, 2, SESSIONS), dtype=bool)
    absent[:, 1] = rng.random((n, SESSIONS)) < WITHOUT_TRADE
    return np.stack([market, own], axis=1), absent


def rows(effect: float, n: int = SERIES) -> Iterator[dict[str, str]]:
    """Simulate one effect and yield what is stored of it, a row per way and window."""
    returns, absent = drawn(np.random.default_rng(3), n, effect)
    for way in WAYS:
        design = Design(
            gaps="missing" if way == CARRIED else way,  # type: ignore[arg-type]
            benchmark="0/0",
            car_windows=WINDOWS,
            mask_events=False,
            placebo_history="estimation",
            min_estimation=100,
        )
        given, gone = returns, absent
        if design.gaps == "missing":  # a price is missing, so its return and the next one are
            flat = returns.reshape(-1, SESSIONS).T, absent.reshape(-1, SESSIONS).T
            lumped, span = between_trades(*flat, "simple")
            kept = np.nan_to_num(lumped) if way == CARRIED else np.where(span == 1, lumped, np.nan)
            given, gone = kept.T.reshape(returns.shape), None
        matrix = side_by_side(given, design, gone)
        firm_events = on_markets(np.zeros((n, 1), dtype=np.int64), np.full(n, matrix.dates[DAY0]))
        found = estimate(Specification.of(firm_events, matrix, model_of(design), design))
        width, beta = len(WINDOWS), found.coefficients[found.ok, 1].mean()
        df = found.abnormal.df[:, None]
        pvalue = forecast_t(found.car[:, :width], found.car_se[:, :width], df, "two-sided")[1]
        for (start, end), each in zip(WINDOWS, pvalue.T, strict=True):
            measured = each[np.isfinite(each)]
            yield {
                "gaps": way,
                **{"start": str(start), "end": str(end), "effect": f"{effect:g}"},
                "rate": f"{(measured <= LEVEL).mean():.4f}",
                "measured": str(len(measured)),
                "beta": f"{beta:.4f}",
                "n": str(n),
            }


def stored() -> dict[tuple[str, Window, float], tuple[float, int, float, int]]:
    """Return rate, number measured, mean beta and number drawn by way, window and effect."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (row["gaps"], Window(int(row["start"]), int(row["end"])), float(row["effect"])): (
                float(row["rate"]),
                int(row["measured"]),
                float(row["beta"]),
                int(row["n"]),
            )
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return shares in per cent, a row per way and window."""
    found = stored()
    lines = [
        "| gaps | mean beta | window | measured | no effect | effect of 8 % | effect found |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for way in WAYS:
        for window in WINDOWS:
            (size, count, beta, n), power = found[way, window, 0.0], found[way, window, EFFECT]
            share, label = 100 * count / n, car_label(window)
            shown = f"{share:.0f} | {100 * size:.1f} | {100 * power[0]:.1f} | {power[0] * power[1] / n:.0%}"
            name = way if way == CARRIED else f"`{way}`"
            lines.append(f"| {name} | {beta:.2f} | {label} | {shown.rstrip('%')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    written = [row for effect in (0.0, EFFECT) for row in rows(effect)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)
