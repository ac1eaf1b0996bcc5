"""Specification curves as they are shown: terminal, JSON, chart, page, figures for print, notebook."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commands import example, said
from once import built_once
from pages import Page
from panels import REPOSITORY

import eventstudy as es
from eventstudy.charts import chart
from eventstudy.cli.robustness_text import robustness_text
from eventstudy.errors import UsageError
from eventstudy.report import report
from eventstudy.results.curve_rows import listed_curves
from eventstudy.results.view import ResultView
from eventstudy.study_result import EventStudyResult

EVENT, TICKER = "deepseek-selloff", "NVDA"
COUNTED = re.compile(r"(\d+)/(\d+)\s+(\S+)(\s+[<.\d]+)?(\s+\*{1,2})?$")  #: small p, p_count, study p, mark


@cache
def curves() -> EventStudyResult:
    """Return the bundled study under its default grid, measured once."""

    def build(folder: Path) -> None:
        found = es.robustness(REPOSITORY / "events.yaml", offline=True, stated="design")
        found.to_parquet(folder / "robustness")

    return es.load(built_once("bundled-specifications", build) / "robustness")


@pytest.fixture(scope="module")
def view() -> ResultView:
    return curves().view()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_terminal_gives_every_count_with_its_p_value(width: int, view: ResultView) -> None:
    lines = [line.text for line in robustness_text(view, width)]
    rows = [found for line in lines if (found := COUNTED.search(line))]
    listed = listed_curves(view, 20)
    assert len(rows) == len(listed) == 20
    for found, row in zip(rows, listed, strict=True):
        assert (int(found[1]), int(found[2])) == (row["n_significant"], row["n_measured"])
        assert float(found[3]) == pytest.approx(row["p_count"], abs=0.0005)
    assert "stated beforehand: market against SPY, [-260,-11], simple returns" in " ".join(
        " ".join(lines).split()
    )
    assert max(len(line) for line in lines) <= width


def test_the_named_are_those_of_the_rule_on_the_median_t(view: ResultView) -> None:
    first = curves().summary()
    named = first[first["pvalue_study_bh"] <= 0.05]
    headline = curves().headline()
    assert headline["named"] == len(named.drop_duplicates(["ticker", "session"])) > 0
    assert headline["firm_days"] == len(first.drop_duplicates(["ticker", "session"]))
    assert {row["ticker"] for row in headline["named_firm_days"]} == set(named["ticker"])
    assert "median t over 28 specifications" in headline["sentences"][0]


def test_the_chart_draws_the_rows_of_the_table(view: ResultView) -> None:
    pytest.importorskip("altair")
    made = chart(view, "specification_curve", event=EVENT, ticker=TICKER, window="CAR[-1,+1]")
    rows = [
        row
        for row in view.rows("specifications", EVENT, TICKER)
        if (row["start"], row["end"]) == (-1, 1) and row["car"] is not None
    ]
    points = made.datasets["points"]
    assert [point["value"] for point in points] == sorted(row["car"] for row in rows)
    assert [point["small"] for point in points] == [row["pvalue"] < 0.05 for row in rows]
    assert [point["stated"] for point in points] == [row["stated"] for row in rows]
    assert sum(point["stated"] for point in points) == 1
    assert len(made.datasets["choices"]) == 4 * len(points)
    axes = {row["choice"].partition(":")[0] for row in made.datasets["choices"]}
    assert axes == {"model", "estimation", "benchmark", "returns"}
    with pytest.raises(UsageError, match="no forest; draw specification_curve"):
        chart(view, "forest", event=EVENT)


def test_figures_for_print_are_a_curve_for_each_firm_event(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    few = curves().tables["specification_curves"].slice(0, 10)  # two firm-events in five windows
    small = EventStudyResult({**curves().tables, "specification_curves": few}, curves().manifest)
    files = small.save_figures(tmp_path, format="svg")
    assert len(files) == 2
    assert all(Path(file).name.startswith("specification-curve-") for file in files)


@pytest.mark.parametrize(("lang", "title"), [("en", "Robustness"), ("ko", "강건성")])
def test_the_page_has_the_curves_and_the_grid(lang: str, title: str) -> None:
    text = report(curves(), lang)
    page = Page(text)
    assert title in text
    assert len(page.tables["grid"].rows) == 28
    assert len(page.tables["curves"].rows) == 115
    assert {"curves", "grid"} <= set(page.tables)


def test_notebooks_show_the_curves() -> None:
    shown = curves()._repr_html_()
    assert "p of the median" in shown and "oracle-300b-report" in shown
    assert "**" in shown


def test_the_command_measures_saves_and_prints_json(tmp_path: Path) -> None:
    study = example(tmp_path / "study")
    words = ["--offline", "--json", "--model", "market", "--model", "mean", "--estimation", "-120:-11"]
    answer = said(
        "robustness", *words, "--stated", "model=mean", "--stated", "estimation=-120:-11", cwd=study
    )
    assert answer.code == 0, answer.err
    document: dict[str, Any] = answer.document
    assert document["counts"]["specifications"] == 4
    assert [each["model"] for each in document["specifications"] if each["stated"]] == ["mean"]
    for row in document["curves"]:
        assert row["p_count"] is not None
        assert row["n_specifications"] == 4
    saved = es.load(study / "robustness")
    assert len(saved.specification_curves) == len(document["curves"])
    assert document["headline"]["sentences"] == saved.headline()["sentences"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--stated", "window=0:0"], 2, "neither design nor one of"),
        (["--stated", "design", "--stated", "model=mean"], 2, "leave the other fields out"),
        (["--model", "markt"], 2, "market"),
        (["--estimation", "-120:-3"], 3, "must end before the event window"),
        (["--returns", "cubic"], 2, "simple, log"),
    ],
)
def test_wrong_options_are_refused(words: list[str], code: int, message: str, tmp_path: Path) -> None:
    study = example(tmp_path / "study")
    answer = said("robustness", "--offline", *words, cwd=study)
    assert (answer.code, message in answer.err) == (code, True), answer.err
    assert not (study / "robustness").exists()
