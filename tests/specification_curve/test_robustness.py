"""Specification curves: reference figures, brute force, special cases, what is refused and what is kept."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import random_returns
from scipy import stats

import eventstudy as es
from eventstudy.design import Grid
from eventstudy.errors import DesignError, MaxLossError, UnknownNameError
from eventstudy.models import NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires
from eventstudy.specification_curve import measuring
from eventstudy.specification_curve.joint_inference import joint_inference
from eventstudy.study_result import EventStudyResult

RTOL = 1e-9  #: the reference figures have twelve digits, from returns of ten
EXACT = 1e-12  #: the same arithmetic in another order
INDUSTRY = NormalReturnModel(
    "market+industry", "", "", estimate_ols, Requires(benchmark=True, factors=("SMH",))
)
DESIGN = es.Design(
    benchmark="MKT", estimation=(-120, -11), mask_events=False, car_windows=((0, 0), (-1, 1)), max_loss=1.0
)
GRID: dict[str, Any] = {
    "models": ["market", "market-adjusted", "mean"],
    "estimations": [(-120, -11), (-70, -6)],
    "benchmarks": ["MKT", ["MKT", "D"]],
    "return_kinds": ["simple", "log"],
}
NUMBERS = ("car", "car_se", "statistic", "df", "pvalue")


def events_of(returns: pd.DataFrame, *rows: tuple[str, str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["event_id", "ticker", "session"])
    return table.assign(session=[returns.index[at] for at in table["session"]])


@pytest.fixture(scope="module")
def returns() -> pd.DataFrame:
    return random_returns(np.random.default_rng(5), n=420, tails=4)


@pytest.fixture(scope="module")
def events(returns: pd.DataFrame) -> pd.DataFrame:
    rows = [(f"e{at}", ticker, at) for at, ticker in product((200, 201, 300, 390), ("A", "B", "C"))]
    return events_of(returns, *rows, ("again", "A", 300))


@pytest.fixture(scope="module")
def result(returns: pd.DataFrame, events: pd.DataFrame) -> EventStudyResult:
    return es.robustness(events, returns=returns, design=DESIGN, stated="design", **GRID)


def curve(result: EventStudyResult, event: str, ticker: str, start: int = 0) -> pd.Series[Any]:
    rows = result.specification_curves
    found = rows[(rows["event_id"] == event) & (rows["ticker"] == ticker) & (rows["start"] == start)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_reference_figures_are_met(shared: Path) -> None:
    folder = shared / "golden" / "methods2"
    expected = json.loads((folder / "specification_curve.json").read_text("utf-8"))
    returns = pd.read_csv(folder / "returns.csv", index_col="date", parse_dates=["date"])
    table = pd.DataFrame(
        [("first", expected["ticker"], pd.Timestamp(expected["date"]))],
        columns=["event_id", "ticker", "session"],
    )
    found = es.robustness(
        table,
        returns=returns,
        design=es.Design(benchmark="SPY", mask_events=False, car_windows=(expected["window"],)),
        models=["mean", "market", INDUSTRY],
        estimations=[(-260, -11), (-130, -11)],
        benchmarks=["SPY", "DJI"],
        return_kinds=["simple", "log"],
    )
    rows = {
        (
            row.model,
            row.estimation_start,
            row.benchmark if isinstance(row.benchmark, str) else None,
            row.returns,
        ): row
        for row in found.specifications.itertuples()
    }
    assert len(rows) == len(expected["specifications"]) == len(found.specifications)
    for own in expected["specifications"]:
        row = rows[own["model"], own["estimation"][0], own["benchmark"], own["returns"]]
        got = (row.car, row.statistic, row.df, row.pvalue)
        assert got == pytest.approx((own["car"], own["t"], own["df"], own["p"]), rel=RTOL), own
    assert found.specifications["car"].is_monotonic_increasing
    joint = found.specification_curves.iloc[0]
    names = {
        "median_statistic": "median_t",
        "max_statistic": "max_abs_t",
        "first_shift": "first_shift",
        "last_shift": "last_shift",
        **dict.fromkeys(("n_significant", "same_sign", "p_median", "p_max", "p_count", "n_shifts")),
    }
    for column, name in names.items():
        assert joint[column] == pytest.approx(expected[name or column], rel=RTOL), column


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_joint_p_values_equal_refits_at_every_common_shift(
    alternative: str, returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    design = DESIGN.replace(alternative=alternative)
    grid = {**GRID, "models": ["market", "mean"], "return_kinds": ["simple"], "benchmarks": ["MKT"]}
    found = es.robustness(events, returns=returns, design=design, **grid)
    for start, length in ((0, 1), (-1, 3)):
        joint, day0 = curve(found, "e200", "B", start), 200
        y, x = returns["B"].to_numpy(), returns["MKT"].to_numpy()
        specifications = [(k, pair) for k, pair in product((2, 1), grid["estimations"])]
        shifts = range(-70, -11 - length + 2)  # inside both estimation windows
        t = [_refit(y, x, day0, start, length, *each, None) for each in specifications]
        z = [[_refit(y, x, day0, at, length, *each, at) for each in specifications] for at in shifts]
        expected = _joint(np.array(t), np.array(z), alternative)
        assert joint["n_shifts"] == len(shifts)
        assert (joint["first_shift"], joint["last_shift"]) == (shifts[0], shifts[-1])
        got = (joint["p_median"], joint["p_max"], joint["p_count"], joint["n_significant"])
        assert got == pytest.approx(expected, rel=EXACT)


def _refit(
    y: Any, x: Any, day0: int, start: int, length: int, k: int, window: Any, left_out: int | None
) -> tuple[float, float]:
    """Return t and degrees of freedom of a CAR, from a fit without the block at ``left_out``."""
    tau = np.arange(window[0], window[1] + 1)
    if left_out is not None:
        tau = tau[(tau < left_out) | (tau >= left_out + length)]
    block = day0 + np.arange(start, start + length)
    design = np.column_stack([np.ones(len(y)), x])[:, :k]
    own, forecast = design[day0 + tau], design[block].sum(axis=0)
    inverse = np.linalg.inv(own.T @ own)
    b = inverse @ own.T @ y[day0 + tau]
    df = len(tau) - k
    s2 = ((y[day0 + tau] - own @ b) ** 2).sum() / df
    return float((y[block].sum() - forecast @ b) / np.sqrt(s2 * (length + forecast @ inverse @ forecast))), df


def _joint(t: Any, z: Any, alternative: str) -> tuple[float, float, float, int]:
    turn = {"two-sided": np.abs, "greater": lambda value: value, "less": lambda value: -value}[alternative]

    def small(pair: Any) -> Any:
        tail = stats.t.sf(turn(pair[..., 0]), pair[..., 1])
        return ((2 * tail if alternative == "two-sided" else tail) < 0.05).sum(axis=-1)

    def p(shifted: Any, observed: Any) -> float:
        return float((1 + (shifted >= observed).sum()) / (1 + len(shifted)))

    return (
        p(turn(np.median(z[..., 0], axis=1)), turn(np.median(t[:, 0]))),
        p(turn(z[..., 0]).max(axis=1), turn(t[:, 0]).max()),
        p(small(z), small(t)),
        int(small(t)),
    )


def test_every_row_is_the_car_of_a_run_with_that_design(
    returns: pd.DataFrame, events: pd.DataFrame, result: EventStudyResult
) -> None:
    rows = result.specifications.set_index(["event_id", "ticker", "start", "end"])
    for number, spec in enumerate(result.manifest["specifications"], start=1):
        design = DESIGN.replace(
            model=spec["model"],
            estimation=spec["estimation"],
            benchmark=spec["benchmark"],
            returns=spec["returns"],
        )
        given = returns if spec["returns"] == "simple" else np.log1p(returns)
        run = es.run(events, returns=given, design=design).cars.set_index(
            ["event_id", "ticker", "start", "end"]
        )
        own = rows[rows["specification"] == number].loc[run.index]
        for name in NUMBERS:
            np.testing.assert_allclose(own[name], run[name], rtol=1e-9, err_msg=f"{name} of {spec}")


def test_one_specification_is_the_study_with_its_left_out_windows(
    returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    alone = {axis: values[:1] for axis, values in GRID.items()}
    found = es.robustness(events, returns=returns, design=DESIGN, **alone)
    run = es.run(events, returns=returns, design=DESIGN.replace(placebo_history="estimation"))
    curves, cars = found.specification_curves, run.cars
    for name in ("pvalue_study", "pvalue_study_bh", "pvalue_study_holm", "study_n"):
        np.testing.assert_allclose(curves[name], cars[name], rtol=EXACT)
    np.testing.assert_allclose(curves["p_median"], curves["p_max"], rtol=EXACT)
    counted = run.tests[run.tests["test"] == "study_count"]
    for name in ("statistic", "expected", "pvalue", "n", "n_dates"):
        np.testing.assert_allclose(found.tests[name], counted[name], rtol=EXACT)
    assert found.headline()["named"] == run.headline()["named"]


def test_a_model_without_a_benchmark_is_one_specification(result: EventStudyResult) -> None:
    listed = result.manifest["specifications"]
    assert len(listed) == 2 * 2 * 2 * 2 + 2 * 2
    means = [each for each in listed if each["model"] == "mean"]
    assert [each["benchmark"] for each in means] == [None] * 4
    assert [each["specification"] for each in listed if each["stated"]] == [1]


def test_the_stated_specification_is_marked_and_joins_the_grid_where_it_is_no_part_of_it(
    returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    found = es.robustness(
        events,
        returns=returns,
        design=DESIGN,
        stated={"estimation": [-90, -11], "model": "market-adjusted", "benchmark": "MKT"},
        **GRID,
    )
    rows = found.specifications
    assert len(rows) == len(events) * 2 * 21
    stated = rows[rows["stated"]]
    assert set(stated["model"]) == {"market-adjusted"}
    assert set(stated["estimation_start"]) == {-90}
    assert len(stated) == len(events) * 2


def test_summaries_are_those_of_the_rows(result: EventStudyResult) -> None:
    rows, curves = result.specifications, result.specification_curves
    for (event, ticker, start), own in rows.groupby(["event_id", "ticker", "start"], observed=True):
        joint = curve(result, event, ticker, start)
        expected = (own["car"].median(), own["car"].min(), own["car"].max(), own["statistic"].median())
        got = (joint["car_median"], joint["car_low"], joint["car_high"], joint["median_statistic"])
        assert got == pytest.approx(expected, rel=EXACT)
        assert joint["same_sign"] == (np.sign(own["car"]) == np.sign(own["car"].median())).sum()
        assert joint["n_significant"] == (own["pvalue"] < 0.05).sum()
        assert joint["max_statistic"] == pytest.approx(own["statistic"].abs().max(), rel=EXACT)
        assert own["car"].is_monotonic_increasing
    assert len(curves) == 13 * 2


def test_specifications_that_cannot_be_estimated_stay_with_their_reason(
    returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    late = pd.concat([events, events_of(returns, ("early", "A", 70))])
    grid = {
        **GRID,
        "benchmarks": ["MKT", "NONE"],
        "models": ["market", "mean"],
        "estimations": [(-120, -11), (-60, -11)],
    }
    found = es.robustness(late, returns=returns, design=DESIGN, **grid)
    rows = found.specifications
    missing = rows[rows["benchmark"] == "NONE"]
    assert set(missing["status"]) == {"skipped"}
    assert missing["reason"].str.startswith("no prices for the benchmark NONE").all()
    assert missing["car"].isna().all()
    early = rows[(rows["event_id"] == "early") & (rows["benchmark"] != "NONE")]
    skipped = early[early["status"] == "skipped"]
    assert set(skipped["estimation_start"]) == {-120}
    assert skipped["reason"].str.contains("estimation returns are usable").all()
    measured = curve(found, "early", "A")
    assert (measured["n_specifications"], measured["n_measured"]) == (12, 4)
    assert 0 < measured["p_median"] <= 1
    assert set(found.events["status"]) == {"ok"}


def test_estimation_windows_without_a_common_shift_have_no_joint_p_value(
    returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    grid = {**GRID, "estimations": [(-120, -66), (-65, -11)]}
    curves = es.robustness(events, returns=returns, design=DESIGN, **grid).specification_curves
    assert curves[["p_median", "p_max", "p_count", "pvalue_study", "first_shift"]].isna().all(axis=None)
    assert set(curves["note"]) == {"no shift is common to the estimation windows of all specifications"}
    assert curves["car_median"].notna().all()


def test_a_gap_in_the_window_leaves_its_curve_empty(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    gap = returns.copy()
    gap.iloc[201, gap.columns.get_loc("B")] = np.nan
    found = es.robustness(events, returns=gap, design=DESIGN, **GRID)
    joint = curve(found, "e200", "B", -1)
    assert joint["n_measured"] == 0
    assert joint["note"] == "an abnormal return in the window is missing"
    assert curve(found, "e200", "B")["n_measured"] == 20


def test_chunks_change_nothing(
    returns: pd.DataFrame, events: pd.DataFrame, result: EventStudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "MOST_HELD", 1)
    again = es.robustness(events, returns=returns, design=DESIGN, stated="design", **GRID)
    for name in ("specifications", "specification_curves", "tests", "events"):
        assert again.tables[name].equals(result.tables[name]), name


def test_the_joint_inference_keeps_what_has_no_t_out() -> None:
    rng = np.random.default_rng(3)
    t, z, df = rng.normal(size=(2, 5)), rng.normal(size=(2, 40, 5)), np.full((2, 5), 50.0)
    z[0, 7, 2] = np.nan
    plain = joint_inference(t[:, :4], df[:, :4], z[:, :, :4], df[:, :4])
    t[:, 4], z[:, :, 4] = np.nan, np.nan
    found = joint_inference(t, df, z, df)
    for name in vars(plain):
        np.testing.assert_array_equal(getattr(found, name), getattr(plain, name), err_msg=name)
    assert found.shifts.tolist() == [39, 40]


def test_results_are_saved_loaded_and_exported_like_others(result: EventStudyResult, tmp_path: Path) -> None:
    from eventstudy import results as store

    result.to_parquet(tmp_path / "robustness")
    again = es.load(tmp_path / "robustness")
    assert again.tables["specifications"].equals(result.tables["specifications"])
    assert again.headline() == result.headline()
    names = ["specifications", "specification_curves"]
    files = store.export(
        store.load(tmp_path / "robustness"), format="csv", out=tmp_path / "out", tables=names
    )
    assert sorted(Path(file).stem for file in files) == sorted(names)
    assert len(pd.read_csv(tmp_path / "out" / "specifications.csv")) == len(result.specifications)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"estimations": [(-120, -3)]}, DesignError, "must end before the event window"),
        ({"estimations": [(-120, -11), (-120, -11)]}, DesignError, "listed twice"),
        ({"models": ["markt"]}, UnknownNameError, "market"),
        ({"models": [{"factors": ["D"]}]}, DesignError, "names no model"),
        ({"models": [{"model": "market", "returns": "log"}]}, DesignError, "axis of its own"),
        ({"models": ["factors"]}, DesignError, "needs columns"),
        ({"return_kinds": ["cubic"]}, UnknownNameError, "simple, log"),
        ({"stated": "mine"}, DesignError, "neither 'design' nor fields"),
        ({"stated": {"modle": "market"}}, UnknownNameError, "model"),
        ({"benchmarks": ["MKT", "MKT"]}, DesignError, "listed twice"),
    ],
)
def test_wrong_axes_are_refused(
    changes: dict[str, Any], error: type[Exception], words: str, returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    with pytest.raises(error, match=words):
        es.robustness(events, returns=returns, design=DESIGN, **{**GRID, **changes})


def test_a_grid_that_loses_more_firm_events_than_allowed_is_refused(
    returns: pd.DataFrame, events: pd.DataFrame
) -> None:
    unknown = events.assign(ticker=events["ticker"].replace("C", "Z"))
    with pytest.raises(MaxLossError, match=r"4 of 13 .* no prices: not in the table"):
        es.robustness(unknown, returns=returns, design=DESIGN.replace(max_loss=0.2), **GRID)


def test_models_bring_their_own_fields(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    found = es.robustness(
        events,
        returns=returns,
        design=DESIGN,
        models=["market", {"model": "factors", "factors": ["MKT", "D"]}],
        return_kinds="simple",
        estimations=(-120, -11),
    )
    names = set(found.specifications["model"])
    assert names == {"market", "factors factors=MKT+D"}
    run = es.run(events, returns=returns, design=DESIGN.replace(model="factors", factors=("MKT", "D")))
    own = found.specifications[found.specifications["model"] == "factors factors=MKT+D"]
    both = own.merge(run.cars, on=["event_id", "ticker", "start", "end"])
    np.testing.assert_allclose(both["car_x"], both["car_y"], rtol=1e-9)


def test_a_study_file_states_the_grid(tmp_path: Path, returns: pd.DataFrame) -> None:
    study = tmp_path / "events.yaml"
    study.write_text(
        "design: {benchmark: MKT, estimation: [-120, -11], car_windows: [[0, 0]]}\n"
        "robustness:\n"
        "  models: [market, {model: factors, factors: [MKT, D]}]\n"
        "  estimations: [[-120, -11], -70:-11]\n"
        "  benchmarks: [MKT]\n"
        "  return_kinds: [simple]\n"
        "  stated: {model: factors, estimation: [-70, -11]}\n"
        f"tickers: [A]\nevents: [{{id: one, session: {returns.index[300].date()}}}]\n",
        "utf-8",
    )
    found = es.robustness(study, returns=returns)
    listed = found.manifest["specifications"]
    assert [(each["model"], each["estimation"][0]) for each in listed] == list(
        product(("market", "factors factors=MKT+D"), (-120, -70))
    )
    assert [each["stated"] for each in listed] == [False, False, False, True]
    over = es.robustness(study, returns=returns, models=["mean"], stated="design")
    assert [each["model"] for each in over.manifest["specifications"]] == ["market", "mean", "mean"]


def test_an_axis_is_read_once() -> None:
    grid = Grid.of(models="market", estimations=(-100, -11), return_kinds="log", benchmarks="SPY")
    assert [len(axis) for axis in (grid.models, grid.estimations, grid.return_kinds, grid.benchmarks)] == [
        1
    ] * 4
    assert grid.over(Grid.of(models=["mean"], stated={"seed": 1})).stated == (("seed", 1),)
