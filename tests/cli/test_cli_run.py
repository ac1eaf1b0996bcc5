"""`eventstudy run`: what it prints is what it saved, and what its options change."""

from __future__ import annotations

import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from commands import example, fingerprint, said

import eventstudy as es
from eventstudy.cli.columns import aligned, wrapped
from eventstudy.cli.flags import MEANING, flags
from eventstudy.results import view
from eventstudy.results.firm_day import ENDS
from eventstudy.words.formatting import Figures, percent, pvalue, ratio

DEMO = ["DEMO-A", "DEMO-B"]
more = partial(pytest.param, marks=pytest.mark.more)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("run") / "study")


@pytest.fixture
def own(study: Path, tmp_path: Path) -> Path:
    """Return a copy of the study without its results, to change and to run."""
    folder = tmp_path / "study"
    shutil.copytree(study, folder, ignore=shutil.ignore_patterns("results", ".generations"), symlinks=True)
    return folder


def manifest(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "results/manifest.json").read_text("utf-8"))
    return document


def many_events(folder: Path, tickers: str = "[DEMO-A, DEMO-B]") -> None:
    """Replace the events of a study by twelve on distinct sessions."""
    text = (folder / "events.yaml").read_text("utf-8").partition("events:\n")[0]
    days = [f"2025-{month}-{day}" for month in ("02", "03", "04") for day in ("04", "11", "14", "25")]
    rows = [f"  - {{id: e{at}, session: {day}, tickers: {tickers}}}" for at, day in enumerate(days)]
    (folder / "events.yaml").write_text(text + "events:\n" + "\n".join(rows) + "\n", encoding="utf-8")


def test_the_figures_printed_are_those_saved(study: Path) -> None:
    done = said("run", "--details", cwd=study)
    lines = done.out.splitlines()
    cars = es.load(study / "results").cars
    for _, car in cars[(cars["start"] == 0) & (cars["end"] == 0)].iterrows():
        block = lines[next(at for at, line in enumerate(lines) if line.startswith(str(car["event_id"]))) :]
        row = next(line for line in block if re.match(rf"  {car['ticker']} +[+-]", line)).split()
        ends = (car[end] if car[end] == car[end] else None for end in ENDS)
        alone = car["conformal_pvalue"] if car["conformal_pvalue"] == car["conformal_pvalue"] else None
        figures = [percent(car["car"]), *Figures().first_interval(*ends).split(), pvalue(alone)]
        figures += [ratio(car["statistic"]), pvalue(car["pvalue_study_bh"])]
        assert row[1 : 1 + len(figures)] == figures


def test_the_events_say_their_day_and_what_else_happened(study: Path) -> None:
    text = " ".join(said("run", "--details", cwd=study).out.split())
    assert "day 0: 2025-02-06 (after the close: next session, +1 day)" in text
    assert "closed that day (holiday or weekend): next session, +3 days)" in text
    assert "overlapping: 2025-03-14 results published before the open (DEMO-B)" in text


def test_the_tests_of_one_date_are_sentences(study: Path) -> None:
    done = said("run", "--details", cwd=study)
    tests = es.load(study / "results").tests
    first = tests[(tests["key"] == "product-recall") & (tests["start"] == 0) & (tests["end"] == 0)]
    joint = first[first["test"] == "joint_f"].iloc[0]
    f = f"F({joint['df']:.0f}, {joint['df2']:.0f}) = {joint['statistic']:.2f}"
    placebo = first[first["test"] == "joint_placebo"].iloc[0]["pvalue"]
    assert f"  together:  joint {f}, p <0.001, placebo p = {placebo:.3f}\n" in done.out
    mean = first[first["test"] == "portfolio_t"].iloc[0]
    assert re.search(
        rf"             mean -\d\.\d\d%, t\({mean['df']:.0f}\) = {mean['statistic']:.2f}, p", done.out
    )


def test_one_ticker_has_no_joint_sentence(own: Path) -> None:
    done = said("run", "--details", "--tickers", "DEMO-A", cwd=own)
    assert done.code == 0
    assert "together:" not in done.out


def test_the_run_ends_on_the_glance_table(study: Path) -> None:
    *_, glance = said("run", "--details", cwd=study).out.partition("At one glance")
    assert [line.split()[0] for line in glance.splitlines()[2::2]][:3] == [
        "product-recall",
        "joint-venture",
        "holiday-rumour",
    ]
    row = next(line for line in glance.splitlines() if "2025-03-12" in line)
    assert re.fullmatch(r"    2025-03-12 +\d\.\d\d y +\d\.\d\d cy", row)
    assert all(f"{letter} = " in glance for letter in "cy") and "n = " not in glance.replace("ion = ", "")


def test_claims_stand_beside_what_was_measured(study: Path) -> None:
    assert re.search(
        r"DEMO-A +2025-02-06 close +-6\.5% +-6\.47% +confirmed", said("run", "--details", cwd=study).out
    )


def test_over_ten_dates_the_events_are_tested_together(own: Path) -> None:
    many_events(own)
    done = said("run", cwd=own)
    tests = es.load(own / "results").tests
    wanted = tests[
        (tests["level"] == "all") & (tests["start"] == 0) & (tests["end"] == 0) & tests["headline"]
    ]
    by_name = wanted.set_index("test")
    row = next(line for line in done.out.splitlines() if re.match(r"  all +AR\[0\]", line)).split()
    mean = es.load(own / "results").cars.query("start == 0 and end == 0")["car"].mean()
    assert row[2:5] == ["24", "12", percent(mean)]
    assert row[5:7] == [
        f"{by_name.loc['cross_section_t', 'statistic']:.2f}",
        pvalue(by_name.loc["cross_section_t", "pvalue"]),
    ]
    assert row[7] == f"{by_name.loc['bmp_adj_t', 'statistic']:.2f}"


def test_few_dates_are_not_tested_together(study: Path) -> None:
    assert "Over the events" not in said("run", cwd=study).out


def test_tests_named_by_the_user_are_printed_with_their_notes(own: Path) -> None:
    done = said("run", "--details", "--test", "patell_z", "--test", "joint_f", cwd=own)
    assert done.code == 0
    assert "patell_z over firm-events: " in done.out
    assert "(one date: firms are not independent)" in " ".join(done.out.split())
    assert set(es.load(own / "results").tests["test"]) == {"patell_z", "joint_f", "study_count"}


def test_tickers_that_share_no_event_are_listed_one_by_one(own: Path) -> None:
    text = (own / "events.yaml").read_text("utf-8").partition("events:\n")[0]
    rows = [f"  - {{id: {name}, session: 2025-03-1{at}, tickers: [{name}]}}" for at, name in enumerate(DEMO)]
    rows += ["  - {id: later, session: 2025-03-13, tickers: [DEMO-MKT], benchmark: DEMO-A}"]
    (own / "events.yaml").write_text(text + "events:\n" + "\n".join(rows) + "\n", encoding="utf-8")
    done = said("run", "--details", cwd=own)
    assert re.search(r"^  later +DEMO-MKT +2025-03-13 +[+-]?\d", done.out, re.MULTILINE)
    assert "against DEMO-A" in done.out


def test_of_many_firm_events_the_most_extreme_are_listed(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MOST_LISTED", 10)
    monkeypatch.setattr(view, "LISTED_OF_MORE", 3)
    many_events(own)
    done = said("run", cwd=own)
    assert "the 3 of 24 firm-events with the largest |t|" in done.out
    cars = es.load(own / "results").cars.query("start == 0 and end == 0")
    largest = cars.loc[cars["statistic"].abs().sort_values(ascending=False).index[:3]]
    shown = [line.split()[:2] for line in done.out.splitlines() if re.match(r"  e\d+ ", line)]
    assert shown == [[str(row["event_id"]), str(row["ticker"])] for _, row in largest.iterrows()]
    document = said("run", "--json", cwd=own).document
    assert document["counts"] == {"events": 12, "firm_events": 24, "skipped": 0, "listed": 3}
    everything = f"{cars['car'].mean():+.2%}"
    assert re.search(rf"^  all +AR\[0\] +24 +12 +{re.escape(everything)}", done.out, re.MULTILINE)


def test_the_document_holds_design_figures_tests_and_claims(study: Path) -> None:
    document = said("run", "--json", cwd=study).document
    assert document["design"]["estimation"] == [-260, -11]
    assert document["results"] == "results"
    first = document["firm_events"][0]
    assert (first["event_id"], first["ticker"], first["session"]) == (
        "product-recall",
        "DEMO-A",
        "2025-02-06",
    )
    assert [(car["start"], car["end"]) for car in first["cars"]] == [(0, 0), (-1, 1), (0, 1), (0, 5)]
    saved = es.load(study / "results").cars.iloc[0]
    assert first["cars"][0]["car"] == saved["car"]
    assert {test["test"] for test in document["tests"]} >= {"joint_f", "portfolio_t"}
    assert document["claims"][0]["verdict"] == "confirmed"


def test_a_skipped_firm_event_keeps_its_place_and_its_reason(own: Path) -> None:
    words = ("run", "--offline", "--tickers", "DEMO-A,DEMO-X", "--max-loss", "0.5")
    done = said(*words, "--details", cwd=own)
    assert done.code == 0, done.err
    assert "3 of them skipped" in done.out
    assert re.search(r"^  DEMO-X  skipped: no prices", done.out, re.MULTILINE)
    row = said(*words, "--json", cwd=own).document["firm_events"][1]
    assert (row["status"], row["cars"][0]["car"]) == ("skipped", None)


def test_a_study_of_which_nothing_is_measured_is_printed_too(own: Path) -> None:
    done = said("run", "--details", "--min-estimation", "999", "--max-loss", "1", cwd=own)
    assert done.code == 0, done.err
    assert done.out.count("999 are") == 6


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (("--model", "mean"), "model", "mean"),
        (("--estimation=-200:-20",), "estimation", [-200, -20]),
        (("--window=-6:7",), "window", [-6, 7]),
        (("--car=0:2", "--car", "-1:1"), "car_windows", [[0, 2], [-1, 1]]),
        (("--no-mask-events",), "mask_events", False),
        (("--max-loss", "0"), "max_loss", 0.0),
        (("--test", "joint_f"), "tests", ["joint_f"]),
        (("--benchmark", "DEMO-B+DEMO-MKT"), "benchmark", ["DEMO-B", "DEMO-MKT"]),
        more(("--returns", "log"), "returns", "log"),
        more(("--gaps", "lump"), "gaps", "lump"),
        more(("--mask-events",), "mask_events", True),
        more(("--alternative", "greater"), "alternative", "greater"),
        more(("--confidence", "0.9"), "confidence", 0.9),
        more(("--seed", "7"), "seed", 7),
        more(("--min-estimation", "100"), "min_estimation", 100),
        more(("--min-estimation", "0.5"), "min_estimation", 0.5),
        more(("--benchmark", "DEMO-B", "--tickers", "DEMO-A"), "benchmark", "DEMO-B"),
        more(("--benchmark", "DEMO-B,DEMO-MKT"), "benchmark", ["DEMO-B", "DEMO-MKT"]),
    ],
)
def test_an_option_replaces_what_the_study_says(
    words: tuple[str, ...], field: str, value: Any, own: Path
) -> None:
    before = es.Design(benchmark="DEMO-MKT", car_windows=((0, 0), (-1, 1), (0, 1), (0, 5)))
    done = said("run", *words, cwd=own)
    assert done.code == 0, done.err
    saved = manifest(own)
    assert saved["design"][field] == value
    assert saved["command"] == ["run", *words]
    expected = before.replace(**{field: value})
    assert es.Design(**saved["design"]) == expected


def test_the_benchmark_option_overrules_the_events(own: Path) -> None:
    text = (own / "events.yaml").read_text("utf-8")
    (own / "events.yaml").write_text(text.replace("    kind: rumour", "    benchmark: DEMO-A"))
    done = said("run", "--benchmark", "DEMO-B", "--tickers", "DEMO-A", cwd=own)
    assert done.code == 0, done.err
    assert set(es.load(own / "results").events["benchmark"]) == {"DEMO-B"}


def test_factors_come_from_a_file(own: Path) -> None:
    lines = (own / "prices.csv").read_text("utf-8").splitlines()
    days = [line.partition(",")[0] for line in lines[1:]]
    rows = [f"{day},{at % 7 / 10},{at % 5 / 10},{at % 3 / 10},0.01" for at, day in enumerate(days)]
    (own / "ff.csv").write_text("date,Mkt-RF,SMB,HML,RF\n" + "\n".join(rows) + "\n")
    done = said("run", "--model", "ff3", "--factors", "ff.csv", cwd=own)
    assert done.code == 0, done.err
    assert {"Mkt-RF", "SMB", "HML"} <= set(es.load(own / "results").coefficients["term"])


def test_own_files_give_the_same_figures_as_the_snapshot(own: Path) -> None:
    assert (
        said("run", cwd=own).code == said("run", "--prices", "prices.csv", "--out", "own", cwd=own).code == 0
    )
    left, right = (es.load(own / name).cars["car"] for name in ("results", "own"))
    assert left.tolist() == right.tolist()


def test_an_event_list_is_a_study_too(own: Path) -> None:
    (own / "list.csv").write_text("event_id,ticker,when,kind\na,DEMO-A,2025-02-06,x\nb,DEMO-B,2025-03-12,x\n")
    done = said("run", "list.csv", "--benchmark", "DEMO-MKT", cwd=own)
    assert done.code == 0, done.err
    assert es.load(own / "results").events["event_id"].tolist() == ["a", "b"]


def test_a_dry_run_tells_what_is_at_hand_and_writes_nothing(own: Path) -> None:
    before = fingerprint(own)
    done = said("run", "--dry-run", "--tickers", "DEMO-A,DEMO-X", cwd=own)
    assert done.code == 0, done.err
    assert "3 events, 6 firm-events, day 0 from 2025-02-06 to 2025-04-21" in done.out
    assert "2 stored, 1 to be fetched" in done.out
    plan = said("run", "--dry-run", "--json", "--offline", "--tickers", "DEMO-A,DEMO-X", cwd=own).document
    assert {series["ticker"]: series["at_hand"] for series in plan["series"]} == {
        "DEMO-A": True,
        "DEMO-X": False,
        "DEMO-MKT": True,
    }
    assert plan["prices"] == ["2024-01-23", "2025-04-28"]
    assert fingerprint(own) == before


def test_strict_refuses_a_skipped_firm_event_and_writes_nothing(own: Path) -> None:
    words = ("run", "--offline", "--tickers", "DEMO-A,DEMO-X", "--max-loss", "0.5")
    before = fingerprint(own)
    done = said(*words, "--strict", cwd=own)
    assert (done.code, done.out, done.err.count("\n")) == (5, "", 1)
    assert "3 of 6" in done.err and "--strict" in done.err
    assert fingerprint(own) == before
    assert said(*words, cwd=own).code == 0
    assert said("run", "--strict", cwd=own).code == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0502, "0.0502"),
        (0.04996, "0.04996"),
        (0.05, "0.050"),
        (0.0999, "0.0999"),
        (0.10004, "0.10004"),
        (0.009999, "0.009999"),
        (0.0104, "0.0104"),
        (0.0123, "0.012"),
        (0.00099, "<0.001"),
        (0.0, "<0.001"),
        (1.0, "1.000"),
        (None, "-"),
    ],
)
def test_no_pvalue_is_rounded_onto_a_threshold(value: float | None, text: str) -> None:
    assert pvalue(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0125, "+1.25%"), (-0.00001, "0.00%"), (0.0, "0.00%"), (-0.5, "-50.00%"), (None, "-")],
)
def test_percent_has_a_sign_unless_it_is_zero(value: float | None, text: str) -> None:
    assert percent(value) == text


def test_columns_line_up_with_wide_characters() -> None:
    lines = aligned("lr", [["삼성전자", "1.5"], ["NVDA", "-20.25"]])
    assert lines == [["삼성전자     1.5"], ["NVDA      -20.25"]]  # a Korean letter takes two columns
    assert wrapped("삼성전자 삼성전자", 12, "  ") == ["  삼성전자", "  삼성전자"]


def test_only_the_last_column_wraps() -> None:
    ((line, more),) = aligned("ll", [["name", "one two three four five six"]], width=26)
    assert (line, more) == ("name  one two three four", "      five six")


@pytest.mark.parametrize(
    ("row", "letters"),
    [
        ({"confounded": True, "confounders": "2025-09-10 results; other at tau +3", "agrees": True}, "cy"),
        ({"confounded": True, "confounders": "other at tau +3", "agrees": False}, "on"),
        ({"confounded": False, "confounders": None, "agrees": None}, ""),
        ({"confounded": False, "confounders": None, "agrees": None, "expect": "up"}, "-"),
    ],
)
def test_flags(row: dict[str, Any], letters: str) -> None:
    assert flags({"expect": None, "n_findings": 0, **row}) == letters
    assert "q" in flags({"expect": None, "n_findings": 2, **row})
    assert set(letters) <= set(MEANING)
