"""The contract of price sources: whatever the source, the same figures give the same series."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import fuzzing
import numpy as np
import pandas as pd
import pytest
from commands import said
from yahoo_server import CLOSES, DAYS, Yahoo, chart, only_yahoo

import eventstudy as es
from eventstudy.errors import UsageError
from eventstudy.prices import opening
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.opening import SOURCES, open_source, source_forms, source_help
from eventstudy.prices.series import FIGURES, batch_of, series_of
from eventstudy.prices.source import PriceBatch, PriceSeries, PriceSource, SourceKind, SourceRequest
from eventstudy.prices.yahoo.source import YahooSource

SPAN = (DAYS[0], DAYS[-1])
DIVIDENDS, SPLITS = {DAYS[3]: 0.5}, {DAYS[6]: (2, 1)}
COLUMNS = ("date", "ticker", *FIGURES, "split")


def rows_of(ticker: str, closes: Sequence[float | None] = CLOSES) -> pd.DataFrame:
    """Return the rows of a ticker, the same that the server of `yahoo_server` answers."""
    close = np.array(closes, dtype=np.float64)
    rows = {"open": close, "high": close + 1, "low": close - 1, "close": close}
    rows |= {"volume": np.where(np.isnan(close), np.nan, 1000.0 + np.arange(len(DAYS)))}
    rows |= {"dividend": np.array([DIVIDENDS.get(day, 0.0) for day in DAYS])}
    rows |= {"split": np.array([SPLITS.get(day, (0, 1))[0] for day in DAYS], dtype=np.float64)}
    return pd.DataFrame({"date": DAYS, "ticker": ticker, **rows})


def table(closes: Sequence[float | None] = CLOSES) -> pd.DataFrame:
    """Return the rows of two tickers, of which the second has its prices doubled."""
    return pd.concat([rows_of("AAA", closes), rows_of("BBB", [c and 2 * c for c in closes])])


def series_from(rows: pd.DataFrame, ticker: str, source: str = "memory") -> PriceSeries:
    """Return the series of a ticker's rows."""
    own = rows[rows["ticker"] == ticker]
    sessions = own["date"].to_numpy().astype("datetime64[D]")
    columns = {name: own[name].to_numpy(dtype=np.float64) for name in COLUMNS[2:]}
    return series_of(ticker, sessions, columns, source)


@dataclass(frozen=True)
class MemorySource:
    """A throwaway source: rows in memory, as anybody may write one."""

    rows: pd.DataFrame
    name: str = "memory"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        def find(ticker: str) -> PriceSeries | str:
            known = ticker in set(self.rows["ticker"])
            return series_from(self.rows, ticker) if known else "not in memory"

        return batch_of(tickers, find, start, end)


@dataclass(frozen=True)
class SqliteSource:
    """A throwaway source: a table ``prices`` in an SQLite file."""

    file: str
    name: str = "sqlite"

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        return batch_of(tickers, self._whole, start, end)

    def _whole(self, ticker: str) -> PriceSeries | str:
        with closing(sqlite3.connect(self.file)) as base:
            rows = base.execute("SELECT * FROM prices WHERE ticker = ?", [ticker]).fetchall()
        if not rows:
            return f"not found in {self.file}"
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        return series_from(table.assign(date=pd.to_datetime(table["date"])), ticker, self.name)


SQLITE = SourceKind(
    "throwaway:FILE",
    "a table prices in an SQLite file",
    lambda value: isinstance(value, str) and value.startswith("throwaway:"),
    lambda request: SqliteSource(request.value.removeprefix("throwaway:")),
)


def opened(value: Any, folder: Path, **options: Any) -> PriceSource:
    """Open a value through the registry."""
    return open_source(value, cache_dir=folder / "nothing", **options)


def folder_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    for ticker, own in rows.groupby("ticker"):
        own.drop(columns="ticker").to_csv(folder / f"{ticker}.csv", index=False)
    return opened(folder, folder)


def file_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    rows.to_parquet(folder / "table.parquet", index=False)
    return opened(str(folder / "table.parquet"), folder)


def frame_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    return opened(rows, folder)


def memory_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    return opened(MemorySource(rows), folder)


def sqlite_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    with closing(sqlite3.connect(folder / "prices.db")) as base:
        rows[list(COLUMNS)].to_sql("prices", base, index=False)
    value = f"throwaway:{folder / 'prices.db'}"
    return SQLITE.open(SourceRequest(value, folder, None, False, False, {}, None))


def stored(folder: Path, rows: pd.DataFrame, source: str) -> Path:
    for ticker in rows["ticker"].unique():
        series = series_from(rows, ticker, source)
        asked = {"asked_from": f"{SPAN[0]}", "asked_to": f"{SPAN[1]}"}
        SeriesFolder(folder).write(replace(series, origin={**series.origin, **asked}))
    return folder


def cache_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    return open_source("auto", cache_dir=stored(folder, rows, "yahoo"), offline=True)


def snapshot_source(folder: Path, rows: pd.DataFrame) -> PriceSource:
    return opened("auto", folder, snapshot_dir=stored(folder / "snapshot", rows, "snapshot"), offline=True)


def yahoo_source(folder: Path, rows: pd.DataFrame, server: Yahoo) -> PriceSource:
    for ticker, own in rows.groupby("ticker"):
        closes = [None if np.isnan(close) else close for close in own["close"]]
        server.serve(str(ticker), chart(DAYS, closes, dividends=DIVIDENDS, splits=SPLITS))
    return YahooSource(pause=0.01, timeout=5, attempts=1)


#: Sources whose rows are the user's, in any order and number.
TABLES: Mapping[str, Callable[[Path, pd.DataFrame], PriceSource]] = {
    "folder": folder_source,
    "file": file_source,
    "frame": frame_source,
    "memory": memory_source,
    "sqlite": sqlite_source,
}
STORED = {"cache": cache_source, "snapshot": snapshot_source}
ALL = [*TABLES, *STORED, "yahoo"]


@pytest.fixture(params=ALL)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[pd.DataFrame], PriceSource]]:
    """Return what makes each source in turn of some rows."""
    if request.param == "yahoo":
        with only_yahoo() as server:
            yield partial(yahoo_source, tmp_path, server=server)
            assert {ticker for ticker, _ in server.asked} <= {"AAA", "BBB", "NONE"}
    else:
        yield partial({**TABLES, **STORED}[request.param], tmp_path)


def same(one: PriceSeries, other: PriceSeries) -> None:
    """Hold that two series have the same sessions and figures."""
    np.testing.assert_array_equal(one.sessions, other.sessions)
    for name in FIGURES:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, err_msg=name)
    assert one.split is not None and other.split is not None
    np.testing.assert_array_equal(one.split, other.split)
    assert (one.ticker, one.adjusted_only, one.price_index) == (other.ticker, False, False)


Make = Callable[[pd.DataFrame], PriceSource]


def test_the_same_figures_with_dividends_and_splits_in_every_source(make: Make) -> None:
    rows = table()
    batch = make(rows).load(["BBB", "AAA", "BBB"], *SPAN)
    assert batch.failures == {} and list(batch.series) == ["BBB", "AAA"]
    for ticker, series in batch.series.items():
        same(series, series_from(rows, ticker))
        assert series.dividend.sum() == 0.5 and series.split is not None and series.split.max() == 2
        assert series.source and series.findings == ()


def test_a_missing_ticker_is_a_failure_with_a_reason(make: Make) -> None:
    batch = make(table()).load(["AAA", "NONE"], *SPAN)
    assert list(batch.series) == ["AAA"] and list(batch.failures) == ["NONE"]
    reason = batch.failures["NONE"]
    assert reason and "\n" not in reason and not reason.startswith("NONE")


def test_only_what_is_requested_is_returned(make: Make) -> None:
    source = make(table())
    assert [*source.load(["AAA"], *SPAN).series] == ["AAA"]
    assert source.load([], *SPAN) == PriceBatch({}, {})


def test_the_span_is_respected_and_an_empty_one_is_a_failure(make: Make) -> None:
    source = make(table())
    part = source.load(["AAA"], DAYS[2], DAYS[4]).series["AAA"]
    assert part.sessions.tolist() == DAYS[2:5] and part.dividend.tolist() == [0, 0.5, 0]
    empty = source.load(["AAA"], date(2024, 6, 8), date(2024, 6, 9))  # a weekend
    assert empty.series == {} and "from 2024-06-08 to 2024-06-09" in empty.failures["AAA"]


def test_a_zero_is_no_price_and_a_missing_close_stays_missing(make: Make) -> None:
    closes = [*CLOSES[:4], 0.0, None, *CLOSES[6:]]
    series = make(table(closes)).load(["AAA"], *SPAN).series["AAA"]
    known = series.sessions[~np.isnan(series.close)]
    assert known.tolist() == [*DAYS[:4], *DAYS[6:]] and np.nanmin(series.close) > 0
    assert (DAYS[4], "nonpositive-price") in {(found.session, found.rule) for found in series.findings}


def test_a_source_crosses_to_another_process(make: Make) -> None:
    source = make(table())
    other = pickle.loads(pickle.dumps(source))
    same(other.load(["AAA"], *SPAN).series["AAA"], source.load(["AAA"], *SPAN).series["AAA"])


@pytest.mark.parametrize("name", TABLES)
def test_the_order_of_rows_and_repeated_rows_change_no_figure(name: str, tmp_path: Path) -> None:
    rows = table()
    mixed = pd.concat([rows, rows.iloc[3:4]]).sample(frac=1, random_state=3)
    series = TABLES[name](tmp_path, mixed).load(["AAA"], *SPAN).series["AAA"]
    same(series, series_from(rows, "AAA"))
    assert {found.rule for found in series.findings} == {"unsorted", "duplicate-session"}
    twice = pd.concat([rows, rows.iloc[3:4].assign(close=1.0)])
    (tmp_path / "other").mkdir()
    series = TABLES[name](tmp_path / "other", twice).load(["AAA"], *SPAN).series["AAA"]
    assert np.isnan(series.close[3]) and np.isfinite(np.delete(series.close, 3)).all()


def test_a_reason_never_repeats_the_ticker() -> None:
    batch = PriceBatch({}, {"NOPE": "NOPE: not there", "B": "NOPE: not there"})
    assert batch.failures == {"NOPE": "not there", "B": "NOPE: not there"}
    refused = PriceBatch({}, {"N": "not there"})
    assert pickle.loads(pickle.dumps(refused)) == refused


# --- the registry -------------------------------------------------------------------------------------------


def test_a_value_is_opened_by_the_kind_that_accepts_it(tmp_path: Path) -> None:
    rows_of("AAA").drop(columns="ticker").to_csv(tmp_path / "AAA.csv", index=False)
    memory = MemorySource(table())
    values = {
        "auto": ("auto", "auto"),
        "yahoo": ("yahoo", "auto"),
        "FILE": (str(tmp_path / "AAA.csv"), "directory"),
        "DataFrame": (table(), "frame"),
        "PriceSource": (memory, "memory"),
    }
    for form, (value, name) in values.items():
        assert [kind.form for kind in SOURCES if kind.accepts(value)] == [form]
        assert opened(value, tmp_path).name == name
    assert opened(tmp_path, tmp_path).name == opened(tmp_path.as_uri(), tmp_path).name == "directory"
    assert opened(memory, tmp_path) is memory


@pytest.mark.parametrize("value", ["yahoo!", "nothing/there", "throwaway:prices.db", 3, None, np.arange(3)])
def test_what_no_kind_accepts_is_refused_with_the_list(value: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no price source") as raised:
        opened(value, tmp_path)
    allowed = [kind for kind in SOURCES if kind.is_text or not isinstance(value, str)]
    assert all(kind.form in str(raised.value) and kind.help in str(raised.value) for kind in allowed)


def test_offline_and_refresh_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="refresh fetches and offline forbids it"):
        opened("auto", tmp_path, offline=True, refresh=True)


def test_the_help_of_the_command_line_lists_the_registry(tmp_path: Path) -> None:
    assert source_forms().startswith("auto|yahoo|FILE")
    words = said("run", "--help", cwd=tmp_path).out.replace("│", " ").split()
    assert source_forms() in words
    assert "".join(source_help().split()) in "".join(words)


def test_a_new_source_is_one_file_and_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add an SQLite source to the registry: the library, the command line and the messages know it."""
    monkeypatch.setattr(opening, "SOURCES", (*SOURCES, SQLITE))
    assert source_forms().endswith("|throwaway:FILE") and SQLITE.help in source_help()
    closes, days = fuzzing.closes(), fuzzing.sessions()
    wide = pd.DataFrame(closes, index=pd.DatetimeIndex(days))
    rows = wide.rename_axis("date").melt(ignore_index=False, var_name="ticker", value_name="close")
    rows = rows.reset_index().assign(**{name: np.nan for name in COLUMNS if name not in (*rows, "date")})
    sqlite_source(tmp_path, rows)
    (tmp_path / "events.yaml").write_bytes(fuzzing.STUDY)
    given = f"throwaway:{tmp_path / 'prices.db'}"
    results = [es.run(tmp_path / "events.yaml", prices=prices, offline=True) for prices in (given, wide)]
    assert results[0].tables["cars"].equals(results[1].tables["cars"])
    done = said("run", "--prices", given, cwd=tmp_path)
    assert done.code == 0, done.err
