"""Hostile and damaged files are refused, in bounded memory; nothing is run and nothing fetched."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import socket
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from containers import (
    R,
    data_frame,
    integers,
    ods,
    part_of,
    rdata,
    rds,
    reals,
    strings,
    with_part,
    xls,
    xlsb,
    xlsx,
)
from mutations import mutated
from test_columnar import ARROW, feather, ipc, parquet
from test_text import PLAIN, rows_of
from test_workbooks import BODY, HEADER, ROWS

from eventstudy.errors import FileContentError
from eventstudy.intake import unpacking
from eventstudy.intake.opening import tables_of

MOST_MEMORY = (
    700_000_000  #: bytes that Python may hold while a bomb is refused: the limit of a packed file, and copies
)
DAMAGED = 60  #: files per container that are tried
SHEET = "xl/worksheets/sheet1.xml"


def refused(raw: bytes, says: str, name: str = "p.csv") -> None:
    """Check that bytes are refused for a reason, in bounded memory."""
    tracemalloc.start()
    try:
        with pytest.raises(FileContentError, match=says):
            tables_of(name, raw, PLAIN)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def zipped(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def zstd(raw: bytes) -> bytes:
    stream = pa.BufferOutputStream()
    with pa.CompressedOutputStream(stream, "zstd") as packed:
        packed.write(raw)
    return stream.getvalue().to_pybytes()


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, zstd, lambda raw: zipped({"p.csv": raw})]
)
def test_bombs_are_refused(pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "SMALL", 1_000_000)
    refused(pack(b"date,close\n" + b"2024-01-02,1\n" * 200_000), "unpacks to more than")


def test_several_small_files_may_not_add_up_to_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "SMALL", 1_000_000)
    content = b"date,close\n" + b"2024-01-02,1\n" * 60_000
    refused(zipped({f"{n}.csv": content for n in range(9)}), "unpacks to more than")


def test_a_stated_size_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive says that its file is of ten bytes."""
    monkeypatch.setattr(unpacking, "SMALL", 1_000_000)
    raw = bytearray(zipped({"p.csv": b"date,close\n" + b"2024-01-02,1\n" * 200_000}))
    struct.pack_into("<I", raw, 22, 10)
    struct.pack_into("<I", raw, raw.rfind(b"PK\x01\x02") + 24, 10)
    refused(bytes(raw), "unpacks to more than|damaged")


def test_archives_in_archives_end() -> None:
    raw = b"date,close\n2024-01-02,1\n"
    for _ in range(3):
        raw = gzip.compress(raw)
    refused(raw, "packed more than 2 times")
    inner = zipped({"a.zip": zipped({"b.zip": zipped({"p.csv": b"date,close\n2024-01-02,1\n"})})})
    refused(inner, "packed more than 2 times")


def test_an_archive_of_many_files_of_a_password_or_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 20)
    refused(zipped({f"{n}.csv": b"" for n in range(21)}), "more than 20 files")
    refused(zipped({"readme.md": b"date,close\n"}), "no file of a table")
    raw = bytearray(zipped({"p.csv": b"date,close\n2024-01-02,1\n"}))
    raw[6] |= 1
    raw[raw.rfind(b"PK\x01\x02") + 8] |= 1
    refused(bytes(raw), "password|encrypted")


def test_several_files_of_an_archive_are_several_tables() -> None:
    one = b"date,close\n2024-01-02,1\n2024-01-03,2\n"
    raw = zipped({"NVDA.csv": one, "SPY.csv": one, "readme.txt": b"words", "__MACOSX/._SPY.csv": b"x"})
    assert [table.name for table in tables_of("p.zip", raw, PLAIN)] == ["p.zip[NVDA.csv]", "p.zip[SPY.csv]"]


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (xlsx({"S": ROWS}), SHEET),
        (xlsx({"S": ROWS}), "xl/workbook.xml"),
        (xlsx({"S": ROWS}), "xl/styles.xml"),
        (ods({"S": ROWS}), "content.xml"),
    ],
)
def test_entities_of_xml_are_refused(raw: bytes, part: str) -> None:
    xml = part_of(raw, part)
    start = xml.find(b"?>") + 2 if xml.startswith(b"<?xml") else 0
    refused(with_part(raw, part, xml[:start] + ENTITIES + xml[start:]), "defines entities")


@pytest.mark.parametrize(("first", "end"), [(0xDB000000, 71), (0, 0x47DB0000), (72, 71)])
def test_an_old_workbook_states_how_far_its_sheets_reach(first: int, end: int) -> None:
    """The reader asks for that much memory, 74 GB for the first, before it looks at a cell."""
    raw = xls(ROWS)
    at = raw.index(struct.pack("<HHII", 0x0200, 14, 0, len(ROWS))) + 4
    wrong = raw[:at] + struct.pack("<II", first, end) + raw[at + 8 :]
    with pytest.raises(FileContentError, match=r"ends before it begins|has a sheet of 1,205,534,720 rows"):
        tables_of("p.xls", wrong, PLAIN)


def test_a_workbook_that_unpacks_without_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "SMALL", 1_000_000)
    raw = xlsx({"S": ROWS})
    refused(with_part(raw, SHEET, part_of(raw, SHEET) + b" " * 3_000_000), "unpacks to more than")


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
CELL = '<table:table-cell table:number-columns-repeated="99" office:value-type="float" office:value="1"/>'
FAR_ODS = f'<table:table-row table:number-rows-repeated="1048000">{CELL}</table:table-row>'
EMPTY_ODS = (
    '<table:table-row table:number-rows-repeated="1048500">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def far_xlsx() -> bytes:
    raw = xlsx({"S": ROWS})
    return with_part(raw, SHEET, part_of(raw, SHEET).replace(b"</sheetData>", FAR))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (far_xlsx(), "1,048,576 rows and 16,384 columns"),
        (xlsb([*ROWS, *[[]] * 2_000, [""] * 15_000 + [1.0]]), "15,001 columns"),
        (ods({"S": ROWS}, FAR_ODS), "rows and 99 columns"),
    ],
    ids=["xlsx", "xlsb", "ods"],
)
def test_a_cell_far_away_is_refused(raw: bytes, says: str) -> None:
    refused(raw, says)


def test_rows_out_of_order_are_refused() -> None:
    """They made the library ask for 700 gigabytes and end the process."""
    refused(swapped(xls(ROWS)), "row 1 after row 23048")
    sheet = part_of(xlsx({"S": ROWS}), SHEET).replace(b'r="5"', b'r="500"')
    refused(with_part(xlsx({"S": ROWS}), SHEET, sheet), "row 5 after row 500")


def swapped(raw: bytes) -> bytes:
    """Return a workbook of Excel 97 whose first cell says that it is in row 23,048."""
    changed = bytearray(raw)
    struct.pack_into("<H", changed, raw.index(struct.pack("<HHHH", 0x0204, 13, 0, 0)) + 4, 23_047)
    return bytes(changed)


def test_a_dimension_that_claims_much_is_not_believed() -> None:
    sheet = part_of(xlsx({"S": ROWS}), SHEET)
    start, end = (
        sheet.index(b'<dimension ref="') + 16,
        sheet.index(b'"', sheet.index(b'<dimension ref="') + 16),
    )
    raw = with_part(xlsx({"S": ROWS}), SHEET, sheet[:start] + b"A1:XFD1048576" + sheet[end:])
    (table,) = tables_of("p.xlsx", raw, PLAIN)
    assert table.n_rows == len(BODY)


def test_empty_rows_at_the_end_of_a_sheet_are_no_reason_to_refuse() -> None:
    (table,) = tables_of("p.ods", ods({"S": ROWS}, EMPTY_ODS), PLAIN)
    assert table.n_rows == len(BODY)


def test_links_and_macros_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook with an external link and a macro is read without looking at either."""

    def asked(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", asked)
    link = b'<externalLink><externalBook r:id="rId1"/></externalLink>'
    target = b'<Relationships><Relationship Id="rId1" Target="http://localhost:9/x.xlsx"/></Relationships>'
    raw = with_part(xlsx({"S": ROWS}), "xl/externalLinks/externalLink1.xml", link)
    raw = with_part(raw, "xl/externalLinks/_rels/externalLink1.xml.rels", target)
    raw = with_part(raw, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not even a macro")
    (table,) = tables_of("p.xlsm", raw, PLAIN)
    assert table.n_rows == len(BODY)


class Loud:
    """An object whose unpickling leaves a trace."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (open, ("/nonexistent/pickled", "w"))  # type: ignore[return-value]


def test_pickles_are_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle, "loads", None)
    refused(pickle.dumps(Loud()), "zero bytes|no table|is not|cannot")
    meta = ARROW.schema.with_metadata({b"pandas": pickle.dumps(Loud()), b"ARROW:extension:name": b"x"})
    (table,) = tables_of("p.parquet", parquet(ARROW.cast(meta)), PLAIN)
    assert table.titles[0] == "date"


def test_a_sequence_of_r_that_claims_much_is_refused() -> None:
    """A compact sequence states its length alone."""
    state = reals([3e9, 1.0, 1.0])
    name = struct.pack(">ii", 9 | 0x8000, 14) + b"compact_intseq"
    info = struct.pack(">i", 2) + struct.pack(">i", 1) + name
    info += struct.pack(">i", 2) + struct.pack(">i", 1) + struct.pack(">ii", 9 | 0x8000, 4) + b"base"
    info += struct.pack(">i", 2) + integers([13]).raw + struct.pack(">i", 0xFE)
    altrep = R(238, info + state.raw + struct.pack(">i", 0xFE))
    refused(rds(data_frame({"date": altrep}, ["1"])), "claims a sequence of 3,000,000,000 values")


def test_functions_of_r_are_not_looked_at() -> None:
    """A closure beside a data frame: with an empty environment, arguments and body."""
    closure = R(0x403, struct.pack(">iii", 0xF2, 0xFE, 0xFE))
    raw = rdata({"f": closure, "p": data_frame({"date": strings(["2024-01-02"]), "x": reals([1.0])}, ["1"])})
    (table,) = tables_of("w.RData", raw, PLAIN)
    assert table.titles == ("date", "x")


def statistical(tmp: Path) -> dict[str, bytes]:
    data = pd.DataFrame(
        {"date": [row[0] for row in BODY], "close": [row[1] for row in BODY], "id": ["x"] * len(BODY)}
    )
    pyreadstat.write_dta(data, str(tmp / "p.dta"))
    pyreadstat.write_sav(data, str(tmp / "p.sav"))
    pyreadstat.write_xport(data, str(tmp / "p.xpt"))
    return {ending: (tmp / f"p.{ending}").read_bytes() for ending in ("dta", "sav", "xpt")}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One sound file of each container."""
    rng = np.random.default_rng(1)
    kinds = (
        "plain",
        "gzip",
        "bzip2",
        "xz",
        "zip",
        "zstd",
        "utf-16",
        "cp949+quoted",
        "semicolon+decimal-comma+dmy",
    )
    texts = {kind: mutated(rows_of(rng), kind, rng).raw for kind in kinds}
    frame = data_frame(
        {"date": strings([str(row[0]) for row in BODY]), "x": reals([row[1] for row in BODY])}, ["1"]
    )
    return {
        **texts,
        **statistical(tmp_path_factory.mktemp("statistical")),
        "xlsx": xlsx({"S": ROWS, "T": [HEADER]}),
        "ods": ods({"S": ROWS}),
        "xlsb": xlsb(ROWS),
        "xls": xls(ROWS),
        "rds": rds(frame),
        "RData": rdata({"p": frame}),
        "parquet": parquet(ARROW),
        "arrow": ipc(ARROW, pa.ipc.new_file),
        "stream": ipc(ARROW, pa.ipc.new_stream),
        "feather": feather(ARROW),
    }


KINDS = [
    *("plain", "gzip", "bzip2", "xz", "zip", "zstd", "utf-16", "cp949+quoted", "semicolon+decimal-comma+dmy"),
    *("dta", "sav", "xpt", "xlsx", "ods", "xlsb", "xls", "rds", "RData"),
    *("parquet", "arrow", "stream", "feather"),
]


def damaged(raw: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes that are cut off, or of which some are others, also in the head alone."""
    kind = rng.integers(0, 3)
    if kind == 0:
        return raw[: int(rng.integers(1, len(raw)))]
    changed, reach = bytearray(raw), len(raw) if kind == 1 else min(len(raw), 600)
    for _ in range(int(rng.integers(1, 6))):
        changed[int(rng.integers(0, reach))] = int(rng.integers(0, 256))
    return bytes(changed)


def attack(raw: bytes, seed: int, times: int) -> int:
    """Read damaged copies; return how many were refused. Any other exception fails the test."""
    rng, n = np.random.default_rng(seed), 0
    for _ in range(times):
        try:
            for table in tables_of("p", damaged(raw, rng), PLAIN):
                assert all(len(column) == table.n_rows for column in table.columns)
        except FileContentError as error:
            n += 1
            assert "\n" not in str(error)
    return n


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_refused_or_read(kind: str, files: dict[str, bytes]) -> None:
    assert tables_of("p", files[kind], PLAIN)
    assert attack(files[kind], 5, DAMAGED) > DAMAGED / 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files_are_refused_or_read(kind: str, files: dict[str, bytes]) -> None:
    assert attack(files[kind], 6, 3000)
