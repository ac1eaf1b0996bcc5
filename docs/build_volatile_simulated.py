"""Write docs/volatile_markets.csv, where residuals share a factor: `python docs/build_volatile_simulated.py`.

A job of a release, some minutes on one core. One row per correlation, factor variance and test; the rate is
the share of the replications that reject at 5 % although nothing happened.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from eventstudy.simulation import SYNTHETIC_DESIGN, Situation, simulate

SIMULATED = Path(__file__).resolve().parent / "volatile_markets.csv"
REPLICATIONS = 1_000
FIRM_EVENTS = 50
LEVEL = 0.05
#: Correlation of the residuals, and factor of the shared factor's variance on the day of the event.
SITUATIONS = ((0.1, 1.0), (0.3, 1.0), (0.1, 4.0), (0.3, 4.0))
#: Tests that take firms for independent, then those that do not.
INDEPENDENT = ("cross_section_t", "patell_z", "bmp_t", "wilcoxon")
DEPENDENT = ("patell_adj_z", "bmp_adj_t", "portfolio_t", "joint_f")
COLUMNS = ("correlation", "factor_variance", "test", "rate", "n")


def situation_of(correlation: float, factor_variance: float, replications: int = REPLICATIONS) -> Situation:
    """Return fifty firms on one date on which nothing happens."""
    return Situation(
        firm_events=FIRM_EVENTS,
        dates=1,
        effects=(0.0,),
        correlation=correlation,
        factor_variance=factor_variance,
        replications=replications,
    )


def rows(correlation: float, factor_variance: float, replications: int) -> Iterator[dict[str, str]]:
    """Simulate one situation and yield what is stored of it, a row per test."""
    tests = (*INDEPENDENT, *DEPENDENT)
    situation = situation_of(correlation, factor_variance, replications)
    result = simulate(situation, design=SYNTHETIC_DESIGN.replace(tests=tests))
    for row in result.table.to_pylist():
        if row["level"] == LEVEL and row["unit"] != "date" and row["measure"] == "CAR":
            yield {
                "correlation": f"{correlation:g}",
                "factor_variance": f"{factor_variance:g}",
                "test": row["test"],
                "rate": f"{row['rate']:.4f}",
                "n": str(row["n"]),
            }


def stored() -> dict[tuple[float, float, str], float]:
    """Return the stored rates by correlation, factor variance and test."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (float(row["correlation"]), float(row["factor_variance"]), row["test"]): float(row["rate"])
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return the stored rates in per cent, a row per test and a column per situation."""
    rates = stored()

    def line(name: str, test: str) -> str:
        shown = (f"{100 * rates[(*situation, test)]:.1f}" for situation in SITUATIONS)
        return f"| {name} | {' | '.join(shown)} |"

    heads = (f"{rho:g}, as ever" if factor == 1 else f"{rho:g}, x {factor:g}" for rho, factor in SITUATIONS)
    return "\n".join(
        [
            f"| correlation, factor on the day | {' | '.join(heads)} |",
            f"| --- |{' ---: |' * len(SITUATIONS)}",
            *(line(f"`{test}`", test) for test in (*INDEPENDENT, *DEPENDENT)),
        ]
    )


if __name__ == "__main__":
    found = [row for each in SITUATIONS for row in rows(*each, REPLICATIONS)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
