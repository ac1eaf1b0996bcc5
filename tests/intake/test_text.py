"""Text files become tables: what is written in any form is found again, cell by cell, with its line."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from mutations import ISO, MUTATIONS, mutated

from eventstudy.errors import FileContentError
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PLAIN = ReadingOptions()
N = 75
REFUSED = {"cut-off"}
PACKS = ("", "gzip", "bzip2", "xz", "zip", "zstd")


def rows_of(rng: np.random.Generator, n: int = N) -> list[tuple[str, ...]]:
    """A wide table: a date, and closes of three tickers to the cent."""
    closes = np.round(rng.uniform(5, 5000, (n, 3)), 2)
    days = [date(2021, 12, 13) + timedelta(day) for day in range(n)]
    body = [
        (day.isoformat(), *(f"{close:.2f}" for close in row)) for day, row in zip(days, closes, strict=True)
    ]
    return [("Date", "NVDA", "005930.KS", "MKT"), *body]


def only(name: str, raw: bytes, options: ReadingOptions = PLAIN, **more: int) -> Table:
    (table,) = tables_of(name, raw, options, **more)
    return table


def cells(table: Table) -> list[tuple[str, ...]]:
    columns = [column.to_pylist() for column in table.columns]
    return [tuple(cell or "" for cell in row) for row in zip(*columns, strict=True)]


def shown(written: object) -> list[tuple[str, ...]]:
    """The cells as they stand in the file, without the rows and columns that are blank."""
    rows = [tuple(cell.strip() for cell in row) for row in written.shown if row]
    rows = [row for row in rows if any(row)]
    kept = [place for place in range(len(rows[0])) if any(row[place] for row in rows)]
    return [tuple(row[place] for place in kept) for row in rows]


def check(written: object) -> Table:
    table = only(written.name, written.raw)
    titles, *body = shown(written)
    assert table.titles == titles
    assert cells(table) == body
    assert [" ".join(filter(None, row)) for row in table.below] == [line for line in written.below if line]
    lines = written.text.split(written.newline)
    for row in (0, len(body) // 2, len(body) - 1):
        cell = next(cell for cell in body[row] if cell)
        assert cell in lines[table.line(row) - 1], "the line of a row is where it stands"
    return table


@pytest.mark.parametrize("kind", ["plain", *sorted(set(MUTATIONS) - REFUSED)])
def test_a_form_is_read(kind: str) -> None:
    rng = np.random.default_rng(11)
    ahead = "decimal-comma+" if kind == "thousands-point" else ""
    check(mutated(rows_of(rng), ahead + kind, rng))


def drawn(seed: int) -> str:
    """Draw several forms that go together."""
    rng = np.random.default_rng(seed)
    marks = [
        "semicolon+decimal-comma",
        "semicolon+decimal-comma+thousands-point",
        "tab+decimal-comma",
        "thousands-comma",
        "pipe",
        "plain",
    ]
    dates = "dmy dmy-points mdy ymd-points compact month-words sas-words midnight zulu korean-dates plain"
    texts = "bom utf-16 cp949 plain"
    layout = [
        name
        for name in ("missing", "swapped-columns", "newest-first", "titles", "footer")
        if rng.random() < 0.5
    ]
    late = [
        name for name in ("blank-rows", "blank-columns", "padded", "quoted", "crlf") if rng.random() < 0.4
    ]
    names = [*layout, rng.choice(marks), rng.choice(dates.split()), *late, rng.choice(texts.split())]
    names.append(PACKS[int(rng.integers(0, len(PACKS)))])
    return "+".join(name for name in names if name not in ("plain", "")) or "plain"


@pytest.mark.parametrize("seed", range(40))
def test_forms_together_are_read(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    check(mutated(rows_of(rng), drawn(seed), rng))


@pytest.mark.slow
def test_many_forms_together_are_read() -> None:
    for seed in range(40, 1000):
        test_forms_together_are_read(seed)


def test_what_is_meant_can_be_read_from_the_cells() -> None:
    """The generator keeps what a table says: ISO dates in `rows` have their cell in `shown`."""
    written = mutated(rows_of(np.random.default_rng(3)), "missing+swapped-columns", np.random.default_rng(3))
    assert len(written.rows) == len(written.shown)
    assert all(ISO.search(" ".join(row)) for row in written.rows[1:])
    assert sum(cell == "" for row in written.rows for cell in row) > 3


@pytest.mark.parametrize(
    ("raw", "says", "line"),
    [
        (b"", "is empty", None),
        (b"   \n\n", "is empty", None),
        (b"date,close\n", "no row", None),
        (b"only words\nand more\n", "two or more columns", None),
        (b'date,close\n2024-01-02,"1.5\n2024-01-03,1.6\n', "not closed", 2),
        (b"date,close\n2024-01-02,1\n2024-01-03,2,3\n2024-01-04,3\n", "has 3 cells", 3),
        (b"date,close,x\n2024-01-02,1,1\n2024-01-03,2\n2024-01-04,3,1\n", "has 2 cells", 3),
        (b"date,close\n2024-01-02,1\nsoon,2\n2024-01-04,3\n", "'soon', no date", 3),
        (b"date,close\n2024-01-02,1\n,2\n2024-01-04,3\n", "no date", 3),
        (b"date,close\n2024-01-02,1\n2024-01-03,2\nsoon,3\n", "'soon', no date", 4),
        (b"date,a,b\n2024-01-02,1,1\n2024-01-03,2,1\n2024-01-04,3", "cut off", 4),
        (b"PK\x03\x04 and nothing", "damaged", None),
        (b"<html><table>", "HTML", None),
        (b'[{"date": 1}]', "JSON", None),
        (b"%PDF-1.4 x", "PDF", None),
        (b"date,close\n2024-01-02,\x00\n", "zero bytes", None),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(raw: bytes, says: str, line: int | None) -> None:
    with pytest.raises(FileContentError, match=says) as raised:
        tables_of("p.csv", raw, PLAIN)
    assert raised.value.line == line
    assert raised.value.exit_code == 4


def test_a_line_break_in_a_cell_keeps_the_lines_right() -> None:
    raw = (
        b'date,close,note\n2024-01-02,1,"two\nlines"\n2024-01-03,2,"three\n\nlines, ""so"""\n2024-01-04,3,\n'
    )
    table = only("p.csv", raw)
    assert table.columns[2].to_pylist() == ["two\nlines", 'three\n\nlines, "so"', None]
    assert [table.line(row) for row in range(3)] == [2, 4, 7]


def test_header_rows_titles_and_notes_are_told_apart() -> None:
    raw = b"Prices\nCurrency,USD\n\nPrice,Close,Close\nTicker,A,B\nDate,,\n"
    raw += b"".join(b"2024-01-%02d,1,2\n" % day for day in range(1, 9)) + b"\nTotal,8,16\nSource: us\n"
    table = only("p.csv", raw)
    assert table.headers == (("Price", "Close", "Close"), ("Ticker", "A", "B"), ("Date", "", ""))
    assert table.above == (("Prices",), ("Currency", "USD"))
    assert table.below == (("Total", "8", "16"), ("Source: us",))
    assert table.first_line == 7


def test_a_note_may_hold_the_separator() -> None:
    raw = b"date,close\n" + b"".join(b"2024-01-%02d,1.5\n" % day for day in range(1, 9))
    assert only("p.csv", raw + b"(c) The vendor, all rights reserved\n").n_rows == 8
    assert only("p.csv", raw + b"\nPrices, as given, by us\n").n_rows == 8


def test_a_file_without_a_header_has_none() -> None:
    table = only("p.csv", b"Vgm Corp;16.09.2019;135.28\nVgm Corp;17.09.2019;130.78\n")
    assert table.headers == ()
    assert table.titles == ("", "", "")
    assert table.first_line == 1
    assert table.n_rows == 2


def test_a_first_row_without_figures_is_no_header() -> None:
    table = only(
        "r.csv", b"date,A,B\n2024-01-01,,\n" + b"".join(b"2024-01-%02d,.1,.2\n" % d for d in range(2, 9))
    )
    assert table.titles == ("date", "A", "B")
    assert table.n_rows == 8


def test_a_header_whose_first_cell_is_empty() -> None:
    raw = b"Made from the database, of April.\nThe rate is, simple.\n\n,Mom   \n"
    raw += b"".join(b"202401%02d,   0.%d\n" % (day, day) for day in range(1, 9)) + b"\nCopyright\n"
    table = only("f.csv", raw)
    assert table.headers == (("", "Mom"),)
    assert table.columns[1][0].as_py() == "0.1"


def test_blanks_separate_where_nothing_else_does() -> None:
    table = only("e.txt", b"10107  20240102\n12490 20240103 \n14593   20240104\n", least_rows=1)
    assert cells(table) == [("10107", "20240102"), ("12490", "20240103"), ("14593", "20240104")]
    stamps = only("p.csv", b"date,close\n" + b"".join(b"2024-01-%02d 00:00:00,1\n" % d for d in range(1, 9)))
    assert stamps.separator == ","


def test_serial_days_and_epochs_make_rows_too() -> None:
    body = b"".join(b"%d,%d\n" % (45418 + day, 100 + day) for day in range(9))
    assert only("p.csv", b"Date,Close\n" + body).titles == ("Date", "Close")
    stamps = b"".join(b"1,%d,2.5\n" % (1597636800000 + 86400000 * day) for day in range(9))
    assert only("p.csv", b"v,t,c\n" + stamps).n_rows == 9


def test_two_separators_that_fit_are_named() -> None:
    raw = b"".join(b"2024-01-0%d,1;2024-01-0%d;2,x,2024-01-0%d,y\n" % (d, d, d) for d in range(1, 9))
    with pytest.raises(FileContentError, match=r"comma \(5 columns.*semicolon \(3 columns"):
        tables_of("p.csv", raw, PLAIN)


def test_tables_one_below_the_other_are_asked_about() -> None:
    block = b",Food,Oil\n" + b"".join(b"202401%02d,0.1,0.2\n" % day for day in range(1, 9))
    raw = b"Made of\n\n  Average Value Weighted Returns -- Daily\n" + block
    raw += b"\n  Average Equal Weighted Returns -- Daily\n" + block.replace(b"0.1", b"0.3") + b"\nCopyright\n"
    with pytest.raises(FileContentError, match=r"Food begins 0.1.*Food begins 0.3.*--sheet"):
        tables_of("i.csv", raw, PLAIN)
    second = only("i.csv", raw, ReadingOptions(sheet="Average Equal Weighted Returns -- Daily"))
    assert second.columns[1][0].as_py() == "0.3"
    assert second.first_line == 16
    assert only("i.csv", raw, ReadingOptions(sheet=1)).first_line == 5


def test_an_event_list_may_be_short_and_have_no_figures() -> None:
    table = only("e.csv", b"ticker,when\nNVDA,2025-01-27\n", least_rows=1)
    assert cells(table) == [("NVDA", "2025-01-27")]
    undated = only("e.csv", b"ticker,when\nNVDA,soon\nSPY,later\n\n", least_rows=1)
    assert undated.titles == ("ticker", "when")
    assert undated.n_rows == 2


def test_a_wide_file_is_read_and_a_wider_one_refused() -> None:
    def wide(n: int) -> bytes:
        line = b",".join([b"1.5"] * n)
        ids = b",".join(b"T%d" % i for i in range(n))
        return b"date," + ids + b"\n" + b"".join(b"2024-01-%02d,%s\n" % (day, line) for day in range(1, 8))

    assert len(only("p.csv", wide(12_000)).columns) == 12_001
    with pytest.raises(FileContentError, match="20,001 columns"):
        tables_of("p.csv", wide(20_000), PLAIN)


def test_long_files_keep_repeated_text_once_and_their_lines() -> None:
    days = [date(2015, 1, 1) + timedelta(day) for day in range(3000)]
    body = "".join(f"{name},{day},{n}.5\n" for name in ("AAA", "BBB") for n, day in enumerate(days))
    table = only("p.csv", f"ticker,date,close\n{body}\n\n".encode())
    assert table.n_rows == 6000
    assert str(table.columns[1].type).startswith("dictionary")
    assert table.lines is None
    assert table.columns[2][5999].as_py() == "2999.5"
    broken = f"ticker,date,close\n{body}".replace("BBB,2019-01-01", "BBB,2019/O1/01").encode()
    with pytest.raises(FileContentError, match="no date") as raised:
        tables_of("p.csv", broken, PLAIN)
    assert raised.value.line == 2 + 3000 + days.index(date(2019, 1, 1))


def test_row_names_of_r_have_no_title() -> None:
    body = b"".join(b'"%d","2024-01-%02d",1.5\n' % (day, day) for day in range(1, 9))
    assert only("p.csv", b'"date","NVDA"\n' + body).titles == ("", "date", "NVDA")
    dates = b"".join(b"2024-01-%02d 1.5 2.5\n" % day for day in range(1, 9))
    assert only("p.txt", b"NVDA SPY\n" + dates).titles == ("", "NVDA", "SPY")
    ends = b"".join(b"2024-01-%02d;1.5;\n" % day for day in range(1, 9))
    assert only("p.csv", b"Stamp;NVDA\n" + ends).titles == ("Stamp", "NVDA")
    noted = b"".join(b"2024-01-%02d,1.5,x\n" % day for day in range(1, 9))
    assert only("p.csv", b"Date,NVDA,\n" + noted).titles == ("Date", "NVDA", "")


def test_a_cell_beyond_the_titles_is_an_error_on_its_line() -> None:
    rows = [b"2024-01-%02d,1.5," % day for day in range(1, 9)]
    assert only("p.csv", b"\n".join([b"date,close", *rows])).titles == ("date", "close")
    with pytest.raises(FileContentError, match="has 3 cells, and the header has 2") as raised:
        only("p.csv", b"\n".join([b"date,close", *rows[:5], rows[5] + b"11", *rows[6:]]))
    assert raised.value.line == 7


def test_a_header_of_more_titles_than_cells_is_an_error() -> None:
    body = b"".join(b"2024-01-%02d,1.5\n" % day for day in range(1, 9))
    with pytest.raises(FileContentError, match="the header has 3 cells, and the rows have 2") as raised:
        tables_of("p.csv", b"Prices\ndate,NVDA,SPY\n" + body, PLAIN)
    assert raised.value.line == 2


def test_the_hint_of_a_spreadsheet_at_the_separator_is_a_title() -> None:
    table = only(
        "p.csv", b"sep=;\nDatum;NVDA\n" + b"".join(b"%02d.01.2024;1,5\n" % day for day in range(1, 9))
    )
    assert (table.separator, table.titles, table.first_line) == (";", ("Datum", "NVDA"), 3)


@pytest.mark.parametrize("unit", ["USD", "in EUR", "€", "원"])
def test_a_row_of_units_below_the_header_holds_no_titles(unit: str) -> None:
    rows = "".join(f"2024-01-{day:02},{day}.5,{day + 7}.25\n" for day in range(2, 10))
    table = only("p.csv", f"Date,AAA,BBB\n,{unit},{unit}\n{rows}".encode())
    assert table.titles == ("Date", "AAA", "BBB")
    assert ("", unit, unit) in table.above
    assert only("p.csv", f",AAA,BBB\nDate,{unit},{unit}\n{rows}".encode()).titles == ("Date", "AAA", "BBB")
    fields = only("p.csv", f",AAA,BBB\nDate,Close,Close\n{rows}".encode())
    assert fields.titles == ("Date", "Close", "Close")
