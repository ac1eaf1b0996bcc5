"""Write docs/one_date.csv, how often slopes on one date are significant: `docs/build_one_date_simulated.py`.

A job of a release, some minutes on one core. One row per number of firms, effect and test; the rate is the
share of the replications in which a slope is significant at 5 %, without an effect because the day is like
every other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.prologue import DateAndBefore, slopes_gls, slopes_ols

SIMULATED = Path(__file__).resolve().parent / "one_date.csv"
FIRMS = (12, 30, 100)
INDUSTRIES = {12: 4, 30: 5, 100: 10}
REPLICATIONS, DAYS, SEED = 200, 100, 20_260_101
LEVEL, EFFECT = 0.05, 0.004  #: effect on a firm's return per unit of the characteristic
#: Standard deviations per day: the market, an industry, the return per unit of the characteristic, a firm.
MARKET, INDUSTRY, STYLE, OWN = 0.01, 0.005, 0.003, 0.02
TESTS = ("hc1", "cluster", "prologue_ols", "prologue_gls")
COLUMNS = ("firms", "effect", "test", "rate", "n")


def drawn(random: np.random.Generator, firms: int) -> tuple[DateAndBefore, IntArray]:
    """Return days of which the last is the event and like the others, and the firms' industries."""
    days = 2 * DAYS + 1
    industry = np.arange(firms) % INDUSTRIES[firms]
    x, beta = random.normal(size=firms), random.normal(1.0, 0.3, firms)
    returns = random.normal(0.0, MARKET, (days, 1)) * beta
    returns += random.normal(0.0, INDUSTRY, (days, INDUSTRIES[firms]))[:, industry]
    returns += random.normal(0.0, STYLE, (days, 1)) * x + random.normal(0.0, OWN, (days, firms))
    return DateAndBefore.of(returns, x[:, None], days - 1, days=DAYS), industry


def robust_slope(y: FloatArray, x: FloatArray, cluster: IntArray) -> tuple[float, float, int]:
    """Return the slope of one cross-section, its clustered error and d.o.f.; a firm each is HC1."""
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
    return float(b[1]), float(np.sqrt(variance)), n - k if alone else groups - 1


def ranked(event: float, earlier: FloatArray) -> float:
    """Return the rank of a slope's distance from the mean of earlier ones, shape (n,)."""
    mean = earlier.mean()
    return float((1 + (np.abs(earlier - mean) >= abs(event - mean)).sum()) / (1 + len(earlier)))


def pvalues(data: DateAndBefore, industry: IntArray, effects: tuple[float, ...]) -> list[list[float]]:
    """Return the p-values of the tests, a list for each effect.

    Slopes are linear in the returns: an effect is added to that of the event and changes no residual.
    """
    x, found = data.x[:, 0], []
    robust = [robust_slope(data.event, x, codes) for codes in (np.arange(len(x)), industry)]
    ordinary = [slopes(data) for slopes in (slopes_ols, slopes_gls)]
    for effect in effects:
        by_error = [float(t_pvalue(np.array((b + effect) / se), df)) for b, se, df in robust]
        by_rank = [ranked(each.event[0] + effect, each.earlier[:, 0]) for each in ordinary]
        found.append([*by_error, *by_rank])
    return found


def rows(firms: int, replications: int = REPLICATIONS) -> Iterator[dict[str, str]]:
    """Simulate a number of firms and yield what is stored, a row per effect and test."""
    effects = (0.0, EFFECT)
    rejected = np.zeros((len(effects), len(TESTS)), dtype=np.int64)
    for replication in range(replications):
        data, industry = drawn(np.random.default_rng([SEED, firms, replication]), firms)
        rejected += np.array(pvalues(data, industry, effects)) <= LEVEL
    for effect, counts in zip(effects, rejected, strict=True):
        for test, count in zip(TESTS, counts, strict=True):
            yield {
                **{"firms": str(firms), "effect": f"{effect:g}", "test": test},
                "rate": f"{count / replications:.4f}",
                "n": str(replications),
            }


def stored() -> dict[tuple[int, str, float], float]:
    """Return the stored rates by number of firms, test and effect."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (int(row["firms"]), row["test"], float(row["effect"])): float(row["rate"])
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return the stored rates in per cent, a row per test, a column per number of firms and effect."""
    rates = stored()
    names = ("HC1", "clustered by industry", "`prologue_ols`", "`prologue_gls`")
    cells = [(firms, effect) for effect in (0.0, EFFECT) for firms in FIRMS]
    heads = (f"{firms} firms, {'effect of 0.4 %' if effect else 'no effect'}" for firms, effect in cells)
    return "\n".join(
        [
            f"| test | {' | '.join(heads)} |",
            f"| --- |{' ---: |' * len(cells)}",
            *(
                f"| {name} | "
                + " | ".join(f"{100 * rates[(firms, test, effect)]:.1f}" for firms, effect in cells)
                + " |"
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
