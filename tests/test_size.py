"""A small seeded simulation: what holds its size under the null, and what over-rejects on one date."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from panels import pick, sessions, study

from eventstudy.study_result import EventStudyResult

REPLICATIONS, FIRMS, DAY0 = 300, 5, 130
#: Three binomial standard deviations about 5 % of 300: a right test leaves them once in 400 seeds.
LOW, HIGH = (0.05 + side * 3 * np.sqrt(0.05 * 0.95 / REPLICATIONS) for side in (-1, 1))


@cache
def result() -> EventStudyResult:
    """Measure 300 dates of five firms each whose residuals correlate by 0.3, in one run: nothing happened."""
    rng = np.random.default_rng(20_100_401)
    market = rng.normal(0, 0.01, (140, 1, 1))
    shared, own = rng.normal(size=(140, REPLICATIONS, 1)), rng.normal(size=(140, REPLICATIONS, FIRMS))
    residuals = 0.02 * (np.sqrt(0.3) * shared + np.sqrt(0.7) * own)
    values = rng.uniform(0.5, 1.5, (REPLICATIONS, FIRMS)) * market + residuals
    names = [f"{date:03d}{firm}" for date in range(REPLICATIONS) for firm in "ABCDE"]
    table = np.column_stack([values.reshape(140, -1), market[:, 0]])
    returns = pd.DataFrame(table, index=sessions(140), columns=[*names, "MKT"])
    rows = [(f"e{name[:3]}", name, DAY0) for name in names]
    return study(
        returns,
        rows,
        estimation=(-120, -11),
        window=(0, 0),
        car_windows=((0, 0),),
        tests=("cross_section_t", "patell_z", "bmp_t", "bmp_adj_t", "joint_f", "portfolio_t"),
    )


def rejected(test: str) -> float:
    """Return the share of dates on which a test rejects at 5 %."""
    rows = pick(result().tests, level="event", test=test)
    rows = rows[rows["unit"] != "date"]
    assert len(rows) == REPLICATIONS
    return float((rows["pvalue"] <= 0.05).mean())


@pytest.mark.more
@pytest.mark.parametrize("test", ["joint_f", "portfolio_t"])
def test_the_tests_of_one_date_hold_their_size(test: str) -> None:
    assert LOW < rejected(test) < HIGH


@pytest.mark.more
@pytest.mark.parametrize("column", ["pvalue", "placebo_pvalue"])
def test_one_firm_event_holds_its_size(column: str) -> None:
    one_a_date = result().cars.iloc[::FIRMS]
    assert LOW < (one_a_date[column] <= 0.05).mean() < HIGH


@pytest.mark.more
@pytest.mark.parametrize("test", ["cross_section_t", "patell_z", "bmp_t"])
def test_tests_of_independent_firms_reject_too_often_on_one_date(test: str) -> None:
    """Nominal 5 %; the tool notes them, and this is why."""
    assert rejected(test) > 0.11


@pytest.mark.more
def test_the_adjusted_test_does_not_by_much() -> None:
    assert LOW < rejected("bmp_adj_t") < 0.10
