"""Winsorised CARs: in rows of groups and in regressions alone, marked with how many were changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, pick, random_returns

import eventstudy as es
from eventstudy.numerics.winsorising import winsorise
from eventstudy.study_result import EventStudyResult

SHARE = 0.1
RTOL = 1e-12  #: the same sums in another order
WINDOWS = ((0, 0), (-1, 1))
GROUPS = {"all": None, "ticker": "ticker", "kind": "kind"}


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return returns, some missing, and forty firm-events on twenty dates."""
    returns = random_returns(rng, n=700, tails=3.0)
    pairs = [(f"e{at}", ticker, 300 + 18 * at) for at in range(20) for ticker in "AB"]
    kinds = ["deal" if at % 3 else "other" for at in range(len(pairs))]
    size = rng.normal(size=len(pairs))
    return returns, event_frame(pairs, returns.index, kind=kinds, size=size)


def measured(rows: tuple[pd.DataFrame, pd.DataFrame], **design: Any) -> EventStudyResult:
    returns, events = rows
    return es.run(events, returns=returns, design=es.Design(benchmark="MKT", car_windows=WINDOWS, **design))


def cars_of(result: EventStudyResult, window: tuple[int, int], column: str) -> pd.DataFrame:
    cars = pick(result.cars, start=window[0], end=window[1]).reset_index(drop=True)
    return cars.assign(all="all", kind=result.events["kind"].astype(str), value=cars[column])


@pytest.mark.parametrize("groups", [1, 3])
def test_quantiles_are_those_of_numpy(rng: np.random.Generator, groups: int) -> None:
    values = rng.normal(size=(60, 4))
    values[rng.random(values.shape) < 0.2] = np.nan
    values[:, 3] = np.nan
    group = rng.integers(groups, size=60)
    clipped = winsorise(values, group, groups + 1, SHARE)
    for code in range(groups):
        for column in range(3):
            own = values[group == code, column]
            known = own[np.isfinite(own)]
            expected = np.clip(own, *np.quantile(known, [SHARE, 1 - SHARE]))
            assert np.array_equal(clipped[group == code, column], expected, equal_nan=True)
    assert np.isnan(clipped[:, 3]).all()
    assert np.array_equal(winsorise(values, group, groups, 0.0), values, equal_nan=True)


@pytest.mark.parametrize("window", WINDOWS)
def test_rows_of_groups_are_about_winsorised_cars(
    rows: tuple[pd.DataFrame, pd.DataFrame], window: tuple[int, int]
) -> None:
    result = measured(rows, winsorise=SHARE)
    start, end = window
    for level in ("all", "ticker", "kind"):
        for measure, column in (("CAR", "car"), ("BHAR", "bhar")):
            if measure == "BHAR" and start == end:
                continue
            for key, own in cars_of(result, window, column).groupby(level):
                clipped = np.clip(own["value"], *np.quantile(own["value"], [SHARE, 1 - SHARE]))
                found = pick(
                    result.tests, level=level, key=str(key), start=start, end=end, measure=measure,
                    test="cross_section_t", unit="firm-event",
                ).iloc[0]  # fmt: skip
                t = clipped.mean() / (clipped.std(ddof=1) / np.sqrt(len(clipped)))
                assert found["statistic"] == pytest.approx(t, rel=RTOL)
                assert found["winsorised"] == (clipped != own["value"]).sum() > 0
                if measure == "CAR":
                    mean = result.view().mean_car(
                        level, str(key), result.view().windows[WINDOWS.index(window)]
                    )
                    assert mean == pytest.approx(clipped.mean(), rel=RTOL)


def test_averages_are_winsorised_session_by_session(rows: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    result = measured(rows, winsorise=SHARE)
    found = pick(result.averages, level="all", tau=0).iloc[0]
    ar = pick(result.abnormal_returns, tau=0)["ar"]
    clipped = np.clip(ar, *np.quantile(ar, [SHARE, 1 - SHARE]))
    assert found["aar"] == pytest.approx(clipped.mean(), rel=RTOL)
    assert found["winsorised"] == (clipped != ar).sum()


def test_firm_events_and_portfolios_of_one_date_are_as_without(
    rows: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    with_, without = measured(rows, winsorise=SHARE), measured(rows)
    for table in ("events", "cars", "abnormal_returns", "comparisons"):
        pd.testing.assert_frame_equal(with_.frame(table), without.frame(table))
    portfolio = {"level": "event", "test": "portfolio_t"}
    one, other = (pick(result.tests, **portfolio) for result in (with_, without))
    pd.testing.assert_frame_equal(one, other)
    assert len(one) and one["winsorised"].isna().all()
    assert without.tests["winsorised"].isna().all() and without.averages["winsorised"].isna().all()


def test_a_regression_of_the_run_is_that_of_its_result(rows: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    result = measured(rows, winsorise=SHARE, regress="car ~ size")
    again = result.regress("car ~ size")
    pd.testing.assert_frame_equal(result.regressions, again)
    assert (again["winsorised"] > 0).all()
    assert result.regress("car ~ size", winsorise=0.0)["winsorised"].isna().all()
