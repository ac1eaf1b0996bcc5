"""Long run: standardised returns against control firms and their clustered tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from commands import said
from scipy import stats

import eventstudy as es
from eventstudy.errors import PriceDataError, UnknownNameError, UsageError
from eventstudy.inference.long_run import (
    LEAST_OUTSIDE,
    NOT_POSITIVE,
    TOO_FEW,
    buy_and_hold,
    mean_test,
    pooled_tests,
    standardised,
)

GOLDEN_RTOL = 1e-9  #: the reference has twelve digits
RTOL = 1e-10  #: the same sums by another engine


@pytest.fixture
def stated(shared: Path) -> Any:
    return json.loads((shared / "golden/methods2/long_run.json").read_text())


def test_the_reference_of_standardised_returns(shared: Path, stated: Any) -> None:
    pair = np.log1p(pd.read_csv(shared / "golden/methods2/longrun_pair.csv")).to_numpy().T
    found = standardised(pair[:1], pair[1:], np.ones((1, pair.shape[1]), dtype=bool))
    for name in ("asr", "sar"):
        values = getattr(found, name)[0]
        figures = {
            "mean": values.mean(), "sd": values.std(ddof=1), "min": values.min(), "max": values.max()
        }  # fmt: skip
        assert figures == pytest.approx(stated[name], rel=GOLDEN_RTOL), name
    assert not found.outside[0] and found.months[0] == pair.shape[1]


def test_the_reference_of_clustered_means(shared: Path, stated: Any) -> None:
    pooled = pd.read_csv(shared / "golden/methods2/longrun_ars.csv")
    rows = pooled_tests(*(pooled[name].to_numpy() for name in ("ars", "month", "code")), "ASR")
    for row, key in zip(rows, ("month", "code", "two_way"), strict=True):
        figures = {
            "mean": row.mean, "variance": row.se**2, "t": row.statistic, "df": row.df, "p": row.pvalue
        }  # fmt: skip
        assert figures == pytest.approx(stated[key], rel=GOLDEN_RTOL), key


def test_the_deviation_is_of_months_outside_where_there_are_enough(rng: np.random.Generator) -> None:
    x, y = rng.normal(0.01, 0.1, (2, 2, 60))
    holding = np.zeros((2, 60), dtype=bool)
    holding[0, 60 - 36 :], holding[1, 60 - 37 :] = True, True
    found = standardised(x, y, holding)
    assert found.outside.tolist() == [True, False] and found.months.tolist() == [LEAST_OUTSIDE, 60]
    for row, used in ((0, ~holding[0]), (1, np.ones(60, dtype=bool))):
        asr = x[row] / x[row, used].std(ddof=1) - y[row] / y[row, used].std(ddof=1)
        sar = (x[row] - y[row]) / (x[row] - y[row])[used].std(ddof=1)
        np.testing.assert_allclose(found.asr[row], asr, rtol=RTOL)
        np.testing.assert_allclose(found.sar[row], sar, rtol=RTOL)


def test_clusters_are_those_of_statsmodels(rng: np.random.Generator) -> None:
    month, firm = rng.integers(0, 30, 400), rng.integers(0, 20, 400)
    values = rng.normal(size=400) + rng.normal(size=30)[month] + rng.normal(size=20)[firm]
    rows = {row.cluster: row for row in pooled_tests(values, month, firm, "SAR")}
    for name, groups in (("month", month), ("firm", firm)):
        fit = sm.OLS(values, np.ones(400)).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        found = (rows[name].se, rows[name].pvalue, rows[name].df)
        assert found == pytest.approx((fit.bse[0], fit.pvalues[0], len(np.unique(groups)) - 1), rel=RTOL)


def test_one_firm_month_per_cluster_is_the_plain_t(rng: np.random.Generator) -> None:
    values = rng.normal(0.2, 1.0, 40)
    plain = stats.ttest_1samp(values, 0.0)
    for row in pooled_tests(values, np.arange(40), np.arange(40), "ASR"):
        assert (row.statistic, row.pvalue, row.df) == pytest.approx((*plain, 39), rel=RTOL)
    row = mean_test("bhar_t", "BHAR", values, 12, 40)
    assert (row.statistic, row.pvalue) == pytest.approx(tuple(plain), rel=RTOL)


def test_thin_data_have_a_note(rng: np.random.Generator) -> None:
    few = pooled_tests(rng.normal(size=90), np.repeat(np.arange(10), 9), np.tile(np.arange(9), 10), "ASR")
    assert all(np.isnan(row.pvalue) and row.note == TOO_FEW for row in few)
    assert np.isnan(pooled_tests(np.empty(0), np.empty(0, int), np.empty(0, int), "ASR")[0].mean)
    cross = np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10)
    signs = np.where((cross[0] + cross[1]) % 2, 1.0, -1.0)  # sums of months and firms are zero
    assert pooled_tests(signs, *cross, "ASR")[2].note == NOT_POSITIVE
    assert np.isnan(mean_test("bhar_t", "BHAR", np.array([0.1]), 1, 1).pvalue)


def test_buy_and_hold_compounds() -> None:
    firm, control = np.array([[0.1, 0.2, np.nan]]), np.array([[0.0, 0.1, 0.5]])
    holding = np.array([[True, True, False]])
    assert buy_and_hold(firm, control, holding)[0] == pytest.approx(1.1 * 1.2 - 1.1)
    assert np.isnan(buy_and_hold(firm, control, ~holding)).all()


@pytest.fixture
def study(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 14 events of 13 firms and the monthly returns of these and of as many controls."""
    months = pd.date_range("2010-01-31", periods=120, freq="ME", name="date")
    names = [f"{kind}{number:02d}" for kind in "FC" for number in range(13)]
    returns = pd.DataFrame(rng.normal(0.01, 0.08, (120, 26)), index=months, columns=names)
    rows = [(f"e{number}", f"F{number:02d}", months[50 + number], f"C{number:02d}") for number in range(13)]
    rows.append(("again", "F00", months[55], "C01"))
    events = pd.DataFrame(rows, columns=["event_id", "ticker", "when", "control"])
    return events.assign(when=[f"{day:%Y-%m-15}" for day in events["when"]]), returns


def test_the_way_from_events_to_tests(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    events, returns = study
    result = es.long_run(events, returns, months=12)
    assert result.events["status"].tolist() == ["ok"] * 14
    own = result.firm_months[result.firm_months["event_id"] == "e3"]
    window = returns.iloc[54:66]
    assert own["month"].tolist() == [f"{day:%Y-%m}" for day in window.index]
    x, y = np.log1p(returns["F03"]), np.log1p(returns["C03"])
    outside = ~returns.index.isin(window.index)
    asr = (x / x[outside].std() - y / y[outside].std())[window.index]
    np.testing.assert_allclose(own["asr"], asr, rtol=RTOL)
    bhar = (1 + window["F03"]).prod() - (1 + window["C03"]).prod()
    assert result.events["bhar"][3] == pytest.approx(bhar, rel=RTOL)
    # of the two holding periods of F00 the months that both have are those of the first
    assert len(result.firm_months) == 13 * 12 + 5
    assert not result.firm_months.duplicated(["ticker", "month"]).any()
    table = result.tests.set_index(["test", "cluster"])
    row = table.loc[("asr_t", "two-way")]
    assert row["mean"] == pytest.approx(result.firm_months["asr"].mean(), rel=RTOL) and row["n_firms"] == 13
    by_month = (
        (np.expm1(result.firm_months["ret"]) - np.expm1(result.firm_months["control_ret"]))
        .groupby(result.firm_months["month"])
        .mean()
    )
    plain = stats.ttest_1samp(by_month, 0.0)
    assert table.loc[("calendar_time", ""), "statistic"] == pytest.approx(plain.statistic, rel=RTOL)
    assert table.loc[("bhar_t", ""), "n"] == 14


def test_what_is_missing_is_skipped_with_the_reason(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    events, returns = study
    events.loc[1, "control"], events.loc[2, "control"] = None, "nobody"
    events.loc[3, "when"] = "2019-12-15"
    result = es.long_run(events, returns.drop(columns="F04"), months=12)
    assert dict(zip(result.events["event_id"], result.events["reason"], strict=True)) | {} == {
        **dict.fromkeys(events["event_id"], ""),
        "e1": "it has no control firm",
        "e2": "no returns of nobody",
        "e3": "its holding period lies outside the returns",
        "e4": "no returns of F04",
    }
    assert result.events["bhar"].isna().sum() == 4


def test_one_series_may_be_the_control_of_all(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    events, returns = study
    result = es.long_run(events.drop(columns="control"), returns, control="C05", months=24)
    assert set(result.firm_months["control"]) == {"C05"}


def test_wrong_input_is_refused(study: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    events, returns = study
    with pytest.raises(UnknownNameError, match="nothing"):
        es.long_run(events, returns, control="nothing")
    with pytest.raises(UsageError, match="months"):
        es.long_run(events, returns, months=0)
    with pytest.raises(PriceDataError, match="not monthly"):
        es.long_run(events, pd.concat([returns, returns]))
    with pytest.raises(PriceDataError, match=r"-1\.5 in 2010-01"):
        es.long_run(events, returns.assign(F01=[-1.5, *returns["F01"][1:]]))
    with pytest.raises(UnknownNameError, match="alternative"):
        es.long_run(events, returns, alternative="up")  # type: ignore[arg-type]


def test_the_command_prints_the_same(study: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    events, returns = study
    events.to_csv(tmp_path / "events.csv", index=False)
    returns.to_csv(tmp_path / "monthly.csv")
    words = ("long-run", "events.csv", "--returns", "monthly.csv", "--months", "12")
    assert "asr_t two-way" in said(*words, cwd=tmp_path).out
    printed = said(*words, "--json", cwd=tmp_path).document
    expected = es.long_run(events, returns, months=12).tests
    for row, test in zip(printed["tests"], expected.to_dict("records"), strict=True):
        assert (row["test"], row["cluster"]) == (test["test"], test["cluster"])
        assert row["statistic"] == pytest.approx(test["statistic"], rel=RTOL)
