"""Write docs/long_run_simulated.csv, how often long-run tests reject: `docs/build_long_run_simulated.py`.

A job of a release, a minute on one core. One row per situation, effect and test; the rate is the share of the
replications that reject at 5 %.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventstudy._typing import BoolArray, FloatArray
from eventstudy.inference.long_run import (
    MeanTest,
    buy_and_hold,
    mean_test,
    month_means,
    pooled_tests,
    standardised,
)

SIMULATED = Path(__file__).resolve().parent / "long_run_simulated.csv"
COLUMNS = ("situation", "effect", "test", "rate", "n")
REPLICATIONS, SEED = 1_000, 20_260_401
LEVEL, EFFECT = 0.05, 0.01  #: effect per month of the holding period, log
FIRMS, MONTHS, HELD, EVENTS_IN = 60, 160, 36, 48  #: events fall into months 50 to 50 + EVENTS_IN
MEAN, MARKET = 0.008, 0.045  #: of the market, per month, log
OWN = (0.06, 0.14)  #: range of the deviations of a firm's own return
SHARED = 0.035  #: deviation of what event firms have in common and their controls do not
PERSISTENT = 0.3  #: autocorrelation of what is a firm's own
SITUATIONS = ("independent firms", "events share a factor", "returns of a firm persist", "both")


def pairs(rng: np.random.Generator, situation: str) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return log returns of firms and of their controls, and the months held, each (FIRMS, MONTHS)."""
    market = rng.normal(MEAN, MARKET, MONTHS)
    deviation = rng.uniform(*OWN, (2, FIRMS, 1))
    own = rng.standard_normal((2, FIRMS, MONTHS))
    if situation in ("returns of a firm persist", "both"):
        for month in range(1, MONTHS):
            innovation = np.sqrt(1 - PERSISTENT**2) * own[:, :, month]
            own[:, :, month] = PERSISTENT * own[:, :, month - 1] + innovation
    own = market + deviation * own
    if situation in ("events share a factor", "both"):
        own[0] += SHARED * rng.standard_normal(MONTHS)
    after = np.arange(MONTHS) - rng.integers(50, 50 + EVENTS_IN, FIRMS)[:, None]
    return own[0], own[1], (after >= 1) & (after <= HELD)


def tested(firm: FloatArray, control: FloatArray, holding: BoolArray) -> list[MeanTest]:
    """Return every test of `eventstudy.long_run` on log returns of pairs."""
    row, column = np.nonzero(holding)
    scaled = standardised(firm, control, holding)
    simple = np.expm1(firm), np.expm1(control)
    tests = [
        test
        for measure, each in (("ASR", scaled.asr), ("SAR", scaled.sar))
        for test in pooled_tests(each[row, column], column, row, measure)
    ]
    tests.append(mean_test("bhar_t", "BHAR", buy_and_hold(*simple, holding), MONTHS, FIRMS))
    portfolio = month_means((simple[0] - simple[1])[row, column], column)
    tests.append(mean_test("calendar_time", "monthly return", portfolio, len(portfolio), FIRMS))
    return tests


def rows(situation: str, effect: float, replications: int = REPLICATIONS) -> Iterator[dict[str, str]]:
    """Simulate one situation and yield what is stored of it, a row per test."""
    rejected: dict[str, int] = {}
    for replication in range(replications):
        rng = np.random.default_rng([SEED, SITUATIONS.index(situation), replication])
        firm, control, holding = pairs(rng, situation)
        for test in tested(firm + effect * holding, control, holding):
            name = f"{test.test} {test.cluster}".strip()
            rejected[name] = rejected.get(name, 0) + bool(test.pvalue <= LEVEL)
    for name, count in rejected.items():
        yield {
            "situation": situation,
            "effect": f"{effect:g}",
            "test": name,
            "rate": f"{count / replications:.4f}",
            "n": str(replications),
        }


def stored() -> dict[tuple[str, float, str], float]:
    """Return the stored rates by situation, effect and test."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (row["situation"], float(row["effect"]), row["test"]): float(row["rate"])
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return the stored rates in per cent: sizes by situation, and power where firms are independent."""
    rates = stored()
    lines = [
        f"| test | {' | '.join(SITUATIONS)} | effect of 1 % a month, independent |",
        f"| --- |{' ---: |' * (len(SITUATIONS) + 1)}",
    ]
    for test in dict.fromkeys(test for _, _, test in rates):
        shown = [rates[situation, 0.0, test] for situation in SITUATIONS]
        shown.append(rates[SITUATIONS[0], EFFECT, test])
        name, _, cluster = test.partition(" ")
        by = f" by {cluster}" if cluster in ("month", "firm") else f" {cluster}".rstrip()
        lines.append(f"| `{name}`{by} | {' | '.join(f'{100 * each:.1f}' for each in shown)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    written = [row for situation in SITUATIONS for row in rows(situation, 0.0)]
    written += rows(SITUATIONS[0], EFFECT)
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)
