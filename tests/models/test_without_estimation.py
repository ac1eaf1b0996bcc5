"""Models that estimate nothing need no estimation window, and those without a benchmark none of these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import random_returns, study

import eventstudy as es
from eventstudy.cli.run_text import run_text
from eventstudy.errors import DesignError
from eventstudy.report import report

ROWS = [("e", "A", 300), ("e", "B", 300), ("f", "C", 310), ("g", "D", 320), ("h", "A", 350)]


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, missing=0.01)


def targets(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "targets.csv")


def half_a_unit(row: Any) -> float:
    """Return half a unit of the last digit that was printed."""
    return 0.5 * 10.0 ** -int(row["printed_digits"])


def test_670_announcements_by_their_surprise(shared: Path) -> None:
    """Kliger & Gurevich 2014: market-adjusted returns in event time, all sessions event window."""
    folder = shared / "published" / "earnings_surprises"
    tidy = pd.read_parquet(folder / "tidy_event_time.parquet")
    firms = tidy.drop_duplicates("firm")[["firm", "category"]].reset_index(drop=True)
    code = {firm: f"F{place:03d}" for place, firm in enumerate(firms["firm"])}
    taus = range(int(tidy["tau"].min()), int(tidy["tau"].max()) + 1)
    index = pd.bdate_range("2007-01-01", periods=len(taus))
    wide = {name: tidy.pivot(index="tau", columns="firm", values=name) for name in ("ret", "market")}
    table = pd.concat(
        [
            wide["ret"].rename(columns=code),
            wide["market"].rename(columns={firm: f"M{own[1:]}" for firm, own in code.items()}),
        ],
        axis=1,
    ).set_axis(index)
    events = pd.DataFrame(
        {
            "event_id": [f"e{own}" for own in code.values()],
            "ticker": list(code.values()),
            "session": index[-taus[0]],
            "benchmark": [f"M{own[1:]}" for own in code.values()],
            "kind": firms["category"],
        }
    )
    expected = targets(folder)
    design = es.Design(
        model="market-adjusted",
        estimation=None,
        window=(taus[0], taus[-1]),
        car_windows=((0, 0),),
        max_loss=1.0,
    )
    result = es.run(events, returns=table, design=design)
    averages = result.averages[result.averages["level"] == "kind"]
    caar = averages.set_index(["key", "tau"])["caar"]
    firms_of = averages[averages["tau"] == taus[0]].set_index("key")["n"]
    assert list(expected["what"].value_counts()) == [42, 3]
    for _, row in expected.iterrows():
        one = caar[row["event"], row["window_end"]] if row["what"] == "caar" else firms_of[row["event"]]
        assert one == pytest.approx(row["printed_value"], abs=half_a_unit(row)), row["id"]


def test_33_indices_and_the_11_of_september(shared: Path) -> None:
    """Chen & Siems 2004: the mean model on each index's own sessions, without a benchmark."""
    folder = shared / "published" / "terror_indices"
    returns = pd.read_csv(folder / "TerrorIndiceReturns.csv", parse_dates=["date"]).set_index("date") / 100
    dates = pd.read_csv(folder / "TerrorAttack.csv", parse_dates=["when"]).set_index("name")["when"]
    design = es.Design(
        model="mean", benchmark=None, estimation=(-30, -11), window=(0, 10), car_windows=((0, 10),)
    )
    expected = targets(folder)
    assert len(expected) == 33
    for _, row in expected.iterrows():
        own = returns[[row["ticker"]]].dropna().set_axis(["INDEX"], axis=1)
        events = pd.DataFrame({"event_id": ["e"], "ticker": ["INDEX"], "session": [dates[row["ticker"]]]})
        result = es.run(events, returns=own, design=design)
        assert result.events["benchmark"].isna().all()
        car = 100 * result.cars["car"].iloc[0]
        assert car == pytest.approx(row["printed_value"], abs=half_a_unit(row)), row["ticker"]


def test_abnormal_returns_are_those_with_an_estimation_window(returns: pd.DataFrame) -> None:
    without = study(returns, ROWS, model="market-adjusted", estimation=None)
    with_one = study(returns, ROWS, model="market-adjusted")
    assert (without.events["status"] == "ok").all()
    for table, figures in (("cars", ["car", "bhar", "n"]), ("abnormal_returns", ["ar", "normal_ret", "car"])):
        pd.testing.assert_frame_equal(without.frame(table)[figures], with_one.frame(table)[figures])
    pd.testing.assert_series_equal(without.averages["caar"], with_one.averages["caar"])


def test_what_needs_a_residual_variance_is_null(returns: pd.DataFrame) -> None:
    result = study(returns, ROWS, model="market-adjusted", estimation=None)
    assert result.events[["sigma", "df"]].isna().all(axis=None)
    needy = ["car_se", "statistic", "pvalue", "placebo_pvalue", "rank_pvalue", "mde", "ci_low", "ci_high"]
    assert result.cars[needy].isna().all(axis=None)
    assert result.residuals.empty
    known = set(result.tests[result.tests["statistic"].notna()]["test"])
    assert {"cross_section_t", "sign", "wilcoxon"} <= known
    assert known.isdisjoint(
        {
            "patell_z",
            "bmp_t",
            "bmp_adj_t",
            "corrado_rank",
            "corrado_sign",
            "grank_t",
            "joint_f",
            "portfolio_t",
        }
    )


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_it_is_printed_and_has_a_page(lang: str, returns: pd.DataFrame) -> None:
    result = study(returns, ROWS, model="market-adjusted", estimation=None)
    text = " ".join(line.text for line in run_text(result.view(), [], 200))
    assert "without an estimation window" in text
    said = result.view(lang).words.texts["asked.without"].split("{")[-1].split("}")[1].strip()
    assert said in report(result, lang)


@pytest.mark.parametrize("model", ["market", "mean"])
def test_a_model_with_parameters_needs_a_window(model: str, returns: pd.DataFrame) -> None:
    with pytest.raises(DesignError, match=f"the model {model} needs a window"):
        study(returns, ROWS, model=model, estimation=None)


def test_none_is_read_and_other_words_are_not() -> None:
    assert es.Design(estimation="none").estimation is None
    assert es.Design(estimation=None).estimation_window.length == 0
    with pytest.raises(DesignError, match="neither a pair of sessions nor none"):
        es.Design(estimation="all")
