"""Factor files as Ken French makes them and as people keep them: read by pattern, refused when in doubt."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eventstudy.errors import PriceDataError, UnknownNameError
from eventstudy.intake.options import ReadingOptions
from eventstudy.prices.factors.table import FactorTable, read_factors

PROSE = """This file was created by CMPT_ME_BEME_RETS_DAILY using the 202610 CRSP database.
The Tbill return is the simple daily rate that, over the number of trading days
in the month, compounds to 1-month TBill rate from Ibbotson and Associates, Inc.

"""
ROWS = """,Mkt-RF,SMB,HML,RF
20240102,   -0.70,   -1.18,    1.15,    0.02
20240103,   -1.04,   -1.81,    0.04,    0.02
20240104,   -0.35,    0.13,   -99.99,    0.02
20240105,    0.14,   -0.76,    0.29,    -999

"""
FRENCH = PROSE + ROWS + "Copyright 2026 Eugene F. Fama and Kenneth R. French\n"
MOMENTUM = """Momentum Factor (Mom), using the 202610 CRSP database.

Missing data are indicated by -99.99 or -999.

,Mom   
20240103,    1.00
20240104,   -0.50
20240108,    0.25
"""  # noqa: W291 - the blanks are the file's own


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def zipped(path: Path, text: str, name: str = "F-F_Research_Data_Factors_daily.CSV") -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, text)
    return write(path, buffer.getvalue())


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_ken_french_as_downloaded(tmp_path: Path, ending: str, packed: bool) -> None:
    text = FRENCH.replace("\n", ending)
    path = zipped(tmp_path / "ff.zip", text) if packed else write(tmp_path / "ff.csv", text)
    table = read_factors(path)
    assert table.names == ("Mkt-RF", "SMB", "HML", "RF")
    assert table.sessions.dtype == "datetime64[D]"
    assert table.sessions.astype(str).tolist() == ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    expected = [
        [-0.0070, -0.0118, 0.0115, 0.0002],
        [-0.0104, -0.0181, 0.0004, 0.0002],
        [-0.0035, 0.0013, np.nan, 0.0002],
        [0.0014, -0.0076, 0.0029, np.nan],
    ]
    np.testing.assert_allclose(table.values, expected, rtol=1e-12)
    assert table.vintage == "202610"
    assert table.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_momentum_with_trailing_blanks_beside_the_five_factors(tmp_path: Path) -> None:
    files = [write(tmp_path / "ff3.csv", FRENCH), write(tmp_path / "mom.csv", MOMENTUM)]
    for asked in (files, tmp_path):
        table = read_factors(asked)
        assert table.names == ("Mkt-RF", "SMB", "HML", "RF", "Mom")
        assert table.sessions.astype(str).tolist()[-2:] == ["2024-01-05", "2024-01-08"]
        np.testing.assert_allclose(table.values[:, 4], [np.nan, 0.01, -0.005, np.nan, 0.0025], rtol=1e-12)
        assert np.isnan(table.values[-1, :4]).all()
        assert table.vintage == "202610"
    digests = [read_factors(file).sha256 for file in files]
    assert read_factors(files).sha256 == hashlib.sha256("".join(digests).encode()).hexdigest()


def test_the_files_at_hand(shared: Path) -> None:
    three = read_factors(shared / "factors" / "ff3_daily.csv")
    assert (len(three.sessions), str(three.sessions[0]), str(three.sessions[-1])) == (
        26233,
        "1926-07-01",
        "2026-04-30",
    )
    np.testing.assert_allclose(three.values[0], [0.0009, -0.0025, -0.0027, 0.0001], rtol=1e-12)
    many = read_factors([shared / "factors" / name for name in ("ff5_daily.csv", "mom_daily.csv")])
    assert many.names == ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF", "Mom")
    with pytest.raises(
        PriceDataError, match=r"SMB differs from that in ff3_daily\.csv on 14620 sessions"
    ) as raised:
        read_factors(shared / "factors")  # the size factor of three factors is not that of five
    assert "ff5_daily.csv" in str(raised.value)


@pytest.mark.parametrize("name", ["Mom", "UMD", "WML", "mom", "Mom   "])
def test_momentum_has_many_names(tmp_path: Path, name: str) -> None:
    table = read_factors(write(tmp_path / "m.csv", f"date,{name}\n2024-01-02,1.5\n"))
    assert table.names == ("Mom",)
    assert table.values.tolist() == [[0.015]]


def test_tidy_tables_and_the_unit(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"date": pd.to_datetime(["2024-01-03", "2024-01-02"]), "SOXX": [0.02, 0.01], "rf": [0.0, 0.0]}
    )
    frame.to_parquet(tmp_path / "own.parquet")
    frame.to_csv(tmp_path / "own.csv", index=False)
    for path in (tmp_path / "own.parquet", tmp_path / "own.csv"):
        table = read_factors(path, unit="decimal")
        assert table.names == ("SOXX", "RF")
        np.testing.assert_allclose(table.values[:, 0], [0.01, 0.02])  # in order of date
        np.testing.assert_allclose(read_factors(path, unit="percent").values, table.values / 100)
        with pytest.raises(
            PriceDataError, match=r"SOXX is unknown: SOXX 0.02 is 0.02% .* or 2.00% .*say --factor-unit"
        ):
            read_factors(path)
        assert table.vintage == ""


def test_exchanged_days_and_months_are_told_by_weekends(tmp_path: Path) -> None:
    days = pd.bdate_range("2023-01-02", periods=250)
    frame = pd.DataFrame({"date": days, "Mkt-RF": np.random.default_rng(1).normal(0, 1, len(days))})
    swapped = [day.replace(month=day.day, day=day.month) if day.day <= 12 else day for day in days]
    frame.assign(date=swapped).to_csv(tmp_path / "swapped.csv", index=False)
    with pytest.raises(PriceDataError, match="day and month are exchanged"):
        read_factors(tmp_path / "swapped.csv", "percent")
    for every in (frame.assign(date=pd.date_range("2023-01-02", periods=250)), frame):
        every.to_csv(tmp_path / "own.csv", index=False)
        assert len(read_factors(tmp_path / "own.csv", "percent").sessions) == 250


def test_french_names_over_decimals_are_doubted(tmp_path: Path) -> None:
    days = pd.bdate_range("2024-01-02", periods=80)
    moves = np.random.default_rng(1).normal(0, 0.01, len(days))
    frame = pd.DataFrame({"date": days, "Mkt-RF": moves, "RF": 0.0002})
    frame.to_csv(tmp_path / "own.csv", index=False)
    with pytest.raises(PriceDataError, match=r"no move of half a percent: Mkt-RF .*; say --factor-unit"):
        read_factors(tmp_path / "own.csv")
    np.testing.assert_allclose(read_factors(tmp_path / "own.csv", "decimal").values[:, 0], moves)
    missing = np.where(np.isin(np.arange(len(days)), (3, 4)), (-99.99 / 100, -999.0 / 100) * 40, moves)
    frame.assign(**{"Mkt-RF": missing}).to_csv(tmp_path / "codes.csv", index=False)
    with pytest.raises(PriceDataError, match=r"no move of half a percent: Mkt-RF (-?0\.0\d+) is"):
        read_factors(tmp_path / "codes.csv")
    assert np.isnan(read_factors(tmp_path / "codes.csv", "decimal").values[3:5, 0]).all()
    frame.assign(**{"Mkt-RF": moves * 100}).to_csv(tmp_path / "percent.csv", index=False)
    np.testing.assert_allclose(read_factors(tmp_path / "percent.csv").values[:, 0], moves)
    frame[["date", "RF"]].to_csv(tmp_path / "rf.csv", index=False)
    np.testing.assert_allclose(read_factors(tmp_path / "rf.csv").values, 2e-6)  # a riskless rate never moves


def test_what_is_stated_for_prices_leaves_factors_alone_unless_they_need_it(tmp_path: Path) -> None:
    stated = ReadingOptions(
        sheet="Draft",
        value_column="USA",
        decimal="comma",
        values="percent",
        layout="datastream",
        date_order="dmy",
    )
    plain = read_factors(zipped(tmp_path / "ff.zip", FRENCH))
    np.testing.assert_array_equal(read_factors(tmp_path / "ff.zip", options=stated).values, plain.values)
    days = pd.bdate_range("2024-01-02", periods=80).strftime("%m/%d/%Y")
    frame = pd.DataFrame({"DATE": days, "AUS": 0.1, "DEU": 0.2, "USA": 0.003})
    with pd.ExcelWriter(tmp_path / "aqr.xlsx") as book:
        frame.to_excel(book, sheet_name="Draft", index=False)
        frame.assign(USA=0.004).to_excel(book, sheet_name="MKT", index=False)
    found = read_factors(tmp_path / "aqr.xlsx", options=replace(stated, date_order=None))
    assert (found.names, found.values[0].tolist()) == (("Draft",), [0.003])
    assert found.understood[0].layout == "aqr"
    with pytest.raises(PriceDataError, match="--sheet"):
        read_factors(tmp_path / "aqr.xlsx")


MONTHLY = PROSE + ",Mkt-RF,SMB,HML,RF\n192607,2.96,-2.30,-2.87,0.22\n\n Annual Factors: January-December\n"
BROKEN = [
    ("monthly", MONTHLY, "is monthly or annual (192607); give daily factors"),
    ("annual", ",Mkt-RF,RF\n1927,29.47,3.12\n", "is monthly or annual"),
    (
        "monthly by dates",
        "date,Mkt-RF\n2024-01-31,1\n2024-02-29,2\n2024-03-29,1\n",
        "has a row every 29 days",
    ),
    ("empty", "", "is empty"),
    ("prose alone", PROSE, "no known layout"),
    ("header alone", ",Mkt-RF,RF\n", "holds a header and no row"),
    ("american dates", "date,Mkt-RF\n01/02/2024,1\n", "1 February 2024 (day first) or 2 January 2024"),
    ("no such day", "date,Mkt-RF\n20240230,1\n", "f.csv:2: date is '20240230', and there is no such day"),
    ("text", PROSE + ",Mkt-RF,RF\n20240102,1,0\n20240103,one,0\n", "f.csv:7: Mkt-RF is 'one', not a number"),
    ("ragged", ",Mkt-RF,RF\n20240102,1,0\n20240103,1\n", "f.csv:3: has 2 cells, and the other rows have 3"),
    (
        "interrupted",
        "date,Mkt-RF\n20240102,1\noops\n20240103,1\n",
        "f.csv:3: has 1 cells",
    ),
    ("twice", "date,Mkt-RF\n20240102,1\n20240102,1\n", "2024-01-02 appears more than once"),
    ("same name", "date,Mom,UMD\n20240102,1,2\n", "Mom differs from that in f.csv on 1 sessions"),
]


@pytest.mark.parametrize(("text", "words"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_what_is_no_file_of_daily_factors(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path / "f.csv", text)
    with pytest.raises(PriceDataError) as raised:
        read_factors(path)
    assert words in str(raised.value)
    assert "f.csv" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("f.zip", b"not a zip", "give a header and a row per date"),
        ("f.zip", b"PK\x05\x06" + bytes(18), "it is empty"),
        ("f.parquet", b"PAR1", "cannot be read"),
        ("f.xlsx", b"", "is empty"),
    ],
)
def test_files_that_cannot_be_opened(tmp_path: Path, name: str, raw: bytes, words: str) -> None:
    with pytest.raises(PriceDataError, match=words):
        read_factors(write(tmp_path / name, raw))


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    with pytest.raises(PriceDataError, match="no such file of factors"):
        read_factors(tmp_path / "nothing.csv")
    with pytest.raises(PriceDataError, match="holds no file of factors"):
        read_factors(tmp_path)
    with pytest.raises(PriceDataError, match="no file is given"):
        read_factors([])
    with pytest.raises(UnknownNameError, match="did you mean 'percent'"):
        read_factors(tmp_path, unit="percents")  # type: ignore[arg-type]


def test_a_model_takes_each_factor_from_the_file_made_for_it(shared: Path) -> None:
    three, five, momentum = (
        read_factors(shared / "factors" / name)
        for name in ("ff3_daily.csv", "ff5_daily.csv", "mom_daily.csv")
    )
    carhart = read_factors(shared / "factors", wanted=("Mkt-RF", "SMB", "HML", "Mom", "RF"))
    six = read_factors(shared / "factors", wanted=("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom", "RF"))
    day = np.datetime64("2024-08-05")
    for table, origin in ((carhart, three), (six, five)):
        for name in ("SMB", "HML", "RF"):
            assert on(table, name, day) == on(origin, name, day)
        assert on(table, "Mom", day) == on(momentum, "Mom", day)
    assert on(three, "SMB", day) != on(five, "SMB", day)
    assert set(carhart.names) == {"Mkt-RF", "SMB", "HML", "RF", "Mom"}


def on(table: FactorTable, name: str, day: np.datetime64) -> float:
    return float(table.values[np.searchsorted(table.sessions, day), table.names.index(name)])
