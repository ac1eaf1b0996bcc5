"""A study of many announcements on CRSP data from one command: what is lost, printed, kept and reported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import Said, said
from crsp_study import CrspStudy, announcements, crsp_study

import eventstudy as es

MOST_LINES = 60  #: of the terminal
ESTIMATION, WINDOW, LEAST_RETURNS = (-260, -11), (-5, 5), 150  #: the design's defaults
FREE_LOSS = ("--max-loss", "1")  #: early announcements have no estimation window: half of a short file
MOST_BYTES = 10_000_000  #: of a report
ROUNDING = 1e-12  #: of the same least squares by two algorithms
SMALL, FULL = (20, 560, 320), (300, 2_087, 5_000)  #: securities, sessions, announcements


@dataclass(frozen=True)
class Files:
    """A folder with a daily stock file and announcements by PERMNO, and what they hold."""

    folder: Path
    study: CrspStudy
    events: pd.DataFrame

    def run(self, *more: str, listed: str = "events.csv", out: str = "results") -> Said:
        words = ("run", listed, "--prices", "crsp.csv", "--benchmark", "vwretd", "--out", out, *FREE_LOSS)
        return said(*words, *more, cwd=self.folder)

    def result(self, out: str = "results") -> es.EventStudyResult:
        return es.load(self.folder / out)

    def write(self, events: pd.DataFrame, name: str) -> None:
        events.to_csv(self.folder / name, index=False)


def files(folder: Path, securities: int, length: int, number: int) -> Files:
    study = crsp_study(securities, length)
    events = announcements(study, number)
    made = Files(folder, study, events)
    study.siz().to_csv(folder / "crsp.csv", index=False)
    made.write(events.drop(columns="ticker"), "events.csv")
    return made


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return files(tmp_path_factory.mktemp("crsp"), *SMALL)


@pytest.fixture(scope="module")
def by_sector(small: Files) -> Said:
    return small.run("--by", "sector")


def day0(made: Files) -> Any:
    """Return the row of day 0 of each announcement: after the close is the next session."""
    days = made.events["anndats"].to_numpy().astype("datetime64[D]")
    return np.searchsorted(made.study.days, days) + (made.events["time"] == "AMC").to_numpy()


def returns(made: Files) -> Any:
    """Return the returns that are held, shape (securities, sessions)."""
    rows = made.study.rows.assign(held=made.study.held)
    return rows.pivot(index="PERMNO", columns="date", values="held").to_numpy()


def lost(made: Files) -> dict[str, int]:
    """Count the announcements that cannot be measured, by reason, from the returns alone."""
    held, rows = returns(made), np.searchsorted(made.study.permnos, made.events["permno"])
    counts = {"day 0 or the event window lies outside the prices": 0}
    counts |= {"too few estimation returns": 0, "no return on day 0": 0}
    outside, few, none = counts
    for row, day in zip(rows, day0(made), strict=True):
        first, last = max(0, day + ESTIMATION[0]), max(0, day + ESTIMATION[1] + 1)
        if day + WINDOW[1] >= len(made.study.days):
            counts[outside] += 1
        elif np.isfinite(held[row, first:last]).sum() < LEAST_RETURNS:
            counts[few] += 1
        elif np.isnan(held[row, day]):
            counts[none] += 1
    return counts


def assert_complete(made: Files, ran: Said) -> None:
    """Fail unless the run is short, and its losses are those of the returns."""
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) < MOST_LINES
    steps = made.result().tables["attrition"].to_pylist()
    assert steps[0]["left"] == len(made.events)
    assert steps[-1]["left"] == sum(made.result().events["status"] == "ok")
    assert {step["reason"]: step["lost"] for step in steps[1:-1]} == lost(made)
    assert steps[0]["left"] - sum(step["lost"] for step in steps) == steps[-1]["left"]


def test_one_command_measures_and_says_what_was_lost(small: Files, by_sector: Said) -> None:
    assert_complete(small, by_sector)
    assert all(count > 0 for count in lost(small).values())
    assert "From the list to what is measured" in by_sector.out
    compounded = int(small.study.rows["delisting"].notna().sum())
    assert f"; {compounded} delisting returns compounded" in by_sector.err


def test_a_list_of_many_events_has_a_line_per_event(small: Files) -> None:
    some = small.events.drop(columns="ticker").tail(60)
    small.write(some, "some.csv")
    ran = small.run("--window=-1:1", "--car=0:0", listed="some.csv", out="some")
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) < MOST_LINES + len(some)


def test_groups_and_weights_are_kept(small: Files, by_sector: Said) -> None:
    result = small.result()
    kept = [json.loads(text) for text in result.events["characteristics"]]
    assert [each["weight"] for each in kept] == small.events["weight"].tolist()
    assert [each["sector"] for each in kept] == small.events["sector"].tolist()
    averages = result.averages
    assert set(averages.loc[averages["level"] == "sector", "key"]) == {"energy", "health", "retail"}
    assert all(name in by_sector.out for name in ("energy", "health", "retail"))


def test_a_delisting_return_is_in_the_abnormal_return(small: Files, by_sector: Said) -> None:
    rows = small.study.rows
    last = rows[rows["delisting"].notna()].iloc[0]
    session = last["date"].date()
    small.write(pd.DataFrame({"permno": [last["PERMNO"]], "session": [session]}), "last.csv")
    ran = small.run("--window=0:0", "--car=0:0", listed="last.csv", out="last")
    assert ran.code == 0, ran.err
    held, market = returns(small)[np.searchsorted(small.study.permnos, last["PERMNO"])], small.study.market
    day = int(np.searchsorted(small.study.days, np.datetime64(session)))
    part = slice(day + ESTIMATION[0], day + ESTIMATION[1] + 1)
    slope, level = np.polyfit(market[part], held[part], 1)
    expected = (1 + last["ret"]) * (1 + last["delisting"]) - 1 - level - slope * market[day]
    assert small.result("last").abnormal_returns["ar"].item() == pytest.approx(expected, rel=ROUNDING)


def test_tickers_find_the_same_securities(small: Files, by_sector: Said) -> None:
    small.write(small.events.drop(columns="permno"), "tickers.csv")
    ran = small.run("--by", "sector", listed="tickers.csv", out="by-ticker")
    assert ran.code == 0, ran.err
    found = small.result("by-ticker")
    named = dict(small.study.rows.drop_duplicates("TICKER")[["TICKER", "PERMNO"]].astype(str).to_numpy())
    assert found.events["ticker"].map(named).tolist() == small.result().events["ticker"].tolist()
    np.testing.assert_allclose(found.cars["car"], small.result().cars["car"], rtol=0, atol=ROUNDING)
    assert found.tables["attrition"].equals(small.result().tables["attrition"])


def test_windows_of_each_event_are_its_own(small: Files, by_sector: Said) -> None:
    own = small.events.drop(columns="ticker").assign(window_start=-2, window_end=2)
    own.loc[own["sector"] == "health", ["window_start", "window_end"]] = (-1, 3)
    small.write(own, "windows.csv")
    document = small.run("--json", listed="windows.csv", out="windows").document
    assert document["counts"]["firm_events"] == document["attrition"][0]["left"] == len(own)
    result = small.result("windows")
    measured = result.abnormal_returns.dropna(subset="ar")
    spans = measured.groupby("ticker", observed=True)["tau"].agg(["min", "max"])
    windows = own.drop_duplicates("permno").set_index("permno")[["window_start", "window_end"]]
    assert len(spans) > len(windows) / 2
    assert (spans.to_numpy() == windows.loc[spans.index.astype(int)].to_numpy()).all()


def test_factors_of_french_are_used(small: Files) -> None:
    rng = np.random.default_rng(9)
    percent = {name: rng.normal(0, 0.5, len(small.study.days)).round(2) for name in ("SMB", "HML")}
    table = {"Mkt-RF": (100 * small.study.market).round(2), **percent, "RF": 0.01}
    dates = pd.Index(pd.to_datetime(small.study.days).strftime("%Y%m%d"), name="")
    text = pd.DataFrame(table, index=dates).to_csv()
    (small.folder / "ff.csv").write_text(f"This file was created from CRSP data.\n\n{text}\n  Copyright\n")
    words = ("events.csv", "--prices", "crsp.csv", "--model", "ff3", "--factors", "ff.csv", "--out", "ff3")
    ran = said("run", *words, *FREE_LOSS, cwd=small.folder)
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) < MOST_LINES
    terms = small.result("ff3").coefficients["term"].unique()
    assert set(terms) == {"const", "Mkt-RF", "SMB", "HML"}


@pytest.mark.slow
def test_five_thousand_announcements(tmp_path: Path) -> None:
    made = files(tmp_path, *FULL)
    assert_complete(made, made.run("--by", "sector"))
    ran = said("report", "results", "--out", "study.html", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert (tmp_path / "study.html").stat().st_size < MOST_BYTES
