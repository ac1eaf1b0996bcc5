"""Seeded studies for the tests of the numbers: random returns, event lists, and the bundled prices."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from once import built_once

import eventstudy as es
from eventstudy.events.inputs import read_inputs
from eventstudy.models.estimation import Specification
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare
from eventstudy.schema.specifications import SPECIFICATIONS
from eventstudy.study_result import EventStudyResult

REPOSITORY = Path(__file__).resolve().parents[2]
FACTORS = ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom")
BUNDLED = ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")

EventRow = tuple[str, str, Any]  # event id, ticker, session (a date, or the row of the returns)


def sessions(n: int) -> pd.DatetimeIndex:
    """Return n weekdays."""
    return pd.bdate_range("2018-01-02", periods=n)


def random_returns(
    rng: np.random.Generator,
    tickers: Sequence[str] = ("A", "B", "C", "D"),
    *,
    n: int = 420,
    missing: float = 0.0,
    correlation: float = 0.3,
    tails: float | None = None,
) -> pd.DataFrame:
    """Return n sessions of a market MKT, six factors, RF and correlated securities, some of them missing.

    Parameters
    ----------
    missing
        Share of the securities' returns that are NaN.
    correlation
        Of the securities' residuals.
    tails
        Degrees of freedom of Student's t for the residuals; None = normal.
    """
    factors = rng.normal(0.0003, [0.01, 0.005, 0.005, 0.004, 0.004, 0.006], (n, 6))
    riskfree = np.abs(rng.normal(0.0001, 0.00005, n))

    def noise(*shape: int) -> Any:
        return rng.normal(size=shape) if tails is None else rng.standard_t(tails, size=shape)

    shared, own = noise(n, 1), noise(n, len(tickers))
    residuals = 0.02 * (np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)
    loadings = rng.uniform(-0.3, 0.6, (6, len(tickers)))
    loadings[0] = rng.uniform(0.6, 1.6, len(tickers))
    values = 0.0002 + riskfree[:, None] + factors @ loadings + residuals
    values[rng.random(values.shape) < missing] = np.nan
    frame = pd.DataFrame(values, index=sessions(n), columns=list(tickers))
    frame["MKT"] = factors[:, 0] + riskfree
    return frame.assign(**dict(zip(FACTORS, factors.T, strict=True)), RF=riskfree)


def event_frame(rows: Iterable[EventRow], index: pd.DatetimeIndex, **columns: Any) -> pd.DataFrame:
    """Return an event list; a session given as a number is a row of the index."""
    listed = [
        (name, ticker, index[day] if isinstance(day, int | np.integer) else day) for name, ticker, day in rows
    ]
    frame = pd.DataFrame(listed, columns=["event_id", "ticker", "session"])
    return frame.assign(session=pd.to_datetime(frame["session"]), **columns)


def study(
    table: pd.DataFrame, rows: Iterable[EventRow], *, columns: Mapping[str, Any] | None = None, **design: Any
) -> EventStudyResult:
    """Run a study on a table of returns; the design measures against MKT and loses any number of events."""
    asked = es.Design(**{"benchmark": "MKT", "max_loss": 1.0, "mask_events": False, **design})
    return es.run(event_frame(rows, table.index, **(columns or {})), returns=table, design=asked)


def reference_studies(shared: Path, model: str) -> Iterator[tuple[Any, EventStudyResult]]:
    """Yield the reference figures of a model, a firm-event each, with the study of the same design."""
    folder = shared / "golden/methods2"
    returns = pd.read_csv(folder / "returns.csv", index_col="date", parse_dates=True)
    for row in json.loads((folder / "models.json").read_text()):
        stated = row[model]
        windows = [(each["start"], each["end"]) for each in stated["cars"]]
        asked = {"model": model, "benchmark": "SPY", "quality": "flag", "car_windows": windows}
        yield stated, study(returns, [("e", row["ticker"], row["date"])], **asked)


def specification(events: pd.DataFrame, *, design: es.Design, **data: Any) -> Specification:
    """Return what `run` would estimate, with prices or returns as for `run`."""
    return prepare(read_inputs(events, design), DataRequest(**data)).spec


def long_prices(closes: pd.DataFrame) -> pd.DataFrame:
    """Return closes, sessions x tickers, as a table of prices with a row per ticker and date."""
    return closes.rename_axis("date").reset_index().melt("date", var_name="ticker", value_name="close")


def priced(
    prices: pd.DataFrame, rows: Iterable[EventRow], *, factors: Any = None, **design: Any
) -> EventStudyResult:
    """Run a study on a table of prices."""
    asked = es.Design(**{"benchmark": "MKT", "max_loss": 1.0, "mask_events": False, **design})
    index = (
        prices.index
        if isinstance(prices.index, pd.DatetimeIndex)
        else pd.DatetimeIndex(prices["date"].unique())
    )
    return es.run(event_frame(rows, index), prices=prices, factors=factors, design=asked)


def pick(frame: pd.DataFrame, **labels: Any) -> pd.DataFrame:
    """Return the rows with these labels, which must exist."""
    found = frame
    for column, value in labels.items():
        found = found[found[column] == value]
    assert len(found), f"no row has {labels}"
    return found


def one(frame: pd.DataFrame, **labels: Any) -> pd.Series:
    """Return the only row with these labels."""
    found = pick(frame, **labels)
    assert len(found) == 1, f"{len(found)} rows have {labels}"
    return found.iloc[0]


def wide(frame: pd.DataFrame, value: str, by: str = "tau") -> pd.DataFrame:
    """Return one row per firm-event and one column per tau (or term), in the order of the table."""
    labels = [frame[name].astype(str) for name in ("event_id", "ticker")]
    firm_event = labels[0].str.cat(labels[1], sep="/")
    order = firm_event.drop_duplicates()
    return frame.assign(firm_event=firm_event).pivot(index="firm_event", columns=by, values=value).loc[order]


@cache
def bundled_prices() -> pd.DataFrame:
    """Return the pinned prices of the bundled study, long: date, ticker, close, dividend, ..."""
    parts = [
        pq.read_table(REPOSITORY / "cache" / "snapshot" / f"{ticker}.parquet")
        .to_pandas()
        .assign(ticker=ticker)
        for ticker in (*BUNDLED, "SPY")
    ]
    return pd.concat(parts, ignore_index=True)


@cache
def bundled_returns() -> pd.DataFrame:
    """Return total returns of the bundled study's securities and benchmark, computed here."""
    prices = bundled_prices()
    close = prices.pivot(index="session", columns="ticker", values="close")
    dividend = prices.pivot(index="session", columns="ticker", values="dividend").fillna(0.0)
    returns = (close + dividend) / close.shift(1) - 1
    returns.index = pd.DatetimeIndex(returns.index)
    return returns


@cache
def bundled() -> EventStudyResult:
    """Return the result of the bundled study on its pinned prices, run once and read by every worker."""

    def build(folder: Path) -> None:
        es.run(REPOSITORY / "events.yaml", offline=True).to_parquet(folder / "results")

    return es.load(built_once("bundled", build) / "results")


@cache
def bundled_unmasked() -> EventStudyResult:
    """Return the bundled study with every session in its estimation windows, and its specification curves."""

    def build(folder: Path) -> None:
        stated = read_inputs(REPOSITORY / "events.yaml").design
        design = stated.replace(mask_events=False, mask_dates=None)
        study: dict[str, Any] = {"events": REPOSITORY / "events.yaml", "offline": True, "design": design}
        found, curves = es.run(**study), es.robustness(**study, stated="design")
        tables = {name: curves.tables[name] for name in SPECIFICATIONS}
        EventStudyResult({**found.tables, **tables}, found.manifest).to_parquet(folder / "results")

    return es.load(built_once("bundled-unmasked", build) / "results")
