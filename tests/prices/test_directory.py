"""Prices from the user's own files and frames: every layout is read, every mistake is named and placed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eventstudy.errors import PriceDataError
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.opening import open_source
from eventstudy.prices.series import implied_dividends
from eventstudy.prices.source import PriceBatch, PriceSeries
from eventstudy.sessions import exchange_of

EVER = (date(1900, 1, 1), date(2100, 1, 1))
ROWS = "2024-01-02,10\n2024-01-03,11\n2024-01-04,12\n"


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def load(path: Path, *tickers: str) -> PriceBatch:
    return DirectorySource(path).load(tickers, *EVER)


def one(path: Path, ticker: str) -> PriceSeries:
    batch = load(path, ticker)
    assert batch.failures == {}
    return batch.series[ticker]


def total_return(series: PriceSeries, session: str) -> float:
    """Work out (C + D) / C of the session before - 1 by hand."""
    at = int(np.flatnonzero(series.sessions == np.datetime64(session))[0])
    return float((series.close[at] + series.dividend[at]) / series.close[at - 1] - 1)


@pytest.mark.parametrize(
    ("ticker", "session", "percent"),
    [
        ("NVDA", "2025-01-27", -16.97),
        ("NVDA", "2024-08-05", -6.36),
        ("NVDA", "2024-06-10", 0.75),  # the session of the 10-for-1 split
        ("AMD", "2025-10-06", 23.71),
        ("ORCL", "2025-09-10", 35.95),
        ("SPY", "2025-04-09", 10.50),
        ("^GSPC", "2025-04-09", 9.52),
    ],
)
def test_known_returns(shared: Path, ticker: str, session: str, percent: float) -> None:
    series = one(shared / "prices", ticker)
    assert total_return(series, session) == pytest.approx(percent / 100, abs=5e-5)
    assert series.price_index == (ticker == "^GSPC")


def test_the_reference_figures_give_the_same_returns_as_a_download(shared: Path) -> None:
    """Closes and dividends of two independent folders, one with explicit and one with implied dividends."""
    tickers = ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT", "SPY")
    explicit = load(shared / "reference_prices", *tickers).series
    implied = DirectorySource(shared / "prices").load(tickers, date(2023, 1, 3), date(2025, 12, 31)).series
    for ticker in tickers:
        ours, theirs = explicit[ticker], implied[ticker]
        assert (ours.sessions == theirs.sessions).all()
        assert len(ours.sessions) == 752
        paid = (ours.dividend > 0) | (theirs.dividend > 1e-4)
        np.testing.assert_allclose(ours.dividend[paid], theirs.dividend[paid], atol=2e-3)
        returns = [(s.close[1:] + s.dividend[1:]) / s.close[:-1] - 1 for s in (ours, theirs)]
        np.testing.assert_allclose(*returns, atol=3e-4)  # the reference is rounded to cents
    assert explicit["AMD"].dividend.sum() == 0
    assert not explicit["AMD"].price_index  # a folder with dividends knows that it paid none


def test_the_whole_folder_is_read_as_it_is(shared: Path) -> None:
    source = DirectorySource(shared / "prices")
    batch = source.load(source.tickers(), *EVER)
    assert len(batch.series) == 28
    assert batch.failures == {}
    assert batch.series["ASML"].adjusted_only
    assert np.isnan(batch.series["ASML"].open).all()
    assert [t for t, s in batch.series.items() if s.price_index] == ["^DJI", "^GSPC", "^NDX"]
    assert sum(len(series.findings) for series in batch.series.values()) == 0


def test_negative_marks_are_not_prices(shared: Path) -> None:
    batch = load(shared / "peers" / "sp500_additions", "Office_Depot", "SP500", "Travelers_Group")
    depot = batch.series["Office_Depot"]
    assert [(str(f.session), f.rule, f.severity) for f in depot.findings] == [
        ("1997-03-10", "nonpositive-price", "warning"),
        ("1997-04-04", "nonpositive-price", "warning"),
    ]
    assert "close is -16.75" in depot.findings[0].detail
    assert np.isnan(depot.close).sum() == 2
    assert np.nanmin(depot.close) > 0
    assert str(batch.series["Travelers_Group"].sessions[-1]) == "1998-10-07"  # it ends there
    assert batch.series["SP500"].findings == ()


def test_cells_before_a_listing_are_no_prices(shared: Path) -> None:
    batch = load(shared / "peers" / "estudy2" / "prices.csv", "ZM", "AMZN")
    assert str(batch.series["ZM"].sessions[0]) == "2019-04-18"
    assert str(batch.series["AMZN"].sessions[0]) == "2019-04-01"


def test_dividends_implied_by_adjusted_closes() -> None:
    close = np.array([100.0, 101.0, np.nan, 99.0, 98.0])
    # 2.0 paid on the last session, 1.0 somewhere over the gap; before them everything is scaled down
    last = 1 - 2.0 / 99.0
    gap = (1 - 1.0 / 101.0) * last
    adjusted = np.array([100.0 * gap, 101.0 * gap, np.nan, 99.0 * last, 98.0])
    np.testing.assert_allclose(implied_dividends(close, adjusted), [0, 0, 0, 1.0, 2.0], atol=1e-12)
    assert (implied_dividends(close, close * (1 + 1e-8 * np.arange(5))) == 0).all()  # rounding is no dividend


def test_one_file_per_ticker_in_many_spellings(tmp_path: Path) -> None:
    write(tmp_path / "AAA.csv", "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,9,11,8,10,10,100\n")
    write(tmp_path / "bbb.csv", "\ufeffsession,Close/Last\r\n20240102,10\r\n20240103,\r\n20240104,12\r\n")
    write(tmp_path / "_IDX.csv", 'timestamp,"close",ignored,ignored\n"2024-01-02 00:00:00+09:00",5,a,b\n')
    write(tmp_path / "DDD.CSV", "Date,close,dividends,Stock Splits\n2024-01-03,5,0.5,0\n2024-01-02,10,0,2\n")
    pd.DataFrame(
        {"Close": [1.0, 2.0]}, index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"], tz="Asia/Seoul")
    ).to_parquet(tmp_path / "EEE.parquet")
    batch = load(tmp_path, "AAA", "BBB", "^IDX", "DDD", "EEE")
    assert batch.failures == {}
    assert batch.series["AAA"].volume.tolist() == [100]
    assert batch.series["BBB"].sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03", "2024-01-04"]
    assert np.isnan(batch.series["BBB"].close[1])
    assert batch.series["^IDX"].sessions.astype(str).tolist() == ["2024-01-02"]  # its own date, not UTC's
    assert batch.series["EEE"].sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03"]
    split = batch.series["DDD"]
    assert split.dividend.tolist() == [0, 0.5]
    assert split.split is not None and split.split.tolist() == [2, 0]
    assert [f.rule for f in split.findings] == ["unsorted"]
    assert not split.price_index
    assert DirectorySource(tmp_path).tickers() == ("AAA", "DDD", "EEE", "^IDX", "bbb")


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("in_folder", [True, False])
def test_one_table_of_several_tickers(tmp_path: Path, layout: str, suffix: str, in_folder: bool) -> None:
    wide = pd.DataFrame({"date": ["2024-01-02", "2024-01-03"], "LOW": [1.0, 2.0], "OPEN": [3.0, None]})
    long = pd.DataFrame(
        {
            "date": ["2024-01-03", "2024-01-02", "2024-01-02"],
            "symbol": ["LOW", "OPEN", "LOW"],
            "close": [2.0, 3.0, 1.0],
        }
    )
    path = tmp_path / f"prices{suffix}"
    frame = wide if layout == "wide" else long
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    source = DirectorySource(tmp_path if in_folder else path)
    assert source.tickers() == ("LOW", "OPEN")
    batch = source.load(["LOW", "OPEN"], *EVER)
    assert batch.series["LOW"].close.tolist() == [1, 2]
    assert batch.series["OPEN"].close.tolist() == [3]
    assert batch.series["LOW"].price_index


def test_dividends_beside_the_files(tmp_path: Path) -> None:
    write(tmp_path / "AAA.csv", "date,close\n" + ROWS)
    write(tmp_path / "BBB.csv", "date,close\n" + ROWS)
    write(tmp_path / "CCC.csv", "date,close\n2024-01-05,12\n2024-01-02,10\n2024-01-03,11\n")
    write(
        tmp_path / "dividends.csv",
        "ticker,ex_date,amount\nAAA,2024-01-03,0.1\nAAA,2024-01-03,0.2\nAAA,2023-12-01,9\nAAA,2024-02-01,9\n"
        "CCC,2024-01-04,0.4\nCCC,2024-01-02,0.2\n",
    )
    batch = load(tmp_path, "AAA", "BBB", "CCC")
    np.testing.assert_allclose(batch.series["AAA"].dividend, [0, 0.3, 0])
    assert batch.series["CCC"].dividend.tolist() == [0.2, 0, 0.4]  # the 4th is no row: paid on the next
    assert batch.series["BBB"].dividend.tolist() == [0, 0, 0]
    assert not batch.series["BBB"].price_index


def test_only_the_asked_span_and_its_findings(tmp_path: Path) -> None:
    write(tmp_path / "AAA.csv", "date,close\n2024-01-02,10\n2024-01-03,-1\n2024-01-04,12\n2024-01-05,13\n")
    part = DirectorySource(tmp_path).load(["AAA"], date(2024, 1, 4), date(2024, 1, 4))
    assert part.series["AAA"].close.tolist() == [12]
    assert part.series["AAA"].findings == ()
    nothing = DirectorySource(tmp_path).load(["AAA"], date(2020, 1, 1), date(2020, 2, 1))
    assert "no prices from 2020-01-01 to 2020-02-01, only 2024-01-02 to 2024-01-05" in nothing.failures["AAA"]


def test_the_fingerprint_tells_figures_apart_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "a" / "AAA.csv", "date,close\n" + ROWS)
    write(tmp_path / "b" / "AAA.csv", "Date,Close\r\n2024-01-03,11.0\r\n2024-01-02,10\r\n2024-01-04,12\r\n")
    write(tmp_path / "c" / "AAA.csv", "date,close\n" + ROWS.replace("12", "12.0000001"))
    sha = [one(tmp_path / name, "AAA").origin["sha256"] for name in "abc"]
    assert sha[0] == sha[1] != sha[2]


# One ticker's broken file is that ticker's failure: what is wrong, where, and what would be right.
BROKEN: list[tuple[str, str | bytes, str]] = [
    ("empty", "", "is empty"),
    ("header only", "date,close\n", "holds a header and no row"),
    ("no date", "day of week,close\nMonday,10\n", "has no date among its columns day of week, close"),
    ("no price", "date\n2024-01-02\n", "holds no table of two or more columns"),
    ("no close", "date,open,dividend\n2024-01-02,10,0\n", "AAA has no close at all"),
    ("only empty closes", "date,close\n2024-01-02,\n", "AAA has no close at all"),
    ("text in a number", "date,close\n2024-01-02,10\n2024-01-03,ten\n", "close is 'ten', not a number"),
    ("american date", "date,close\n2024-01-02,10\n01/03/2024,11\n", "and '01/03/2024' in another"),
    ("no such day", "date,close\n2024-02-30,10\n", "AAA.csv:2: date is '2024-02-30', and"),
    ("no such month", "date,close\n20241301,10\n", "AAA.csv:2: date is '20241301', and"),
    ("two closes", "date,Close,close\n2024-01-02,10,11\n", "has several columns of close: 'Close', 'close'"),
    ("short row", "date,open,close\n2024-01-02,10\n", "the header has 3 cells, and the rows have 2"),
    ("long row", "date,close\n2024-01-02,10,11\n", "AAA.csv:2: has 3 cells, and the header has 2"),
    ("all negative", "date,close\n2024-01-02,-10\n", "AAA has no close at all"),
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        'date,close\n2024-01-02,"1,000.5"\n2024-01-03,"1,100.5"\n',
        "date,close\n2024-01-02,$1000.50\n2024-01-03,$1100.50\n",
        "date;close\n2024-01-02;1000,5\n2024-01-03;1100,5\n",
        "date,close,\xa3\n2024-01-02,1000.5,x\n2024-01-03,1100.5,x\n".encode("latin-1"),
        "date,close\n2024-01-02,1000.5\n2024-01-03,1100.5\n".encode("utf-16"),
        "date,close\n2024-01-02,1000.5\n2024-01-03,1100.5\nSource: exchange,\n",
    ],
)
def test_what_is_odd_and_certain_is_read(tmp_path: Path, text: str | bytes) -> None:
    write(tmp_path / "AAA.csv", text)
    assert one(tmp_path, "AAA").close.tolist() == [1000.5, 1100.5]


@pytest.mark.parametrize(("text", "words"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_a_broken_csv_is_one_failure(tmp_path: Path, text: str | bytes, words: str) -> None:
    write(tmp_path / "AAA.csv", text)
    write(tmp_path / "BBB.csv", "date,close\n" + ROWS)
    batch = load(tmp_path, "AAA", "BBB")
    assert list(batch.series) == ["BBB"]
    assert words in batch.failures["AAA"]
    assert batch.failures["AAA"].startswith("AAA.csv:")
    assert "\n" not in batch.failures["AAA"]


def parquet(path: Path, **columns: object) -> bytes:
    pq.write_table(pa.table(columns), path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: parquet(path, date=["2024-01-02"], close=[1.0])[:-20], "cannot be read"),
        (lambda path: b"PAR1", "cannot be read"),
        (lambda path: parquet(path, date=[b"\xff"], close=[1.0]), "date holds binary"),
        (lambda path: parquet(path, date=[20240102.5], close=[1.0]), "date is 20240102.5, not a date"),
        (
            lambda path: parquet(path, date=["2024-01-02"], close=["ten"]),
            "close is 'ten', not a number",
        ),
        (lambda path: parquet(path, date=["2024-01-02"], close=[[1.0]]), "close holds list<"),
        (lambda path: parquet(path, date=["2024-01-02"], close=[{"of": 1.0}]), "close holds struct<"),
    ],
)
def test_a_broken_parquet_is_one_failure(tmp_path: Path, make: Callable[[Path], bytes], words: str) -> None:
    raw = make(tmp_path / "AAA.parquet")
    write(tmp_path / "AAA.parquet", raw)
    write(tmp_path / "BBB.csv", "date,close\n" + ROWS)
    batch = load(tmp_path, "AAA", "BBB")
    assert list(batch.series) == ["BBB"]
    assert batch.failures["AAA"].startswith("AAA.parquet:")
    assert words in batch.failures["AAA"]
    assert "\n" not in batch.failures["AAA"]


@pytest.mark.parametrize(
    "ticker", ["../AAA", "/AAA", "\\AAA", "..", "~/AAA", "", " AAA", "A\x00A", "*", "A" * 65]
)
def test_a_ticker_is_not_a_path(tmp_path: Path, ticker: str) -> None:
    write(tmp_path / "AAA.csv", "date,close\n" + ROWS)
    write(tmp_path / "folder" / "sub" / "AAA.csv", "date,close\n" + ROWS)
    write(tmp_path / "folder" / "BBB.csv", "date,close\n" + ROWS)
    batch = load(tmp_path / "folder", ticker)
    assert batch.series == {}
    assert "ticker" in batch.failures[ticker]


def test_a_ticker_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "GOOGL.csv", "date,close\n" + ROWS)
    assert (
        f"not found in {tmp_path} (did you mean 'GOOGL'?); allowed: GOOGL"
        in load(tmp_path, "GOOG").failures["GOOG"]
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("nothing", None, "no such folder or file"),
        ("notes.doc", "date,close\n2024-01-02,1\n", "is no file that can hold prices"),
        ("empty/readme.md", "", "holds no file of prices"),
        ("prices.csv", "date,AAA,AAA\n2024-01-02,1,2\n", "has several columns of AAA"),
        ("prices.csv", "date,AAA,BBB\n2024-01-02,1,x\n", "BBB is 'x', not a number"),
        ("prices.parquet", "PAR1", "cannot be read"),
    ],
)
def test_a_source_that_cannot_be_used_at_all_raises(
    tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    path = tmp_path / name
    if text is not None:
        write(path, text)
    with pytest.raises(PriceDataError) as raised:
        load(path.parent if name.startswith("empty") else path, "AAA")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_frames_of_every_shape() -> None:
    days = pd.DatetimeIndex(["2024-01-02", "2024-01-03"], name="Date")
    wide = pd.DataFrame({"AAA": [1.0, 2.0], "BBB": [3.0, np.nan]}, index=days)
    shapes = {
        "wide by index": wide,
        "wide by column": wide.reset_index(),
        "zoned": wide.tz_localize("Asia/Seoul"),
        "dates as text": wide.rename(index=str),
        "long": wide.stack().rename_axis(["date", "ticker"]).rename("close").reset_index(),
        "field first": pd.concat({"Close": wide, "Open": wide - 0.5}, axis=1),
        "ticker first": pd.concat({"Close": wide, "Open": wide - 0.5}, axis=1).swaplevel(axis=1),
    }
    for name, frame in shapes.items():
        before = frame.copy()
        batch = DirectorySource(frame, "frame").load(["AAA", "BBB", "CCC"], *EVER)
        assert batch.series["AAA"].close.tolist() == [1, 2], name
        assert batch.series["AAA"].sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03"], name
        assert batch.series["BBB"].close.tolist() == [3], name
        assert batch.failures == {"CCC": "not found in frame; allowed: AAA, BBB"}
        assert ("Close" in str(frame.columns)) == (not np.isnan(batch.series["AAA"].open).all()), name
        pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"AAA": [1.0]}), "no known layout has these columns"),
        (pd.DataFrame(), "has no rows"),
        (pd.DataFrame({"date": ["yesterday"], "AAA": [1.0]}), "date is 'yesterday', not a date"),
        (pd.DataFrame({"date": ["2024-01-02"], "AAA": ["x"]}), "AAA is 'x', not a number"),
        (pd.DataFrame({"date": ["2024-01-02"], "AAA": [[1, "x"]]}), "not a number"),
    ],
)
def test_frames_that_are_no_prices(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(PriceDataError, match=words):
        DirectorySource(frame, "frame").load(["AAA"], *EVER)


BULK = """<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
{0},D,20240102,000000,9,11,8,10,100,0
{0},D,20240103,000000,10,12,9,11,200,0
"""
DOWNLOAD = "Date,Open,High,Low,Close,Volume\r\n2024-01-02,9,11,8,10,100\r\n2024-01-03,10,12,9,11,200\r\n"


@pytest.mark.parametrize(
    ("name", "text", "ticker"),
    [
        ("nvda.us.txt", BULK.format("NVDA.US"), "NVDA"),
        ("brk-b.us.txt", BULK.format("BRK-B.US"), "BRK-B"),
        ("vod.uk.txt", BULK.format("VOD.UK"), "VOD.L"),
        ("^spx.txt", BULK.format("^SPX"), "^GSPC"),
        ("^dji.txt", BULK.format("^DJI"), "^DJI"),
        ("nvda_us_d.csv", DOWNLOAD, "NVDA"),
        ("^spx_d.csv", DOWNLOAD, "^GSPC"),
        ("7203_jp_d.csv", DOWNLOAD, "7203.T"),
        ("prices.csv", BULK.format("NVDA.US") + "AMD.US,D,20240102,000000,1,1,1,1,1,0\n", "NVDA"),
    ],
)
def test_the_layouts_of_stooq(tmp_path: Path, name: str, text: str, ticker: str) -> None:
    write(tmp_path / name, text)
    write(tmp_path / "readme.txt", "not a table")
    series = one(tmp_path, ticker)
    assert series.sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03"]
    assert (series.close.tolist(), series.high.tolist(), series.volume.tolist()) == (
        [10, 11],
        [11, 12],
        [100, 200],
    )
    assert ticker in DirectorySource(tmp_path).tickers()
    assert "readme" not in DirectorySource(tmp_path).tickers()


def test_bars_of_five_minutes_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "nvda.us.txt", BULK.format("NVDA.US").replace(",D,", ",5,"))
    assert "holds rows of the period '5'; give daily prices" in load(tmp_path, "NVDA").failures["NVDA"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NVDA.csv", "date,ticker,close\n2024-01-02,AMD,10\n"),
        ("NVDA.csv", "date,AMD,INTC\n2024-01-02,10,11\n"),
        ("nvda.us.txt", BULK.format("AMD.US")),
    ],
)
def test_the_file_of_one_ticker_holds_no_other(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path / name, text)
    failure = load(tmp_path, "NVDA").failures["NVDA"]
    assert "holds prices of AMD" in failure and "not of NVDA" in failure


def test_the_file_of_one_ticker_may_hold_it_among_others(tmp_path: Path) -> None:
    write(tmp_path / "NVDA.csv", "date,AMD,NVDA\n2024-01-02,1,2\n")
    assert one(tmp_path, "NVDA").close.tolist() == [2]
    write(tmp_path / "AMD.csv", "date,price\n2024-01-02,7\n")
    assert one(tmp_path, "AMD").close.tolist() == [7]  # a single column, whatever it is called


def test_any_file_system_that_arrow_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import fs

    write(tmp_path / "prices" / "AAA.csv", "date,close\n" + ROWS)
    write(tmp_path / "prices" / "dividends.csv", "ticker,ex_date,amount\nAAA,2024-01-03,0.5\n")
    pq.write_table(pa.table({"date": ["2024-01-02"], "BBB": [1.0], "CCC": [2.0]}), tmp_path / "t.parquet")
    here = DirectorySource(tmp_path / "prices").load(["AAA"], *EVER).series["AAA"]
    there = DirectorySource((tmp_path / "prices").as_uri()).load(["AAA"], *EVER).series["AAA"]
    assert there.origin == here.origin
    assert there.dividend.tolist() == [0, 0.5, 0]
    assert DirectorySource((tmp_path / "t.parquet").as_uri()).tickers() == ("BBB", "CCC")
    mock = fs._MockFileSystem()
    mock.create_dir("bucket/prices")
    with mock.open_output_stream("bucket/prices/AAA.csv") as file:
        file.write(("date,close\n" + ROWS).encode())
    bucket = fs.SubTreeFileSystem("bucket", mock)
    found = SimpleNamespace(from_uri=lambda uri: (bucket, uri.partition("bucket/")[2].partition("?")[0]))
    monkeypatch.setattr(fs, "FileSystem", found)
    source = open_source("s3://key:secret@bucket/prices?region=x", cache_dir=tmp_path / "cache")
    assert source.load(["AAA"], *EVER).series["AAA"].close.tolist() == [10, 11, 12]
    assert source.load(["ZZZ"], *EVER).failures["ZZZ"].startswith("not found in s3://bucket/prices")
    with pytest.raises(PriceDataError, match=r"^s3://bucket/none: no such folder or file"):
        DirectorySource("s3://key:secret@bucket/none").load(["AAA"], *EVER)


def test_a_uri_of_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(PriceDataError, match="nosuch://place/x: cannot be reached") as caught:
        open_source("nosuch://key:secret@place/x", cache_dir=tmp_path).load(["AAA"], *EVER)
    assert "secret" not in str(caught.value)


class TestTickersInLowerCase:
    CLOSES = "date,close\n2024-01-02,1\n2024-01-03,2\n"

    def rules(self, batch: PriceBatch, ticker: str) -> list[str]:
        return [found.detail for found in batch.series[ticker].findings if found.rule == "ticker-case"]

    @pytest.mark.parametrize("form", ["file", "wide", "long", "frame"])
    def test_the_only_name_that_differs_in_capitals_is_taken_and_said(
        self, form: str, tmp_path: Path
    ) -> None:
        if form == "file":
            (tmp_path / "NVDA.csv").write_text(self.CLOSES)
        elif form == "wide":
            (tmp_path / "prices.csv").write_text("date,NVDA,SPY\n2024-01-02,1,1\n2024-01-03,2,2\n")
        else:
            rows = "date,ticker,close\n2024-01-02,NVDA,1\n2024-01-03,NVDA,2\n2024-01-02,SPY,1\n"
            (tmp_path / "prices.csv").write_text(rows)
        source = (
            DirectorySource(pd.read_csv(tmp_path / "prices.csv"), "frame")
            if form == "frame"
            else DirectorySource(tmp_path)
        )
        for ticker, told in (("nvda", 1), ("NVDA", 0)):
            batch = source.load([ticker], *EVER)
            assert batch.series[ticker].close.tolist() == [1.0, 2.0]
            assert len(self.rules(batch, ticker)) == told

    def test_two_such_names_are_refused(self, tmp_path: Path) -> None:
        rows = "date,Nvda,NVDA\n2024-01-02,1,1\n2024-01-03,2,2\n"
        (tmp_path / "prices.csv").write_text(rows)
        with pytest.raises(PriceDataError, match="'Nvda' and 'NVDA' differ by their case alone"):
            DirectorySource(tmp_path / "prices.csv").load(["nvda", "NVDA"], *EVER)

    def test_indices_and_currencies_keep_their_exchange(self) -> None:
        assert [exchange_of(name) for name in ("^ks11", "btc-usd", "0700.hk")] == ["XKRX", "24/7", "XHKG"]
