"""The table of regressions of a run: rows, columns of the event list, errors before prices, what is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from commands import said
from panels import event_frame, random_returns

import eventstudy as es
from eventstudy.errors import DesignError, EventStudyError, UnknownNameError, UsageError
from eventstudy.report import report
from eventstudy.words import LANGUAGES

RTOL = 1e-9  #: the same sums by other algorithms
DESIGN: dict[str, Any] = {"benchmark": "MKT", "car_windows": [(0, 0), (-1, 1)]}
PAPER = ("--table", "regression_models", "--table", "caars_by_group")
FORMULAS = ["car ~ size + C(kind)", {"formula": "scar ~ size", "window": (-1, 1), "cluster": "ticker"}]


def events(rng: np.random.Generator, index: pd.DatetimeIndex) -> pd.DataFrame:
    """Return sixty firm-events on thirty dates; one firm-day is listed twice, with other values."""
    pairs = [(f"e{at}", ticker, 300 + 8 * at) for at in range(30) for ticker in "AB"]
    n = len(pairs)
    frame = event_frame(
        pairs,
        index,
        kind=rng.choice(["deal", "other"], n),
        size=rng.normal(9, 1, n),
        flag=rng.random(n) > 0.5,
    )
    frame.loc[3, "size"] = np.nan
    again = frame.iloc[[0]].assign(event_id="again", size=99.0)
    return pd.concat([frame, again], ignore_index=True)


@pytest.fixture
def given(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    returns = random_returns(rng, n=620)
    return returns, events(rng, returns.index)


def run(given: tuple[pd.DataFrame, pd.DataFrame], **design: Any) -> es.EventStudyResult:
    returns, listed = given
    return es.run(listed, returns=returns, design=es.Design(**{**DESIGN, **design}))


def test_a_run_carries_its_regressions(given: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> None:
    result = run(given, regress=FORMULAS)
    table = result.regressions
    models = table.drop_duplicates(["regression", "start"])
    assert models[["regression", "start", "end"]].to_numpy().tolist() == [[1, 0, 0], [1, -1, 1], [2, -1, 1]]
    assert models["covariance"].tolist() == ["session", "session", "ticker"]
    assert set(table["n"]) == {59} and set(table["dropped"]) == {1}
    cars = result.cars[result.cars["end"] == 0].reset_index(drop=True)
    frame = given[1].assign(car=cars["car"]).head(60).dropna(subset=["size"])
    groups = pd.factorize(frame["session"])[0]
    other = smf.ols("car ~ size + C(kind)", frame).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    own = table[(table["regression"] == 1) & (table["end"] == 0)].set_index("term")
    for name in ("Intercept", "size", "C(kind)[T.other]"):
        found = own.loc[name, ["estimate", "std_error", "pvalue"]].tolist()
        assert found == pytest.approx([other.params[name], other.bse[name], other.pvalues[name]], rel=RTOL)
    result.to_parquet(tmp_path / "results")
    saved = es.load(tmp_path / "results")
    pd.testing.assert_frame_equal(saved.regressions, table)
    pd.testing.assert_frame_equal(saved.regress(FORMULAS), table)
    assert saved.manifest["design"]["regress"][0] == FORMULAS[0]


def test_true_and_false_are_one_and_zero(given: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert run(given).regress("car ~ flag", window="0:0")["term"].tolist() == ["Intercept", "flag"]


def test_without_formulas_the_table_is_empty(given: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert run(given).tables["regressions"].num_rows == 0


def test_skipped_firm_events_do_not_enter(given: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    returns, listed = given
    returns.loc[listed.loc[5, "session"], listed.loc[5, "ticker"]] = np.nan
    result = run((returns, listed))
    assert (result.events["status"] == "skipped").sum() == 1
    assert set(result.regress("car ~ 1", window=(0, 0))["n"]) == {59}


def test_a_column_is_refused_before_prices_are_read(given: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    class Unread:
        name = "unread"

        def load(self, *_: Any) -> Any:
            raise AssertionError("prices were read")

    for formula in ("car ~ sise", "car ~ (size"):
        with pytest.raises(UsageError, match="formula"):
            es.run(given[1], prices=Unread(), design=es.Design(**DESIGN, regress=formula))
    for field in ("prologue", "weights"):
        with pytest.raises(UsageError, match="unknown column of the event list 'sise'"):
            es.run(given[1], prices=Unread(), design=es.Design(**DESIGN, **{field: "sise"}))


def test_a_column_that_is_called_like_a_measure_is_asked_about(
    given: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    returns, listed = given
    with pytest.raises(UsageError, match="'sigma' is a column of the event list and a measure"):
        run((returns, listed.assign(sigma=1.0)), regress="car ~ sigma")


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"formula": "car ~ size", "window": (0, 5)}, DesignError),
        ({"formula": "car ~ size", "estimator": "wls", "cov": "hc3"}, DesignError),
        ({"formula": "car ~ size", "estimator": "fama-macbeth", "cluster": "ticker"}, DesignError),
        ({"formula": "car ~ size", "cov": "hc1", "cluster": "session"}, DesignError),
        ({"formula": "car ~ size", "clusters": "session"}, UnknownNameError),
        ("size", DesignError),
    ],
)
def test_contradictions_are_refused(wrong: Any, kind: type[EventStudyError]) -> None:
    with pytest.raises(kind):
        es.Design(**DESIGN, regress=[wrong])


class TestShown:
    @pytest.fixture
    def folder(self, given: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> Path:
        run(given, regress=FORMULAS, winsorise=0.05, by="flag").to_parquet(tmp_path / "results")
        return tmp_path

    def test_on_the_command_line(self, folder: Path) -> None:
        words = ("regress", "car ~ size", "car ~ size + kind", "--window=-1:1", "--cov", "hc3")
        table = es.load(folder / "results").regress(list(words[1:3]), window=(-1, 1), cov="hc3")
        document = said(*words, "--json", cwd=folder).document
        assert [row["estimate"] for row in document["regressions"]] == table["estimate"].tolist()
        assert document["window"] == [-1, 1]
        text = said(*words, cwd=folder).out
        assert "car ~ size + kind, CAR[-1,+1]" in text and "OLS, HC3, n 59, 1 dropped" in text
        assert f"{100 * table['estimate'][1]:.4g}" in text

    def test_errors_have_one_line_and_a_code(self, folder: Path) -> None:
        for words in (("car ~ sise",), ("car ~ (size",), ("car ~ size", "--cov", "hc2")):
            done = said("regress", *words, cwd=folder)
            assert (done.code, done.out) == (2, "") and done.err.count("\n") == 1

    def test_in_latex(self, folder: Path) -> None:
        (folder / "own.tex").write_text("mine", encoding="utf-8")
        assert said("regress", "car ~ size", "--latex", "own.tex", cwd=folder).code == 6
        assert said("regress", "car ~ size", "--latex", "new.tex", cwd=folder).code == 0
        assert said("regress", "car ~ size", "--latex", "new.tex", cwd=folder).code == 0  # its own file
        done = said("export", "--format", "latex", "--out", "tex", *PAPER, cwd=folder)
        assert done.code == 0, done.err
        result = es.load(folder / "results")
        models = (folder / "tex/regression_models.tex").read_text("utf-8")
        own = result.regressions
        size = own[(own["regression"] == 1) & (own["start"] == -1) & (own["term"] == "size")].iloc[0]
        line = [line for line in models.splitlines() if line.startswith("size & ")][-1]
        scar = own[(own["regression"] == 2) & (own["term"] == "size")].iloc[0]["estimate"]
        assert line == f"size & {100 * size['estimate']:.4g} & {scar:.4g} \\\\*"
        assert models.count("\\begin{tabular}") == models.count("\\end{tabular}") == 2
        means = (folder / "tex/caars_by_group.tex").read_text("utf-8").splitlines()
        mean = result.view().mean_car("all", "all")
        assert mean is not None
        all_ = next(line for line in means if line.startswith("all & "))
        assert all_.startswith(f"all & 60 & 30 & {100 * mean:.2f} & ")
        assert {"deal", "other", "True", "False"} <= {line.partition(" & ")[0] for line in means}
        refused = said("export", "--format", "csv", "--table", "caars_by_group", "--out", "csv", cwd=folder)
        assert refused.code == 2 and "latex" in refused.err

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_in_the_report(self, folder: Path, lang: str) -> None:
        page = report(es.load(folder / "results"), lang)
        assert page.count('id="regressions"') == 1
        assert (
            "scar ~ size" in page
            and es.load(folder / "results").view(lang).words.say("regressions.title") in page
        )

    def test_names_are_escaped_for_latex(self) -> None:
        from eventstudy.results.formats.print_regressions import regressions_in_latex

        row = dict.fromkeys(("std_error", "statistic", "df", "pvalue", "pvalue_wild", "clusters", "note"))
        row |= {"regression": 1, "formula": "car ~ a_b", "start": 0, "end": 0, "estimator": "ols"}
        row |= {"covariance": "none", "term": "C(x)[T.50% & more_$]", "estimate": 0.01, "rsquared": None}
        row |= {"n": 5, "dropped": 0, "n_dates": 1, "n_firms": 5, "winsorised": None}
        text = regressions_in_latex([row])
        assert r"C(x)[T.50\% \& more\_\$] & 1 \\" in text and " & {(-)} " in text
