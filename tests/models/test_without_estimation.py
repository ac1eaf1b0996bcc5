"""Models that estimate nothing need no estimation window, and those without a benchmark none of these."""

from __future__ import annotations

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


def test_the_mean_model_without_a_benchmark_is_the_same(returns: pd.DataFrame) -> None:
    without, with_one = (study(returns, ROWS, model="mean", **asked) for asked in ({"benchmark": None}, {}))
    assert without.events["benchmark"].isna().all()
    pd.testing.assert_frame_equal(without.cars, with_one.cars)


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
    with pytest.raises(DesignError, match="is not a pair of whole sessions"):
        es.Design(estimation="all")
