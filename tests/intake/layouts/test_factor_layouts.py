"""Factor files: names and prose that tell the unit, sheets and countries, and what is asked about."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from eventstudy.errors import FileContentError
from eventstudy.intake.layouts.factors import FACTOR_LAYOUTS
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.reading import read_by_layout
from eventstudy.intake.series import FactorReading

DAYS = pd.bdate_range("2023-01-02", periods=100)
VALUES = np.round(np.random.default_rng(11).normal(0, 1, (len(DAYS), 4)), 2)
PROSE = "This file was created using the 202604 CRSP database.\r\n\r\n"
COPYRIGHT = "\r\nCopyright 2026 Eugene F. Fama and Kenneth R. French\r\n"
ANNUAL = "\r\n Annual Factors: January-December \r\n,{names}\r\n2022,   29.47\r\n2023,   35.20\r\n"


def block(*names: str, values: Any = VALUES, first: str = "", dates: str = "%Y%m%d") -> str:
    """Return a header and padded rows, as Ken French's files have them."""
    head = ",".join((first, *names)) + "\r\n"
    rows = zip(DAYS.strftime(dates), values[:, : len(names)], strict=True)
    return head + "".join(f"{day},{','.join(f'{value:8.4g}' for value in row)}\r\n" for day, row in rows)


def read(text: str | bytes, **options: Any) -> FactorReading:
    stated = ReadingOptions(**options)
    raw = text.encode() if isinstance(text, str) else text
    (table,) = tables_of("f.csv", raw, stated, least_rows=1)
    found: FactorReading = read_by_layout(table, FACTOR_LAYOUTS, stated)
    return found


@pytest.mark.parametrize(
    "names", [("Mkt-RF", "SMB", "HML", "RF"), ("Mkt-RF", "SMB", "RMW", "CMA"), ("Mom   ",), ("WML",)]
)
@pytest.mark.parametrize("tail", ["", ANNUAL])
def test_ken_french_is_percent(names: tuple[str, ...], tail: str) -> None:
    found = read(PROSE + block(*names) + tail.format(names=names[0]) + COPYRIGHT)
    assert found.names == tuple(name.strip() for name in names)
    np.testing.assert_allclose(found.values, VALUES[:, : len(names)] / 100, rtol=1e-12)
    assert found.sessions.tolist() == DAYS.to_numpy().astype("datetime64[D]").tolist()
    assert (found.vintage, found.understood.layout, found.understood.unit) == ("202604", "french", "percent")


def test_codes_of_ken_french_are_missing() -> None:
    values = VALUES.copy()
    values[3, 0], values[5, 1] = -99.99, -999
    found = read(PROSE + block("Mkt-RF", "SMB", values=values))
    assert np.argwhere(np.isnan(found.values)).tolist() == [[3, 0], [5, 1]]
    assert "2 missing figures" in found.understood.remarks
    divided = pd.DataFrame(values / 100, columns=["Mkt-RF", "SMB", "HML", "RMW"])
    found = read(divided.assign(date=DAYS.strftime("%Y-%m-%d")).to_csv(index=False), factor_unit="decimal")
    assert np.argwhere(np.isnan(found.values)).tolist() == [[3, 0], [5, 1]]


def test_blocks_of_the_same_dates_are_asked_about() -> None:
    titles = "  Average Value Weighted Returns -- Daily", "  Average Equal Weighted Returns -- Daily"
    text = PROSE + f"{titles[0]}\r\n{block('NoDur', 'Durbl')}\r\n"
    text += f"{titles[1]}\r\n{block('NoDur', 'Durbl', values=VALUES[:, 2:])}{COPYRIGHT}"
    with pytest.raises(FileContentError, match=r"Value Weighted.*and.*Equal Weighted.*say --sheet"):
        read(text)
    equal = read(text, sheet=titles[1].strip())
    np.testing.assert_allclose(equal.values, VALUES[:, 2:] / 100, rtol=1e-12)


def test_months_and_years_are_refused() -> None:
    months = "".join(f"{year}{month:02d},  2.96,  0.2\r\n" for year in (2021, 2022) for month in range(1, 13))
    for rows in (months, "2021,  29.1,  3.1\r\n2022,  12.2,  3.0\r\n"):
        with pytest.raises(FileContentError, match="is monthly or annual"):
            read(PROSE + ",Mkt-RF,RF\r\n" + rows)


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_names_of_wrds_are_decimals(case: Any) -> None:
    names = [case(name) for name in ("mktrf", "smb", "umd", "rf")]
    found = read(block(*names, values=VALUES / 100, first="date", dates="%Y-%m-%d"))
    np.testing.assert_allclose(found.values, VALUES / 100, rtol=1e-12)
    with pytest.raises(FileContentError, match=r"in decimals, and moves .*--factor-unit"):
        read(block(*names, values=VALUES, first="date"))
    percent = read(block(*names, values=VALUES, first="date"), factor_unit="percent")
    np.testing.assert_allclose(percent.values, VALUES / 100, rtol=1e-12)


def test_what_names_do_not_tell_is_asked_about() -> None:
    for names, values in ((("Mkt-RF", "SMB"), VALUES / 100), (("TECH", "SMB"), VALUES)):
        text = block(*names, values=values, first="date")
        with pytest.raises(FileContentError, match=r"\(percent\) or .* \(decimal\); say --factor-unit"):
            read(text)
        stated = read(text, factor_unit="decimal")
        np.testing.assert_allclose(stated.values, values[:, :2], rtol=1e-3)
        assert stated.names == names


def test_signs_tell_percent() -> None:
    text = "date,TECH\n" + "".join(
        f"{day:%Y-%m-%d},{value:.2f}%\n" for day, value in zip(DAYS, VALUES[:, 0], strict=True)
    )
    np.testing.assert_allclose(read(text).values[:, 0], VALUES[:, 0] / 100, rtol=1e-12)


def workbook(sheets: tuple[str, ...]) -> bytes:
    """Return sheets as AQR lays them out: prose, DATE as text, a column per country."""
    book = openpyxl.Workbook()
    for number, title in enumerate(sheets):
        sheet = book.active if not number else book.create_sheet()
        sheet.title = title
        for line in range(18):
            sheet.append([f"Line {line} of what the factor is."] if line % 4 else [])
        sheet.append(["DATE", "AUS", "DEU", "JPN", "USA", "Global", "Global Ex USA"])
        for day, row in zip(DAYS, VALUES, strict=True):
            known = [None if value > 2 else value / 100 + number for value in row[[0, 1, 2, 3, 0, 1]]]
            sheet.append([day.strftime("%m/%d/%Y"), *known])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def test_aqr_needs_a_sheet_and_a_country() -> None:
    raw = workbook(("BAB Factors", "MKT"))
    with pytest.raises(FileContentError, match=r"'BAB Factors'.*'MKT'.*--sheet"):
        read(raw)
    with pytest.raises(FileContentError, match=r"AUS, DEU, JPN, USA and 2 more.*--value-column USA"):
        read(raw, sheet="BAB Factors")
    with pytest.raises(FileContentError, match="has no country 'XXX'"):
        read(raw, sheet="BAB Factors", value_column="XXX")
    found = read(raw, sheet="BAB Factors", value_column="usa")
    assert found.names == ("BAB",)
    expected = np.where(VALUES[:, 3] > 2, np.nan, VALUES[:, 3] / 100)
    np.testing.assert_allclose(found.values[:, 0], expected, rtol=1e-12)
