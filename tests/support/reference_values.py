"""Reference values of other programs: the studies they are for, and their answers."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import pandas as pd

import eventstudy as es
from eventstudy.significance import TESTS
from eventstudy.study_result import EventStudyResult

REFERENCE = Path(__file__).parents[1] / "reference"


DESIGNS = {
    "synthetic": es.Design(
        benchmark="MKT",
        estimation=(-149, -30),
        window=(-5, 5),
        car_windows=((-5, 5), (-5, 0), (0, 0)),
        mask_events=False,
        weights="size",
        prologue="size",
    ),
    "sp500_additions": es.Design(
        benchmark="SP500",
        returns="log",
        estimation=(-130, -11),
        window=(-2, 2),
        car_windows=((-2, 2),),
        mask_events=False,
    ),
}


CASES = tuple(DESIGNS)
PORTFOLIO_DAYS = {"P0": 118, "P1": 132, "P2": 146}  #: ticker and row of day 0: the rest are donors


@cache
def prices_of(case: str, shared: Path | None) -> pd.DataFrame:
    folder = REFERENCE if case == "synthetic" else Path(str(shared)) / "peers" / "sp500_additions"
    name = "synthetic_prices.csv" if case == "synthetic" else "prices.csv"
    return pd.read_csv(folder / name, parse_dates=["date"])


@cache
def result_of(case: str, shared: Path | None, *, one_event: bool = False) -> EventStudyResult:
    """Run a case; ``one_event`` makes one event of the synthetic firm-events that share a date."""
    rows = json.loads((REFERENCE / f"{case}.json").read_text())["events"]
    days = pd.read_csv(
        REFERENCE / "synthetic_events.csv"
        if case == "synthetic"
        else Path(str(shared)) / "peers" / "sp500_additions" / "events.csv"
    )
    events = pd.DataFrame(
        {
            "event_id": [f"e{row['event_id']:02d}" for row in rows],
            "ticker": [row["ticker"] for row in rows],
            "session": pd.to_datetime(days["event_date"]),
        }
    )
    if case == "synthetic":  # the groups of tests/reference/transcribe.py
        events["size"] = [10 + 7 * int(row["ticker"][1:]) % 11 for row in rows]  # as transcribe.py
        events["kind"] = ["shared"] * 8 + ["staggered"] * 12 + ["late"] * 4
    if one_event:
        events["event_id"] = events["event_id"].where(events["kind"] != "shared", "shared")
    return es.run(events, prices=prices_of(case, shared), design=DESIGNS[case])


@cache
def portfolio_study() -> EventStudyResult:
    """Run the securities of `model_returns.csv` beside portfolios of each other, on two dates far apart."""
    returns = pd.read_csv(REFERENCE / "model_returns.csv", index_col="session", parse_dates=True)
    days = returns.index[[*PORTFOLIO_DAYS.values()]]
    events = pd.DataFrame({"event_id": [*PORTFOLIO_DAYS], "ticker": [*PORTFOLIO_DAYS], "session": days})
    design = DESIGNS["synthetic"].replace(
        model="synthetic",
        benchmark=None,
        estimation=(-110, -11),
        car_windows=((0, 0), (-1, 1)),
        quality="flag",
        weights=None,
        prologue=(),
    )
    return es.run(events, returns=returns.drop(columns="MKT"), design=design)


def answers() -> list[dict[str, str]]:
    with (REFERENCE / "answers.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["test"] in TESTS]
