"""The value-weighted mean CAR: the reference, a special case, and what the design may name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import one, pick, random_returns
from samples import random_sample

import eventstudy as es
from eventstudy.design import Window
from eventstudy.errors import DesignError, UnknownNameError
from eventstudy.inference.groups import clustered_mean
from eventstudy.significance.value_weighted import value_weighted_t

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
RTOL = 1e-12  #: the same sums in another order


def test_the_reference(shared: Path, rng: np.random.Generator) -> None:
    folder = shared / "golden" / "methods2"
    stated = json.loads((folder / "car_regressions.json").read_text())["value_weighted_caar"]
    cars = pd.read_csv(folder / "cars.csv")
    sample = random_sample(
        rng,
        (len(cars),),
        windows=(Window(0, 0),),
        car=cars["car"].to_numpy()[:, None],
        date=pd.factorize(cars["session"], sort=True)[0],
        weights=cars["market_value"].to_numpy(),
    )
    found = value_weighted_t(sample)
    names = ("estimate", "se", "statistic", "df", "effective_n", "largest_share")
    figures = [float(np.ravel(getattr(found, name))[0]) for name in names]
    keys = ("caar", "se", "t", "df", "effective_n", "largest_weight")
    assert figures == pytest.approx([stated[key] for key in keys], rel=GOLDEN_RTOL)


def test_equal_weights_are_the_clustered_mean(rng: np.random.Generator) -> None:
    sample = random_sample(rng, (30,), missing=0.05, weights=np.full(30, 7.0))
    mean, se, n, dates = clustered_mean(sample.car, sample.date)
    found = value_weighted_t(sample)
    for value, expected in ((found.estimate, mean), (found.se, se), (found.n, n), (found.df, dates - 1)):
        np.testing.assert_allclose(value[0], expected, rtol=RTOL)
    np.testing.assert_allclose(found.effective_n[0], n, rtol=RTOL)
    np.testing.assert_allclose(found.largest_share[0], 1 / n, rtol=RTOL)


def test_a_large_weight_and_a_missing_one_are_remarked_on(rng: np.random.Generator) -> None:
    weights = np.ones(10)
    weights[3], weights[7], weights[8] = 30.0, np.nan, 0.0
    found = value_weighted_t(random_sample(rng, (10,), weights=weights))
    assert (found.n == 8).all() and found.largest_share[0, 0] == pytest.approx(30 / 37)
    assert found.note[0, 0] == (
        "2 firm-days left out: no weight above 0; the largest weight is 81% of all, effective N 1.51"
    )
    small = value_weighted_t(random_sample(rng, (10,), weights=np.ones(10)))
    assert (small.note == "").all()


class TestByTheDesign:
    @pytest.fixture
    def returns(self, rng: np.random.Generator) -> pd.DataFrame:
        return random_returns(rng, missing=0.0)

    @pytest.fixture
    def events(self, returns: pd.DataFrame) -> pd.DataFrame:
        rows = [("e", "A", 300), ("e", "B", 300), ("f", "C", 330), ("g", "A", 350), ("g", "D", 350)]
        return pd.DataFrame(
            {
                "event_id": [row[0] for row in rows],
                "ticker": [row[1] for row in rows],
                "session": [returns.index[row[2]] for row in rows],
                "value": [5.0, 1.0, 2.0, 5.0, 3.0],
                "word": list("abcde"),
                "below": [1.0, -1.0, 1.0, 1.0, 1.0],
            }
        )

    def run(self, returns: pd.DataFrame, events: pd.DataFrame, **fields: Any) -> es.EventStudyResult:
        benchmark = returns.columns[-1]
        return es.run(events, returns=returns, design=es.Design(benchmark=benchmark, **fields))

    def test_the_table_of_tests_has_the_weighted_mean(
        self, returns: pd.DataFrame, events: pd.DataFrame
    ) -> None:
        result = self.run(returns, events, weights="value")
        row = one(result.tests, level="all", test="value_weighted_t", start=0, end=0)
        car = pick(result.cars, start=0, end=0)["car"].to_numpy()
        assert row["estimate"] == pytest.approx(np.average(car, weights=events["value"]), rel=RTOL)
        assert row["effective_n"] == pytest.approx(16**2 / 64) and row["largest_share"] == pytest.approx(
            5 / 16
        )
        assert "the largest weight is 31% of all" in row["note"] and row["mde"] > 0
        assert "value_weighted_t" not in set(self.run(returns, events).tests["test"])

    @pytest.mark.parametrize(
        ("fields", "error", "said"),
        [
            (
                {"weights": "word"},
                DesignError,
                "column 'word' holds 'a' (A in event e); it must hold numbers",
            ),
            ({"weights": "below"}, DesignError, "holds -1 (B in event e), a weight below 0"),
            ({"weights": "nothing"}, UnknownNameError, "nothing"),
            ({"prologue": ["value", "word"]}, DesignError, "column 'word' holds 'a'"),
            ({"prologue": "nothing"}, UnknownNameError, "nothing"),
            ({"prologue_days": 0}, DesignError, "must be 1 or more"),
        ],
    )
    def test_wrong_columns_are_refused(
        self, returns: pd.DataFrame, events: pd.DataFrame, fields: Any, error: Any, said: str
    ) -> None:
        with pytest.raises(error) as caught:
            self.run(returns, events, **fields)
        assert said in str(caught.value)
