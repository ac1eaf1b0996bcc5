"""What is stated of closes and corporate actions holds in every layout, and is refused of returns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import said
from price_walks import YEARS, walk

import eventstudy as es
from eventstudy.errors import UsageError
from eventstudy.prices.corporate_actions.actions import LEAST

AT, RATIO = 400, 1.02  #: the row and the ratio of a stock dividend, below what the move of a day can tell
DAY = str(YEARS[AT])
ACTION = f"ticker,date,kind,value\nAAA,{DAY},split,{RATIO}\n"
RTOL = 1e-9  #: rounding of a division and a product
DESIGN = es.Design(benchmark="SPY", max_loss=1.0)
EVENT = pd.DataFrame({"event_id": ["e"], "ticker": ["AAA"], "session": [YEARS[AT]]})
STUDY = (
    "design: {benchmark: SPY, max_loss: 1.0}\n"
    f"events: [{{id: e, when: {DAY}, timing: pre, tickers: [AAA]}}]\n"
)

Frame = pd.DataFrame


def bars(seed: int, ratio: float = 1.0) -> Frame:
    """Return open, high, low, close and volume by date; prices before the stock dividend are not adjusted."""
    frame = pd.DataFrame(walk(seed), index=pd.Index(YEARS.astype(str), name="date")).drop(columns="dividend")
    prices = ["open", "high", "low", "close"]
    frame.loc[: frame.index[AT - 1], prices] *= ratio
    return frame


def alpha_vantage(frame: Frame) -> Frame:
    named = frame.rename_axis("timestamp").assign(
        adjusted_close=frame["close"], dividend_amount=0.0, split_coefficient=1.0
    )
    return named.reset_index()


def history(frame: Frame) -> Frame:
    named = frame.rename(columns=str.title).assign(Dividends=0.0, **{"Stock Splits": 0.0})
    return named.rename_axis("Date").reset_index()


def unadjusted(frame: Frame) -> Frame:
    return history(frame).assign(**{"Adj Close": frame["close"].to_numpy()})


def several(folder: Path, make: Callable[[Frame], Frame], frames: dict[str, Frame]) -> Path:
    for name, frame in frames.items():
        make(frame).to_csv(folder / f"{name}.csv", index=False)
    return folder


def wide(folder: Path, frames: dict[str, Frame]) -> Path:
    pd.DataFrame({name: frame["close"] for name, frame in frames.items()}).to_csv(folder / "all.csv")
    return folder / "all.csv"


def long(folder: Path, frames: dict[str, Frame]) -> Path:
    table = pd.concat([frame.assign(ticker=name).reset_index() for name, frame in frames.items()])
    table.to_csv(folder / "all.csv", index=False)
    return folder / "all.csv"


LAYOUTS: dict[str, Callable[[Path, dict[str, Frame]], Path]] = {
    "alpha-vantage": lambda folder, frames: several(folder, alpha_vantage, frames),
    "yfinance-history": lambda folder, frames: several(folder, history, frames),
    "yfinance-unadjusted": lambda folder, frames: several(folder, unadjusted, frames),
    "wide": wide,
    "securities": long,
}


def crsp(folder: Path) -> Path:
    rows = [
        pd.DataFrame(
            {
                "PERMNO": permno,
                "date": YEARS.astype(str),
                "TICKER": name,
                "PRC": bars(seed)["close"].to_numpy(),
                "RET": bars(seed)["close"].pct_change().fillna(0.0).to_numpy(),
                "SHRCD": 11,
                "EXCHCD": 1,
            }
        )
        for permno, name, seed in ((10107, "AAA", 1), (14593, "SPY", 2))
    ]
    pd.concat(rows).to_csv(folder / "crsp.csv", index=False)
    return folder / "crsp.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prices").mkdir()
    (tmp_path / "actions.csv").write_text(ACTION)
    return tmp_path


def given(folder: Path, layout: str, ratio: float) -> Path:
    return LAYOUTS[layout](folder / "prices", {"AAA": bars(1, ratio), "SPY": bars(2)})


def paths(result: es.EventStudyResult) -> np.ndarray:
    return result.abnormal_returns["ar"].to_numpy()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_raw_closes_and_a_listed_action_give_the_returns_of_adjusted_ones(layout: str, folder: Path) -> None:
    def measured(ratio: float, **stated: object) -> np.ndarray:
        return paths(es.run(EVENT, prices=given(folder, layout, ratio), design=DESIGN, **stated))

    adjusted = measured(1.0, closes="split-adjusted")
    stated = measured(RATIO, closes={"AAA": "raw"}, actions=folder / "actions.csv")
    np.testing.assert_allclose(stated, adjusted, rtol=RTOL, atol=RTOL)
    ignored = measured(RATIO, closes={"AAA": "split-adjusted"}, actions=folder / "actions.csv")
    assert np.abs(ignored - adjusted).max() > (RATIO - 1) / 2


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_study_file_and_the_opened_files_state_the_same(layout: str, folder: Path) -> None:
    place = given(folder, layout, RATIO)
    stated = {"closes": {"AAA": "raw"}, "actions": folder / "actions.csv"}
    expected = paths(es.run(EVENT, prices=place, design=DESIGN, **stated))
    opened = paths(es.run(EVENT, prices=es.read_prices(place, **stated), design=DESIGN))
    (folder / "events.yaml").write_text(
        f"{STUDY}data: {{files: [{place.relative_to(folder)}], closes: {{AAA: raw}}}}\nactions: actions.csv\n"
    )
    for found in (opened, paths(es.run(folder / "events.yaml"))):
        np.testing.assert_allclose(found, expected, rtol=RTOL, atol=RTOL)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_commands_take_them(layout: str, folder: Path) -> None:
    place = given(folder, layout, RATIO)
    stated = ("--prices", place, "--closes", "AAA=raw", "--actions", "actions.csv")
    verified = said("prices", "verify", "AAA", "--json", *stated, cwd=folder)
    assert f"the split of {RATIO:g} is in the closes" in verified.out, verified.err
    (folder / "events.yaml").write_text(STUDY)
    simulated = said("simulate", "--replications", "20", *stated, cwd=folder)
    assert simulated.code == 0, simulated.err


@pytest.mark.parametrize("stated", [{"closes": "raw"}, {"actions": True}])
@pytest.mark.parametrize("layout", ["crsp", "wide returns"])
def test_of_returns_they_are_refused(layout: str, stated: dict[str, object], folder: Path) -> None:
    place = crsp(folder) if layout == "crsp" else folder / "returns.csv"
    if layout != "crsp":
        closes = pd.DataFrame({"AAA": bars(1)["close"], "SPY": bars(2)["close"]})
        closes.pct_change().iloc[1:].to_csv(place)
    if "actions" in stated:
        stated = {"actions": folder / "actions.csv"}
    assert (es.run(EVENT, prices=place, design=DESIGN).events["status"] == "ok").all()
    with pytest.raises(UsageError, match=f"^{next(iter(stated))}: .* holds returns of AAA"):
        es.run(EVENT, prices=place, design=DESIGN, **stated)
    option = ("--closes", "raw") if "closes" in stated else ("--actions", "actions.csv")
    done = said("prices", "verify", "AAA", "--prices", place, *option, cwd=folder)
    assert done.code == 2 and "holds returns of AAA" in done.err


def test_closes_that_are_stated_join_files_of_different_layouts(folder: Path) -> None:
    frame, half = bars(1), len(YEARS) // 2
    first, second = folder / "prices" / "AAA.csv", folder / "AAA.csv"
    alpha_vantage(frame.iloc[: half + LEAST]).to_csv(first, index=False)
    frame.iloc[half:].to_csv(second)
    with pytest.raises(es.EventStudyError, match="differ in closes: raw and unknown"):
        es.read_prices([first, second]).whole("AAA")
    held = es.read_prices([first, second], closes="raw").whole("AAA")
    np.testing.assert_allclose(held.close, frame["close"], rtol=RTOL)
