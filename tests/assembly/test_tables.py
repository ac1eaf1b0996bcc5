"""From arrays to labelled tables: schemas, nulls, labels in order, and figures that belong together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from panels import one, random_returns, study

from eventstudy.assembly.building import make_table
from eventstudy.models import ModelFit
from eventstudy.models.market import MARKET
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.panel import Sample
from eventstudy.schema import TABLES, arrow_schema
from eventstudy.study_result import EventStudyResult

ROWS = [("e", "A", 300), ("e", "B", 300), ("f", "A", 30), ("g", "B", 340)]


@pytest.fixture(scope="module")
def small() -> EventStudyResult:
    return study(random_returns(np.random.default_rng(1)), ROWS)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_schema_full_or_empty(small: EventStudyResult, name: str) -> None:
    assert small.tables[name].schema.equals(arrow_schema(name), check_metadata=True)
    empty = make_table(name, {})
    assert (len(empty), empty.schema.equals(arrow_schema(name), check_metadata=True)) == (0, True)


def test_no_number_is_nan_or_infinite_where_null_is_meant(small: EventStudyResult) -> None:
    for table in small.tables.values():
        for name in table.column_names:
            column = table[name]
            if pa.types.is_floating(column.type):
                values = column.drop_null().to_numpy()
                assert np.isfinite(values).all(), name


def test_nothing_becomes_null() -> None:
    table = make_table(
        "findings",
        {
            "ticker": ["A", ""],
            "session": np.array(["2024-01-02", "NaT"], dtype="datetime64[D]"),
            "rule": ["x", None],
            "detail": ["", "y"],
        },
    )
    assert table.to_pylist()[1] == {
        "ticker": None, "session": None, "rule": None, "severity": None, "detail": "y"
    }  # fmt: skip
    assert table.to_pylist()[0]["detail"] is None
    numbers = make_table("coefficients", {"estimate": np.array([1.0, np.nan, np.inf])})
    assert numbers["estimate"].to_pylist() == [1.0, None, None]


def test_rows_stand_in_the_order_of_the_events_asked_for(rng: np.random.Generator) -> None:
    result = study(random_returns(rng, ("A", "B")), ROWS)
    asked = [(event_id, ticker) for event_id, ticker, _ in ROWS]

    def listed(frame: pd.DataFrame) -> list[tuple[str, str]]:
        labels = frame[["event_id", "ticker"]].astype(str)
        return list(labels.drop_duplicates().itertuples(index=False, name=None))

    for name in ("events", "coefficients", "abnormal_returns", "cars", "diagnostics"):
        assert listed(result.frame(name)) == asked, name
    assert listed(result.residuals) == [pair for pair in asked if pair != ("f", "A")]
    assert list(result.events["status"]) == ["ok", "ok", "skipped", "ok"]


def test_tables_tell_the_same_numbers(rng: np.random.Generator) -> None:
    """The AR of a session is its CAR; the cumulated path ends on the whole window; residuals give sigma."""
    result = study(random_returns(rng, ("A", "B"), missing=0.01), ROWS, car_windows=((0, 0), (-5, 5)))
    for event_id, ticker, _ in ROWS:
        who = {"event_id": event_id, "ticker": ticker}
        path, day, whole = (
            one(result.abnormal_returns, **who, tau=0),
            one(result.cars, **who, start=0, end=0),
            one(result.cars, **who, start=-5, end=5),
        )
        last = one(result.abnormal_returns, **who, tau=5)
        for ours, theirs in (
            (path["ar"], day["car"]),
            (path["ar_se"], day["car_se"]),
            (last["car"], whole["car"]),
        ):
            assert ours == pytest.approx(theirs, rel=1e-12, nan_ok=True)
    event = one(result.events, event_id="g", ticker="B")
    residuals = result.residuals.query("event_id == 'g'")["residual"]
    assert len(residuals) == event["n_estimation"]
    assert event["sigma"] == pytest.approx(np.sqrt((residuals**2).sum() / event["df"]), rel=1e-12)


def test_sessions_and_taus_go_together(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A", "B"))
    result = study(returns, ROWS)
    for name in ("abnormal_returns", "residuals"):
        table = result.frame(name).query("event_id == 'g'")
        expected = returns.index[340 + table["tau"].to_numpy()]
        np.testing.assert_array_equal(table["session"].to_numpy(), expected.to_numpy())


def tilted(estimation: Sample, event: Sample) -> ModelFit:
    """Return the market model with residuals that are not orthogonal to the market, as a robust fit's."""
    fit = estimate_ols(estimation, event)
    return replace(fit, residuals=fit.residuals + 1e-4 * fit.estimation_root[:, :, 1])


def test_expectations_are_held_against_the_sign_of_day_zero(rng: np.random.Generator) -> None:
    """Where an interval excludes zero: of least squares the conformal one, else that of t."""
    returns = random_returns(rng, ("A", "B"))
    returns.iloc[300, :2] = 0.2
    robust = replace(MARKET, name="tilted", estimate=tilted)
    expect = {"expect": ["up", "down", "up", ""]}
    for model in ("market", robust):
        for windows in (((0, 0), (-1, 1)), ((-1, 1),)):  # day 0 need not be a window
            result = study(returns, ROWS, columns=expect, car_windows=windows, model=model)
            conformal = result.cars.query("event_id == 'e'")["conformal_pvalue"].notna()
            assert conformal.all() if model == "market" else not conformal.any()
            assert list(result.events["agrees"][:2]) == [True, False]
            assert result.events["agrees"].isna().tolist() == [False, False, True, True]
    sure = study(returns, ROWS, columns=expect, confidence=0.999)  # 251 sessions bound no such interval
    assert sure.cars["conformal_low"].isna().all() and sure.events["agrees"].isna().all()
    without = study(
        random_returns(rng, ("A", "B")),
        ROWS,
        window=(1, 5),
        car_windows=((1, 5),),
        columns={"expect": ["up"] * 4},
    )
    assert without.events["agrees"].isna().all()
