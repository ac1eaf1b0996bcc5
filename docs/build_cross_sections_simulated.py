"""Write docs/cross_sections.csv: how often regressions, group differences and weighted means of CARs reject.

A job of a release, a minute on one core: `python docs/build_cross_sections_simulated.py`. One row per
number of dates, situation, effect and test; the rate is the share of the replications that reject at 5 %.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.inference.fama_macbeth import fama_macbeth
from eventstudy.inference.group_differences import clustered_differences
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.regression import (
    clustered,
    clustered_two_ways,
    fit_weighted,
    homoskedastic,
    robust,
)

SIMULATED = Path(__file__).resolve().parent / "cross_sections.csv"
COLUMNS = ("situation", "dates", "effect", "test", "rate", "n")
REPLICATIONS, SEED = 1_000, 20_260_402
LEVEL, EFFECT = 0.05, 0.01  #: per unit of x, between the groups, and of the mean CAR; decimal
DATES, FIRMS = (12, 40), 10  #: firm-days of each date
NOISE, DATE, SLOPE = 0.03, 0.01, 0.01  #: deviations of a CAR: its own, of its date, of x on its date
INDEPENDENT, SHARED = "independent firm-days", "firms of one date move together"
SITUATIONS = (INDEPENDENT, SHARED)
OLS, HC1, SESSION, BOTH = "`ols`", "`hc1`", "cluster `session`", "cluster `both`"
DATES_ALONE, DIFFERENCE, PLAIN = "`fama-macbeth`", "difference of groups", "the same, t of two samples"
EQUAL, WEIGHTED = "mean CAR, clustered by session", "`value_weighted_t`"


class FirmDays(NamedTuple):
    """n firm-days: CAR, codes of session and ticker, a characteristic, a group and a market value."""

    car: FloatArray
    session: IntArray
    ticker: IntArray
    x: FloatArray
    group: IntArray
    value: FloatArray


def drawn(rng: np.random.Generator, situation: str, dates: int) -> FirmDays:
    """Return firm-days without an effect."""
    session = np.repeat(np.arange(dates), FIRMS)
    n = len(session)
    x, group = rng.standard_normal(n), rng.integers(0, 2, n)
    car = NOISE * rng.standard_normal(n)
    if situation == SHARED:
        common, slope, sector = rng.standard_normal((3, dates))
        car += DATE * common[session] + SLOPE * slope[session] * x + DATE * sector[session] * group
    tickers = 4 * FIRMS
    return FirmDays(car, session, rng.permutation(n) % tickers, x, group, np.exp(rng.standard_normal(n)))


def pvalues(days: FirmDays, effect: float) -> dict[str, float]:
    """Return the p-value of every test of an effect of that size."""
    n, dates, tickers = len(days.car), len(np.unique(days.session)), len(np.unique(days.ticker))
    design, found = np.column_stack([np.ones(n), days.x]), {}
    y, moved = days.car + effect * days.x, days.car + effect * days.group
    fit = fit_weighted(y, design)
    for name, covariance, df in (
        (OLS, homoskedastic(fit), fit.df),
        (HC1, robust(fit, "hc1"), fit.df),
        (SESSION, clustered(fit, days.session), dates - 1),
        (BOTH, clustered_two_ways(fit, days.session, days.ticker), min(dates, tickers) - 1),
    ):
        found[name] = _pvalue(fit.coefficients[1], covariance[1, 1], df)
    by_date = fama_macbeth(y, design, days.session)
    found[DATES_ALONE] = _pvalue(by_date.coefficients[1], by_date.std_errors[1] ** 2, by_date.dates - 1)
    names = np.array(["a", "b"], dtype=object)
    difference, _ = clustered_differences(names, days.group, days.session, moved)
    found[DIFFERENCE] = _pvalue(difference.value[0], difference.variance[0], difference.df[0])
    halves = [moved[days.group == each] for each in (0, 1)]
    spread = sum(each.var(ddof=1) / len(each) for each in halves)
    found[PLAIN] = _pvalue(halves[0].mean() - halves[1].mean(), spread, n - 2)
    for name, weights in ((EQUAL, None), (WEIGHTED, days.value)):
        fit = fit_weighted(days.car + effect, np.ones((n, 1)), weights)
        found[name] = _pvalue(fit.coefficients[0], clustered(fit, days.session)[0, 0], dates - 1)
    return found


def _pvalue(estimate: float, variance: float, df: float) -> float:
    return float(t_pvalue(np.array(estimate / np.sqrt(variance)), df))


def rows(
    situation: str, dates: int, effect: float, replications: int = REPLICATIONS
) -> Iterator[dict[str, str]]:
    """Simulate one situation and yield what is stored of it, a row per test."""
    rejected: dict[str, int] = {}
    for replication in range(replications):
        rng = np.random.default_rng([SEED, SITUATIONS.index(situation), dates, replication])
        for name, pvalue in pvalues(drawn(rng, situation, dates), effect).items():
            rejected[name] = rejected.get(name, 0) + bool(pvalue <= LEVEL)
    for name, count in rejected.items():
        yield {
            **{"situation": situation, "dates": str(dates), "effect": f"{effect:g}", "test": name},
            "rate": f"{count / replications:.4f}",
            "n": str(replications),
        }


def stored() -> dict[tuple[str, int, float, str], float]:
    """Return the stored rates by situation, dates, effect and test."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (row["situation"], int(row["dates"]), float(row["effect"]), row["test"]): float(row["rate"])
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return the stored rates in per cent, a row per test."""
    rates = stored()
    cells = [(situation, dates, 0.0) for situation in SITUATIONS for dates in DATES]
    cells.append((SHARED, DATES[-1], EFFECT))
    heads = [f"{situation}, {dates} dates" for situation, dates, _ in cells[:-1]]
    lines = [
        f"| test | {' | '.join(heads)} | effect of 1 %, {DATES[-1]} dates together |",
        f"| --- |{' ---: |' * len(cells)}",
    ]
    for test in dict.fromkeys(test for *_, test in rates):
        shown = (f"{100 * rates[(*cell, test)]:.1f}" for cell in cells)
        lines.append(f"| {test} | {' | '.join(shown)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    written = [row for situation in SITUATIONS for dates in DATES for row in rows(situation, dates, 0.0)]
    written += rows(SHARED, DATES[-1], EFFECT)
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)
