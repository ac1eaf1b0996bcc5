"""Write docs/one_date.csv, rejections of a true null on one date: `python docs/build_one_date_simulated.py`.

A job of a release, some minutes on one core. One row per number of firms and test; the rate is the share of
the replications in which a slope is significant at 5 % although the day is like every other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.prologue import DateAndBefore, prologue_gls, prologue_ols

SIMULATED = Path(__file__).resolve().parent / "one_date.csv"
FIRMS = (12, 30, 100)
INDUSTRIES = {12: 4, 30: 5, 100: 10}
REPLICATIONS, DAYS, SEED = 200, 100, 20_260_101
LEVEL = 0.05
#: Standard deviations per day: the market, an industry, the return per unit of the characteristic, a firm.
MARKET, INDUSTRY, STYLE, OWN = 0.01, 0.005, 0.003, 0.02
TESTS = ("hc1", "cluster", "prologue_ols", "prologue_gls")
COLUMNS = ("firms", "test", "rate", "n")


def drawn(random: np.random.Generator, firms: int) -> tuple[DateAndBefore, IntArray]:
    """Return days of which the last is the event and like the others, and the firms' industries."""
    days = 2 * DAYS + 1
    industry = np.arange(firms) % INDUSTRIES[firms]
    x, beta = random.normal(size=firms), random.normal(1.0, 0.3, firms)
    returns = random.normal(0.0, MARKET, (days, 1)) * beta
    returns += random.normal(0.0, INDUSTRY, (days, INDUSTRIES[firms]))[:, industry]
    returns += random.normal(0.0, STYLE, (days, 1)) * x + random.normal(0.0, OWN, (days, firms))
    return DateAndBefore.of(returns, x[:, None], days - 1, days=DAYS), industry


def robust_pvalue(y: FloatArray, x: FloatArray, cluster: IntArray) -> float:
    """Return the p-value of the slope of one cross-section, its error clustered; a firm each is HC1."""
    design = np.column_stack([np.ones(len(x)), x])
    n, k = design.shape
    bread = np.linalg.inv(design.T @ design)
    b = bread @ design.T @ y
    error = y - design @ b
    groups = int(cluster.max()) + 1
    scores = np.zeros((groups, k))
    np.add.at(scores, cluster, design * error[:, None])
    alone = groups == n
    factor = n / (n - k) if alone else groups / (groups - 1) * (n - 1) / (n - k)
    variance = factor * (bread @ scores.T @ scores @ bread)[1, 1]
    return float(t_pvalue(b[1] / np.sqrt(variance), n - k if alone else groups - 1))


def rows(firms: int, replications: int = REPLICATIONS) -> Iterator[dict[str, str]]:
    """Simulate a number of firms and yield what is stored, a row per test."""
    rejected = dict.fromkeys(TESTS, 0)
    for replication in range(replications):
        data, industry = drawn(np.random.default_rng([SEED, firms, replication]), firms)
        pvalues = (
            robust_pvalue(data.event, data.x[:, 0], np.arange(firms)),
            robust_pvalue(data.event, data.x[:, 0], industry),
            float(prologue_ols(data).pvalue[0]),
            float(prologue_gls(data).pvalue[0]),
        )
        for test, pvalue in zip(TESTS, pvalues, strict=True):
            rejected[test] += pvalue <= LEVEL
    for test, count in rejected.items():
        yield {
            "firms": str(firms),
            "test": test,
            "rate": f"{count / replications:.4f}",
            "n": str(replications),
        }


def stored() -> dict[tuple[int, str], float]:
    """Return the stored rates by number of firms and test."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {(int(row["firms"]), row["test"]): float(row["rate"]) for row in csv.DictReader(file)}


def table() -> str:
    """Return the stored rates in per cent, a row per test and a column per number of firms."""
    rates = stored()
    names = ("HC1", "clustered by industry", "`prologue_ols`", "`prologue_gls`")
    return "\n".join(
        [
            f"| firms | {' | '.join(map(str, FIRMS))} |",
            f"| --- |{' ---: |' * len(FIRMS)}",
            *(
                f"| {name} | {' | '.join(f'{100 * rates[(firms, test)]:.1f}' for firms in FIRMS)} |"
                for name, test in zip(names, TESTS, strict=True)
            ),
        ]
    )


def main() -> None:
    """Write the file."""
    with SIMULATED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for firms in FIRMS:
            writer.writerows(rows(firms))


if __name__ == "__main__":
    main()
