"""Write the rows of `synthetic_phi` in `answers.csv`: portfolios by clarabel, one firm and donor at a time.

PYTHONPATH=.:tests/support python tests/reference/make_phi_answers.py
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from oracles import simplex_weights
from reference_values import PORTFOLIO_DAYS

HERE = Path(__file__).parent
SOURCE, TEST = "clarabel", "synthetic_phi"
PAST, AHEAD, WINDOWS = (-110, -11), (-5, 5), ((0, 0), (-1, 1))
WORST_FIT = 3**0.5


def gap(returns: pd.DataFrame, firm: str, donors: list[str], day: int) -> tuple[float, Any]:
    """Return the root of the mean squared estimation gap, and the gaps of the event window."""
    past, ahead = (returns.iloc[day + start : day + end + 1] for start, end in (PAST, AHEAD))
    weights = simplex_weights(past[firm].to_numpy(), past[donors].to_numpy())
    weights = np.where(weights > 1e-7, weights, 0.0)
    gaps = [part[firm].to_numpy() - part[donors].to_numpy() @ weights for part in (past, ahead)]
    return float(np.sqrt((gaps[0] ** 2).mean())), gaps[1]


def rows() -> list[dict[str, Any]]:
    """Return a row per window: phi, its rank among the donors, and the firm-events."""
    returns = pd.read_csv(HERE / "model_returns.csv", index_col="session", parse_dates=True)
    names = [name for name in returns if name[0] in "ABP"]
    treated: list[tuple[float, Any]] = []
    others: dict[str, list[tuple[float, Any] | None]] = {}
    for firm, day in PORTFOLIO_DAYS.items():
        window = returns.iloc[
            [*range(day + PAST[0], day + PAST[1] + 1), *range(day + AHEAD[0], day + AHEAD[1] + 1)]
        ]
        donors = [name for name in names if name != firm and window[name].notna().all()]
        treated.append(gap(returns, firm, donors, day))
        for donor in donors:
            if donor not in PORTFOLIO_DAYS:
                found = gap(returns, donor, [name for name in donors if name != donor], day)
                others.setdefault(donor, []).append(found if found[0] <= WORST_FIT * treated[-1][0] else None)

    def phi(each: list[tuple[float, Any]], start: int, end: int) -> float:
        cars = np.array([gaps[start - AHEAD[0] : end - AHEAD[0] + 1].sum() for _, gaps in each])
        return float(np.average(cars, weights=[1 / sigma for sigma, _ in each]))

    found = []
    for start, end in WINDOWS:
        own = phi(treated, start, end)
        there = [[each for each in listed if each is not None] for listed in others.values()]
        placebos = [phi(each, start, end) for each in there if len(each) >= len(treated) / 2]
        pvalue = (1 + sum(abs(each) >= abs(own) for each in placebos)) / (1 + len(placebos))
        figures = {"statistic": own, "pvalue": pvalue, "n": len(treated)}
        found.append(
            {"case": "synthetic", "test": TEST, "start": start, "end": end, **figures, "source": SOURCE}
        )
    return found


if __name__ == "__main__":
    file = HERE / "answers.csv"
    with file.open(newline="") as stored:
        reader = csv.DictReader(stored)
        kept, columns = [row for row in reader if row["test"] != TEST], reader.fieldnames or ()
    with file.open("w", newline="") as stored:
        writer = csv.DictWriter(stored, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows([*kept, *rows()])
