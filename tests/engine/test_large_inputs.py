"""What a large study is read from: every form of events and returns, and what each must be refused for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from large_studies import DESIGN, SIZE, market

import eventstudy as es
from eventstudy.design import Window
from eventstudy.engine.event_rows import place_rows, read_event_rows
from eventstudy.engine.large_files import open_large
from eventstudy.engine.returns_matrix import Wanted, write_matrix
from eventstudy.errors import EventsFileError, EventStudyError, PriceDataError, UnknownNameError
from eventstudy.intake.options import UNSTATED, ReadingOptions

#: Prices and per cent are rounded when they are written.
ATOL = 1e-15


def matrix(returns: Any, folder: Path, **given: Any) -> tuple[np.ndarray, Any]:
    """Return the returns of A and C and of the market, as a large study reads them."""
    settings = {"unit": None, "kind": "simple", "options": UNSTATED, **given}
    table = open_large("returns", returns, settings["options"], least_rows=2)
    wanted = Wanted({"A", "C", "X"}, ("MKT",), **settings)
    axes = write_matrix(table, wanted, folder / "matrix.npy")
    found = np.load(folder / "matrix.npy", mmap_mode="r", allow_pickle=False)
    names = list(axes.tickers)
    return np.vstack([found[[names.index("A"), names.index("C")]], axes.regressors]), axes.sessions


def expected() -> np.ndarray:
    return market()[0][["A", "C", "MKT"]].to_numpy().T


def long() -> pd.DataFrame:
    returns = market()[0]
    return returns.reset_index().melt("date", var_name="ticker", value_name="ret")


def written(form: str, folder: Path) -> Any:
    """Write the returns in a form, and return what names them."""
    returns = market()[0]
    shuffled = returns.sample(frac=1.0, random_state=3)
    path = folder / form
    if form == "frame":
        return returns
    if form == "arrow":
        return pa.Table.from_pandas(long(), preserve_index=False)
    if form == "wide.parquet":
        shuffled.to_parquet(path, row_group_size=50)
    elif form == "wide.csv":
        shuffled.to_csv(path)
    elif form == "wide-comma.csv":
        returns.to_csv(path, sep=";", decimal=",")
    elif form == "long.parquet":
        long().sample(frac=1.0, random_state=3).to_parquet(path, index=False, row_group_size=100)
    elif form == "long.csv":
        long().to_csv(path, index=False)
    elif form == "by-year":
        long().assign(year=lambda frame: frame["date"].dt.year).to_parquet(path, partition_cols=["year"])
    elif form == "by-ticker":
        long().to_parquet(path, partition_cols=["ticker"])
    elif form == "market-column.parquet":
        beside = long()[long()["ticker"] != "MKT"].merge(returns[["MKT"]].reset_index(), on="date")
        beside.to_parquet(path, index=False)
    elif form == "uri":
        returns.to_parquet(folder / "own.parquet")
        return (folder / "own.parquet").as_uri()
    return path


FORMS = (
    *("frame", "arrow", "wide.parquet", "wide.csv", "wide-comma.csv", "long.parquet", "long.csv"),
    *("by-year", "by-ticker", "market-column.parquet", "uri"),
)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_matrix(form: str, tmp_path: Path) -> None:
    found, sessions = matrix(written(form, tmp_path), tmp_path)
    np.testing.assert_array_equal(found, expected())
    assert (sessions == market()[0].index.to_numpy().astype("datetime64[D]")).all()


@pytest.mark.parametrize("form", ["wide", "long"])
def test_units(form: str, tmp_path: Path) -> None:
    returns = market()[0].fillna(0.0)
    closes = 100.0 * (1.0 + returns).cumprod()
    for unit, frame in (("percent", 100.0 * returns), ("log-returns", np.log1p(returns)), ("prices", closes)):
        given = (
            frame if form == "wide" else frame.reset_index().melt("date", var_name="ticker", value_name="ret")
        )
        found, _ = matrix(given, tmp_path, unit=unit)
        wanted = returns[["A", "C", "MKT"]].to_numpy().T.copy()
        if unit == "prices":
            wanted[:, 0] = np.nan
        np.testing.assert_allclose(found, wanted, atol=ATOL)


@pytest.mark.parametrize("given", [market()[0] * 100, (1 + market()[0]).cumprod() * 50])
@pytest.mark.parametrize("is_long", [False, True])
def test_returns_in_another_unit_are_asked_about(given: pd.DataFrame, is_long: bool, tmp_path: Path) -> None:
    table = given.reset_index().melt("date", var_name="ticker", value_name="ret") if is_long else given
    with pytest.raises(PriceDataError, match=r"looks like .*say values="):
        matrix(table, tmp_path)


def test_a_return_that_no_unit_explains_is_refused(tmp_path: Path) -> None:
    returns = market()[0].copy()
    returns.iloc[40, list(returns.columns).index("A")] = 5_000.0
    with pytest.raises(PriceDataError, match=r"A on .* is 5000, which is no return"):
        matrix(returns, tmp_path)


def test_stated_columns(tmp_path: Path) -> None:
    odd = long().rename(columns={"ticker": "who", "date": "at", "ret": "what"})
    options = ReadingOptions(id_column="who", date_column="at", value_column="what")
    found, _ = matrix(odd, tmp_path, options=options)
    np.testing.assert_array_equal(found, expected())


def test_permnos_are_names(tmp_path: Path) -> None:
    numbers = {"A": 10001, "C": 10002, "MKT": 10003, "B": 10004, "D": 10005}
    table = open_large("returns", long().replace({"ticker": numbers}), UNSTATED, least_rows=2)
    axes = write_matrix(table, Wanted({"10001"}, ("10003",), None, "simple", UNSTATED), tmp_path / "m.npy")
    assert axes.tickers == ("10001", "10003")
    np.testing.assert_array_equal(np.load(tmp_path / "m.npy"), market()[0][["A", "MKT"]].to_numpy().T)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pd.concat([market()[0], market()[0].iloc[[5]]]), "has two rows of 20"),
        (lambda: pd.concat([long(), long().iloc[[5]]]), "has two rows of MKT on 20"),
        (lambda: market()[0].drop(columns="MKT"), "MKT: is a regressor and not among the returns"),
        (lambda: long()[long()["ticker"] != "MKT"], "MKT: is a regressor and not among the returns"),
        (lambda: long().assign(ticker2="A", symbol="B"), "has several columns for one role: ticker, symbol"),
        (lambda: "nowhere.parquet", "no such folder or file"),
        (lambda: market()[0].astype(str) + "x", "MKT|A|C"),
    ],
)
def test_returns_that_cannot_be_used(make: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(PriceDataError, match=message):
        matrix(make(), tmp_path)


def test_damaged_files_and_empty_folders(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not at all")
    (tmp_path / "none").mkdir()
    for name, message in (("bad.parquet", "damaged"), ("none", "holds no Parquet file")):
        with pytest.raises(EventStudyError, match=message) as raised:
            es.run_large(market()[1], tmp_path / name, tmp_path / "out", design=DESIGN)
        assert raised.value.exit_code == 4
        assert not (tmp_path / "out").exists()


def rows_of(events: Any, by: tuple[str, ...] = (), options: ReadingOptions = UNSTATED) -> Any:
    return read_event_rows(open_large("events", events, options, least_rows=1), by, options)


SESSIONS = np.array(["2024-01-02", "2024-01-03", "2024-01-05", "2024-01-08", "2024-01-09"], "datetime64[D]")
LISTED = {
    "ticker": ["A", "A", "A", "A", "X", "A", "A", "A", "A"],
    "date": [
        *("2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06", "2024-01-03"),
        *("2024-01-10", "2023-12-29", "2024-01-09", "2024-01-03"),
    ],
    "timing": ["", "pre", "post", "", "", "", "", "", "unknown"],
}
#: Column of day 0, or how the reason begins.
PLACES = [
    *(1, 2, 3, "the ticker and day 0 are listed before", "no prices: not in the table"),
    *("day 0 lies after the last price (2024-01-09)", "day 0 lies before the first price (2024-01-02)"),
    *("the event window [-1,+1] reaches past the last price", "the ticker and day 0 are listed before"),
]


@pytest.mark.parametrize("form", ["frame", "csv", "parquet", "folder"])
def test_day_0_is_the_first_session_on_or_after_the_date(form: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(LISTED).astype({"date": "datetime64[s]"})
    given: Any = frame
    if form == "csv":
        given = tmp_path / "events.csv"
        frame.to_csv(given, index=False)
    elif form == "parquet":
        given = tmp_path / "events.parquet"
        frame.to_parquet(given, index=False)
    elif form == "folder":
        given = tmp_path / "events"
        frame.assign(ticker=frame["ticker"]).to_parquet(given, partition_cols=["ticker"], index=False)
        order = [0, 1, 2, 3, 5, 6, 7, 8, 4]
    found = place_rows(rows_of(given), ["B", "A"], SESSIONS, Window(-1, 1))
    wanted = [PLACES[at] for at in order] if form == "folder" else PLACES
    for day0, reason, place in zip(found.day0, found.reason.texts, wanted, strict=True):
        if isinstance(place, int):
            assert (day0, reason) == (place, "")
        else:
            assert reason.startswith(place)
            on_matrix = place.startswith(("the event window", "the ticker and day 0"))
            assert (day0 >= 0) == on_matrix
    assert set(found.security) == {1, -1}


def test_a_stated_session_is_day_0_or_none() -> None:
    frame = pd.DataFrame(
        {"ticker": ["A", "A"], "session": ["2024-01-03", "2024-01-04"], "event_id": ["x", "y"]}
    )
    rows = rows_of(frame)
    found = place_rows(rows, ["A"], SESSIONS, Window(-1, 1))
    assert found.day0.tolist() == [1, -1]
    assert found.reason.texts[1] == "day 0 is not a session of the price table"
    assert rows.event_id.to_pylist() == ["x", "y"]


def test_ids_are_made_and_groups_are_read() -> None:
    frame = pd.DataFrame({"ticker": ["A", "B"], "date": ["2024-01-03"] * 2, "sector": ["s", None]})
    rows = rows_of(frame, ("sector", "ticker"))
    assert rows.event_id.to_pylist() == ["A-2024-01-03", "B-2024-01-03"]
    assert rows.groups["sector"].texts.tolist() == ["s", ""]
    assert rows.groups["ticker"].texts.tolist() == ["A", "B"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"ticker": ["A"]}, "needs the columns ticker, and date or session"),
        ({"date": ["2024-01-03"]}, "needs the columns ticker, and date or session"),
        ({"ticker": ["A"], "date": ["soon"]}, "soon"),
        ({"ticker": ["A"], "date": [pd.Timestamp("2024-01-03 16:05")]}, "times of day"),
        ({"ticker": ["A"], "symbol": ["B"], "permno": [1], "Ticker": ["C"], "date": ["2024-01-03"]}, ""),
    ],
)
def test_events_that_cannot_be_used(frame: Any, message: str) -> None:
    if not message:
        assert rows_of(pd.DataFrame(frame)).ticker.names == ("A",)  # the exact name is meant
        return
    with pytest.raises(EventsFileError, match=message):
        rows_of(pd.DataFrame(frame))


def test_a_timing_that_does_not_exist_and_stated_columns() -> None:
    frame = pd.DataFrame({"who": ["A"], "announced": ["2024-01-03"], "timing": ["lunch"]})
    options = ReadingOptions(event_columns={"ticker": "who", "when": "announced"})
    with pytest.raises(UnknownNameError, match="lunch"):
        rows_of(frame, options=options)
    assert rows_of(frame.drop(columns="timing"), options=options).ticker.names == ("A",)
    with pytest.raises(EventsFileError, match="has no column nosuch"):
        rows_of(frame, options=ReadingOptions(event_columns={"ticker": "nosuch"}))


def test_a_study_from_a_folder_is_that_from_a_file(tmp_path: Path) -> None:
    """Of the same matrix and events the tables are the same, whatever they were read from."""
    _, events = market()
    options: dict[str, Any] = {"design": DESIGN, "shard_size": SIZE}
    wide = es.run_large(events, written("wide.parquet", tmp_path), tmp_path / "one", **options)
    long_ = es.run_large(events, written("by-year", tmp_path), tmp_path / "two", **options)
    for name in ("cars", "averages", "tests"):
        assert wide.table(name).equals(long_.table(name))
