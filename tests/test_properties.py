"""Collapses and invariances that hold whatever the returns are."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import event_frame, one, pick, random_returns, study

import eventstudy as es
from eventstudy.inference import diagnostics, residual_checks
from eventstudy.models import estimation as measure
from eventstudy.significance import aligned_pairs, mean_correlation

#: Sums in another order, or of scaled numbers, differ in the last digits; slopes near 0 lose a few more.
RTOL = 1e-9
ROWS = [("e", "A", 300), ("e", "B", 300), ("e", "C", 300), ("f", "A", 303), ("f", "B", 303), ("g", "C", 390)]
more = partial(pytest.param, marks=pytest.mark.more)
seeds = st.integers(0, 2**32 - 1)
#: Each example is several studies, and the first is the simplest: of seeds alone, any will do.
once, few = (settings(max_examples=settings().max_examples // share) for share in (20, 10))


def panel(seed: int, **asked: Any) -> pd.DataFrame:
    return random_returns(np.random.default_rng(seed), tuple("ABC"), **asked)


def assert_same(one_frame: pd.DataFrame, other: pd.DataFrame, columns: list[str], by: float = 1.0) -> None:
    """Require columns to agree up to a factor, relative to the noise of the column."""
    for column in columns:
        ours, theirs = one_frame[column].to_numpy(float), by * other[column].to_numpy(float)
        scale = np.nanmax(np.abs(theirs), initial=0.0)
        np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=RTOL * scale, err_msg=column)


@few
@given(seed=seeds, order=st.permutations(ROWS))
def test_the_order_of_the_events_is_irrelevant(seed: int, order: list[tuple[str, str, int]]) -> None:
    returns = panel(seed, missing=0.01)
    given_, shuffled = study(returns, ROWS), study(returns, order)
    keys = {
        "cars": ["event_id", "ticker", "start", "end"],
        "abnormal_returns": ["event_id", "ticker", "tau"],
        "averages": ["level", "key", "tau"],
        "tests": ["level", "key", "unit", "measure", "test", "start", "end"],
    }
    for name, key in keys.items():
        frames = []
        for result in (given_, shuffled):
            frame = result.frame(name)
            frame[frame.select_dtypes("category").columns] = frame.select_dtypes("category").astype(str)
            frames.append(frame.sort_values(key).reset_index(drop=True))
        assert frames[0][key].equals(frames[1][key])
        assert_same(*frames, list(frames[0].select_dtypes("float").columns))


@few
@given(seed=seeds, factor=st.floats(0.01, 5))
@pytest.mark.parametrize(
    "model",
    ["market", *(pytest.param(name, marks=pytest.mark.more) for name in ("market-adjusted", "carhart"))],
)
def test_scaling_all_returns_scales_ar_and_leaves_every_test(model: str, seed: int, factor: float) -> None:
    returns = panel(seed)
    plain, scaled = study(returns, ROWS, model=model), study(returns * factor, ROWS, model=model)
    assert_same(scaled.abnormal_returns, plain.abnormal_returns, ["ar", "ar_se", "car", "car_se"], by=factor)
    assert_same(scaled.abnormal_returns, plain.abnormal_returns, ["sar", "pvalue"])
    assert_same(scaled.cars, plain.cars, ["statistic", "pvalue", "placebo_pvalue", "pvalue_holm"])
    ranks = plain.tests["test"].isin(["portfolio_placebo", "joint_placebo"])
    compounded = plain.tests["measure"] == "BHAR"  # grows faster than the returns
    rest = ~ranks & ~compounded
    assert_same(scaled.tests[rest], plain.tests[rest], ["statistic", "pvalue"])
    assert_same(scaled.tests[ranks], plain.tests[ranks], ["pvalue"])


@few
@given(seed=seeds, constant=st.floats(-0.05, 0.05), slope=st.floats(-2, 2))
def test_what_the_model_explains_leaves_the_ar(seed: int, constant: float, slope: float) -> None:
    returns = panel(seed)
    shifted = returns.assign(A=returns["A"] + constant + slope * returns["MKT"])
    plain, moved = (study(table, ROWS) for table in (returns, shifted))
    assert_same(moved.abnormal_returns, plain.abnormal_returns, ["ar", "ar_se", "sar"])
    # but not what is compounded, nor a regression on the portfolio's own sessions, whose members change
    rest = (plain.tests["measure"] != "BHAR") & (plain.tests["test"] != "calendar_time")
    assert_same(moved.tests[rest], plain.tests[rest], ["statistic"])
    beta = pick(moved.coefficients, term="MKT")["estimate"] - pick(plain.coefficients, term="MKT")["estimate"]
    np.testing.assert_allclose(beta[pick(plain.coefficients, term="MKT")["ticker"] == "A"], slope, atol=1e-9)


@once
@given(seed=seeds)
def test_flipping_signs_flips_signed_statistics(seed: int) -> None:
    returns = panel(seed)
    plain, flipped = study(returns, ROWS), study(-returns, ROWS)
    assert_same(flipped.cars, plain.cars, ["car", "statistic"], by=-1)
    assert_same(flipped.cars, plain.cars, ["pvalue", "placebo_pvalue"])
    car = plain.tests["measure"].to_numpy() == "CAR"  # a loss compounds otherwise than a gain
    signed = plain.tests["distribution"].isin(["t", "normal", "binomial"]).to_numpy() & car
    assert_same(flipped.tests[signed], plain.tests[signed], ["statistic"], by=-1)
    assert_same(flipped.tests[car], plain.tests[car], ["pvalue"])
    squared = plain.tests["measure"].to_numpy() == "volatility"
    assert_same(flipped.tests[squared], plain.tests[squared], ["statistic", "pvalue"])
    assert_same(flipped.comparisons, plain.comparisons, ["difference", "statistic"], by=-1)


@few
@given(seed=seeds, cuts=st.lists(st.integers(-4, 5), min_size=1, max_size=3, unique=True).map(sorted))
def test_car_is_additive_over_adjacent_windows(seed: int, cuts: list[int]) -> None:
    windows = [(a, b - 1) for a, b in pairwise([-5, *cuts, 6])]
    cars = study(panel(seed), ROWS, car_windows=(*windows, (-5, 5))).cars
    parts = cars[cars[["start", "end"]].apply(tuple, axis=1).isin(windows)]
    total = parts.groupby(["event_id", "ticker"], observed=True)["car"].sum()
    whole = pick(cars, start=-5, end=5).set_index(["event_id", "ticker"])["car"]
    np.testing.assert_allclose(total[whole.index], whole, rtol=RTOL, atol=1e-13)


@once
@given(seed=seeds)
def test_one_session_is_ar_car_and_bhar(seed: int) -> None:
    result = study(panel(seed), ROWS)
    day, car = pick(result.abnormal_returns, tau=0), pick(result.cars, start=0, end=0)
    for column, same in (
        ("ar", "car"),
        ("ar", "bhar"),
        ("ar_se", "car_se"),
        ("sar", "scar"),
        ("pvalue", "pvalue"),
    ):
        np.testing.assert_allclose(day[column], car[same], rtol=RTOL, atol=1e-15)


@once
@given(seed=seeds)
def test_models_collapse_into_one_another(seed: int) -> None:
    returns = panel(seed)
    figures = ["ar", "ar_se", "car", "car_se", "pvalue"]
    peer = study(returns, ROWS, model="factors", factors=("MKT",)).abnormal_returns
    assert_same(peer, study(returns, ROWS).abnormal_returns, figures)
    free = returns.assign(RF=0.0)
    assert_same(study(free, ROWS, model="capm").abnormal_returns, study(free, ROWS).abnormal_returns, figures)
    three = returns.assign(**{"Mkt-RF": returns["MKT"], "RF": 0.0})
    three[["SMB", "HML"]] = returns[["SMB", "HML"]]
    named = study(three, ROWS, model="factors", factors=("Mkt-RF", "SMB", "HML"), quality="flag")
    ff3 = study(three, ROWS, model="ff3", quality="flag")
    assert_same(ff3.abnormal_returns, named.abnormal_returns, figures)
    # a factor that is nil in the event window and orthogonal before it leaves the mean, but for one d.o.f.
    nil = returns.assign(NIL=0.0)
    nil.loc[nil.index[40:290], "NIL"] = np.tile([0.01, -0.01], 125)
    pairs = nil["A"].to_numpy(copy=True)
    pairs[40:290:2] = pairs[41:290:2]
    nil["A"] = pairs
    mean, factor = (
        study(nil, [("e", "A", 300)], model=model, factors=factors, quality="flag")
        for model, factors in (("mean", ()), ("factors", ("NIL",)))
    )
    assert_same(factor.abnormal_returns, mean.abnormal_returns, ["ar", "car"])
    assert_same(factor.abnormal_returns, mean.abnormal_returns, ["ar_se", "car_se"], by=np.sqrt(249 / 248))


@once
@given(seed=seeds)
def test_a_security_that_is_the_benchmark_and_orthogonal_noise_is_market_adjusted(seed: int) -> None:
    returns = panel(seed)
    x = np.column_stack([np.ones(250), returns["MKT"].to_numpy()[40:290]])
    noise = (returns["A"] - returns["MKT"]).to_numpy(copy=True)
    noise[40:290] -= x @ np.linalg.lstsq(x, noise[40:290], rcond=None)[0]
    table = returns.assign(A=returns["MKT"] + noise)
    market, adjusted = (
        study(table, [("e", "A", 300)], model=model) for model in ("market", "market-adjusted")
    )
    assert_same(market.abnormal_returns, adjusted.abnormal_returns, ["ar", "car"])
    assert_same(market.residuals, adjusted.residuals, ["residual"])
    ratio = market.events["sigma"] / adjusted.events["sigma"]
    assert ratio[0] == pytest.approx(np.sqrt(249 / 248), rel=RTOL)


@once
@given(seed=seeds)
def test_boehmer_is_patell_over_the_spread_and_kolari_pynnonen_without_correlation(seed: int) -> None:
    rows = [(f"e{day}", ticker, day) for ticker, day in zip("ABCABC", range(280, 420, 23), strict=False)]
    result = study(panel(seed), rows)
    n = len(rows)
    for start, end in ((0, 0), (-5, 5)):
        tests = pick(result.tests, level="all", unit="firm-event", start=start, end=end).set_index("test")
        z = tests["statistic"]
        spread = pick(result.cars, start=start, end=end)["scar"].std(ddof=1)
        assert z["bmp_t"] == pytest.approx(z["patell_z"] * np.sqrt(248 / 246) / spread, rel=RTOL)
        assert (z["bmp_adj_t"], z["patell_adj_z"]) == pytest.approx((z["bmp_t"], z["patell_z"]), rel=1e-12)
        assert (tests["n"] == n).all()


@once
@given(seed=seeds)
def test_a_firm_event_is_measured_the_same_alone_and_in_company(seed: int) -> None:
    returns = panel(seed, missing=0.01)
    together = study(returns, ROWS)
    for row in ROWS[:2]:
        alone = study(returns, [row])
        who = {"event_id": row[0], "ticker": row[1]}
        for name, columns in (("cars", ["car", "car_se", "placebo_pvalue"]), ("residuals", ["residual"])):
            assert_same(pick(together.frame(name), **who), alone.frame(name), columns)


def test_chunks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = panel(4, missing=0.01)
    whole = study(returns, ROWS)
    for module in (measure, diagnostics, residual_checks):
        monkeypatch.setattr(module, "CHUNK", 2)
    for module in (mean_correlation, aligned_pairs):
        monkeypatch.setattr(module, "CELL", 2)
    parts = study(returns, ROWS)
    for name in ("events", "cars", "abnormal_returns", "coefficients", "residuals", "tests", "diagnostics"):
        frames = [result.frame(name) for result in (whole, parts)]
        assert_same(*frames, list(frames[0].select_dtypes("float").columns))
        assert len(frames[0]) == len(frames[1]) > 0


def test_progress_is_told_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "CHUNK", 4)
    returns = panel(4)
    told: list[tuple[str, int, int]] = []
    es.run(
        event_frame(ROWS, returns.index),
        returns=returns,
        design=es.Design(benchmark="MKT"),
        progress=lambda *step: told.append(step),
    )
    assert [step for step in told if step[0] == "measuring"] == [("measuring", 4, 6), ("measuring", 6, 6)]


def test_the_same_seed_and_input_give_the_same_bits() -> None:
    returns = panel(9, missing=0.02)
    first, second = study(returns, ROWS), study(returns, ROWS)
    for name, table in first.tables.items():
        assert table.equals(second.tables[name]), name
    assert one(first.cars, event_id="g", start=0, end=0)["car"] != 0
