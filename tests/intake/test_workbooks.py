"""Workbooks become tables: the same cells from every format, sheets that hold a table, dates as dates."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from containers import EXCEL_EPOCH, ods, part_of, with_part, xls, xlsb, xlsx

from eventstudy.errors import FileContentError
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PLAIN = ReadingOptions()
DAYS = [date(2021, 12, 13) + timedelta(day) for day in range(70)]
HEADER = ["Date", "NVDA", "MKT"]
BODY = [[day, 100.25 + n, 50.5 - n / 4] for n, day in enumerate(DAYS)]
ROWS = [HEADER, *BODY]


def only(raw: bytes, options: ReadingOptions = PLAIN, **more: int) -> Table:
    (table,) = tables_of("p.xlsx", raw, options, **more)
    return table


def values(table: Table) -> list[list[Any]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


@pytest.mark.parametrize(
    "write",
    [lambda rows: xlsx({"Data": rows}), lambda rows: ods({"Data": rows}), xlsb, xls],
    ids=["xlsx", "ods", "xlsb", "xls"],
)
def test_every_format_holds_the_same(write: Any) -> None:
    table = only(write(ROWS))
    assert table.name == "p.xlsx"
    assert table.titles == ("Date", "NVDA", "MKT")
    assert values(table) == BODY
    assert (table.first_line, table.lines, table.separator) == (2, None, "")
    assert str(table.columns[0].type) == "date32[day]"


@pytest.mark.parametrize(
    "write",
    [lambda rows: xlsx({"Data": rows}), lambda rows: ods({"Data": rows}), xlsb, xls],
    ids=["xlsx", "ods", "xlsb", "xls"],
)
def test_titles_blank_edges_and_remarks(write: Any) -> None:
    """The third row and the first column are empty, as are a column in the middle and a row between."""
    wide = [["", *row[:2], "", row[2]] for row in ROWS]
    rows = [
        ["", "Prices"],
        ["", "Start Date", date(2021, 12, 13)],
        [""],
        *wide[:5],
        [""],
        *wide[5:],
        [""],
        ["", "Source"],
    ]
    table = only(write(rows))
    assert table.titles == ("Date", "NVDA", "MKT")
    assert values(table) == BODY
    assert [row[0] for row in table.above] == ["Prices", "Start Date"]
    assert [row[0] for row in table.below] == ["Source"]
    assert [table.line(row) for row in (0, 3, 4, 69)] == [5, 8, 10, 75]


def test_merged_titles_and_merged_headers() -> None:
    rows = [["Closes", "", ""], ["", "Close", ""], HEADER, *BODY]
    table = only(xlsx({"S": rows}, {"S": ["A1:C1", "B2:C2"]}))
    assert table.headers == (("", "Close", "Close"), ("Date", "NVDA", "MKT")) or table.headers == (
        ("Date", "NVDA", "MKT"),
    )
    assert table.above[0][0] == "Closes"


def test_only_sheets_with_a_table_count() -> None:
    notes = [["Read me"], ["Made", date(2024, 1, 2)]]
    assert values(only(xlsx({"Notes": notes, "Data": ROWS, "Chart": [["x", 1]]}))) == BODY
    short = only(xlsx({"Notes": [["nothing"]], "Data": ROWS[:9]}))
    assert short.n_rows == 8, "the only table of a file may be short"


def test_two_sheets_of_one_form_are_asked_about() -> None:
    other = [HEADER, *([day, close + 1, market] for day, close, market in BODY)]
    raw = xlsx({"Draft": ROWS, "Final": other})
    with pytest.raises(FileContentError) as raised:
        tables_of("p.xlsx", raw, PLAIN)
    text = str(raised.value)
    assert "'Draft' (NVDA begins 100.25) and 'Final' (NVDA begins 101.25)" in text
    assert "--sheet 'Draft' or 'Final' (data: {sheet: Draft})" in text
    assert values(only(raw, ReadingOptions(sheet="Final")))[0][1] == 101.25
    assert values(only(raw, ReadingOptions(sheet="final")))[0][1] == 101.25
    assert values(only(raw, ReadingOptions(sheet="2")))[0][1] == 101.25
    with pytest.raises(FileContentError, match=r"'Fianl'.*did you mean 'Final'"):
        tables_of("p.xlsx", raw, ReadingOptions(sheet="Fianl"))


def test_a_sheet_per_security_is_told_what_to_do() -> None:
    with pytest.raises(FileContentError, match=r"save each as a file of its own \(AAPL.csv\) in one folder"):
        tables_of("p.xlsx", xlsx({"AAPL": ROWS, "SPY": ROWS}), PLAIN)
    with pytest.raises(FileContentError) as raised:
        tables_of("p.xlsx", xlsx({"Draft": ROWS, "Final": ROWS}), PLAIN)
    assert "securities" not in str(raised.value)


def test_sheets_of_different_securities_are_all_read() -> None:
    market = [["Date", "SPX"], *([day, close] for day, close, _ in BODY)]
    tables = tables_of("p.xlsx", xlsx({"Firms": ROWS, "Market": market}), PLAIN)
    assert [table.name for table in tables] == ["p.xlsx[Firms]", "p.xlsx[Market]"]


def test_an_event_list_needs_one_row() -> None:
    raw = xlsx({"Events": [["ticker", "when"], ["NVDA", "2025-01-27"]], "Notes": [["nothing"]]})
    assert values(only(raw, least_rows=1)) == [["NVDA", "2025-01-27"]]


def test_time_stamps_keep_their_time_and_mixed_cells_are_text() -> None:
    rows = [["when", "close", "note"], *([datetime(2024, 1, day, 16, 20), 1.5, "x"] for day in range(1, 9))]
    rows[3][1], rows[4][1], rows[5][2], rows[6][2] = "#N/A N/A", 1 / 3, 7, 1 / 3
    table = only(xlsx({"S": rows}))
    assert table.columns[0][0].as_py() == datetime(2024, 1, 1, 16, 20)
    assert table.columns[1].to_pylist()[2:5] == ["#N/A N/A", "0.3333333333333333", "1.5"]
    assert table.columns[2].to_pylist()[4:6] == ["7", "0.3333333333333333"]


def test_dates_that_excel_swapped_stay_as_they_are() -> None:
    """Excel turned what it could into dates: both forms are handed on, so that they can be refused."""
    rows = [HEADER, *([day if day.day < 13 else f"{day:%d/%m/%Y}", 1.5, 2.5] for day in DAYS)]
    days = only(xlsx({"S": rows})).columns[0].to_pylist()
    assert {"2022-01-01", "13/12/2021"} <= set(days)


@pytest.mark.parametrize("epoch", ["excel", "excel-1904"])
def test_serial_numbers_have_the_epoch_of_the_workbook(epoch: str) -> None:
    rows = [HEADER, *([(day - EXCEL_EPOCH).days, close, market] for day, close, market in BODY)]
    raw = xlsx({"S": rows})
    if epoch == "excel-1904":
        book = part_of(raw, "xl/workbook.xml").replace(b"<workbookPr", b'<workbookPr date1904="1"')
        raw = with_part(raw, "xl/workbook.xml", book)
    assert only(raw).formats == {0: epoch}


def test_a_row_without_a_date_between_dated_rows_is_an_error() -> None:
    rows = [HEADER, *BODY[:30], ["soon", 1.0, 2.0], *BODY[30:]]
    with pytest.raises(FileContentError, match="'soon' for a date") as raised:
        only(xlsx({"S": rows}))
    assert raised.value.line == 32


def test_a_formula_without_a_stored_value_is_refused() -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active["B7"] = "=B6*1.01"
    raw = io.BytesIO()
    book.save(raw)
    with pytest.raises(FileContentError, match="formula without a stored value in B7"):
        only(raw.getvalue())
    sheet = part_of(raw.getvalue(), "xl/worksheets/sheet1.xml")
    stored = sheet.replace(b"<v></v>", b"<v>105.5</v>").replace(b"<v />", b"<v>105.5</v>")
    stored = stored.replace(b"</f><v/>", b"</f><v>105.5</v>")
    assert values(only(with_part(raw.getvalue(), "xl/worksheets/sheet1.xml", stored)))[5][1] == 105.5
