"""Files of Stata, SAS and SPSS to tables: dates by their formats, extended missing codes as codes."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from eventstudy.errors import FileContentError, first_line
from eventstudy.intake.columnar import LARGEST_UNPACKED, PER_BYTE
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.intake.typed import column_of
from eventstudy.numerics.arrow import to_arrow

if TYPE_CHECKING:
    import pandas as pd

SAS = bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")  #: in a SAS data set, after 12 zero bytes
XPORT = b"HEADER RECORD*******LIB"
SPSS = (b"$FL2", b"$FL3")
STATA = b"<stata_dta>"
#: first day of each program's calendar
EPOCHS = {"stata": "1960-01-01", "sas": "1960-01-01", "spss": "1582-10-14"}
#: formats of days, seconds and months; a Stata format may begin with "-"
DAYS = re.compile(
    r"%-?(?:td|d)|(?:E8601DA|DATE|YYMMDD|MMDDYY|DDMMYY|JULIAN|WEEKDATE|WORDDATE|NLDATE|MINGUO|EURDF)\w*\.?\d*"
)
STAMPS = re.compile(r"%-?t[cC]|(?:E8601DT|DATETIME|NLDATM|MDYAMPM|DATEAMPM|YMDHMS)\w*\.?\d*")
SPSS_DATES = re.compile(r"(?:DATE|ADATE|EDATE|SDATE|JDATE|DATETIME|YMDHMS)\d*\.?\d*")
PERIODS = {"w": 52, "m": 12, "q": 4, "h": 2, "y": 1}  #: of a year, by the letter of Stata's formats


def is_statistical(raw: bytes) -> bool:
    """Whether bytes are of a file of Stata, SAS or SPSS."""
    return _program(raw) != ""


def _program(raw: bytes) -> str:
    if raw.startswith(STATA) or (104 <= raw[0] <= 115 and raw[1:2] in (b"\1", b"\2") and raw[2:3] == b"\1"):
        return "stata"
    if raw.startswith(SPSS):
        return "spss"
    if raw[12:32] == SAS:
        return "sas"
    return "xport" if raw.startswith(XPORT) else ""


def tables_of_statistical(name: str, raw: bytes, options: ReadingOptions) -> list[Table]:
    """Return the table of a .dta, .sas7bdat, .xpt or .sav file.

    Values are as stored, without their labels. Extended missing values of Stata and SAS are text among the
    numbers of their column: ``.b``, ``.C``.

    Raises
    ------
    FileContentError
        A file that is damaged or claims far more values than it has bytes; one of SPSS without pyreadstat.
    """
    program = _program(raw)
    try:
        import pyreadstat
    except ImportError:
        return [_by_pandas(name, raw, program)]
    readers: dict[str, Any] = {
        "stata": pyreadstat.read_dta,
        "sas": pyreadstat.read_sas7bdat,
        "spss": pyreadstat.read_sav,
        "xport": pyreadstat.read_xport,
    }
    reader = readers[program]
    try:
        _, meta = reader(io.BytesIO(raw), metadataonly=True)
        _check_size(name, (meta.number_rows or 0) * max(1, meta.number_columns), len(raw))
        more = {} if program == "xport" else {"user_missing": True}
        data, meta = reader(io.BytesIO(raw), disable_datetime_conversion=True, output_format="dict", **more)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError) as error:
        raise _damaged(name, error) from None
    return [_table(name, data, meta.original_variable_types, "sas" if program == "xport" else program)]


def _check_size(name: str, values: int, n_bytes: int) -> None:
    if values > max(LARGEST_UNPACKED, PER_BYTE * n_bytes):
        raise FileContentError(name, f"unpacks from {n_bytes:,} bytes to {values:,} values", "give it as CSV")


def _damaged(name: str, error: Exception) -> FileContentError:
    return FileContentError(name, f"is damaged and cannot be read ({first_line(error)})", "export it again")


def _table(
    name: str, data: Mapping[str, Sequence[Any]], formats: Mapping[str, str | None], program: str
) -> Table:
    columns = [_column(cells, formats.get(title) or "", program) for title, cells in data.items()]
    return Table(name, tuple(columns), (tuple(map(str, data)),), first_line=1)


def _column(cells: Sequence[Any], form: str, program: str) -> pa.ChunkedArray:
    codes = {cell for cell in cells if isinstance(cell, str)}
    numeric = len(codes) < sum(cell is not None and cell != "" for cell in cells) or not codes
    if codes and numeric and all(len(code) == 1 for code in codes):
        return column_of([f".{cell}" if isinstance(cell, str) else cell for cell in cells])
    if codes or not form:
        return column_of(cells)
    days, stamps = _kind(form, program)
    if not days and not stamps:
        letter = re.match(r"%-?t([wmqhy])", form)
        return column_of([_period(cell, letter[1]) for cell in cells] if letter else cells)
    numbers = np.array([np.nan if cell is None else float(cell) for cell in cells])
    return pa.chunked_array([_moments(numbers, days, program)])


def _kind(form: str, program: str) -> tuple[bool, bool]:
    """Return whether a format is of days, and whether it is of stamps."""
    if program == "spss":
        return False, SPSS_DATES.fullmatch(form) is not None
    stamps = STAMPS.match(form) is not None
    return DAYS.match(form) is not None and not stamps, stamps


def _moments(numbers: Any, days: bool, program: str) -> pa.Array:
    """Return dates, or stamps where one has a time, of days, seconds (SAS, SPSS) or milliseconds (Stata)."""
    epoch = np.datetime64(EPOCHS[program], "us")
    scale = 86_400_000_000 if days else 1000 if program == "stata" else 1_000_000
    there = np.isfinite(numbers) & (np.abs(numbers) < 1e17 / scale * 10)
    moments = np.where(there, numbers, 0).astype(np.int64) * scale + epoch.astype(np.int64)
    if (moments[there] % 86_400_000_000 == 0).all():
        none = np.datetime64("NaT", "us")
        return to_arrow(np.where(there, moments.astype("datetime64[us]"), none), pa.date32())
    return pa.array(moments, pa.int64(), mask=~there).cast(pa.timestamp("us"))


def _period(cell: Any, letter: str) -> str | None:
    """Return a period of Stata as Stata shows it: 2020m1."""
    if cell is None:
        return None
    year, number = divmod(int(cell), PERIODS[letter])
    return str(int(cell)) if letter == "y" else f"{1960 + year}{letter}{number + 1}"


def _by_pandas(name: str, raw: bytes, program: str) -> Table:
    import pandas as pd

    if program == "spss":
        raise FileContentError(name, "needs pyreadstat", 'pip install "eventstudy-impact[stats]"')
    try:
        if program == "stata":
            return _of_stata(name, raw, pd)
        if program == "sas":
            frame = pd.read_sas(io.BytesIO(raw), format="sas7bdat", encoding="infer")
        else:
            return _of_xport(name, raw, pd)
    except Exception as error:  # pandas raises what it likes on damaged bytes
        raise _damaged(name, error) from None
    columns = [_sas_column(frame[title]) for title in frame.columns]
    return Table(name, tuple(columns), (tuple(map(str, frame.columns)),), first_line=1)


def _of_xport(name: str, raw: bytes, pd: Any) -> Table:
    with pd.read_sas(io.BytesIO(raw), format="xport", encoding="utf-8", iterator=True) as reader:
        frame = reader.read()
        formats = {field["name"].decode(): field["nform"].decode().strip() for field in reader.fields}
    data = {title: [None if cell != cell else cell for cell in frame[title].tolist()] for title in frame}
    return _table(name, data, formats, "sas")


def _of_stata(name: str, raw: bytes, pd: Any) -> Table:
    with pd.io.stata.StataReader(
        io.BytesIO(raw),
        convert_dates=False,
        convert_categoricals=False,
        convert_missing=True,
        preserve_dtypes=False,
    ) as reader:
        frame = reader.read()
        formats = dict(zip(frame.columns, reader._fmtlist, strict=True))
    data = {
        title: [_code(cell) if hasattr(cell, "string") else cell for cell in frame[title].tolist()]
        for title in frame.columns
    }
    return _table(name, data, formats, "stata")


def _code(missing: Any) -> str | None:
    """Return the letter of an extended missing value, None for the plain one."""
    return str(missing.string)[1:] or None


def _sas_column(column: pd.Series[Any]) -> pa.ChunkedArray:
    if column.dtype.kind == "M":
        values = column.to_numpy().astype("datetime64[us]")
        there = ~np.isnat(values)
        micro = (values - np.datetime64("1960-01-01", "us")).astype(np.int64)
        numbers = np.where(there, micro / 1e6, np.nan)
        return pa.chunked_array([_moments(numbers, False, "sas")])
    return column_of([None if cell != cell else cell for cell in column.tolist()])
