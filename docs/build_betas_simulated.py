"""Write docs/betas_simulated.csv, how far betas are from the truth: `python docs/build_betas_simulated.py`.

A job of a release, a minute on one core. One row per situation and model, on the returns that
`build_models_simulated.py` draws; beta is 1.2 in all of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from build_models_simulated import BETA, SITUATIONS, estimated, returns_of

SIMULATED = Path(__file__).resolve().parent / "betas_simulated.csv"
SERIES = 1_000  #: firm-events of a situation
COLUMNS = ("situation", "model", "mean", "error", "n")
CLOSES = ("normal", "half of the market's return a session late")
OUTLIERS = ("t(4)", "t(4), five shocks in the window", "t(4), five rises on the market's best days")
#: What beta is called among a model's coefficients, unless it is the slope on the benchmark.
BETA_OF = {"dimson": "sum"}


def rows(situation: str, n: int = SERIES) -> Iterator[dict[str, str]]:
    """Yield the rows of a situation: mean of beta and the root of its mean squared error."""
    drawn = returns_of(situation, np.random.default_rng([2, list(SITUATIONS).index(situation)]), n)
    models = ("market", "scholes-williams", "dimson") if situation in CLOSES else ("market", "robust")
    for model in models:
        estimates: Any = estimated(drawn, model)
        named = BETA_OF.get(model)
        column = 1 if named is None else estimates.terms[0].tolist().index(named)
        beta = estimates.coefficients[estimates.ok, column]
        yield {
            "situation": situation,
            "model": model,
            "mean": f"{beta.mean():.4f}",
            "error": f"{np.sqrt(((beta - BETA) ** 2).mean()):.4f}",
            "n": str(len(beta)),
        }


def stored() -> dict[tuple[str, str], tuple[float, float, int]]:
    """Return mean, error and number of betas by situation and model."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (row["situation"], row["model"]): (float(row["mean"]), float(row["error"]), int(row["n"]))
            for row in csv.DictReader(file)
        }


def _table(situations: tuple[str, ...]) -> str:
    lines = ["| noise | model | mean beta | root mean squared error |", "| --- | --- | ---: | ---: |"]
    for (situation, model), (mean, error, _) in stored().items():
        if situation in situations:
            lines.append(f"| {situation} | `{model}` | {mean:.3f} | {error:.3f} |")
    return "\n".join(lines)


def closes() -> str:
    """Return the betas where security and market do not close at the same moment."""
    return _table(CLOSES)


def outliers() -> str:
    """Return the betas with outliers in the estimation window."""
    return _table(OUTLIERS)


if __name__ == "__main__":
    found = [row for situation in (*CLOSES, *OUTLIERS) for row in rows(situation)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
