"""What is lost between an event list and what is measured adds up, and a long list stays short in print."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import said

import eventstudy as es
from eventstudy.sessions import trading_sessions

MOST_LINES = 60  #: of terminal output of a study of thousands of firm-events


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    sessions = pd.DatetimeIndex(trading_sessions("XNYS", date(2021, 1, 4), date(2023, 12, 29)), name="date")
    steps = np.random.default_rng(7).normal(0, 0.01, (len(sessions), 41))
    names = [*(f"S{number:02d}" for number in range(40)), "MKT"]
    closes = pd.DataFrame(100 * np.exp(steps.cumsum(axis=0)), sessions, names)
    closes.loc["2022-06-15", "S03"] = np.nan
    return closes


def frame_of(prices: pd.DataFrame, n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = rng.choice(prices.index[300:-20].strftime("%Y-%m-%d"), n)
    return pd.DataFrame({"symbol": rng.choice(prices.columns[:-1], n), "date": days})


def steps(result: es.EventStudyResult) -> list[tuple[str, str, int, int]]:
    table = result.attrition.astype({"step": str, "reason": str}).fillna("")
    return list(table.itertuples(index=False, name=None))


def test_every_loss_has_its_step(prices: pd.DataFrame) -> None:
    frame = pd.concat(
        [
            frame_of(prices, 60),
            pd.DataFrame(
                {
                    "symbol": [None, "S01", "GONE", "S01", "S02", "S03"],
                    "date": ["2022-05-02", None, "2022-05-02", "2023-12-28", "2021-05-04", "2022-06-15"],
                }
            ),
        ],
        ignore_index=True,
    )
    design = es.Design(benchmark="MKT", max_loss=1.0, mask_events=False)
    result = es.run(frame, prices=prices, design=design, offline=True)
    found = {(step, reason): lost for step, reason, lost, _ in steps(result)}
    assert found["left out", "no security is named"] == 1
    assert found["left out", "no day is given"] == 1
    assert found["skipped", "the security is not in the prices"] == 1
    assert found["skipped", "day 0 or the event window lies outside the prices"] == 1
    assert found["skipped", "too few estimation returns"] == 1
    assert found["skipped", "no return on day 0"] == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_adds_up(prices: pd.DataFrame, seed: int) -> None:
    frame = frame_of(prices, 80, seed)
    frame.loc[::9, "symbol"] = None
    frame.loc[::11, "symbol"] = "GONE"
    design = es.Design(benchmark="MKT", max_loss=1.0)
    tickers = list(prices.columns[:30]) if seed == 2 else None
    result = es.run(frame, prices=prices, design=design, tickers=tickers, offline=True)
    rows = steps(result)
    assert rows[0][:3] == ("listed", "", 0)
    assert rows[0][3] == len(frame)
    for (_, _, _, before), (_, _, lost, left) in pairwise(rows):
        assert before - lost == left
    measured = int((result.events["status"] == "ok").sum())
    assert rows[-1] == ("measured", "", 0, measured)
    assert sum(lost for _, _, lost, _ in rows) == len(frame) - measured
    assert any(step == "not requested" for step, *_ in rows) == (seed == 2)


def test_a_long_study_ends_in_few_lines(prices: pd.DataFrame, tmp_path: Path) -> None:
    prices.to_csv(tmp_path / "prices.csv")
    listed = frame_of(prices, 600)
    listed.loc[0, "symbol"] = "GONE"
    listed.to_csv(tmp_path / "list.csv", index=False)
    done = said(
        *("run", "list.csv", "--prices", "prices.csv", "--benchmark", "MKT", "--offline", "--max-loss", "1"),
        cwd=tmp_path,
    )
    lines = done.out.splitlines()
    assert done.code == 0, done.err
    assert len(lines) < MOST_LINES
    assert "From the list to what is measured" in lines
    assert "read 600 events" in done.err
