"""Ranks of one firm-event in its own series, against reference figures and by refits one at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import event_frame, one, random_returns, specification, study

import eventstudy as es
from eventstudy.models.estimation import estimate, fit_and_forecast
from eventstudy.numerics.kernels import least_squares, rolling_sum
from eventstudy.significance.conformal import conformal
from eventstudy.significance.left_out import left_out
from eventstudy.significance.placebo import placebo
from eventstudy.significance.sample_quantiles import sq

#: The reference figures have 12 digits and a regression on returns of as many.
RTOL = 1e-9
WINDOWS = ((0, 0), (-1, 1), (0, 5), (-5, 5))
SUFFIX = {"two-sided": "", "greater": "_greater", "less": "_less"}


@pytest.fixture(scope="module")
def table(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "golden/methods2/returns.csv", index_col="date", parse_dates=True)


@pytest.mark.parametrize("confidence", [0.95, 0.9])
@pytest.mark.parametrize("alternative", SUFFIX)
def test_reference_figures(alternative: str, confidence: float, table: pd.DataFrame, shared: Path) -> None:
    stated = json.loads((shared / "golden/methods2/inference.json").read_text())
    rows = [(f"e{place}", each["ticker"], each["date"]) for place, each in enumerate(stated)]
    found = study(
        table,
        rows,
        benchmark="SPY",
        car_windows=WINDOWS,
        alternative=alternative,
        confidence=confidence,
        mask_events=False,
    ).cars
    suffix, percent = SUFFIX[alternative], f"{100 * confidence:.0f}"
    for place, each in enumerate(stated):
        for window in each["windows"]:
            row = one(found, event_id=f"e{place}", start=window["start"], end=window["end"])
            expected = {
                "car": window["car"],
                "statistic": window["t"],
                "placebo_n": window["placebo_n"],
                "placebo_pvalue": window[f"placebo{suffix}"],
                "sq_pvalue": window[f"placebo{suffix}"] if suffix else window["sq_two_sided"],
                "conformal_pvalue": window[f"conformal{suffix}"],
                "conformal_path_pvalue": window["conformal_path"],
                "conformal_n": window["conformal_T"],
                "conformal_estimate": window["conformal_estimate"],
                "conformal_low": window[f"conformal_low_{percent}"],
                "conformal_high": window[f"conformal_high_{percent}"],
            }
            tail = {("", "95"): "025", ("", "90"): "05", ("_greater", "95"): "05", ("_less", "95"): "05"}
            if (suffix, percent) in tail:
                for end in ("low", "high"):
                    there = suffix not in {"low": ("_greater",), "high": ("_less",)}[end]
                    key = f"sq_{end}_{tail[suffix, percent]}"
                    expected[f"sq_{end}"] = window[key] if there else np.nan
            for column, value in expected.items():
                assert row[column] == pytest.approx(value, rel=RTOL, nan_ok=True), (column, each, window)


def test_reference_blocks(table: pd.DataFrame, shared: Path) -> None:
    """CAR, variance and s of the first and the last left-out window, and the rank of the studentised CAR."""
    stated = json.loads((shared / "golden/methods2/inference.json").read_text())
    events = pd.DataFrame(
        {
            "event_id": [f"e{place}" for place in range(len(stated))],
            "ticker": [each["ticker"] for each in stated],
            "session": [each["date"] for each in stated],
        }
    )
    design = es.Design(benchmark="SPY", car_windows=WINDOWS, mask_events=False)
    spec = specification(events, design=design, returns=table)
    fit, abnormal = fit_and_forecast(spec, np.arange(len(stated)))
    for column, window in enumerate(design.car_windows):
        found = left_out(fit.residuals, fit.estimation_root, window.length)
        s = found.sigma(fit.sigma, fit.df)
        z = found.studentised(fit.sigma, fit.df)
        rank = placebo(abnormal.car(window) / abnormal.car_se(window), z)[0]
        for place, each in enumerate(stated):
            expected = each["windows"][column]
            for name, block in (("first_left_out", 0), ("last_left_out", -1)):
                values = found.car[place, block], found.variance[place, block], s[place, block]
                assert values == pytest.approx(tuple(expected[name].values()), rel=RTOL)
            assert rank[place] == pytest.approx(expected["placebo_studentised"], rel=RTOL)


def refitted(y: Any, x: Any, length: int, theta: float) -> Any:
    """Return the residuals of a fit on all sessions, the effect taken out of the last ``length``."""
    taken = y.copy()
    taken[-length:] -= theta / length
    return taken - x @ np.linalg.lstsq(x, taken, rcond=None)[0]


def circular(u: Any, length: int) -> Any:
    """Return the sums of ``length`` neighbours from each position on, in a circle."""
    return np.array([np.take(u, range(start, start + length), mode="wrap").sum() for start in range(len(u))])


def conformal_p(y: Any, x: Any, length: int, theta: float, side: str) -> float:
    """Return the share of blocks as extreme as the last; the sums of the last block itself are equal."""
    sums = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}[side](
        circular(refitted(y, x, length, theta), length)
    )
    own = np.arange(len(y)) == len(y) - length
    return float((own | (sums >= sums[own])).mean())


@pytest.mark.parametrize("model", ["mean", "market-adjusted", "market", "ff3"])
@pytest.mark.parametrize("side", SUFFIX)
def test_conformal_by_refits(model: str, side: str, rng: np.random.Generator) -> None:
    """With sessions missing, at both ends of the interval: the p-value is above alpha inside, not outside."""
    alpha, columns = 0.2, {"market": ["MKT"], "ff3": ["Mkt-RF", "SMB", "HML"]}.get(model, [])
    returns = random_returns(rng, ("A",), n=120, tails=3).assign(RF=0.0)
    returns.iloc[[20, 33, 34, 70], 0] = np.nan
    found = study(
        returns,
        [("e", "A", 100)],
        model=model,
        estimation=(-90, -11),
        confidence=1 - alpha,
        alternative=side,
        car_windows=((0, 0), (-1, 1), (-5, 5)),
    ).cars
    y_all = (returns["A"] - (returns["MKT"] if model == "market-adjusted" else 0.0)).to_numpy()
    constant = np.ones((120, 0 if model == "market-adjusted" else 1))
    x_all = np.column_stack([constant, returns[columns]])
    for _, row in found.iterrows():
        length = row["end"] - row["start"] + 1
        rows = np.r_[10:90, 100 + row["start"] : 101 + row["end"]]
        rows = rows[np.isfinite(y_all[rows])]
        y, x = y_all[rows], x_all[rows]
        assert row["conformal_n"] == len(y) == 76 + length
        assert row["conformal_pvalue"] == conformal_p(y, x, length, 0.0, side)
        path = circular(np.abs(refitted(y, x, length, 0.0)), length)
        assert row["conformal_path_pvalue"] == (path >= path[76] * (1 - RTOL)).mean()
        assert circular(refitted(y, x, length, row["conformal_estimate"]), length)[76] == pytest.approx(
            0, abs=1e-12
        )
        step = 1e-6 * (row["conformal_high"] - row["conformal_low"])
        for end, outwards in (("conformal_low", -step), ("conformal_high", step)):
            assert conformal_p(y, x, length, row[end] - outwards, "two-sided") > alpha
            assert conformal_p(y, x, length, row[end] + outwards, "two-sided") <= alpha
        half = (row["conformal_high"] - row["conformal_low"]) / 2
        grid = np.linspace(row["conformal_low"] - half, row["conformal_high"] + half, 98)  # no end is on it
        accepted = [conformal_p(y, x, length, theta, "two-sided") > alpha for theta in grid]
        within = (grid >= row["conformal_low"]) & (grid <= row["conformal_high"])
        np.testing.assert_array_equal(accepted, within)


@pytest.mark.parametrize("side", SUFFIX)
def test_critical_values_are_where_the_rank_reaches_the_size(side: str, rng: np.random.Generator) -> None:
    """CARs just beyond and just inside the critical values, at three sizes."""
    placebos = rng.standard_t(3, size=(1, 131))
    placebos[0, ::10] = np.nan
    for size in (0.05, 0.1, 0.3):
        _, low, high = sq(np.zeros(1), placebos, side, size)
        for value, inward in ((low, 1e-9), (high, -1e-9)):
            if np.isfinite(value[0]):
                assert sq(value - inward, placebos, side, size).pvalue[0] <= size
                assert sq(value + inward, placebos, side, size).pvalue[0] > size
        assert np.isfinite(low[0]) == (side != "greater") and np.isfinite(high[0]) == (side != "less")
    few = sq(np.zeros(1), placebos[:, :18], side, 0.05)
    assert np.isnan([few.low, few.high]).all(), "18 windows reach no 5 %"


def test_a_gap_a_short_history_and_a_fit_that_is_not_least_squares(rng: np.random.Generator) -> None:
    returns = random_returns(rng, ("A",), n=80)
    returns.iloc[62, 0] = np.nan
    design = {"estimation": (-31, -11), "min_estimation": 12, "car_windows": ((0, 0), (0, 1), (0, 5))}
    cars = study(returns, [("e", "A", 60)], **design).cars
    gap = [name for name in cars.columns if name.startswith("conformal")]
    assert cars[gap].isna().all(axis=1).tolist() == [False, False, True]
    assert (
        cars["placebo_note"].isna().tolist() == [False, True, True][::-1]
        or cars["placebo_note"].notna().any()
    )
    unbounded = study(returns, [("e", "A", 60)], confidence=0.99, **design).cars.iloc[0]
    assert np.isfinite(unbounded["conformal_pvalue"])
    assert np.isnan([unbounded["conformal_low"], unbounded["conformal_high"]]).all(), "22 sessions, alpha 1 %"
    fit = least_squares(returns[["A"]].to_numpy().T[:, :60], returns[["MKT"]].to_numpy()[None, :60])
    root = fit.leverage_root(returns[["MKT"]].to_numpy()[None, :60])
    ahead = np.full((1, 1), 0.05), fit.leverage_root(np.zeros((1, 1, 1)))
    assert np.isfinite(conformal(fit.residuals, root, *ahead).pvalue).all()
    tilted = fit.residuals + 1e-4 * root[:, :, 1]  # what a robust or an instrumental fit leaves
    assert np.isnan(conformal(tilted, root, *ahead).pvalue).all()


def test_exact_for_exchangeable_sessions(rng: np.random.Generator) -> None:
    """Skewed noise, no effect: the p-value of one session is uniform on 1/T, ..., 1."""
    n, sessions = 20_000, 40
    y = rng.standard_exponential((n, sessions + 1)) - 1
    shape = (n, sessions, 1)
    mean = y[:, :sessions].mean(axis=1, keepdims=True)
    ahead = y[:, sessions:] - mean
    root = np.full(shape, sessions**-0.5)
    pvalue = conformal(y[:, :sessions] - mean, root, ahead, root[:, :1]).pvalue
    share = np.array([(pvalue <= level).mean() for level in (0.05, 0.1, 0.5)])
    expected = np.floor(np.array([0.05, 0.1, 0.5]) * 41) / 41
    assert (np.abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / n)).all()


@pytest.mark.slow
def test_size_with_thirty_returns_and_windows_of_five(rng: np.random.Generator) -> None:
    """Market model, normal noise: left out 6.4 to 7.2 %, in-sample residuals 12 to 13 %, conformal below."""
    n, m, length = 40_000, 30, 5
    rejected = np.zeros(3)
    for _ in range(10):
        x = rng.normal(size=(n // 10, m + length, 1))
        y = rng.normal(size=(n // 10, m + length))
        fit = least_squares(y[:, :m], x[:, :m])
        ar = y[:, m:] - fit.coefficients[:, :1] - fit.coefficients[:, 1:] * x[:, m:, 0]
        root, ahead = fit.leverage_root(x[:, :m]), fit.leverage_root(x[:, m:])
        car = ar.sum(axis=1)
        kept = left_out(fit.residuals, root, length).car
        pvalues = (
            placebo(car, kept)[0],
            placebo(car, rolling_sum(fit.residuals, length))[0],
            conformal(fit.residuals, root, ar, ahead).pvalue,
        )
        rejected += [(pvalue <= 0.05).sum() / n for pvalue in pvalues]
    assert 0.062 < rejected[0] < 0.074
    assert rejected[1] > 0.11
    assert rejected[2] < 0.055


@pytest.mark.parametrize("rankings", [("placebo",), ("conformal",), ("sq", "placebo"), ()])
def test_fewer_rankings_are_the_same_figures(rankings: tuple[str, ...], rng: np.random.Generator) -> None:
    rows = [("e", ticker, 300) for ticker in ("A", "B")]
    returns, design = random_returns(rng, ("A", "B")), es.Design(benchmark="MKT")
    spec = specification(event_frame(rows, returns.index), design=design, returns=returns)
    every, some = (estimate(spec, **asked) for asked in ({}, {"rankings": rankings}))
    for name, values in vars(every.ranks).items():
        found = getattr(some.ranks, name)
        if name.startswith(rankings):
            np.testing.assert_array_equal(found, values)
            assert np.isfinite(values).any()
        else:
            assert not np.nan_to_num(found).any()
    np.testing.assert_array_equal(some.car, every.car)
    sign = every.day0_sign if "conformal" in rankings else np.full(len(rows), np.nan)
    np.testing.assert_array_equal(some.day0_sign, sign)
