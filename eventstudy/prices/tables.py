"""Reading a CSV or Parquet file of prices into named columns, with the place of whatever is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from eventstudy._typing import DateArray, FloatArray, TextArray
from eventstudy.errors import PriceDataError

SUFFIXES = (".csv", ".parquet")
SYNONYMS = {
    synonym: name
    for name, synonyms in {
        "date": ("", "session", "exdate", "day", "datetime", "timestamp", "index", "unnamed0", "indexlevel0"),
        "ticker": ("symbol",),
        "close": ("closelast", "last"),
        "adj_close": ("adjclose", "adjustedclose", "closeadj"),
        "volume": ("vol",),
        "dividend": ("dividends",),
        "split": ("splits", "stocksplits"),
    }.items()
    for synonym in (*synonyms, re.sub("[^a-z]", "", name))
} | {name: name for name in ("open", "high", "low")}
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", ".", "-"]


@dataclass(frozen=True)
class PriceTable:
    """A table of prices as it stands: a row per session, or per session and ticker where ``ticker`` is given.

    ``columns`` is keyed by the standard names (open, adj_close, ...), in a wide table by the headers.
    """

    name: str
    sessions: DateArray
    columns: dict[str, FloatArray]
    ticker: TextArray | None
    is_wide: bool


def read_table(path: Path, also: Mapping[str, str] = MappingProxyType({})) -> PriceTable:
    """Return the columns of a CSV or Parquet file of prices.

    A table with a close is one security's, with a ticker beside it a long one; else every column but the date
    is a ticker's closes. ``also`` adds synonyms of standard names.

    Raises
    ------
    PriceDataError
        A file that cannot be read, has no dates or no prices, or text where a date or number belongs.
    """
    try:
        if path.suffix.lower() == ".csv":
            return read_csv(path.name, path.read_bytes(), also)
        return table_of(path.name, pq.ParquetFile(path).read(), SYNONYMS | dict(also))
    except (pa.ArrowException, OSError) as error:
        raise PriceDataError(path.name, f"cannot be read ({str(error).splitlines()[0]})") from None


def read_csv(
    file: str, raw: bytes, also: Mapping[str, str] = MappingProxyType({}), *, above: int = 0
) -> PriceTable:
    """Return the columns of prices in the bytes of a CSV file of which ``above`` lines were left out before.

    Raises
    ------
    PriceDataError
        As `read_table`.
    """
    synonyms = SYNONYMS | dict(also)
    header = _header(file, raw)
    labels = [f"{place}" for place in range(len(header))]  # titles of columns that are not wanted may repeat
    types = {
        label: pa.string() if name in ("date", "ticker", "") else pa.float64()
        for label, name in zip(labels, _names(file, header, synonyms)[0], strict=True)
    }
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(raw),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=labels, skip_rows=1),
            convert_options=pyarrow.csv.ConvertOptions(column_types=types, null_values=MISSING),
        )
    except pa.ArrowInvalid as error:
        raise PriceDataError(file, _in_words(str(error), header, above), "correct or empty it") from None
    return table_of(file, table.rename_columns(header), synonyms)


def table_of(name: str, table: pa.Table, synonyms: Mapping[str, str] = SYNONYMS) -> PriceTable:
    """Return the columns of prices in an Arrow table; ``name`` is what messages call it.

    Raises
    ------
    PriceDataError
        No dates, no prices or no row, or text where a date or number belongs.
    """
    names, is_wide = _names(name, table.column_names, synonyms)
    if not table.num_rows:
        raise PriceDataError(name, "holds a header and no row", "give one row per session")
    column = dict(zip(names, table.columns, strict=True))
    figures = [known for known in names if known not in ("", "date", "ticker")]
    if not figures:
        raise PriceDataError(name, "holds dates and no prices", "name a column close, or by a ticker")
    return PriceTable(
        name,
        _dates(name, column["date"]),
        {known: _numbers(name, known, column[known]) for known in figures},
        None if is_wide or "ticker" not in column else _texts(column["ticker"]),
        is_wide,
    )


def _names(file: str, header: list[str], synonyms: Mapping[str, str]) -> tuple[list[str], bool]:
    """Return a name for every column, "" for those that are not wanted, and whether the table is wide."""
    plain = [re.sub("[^a-z0-9]", "", title.lower()) for title in header]
    standard = [synonyms.get(title, "") for title in plain]
    if "date" not in standard:
        raise PriceDataError(file, f"has no date among its columns {', '.join(header[:8])}", "name one date")
    date = plain.index("date") if "date" in plain else standard.index("date")
    is_wide = not {"close", "adj_close", "dividend"} & set(standard)
    names = header.copy() if is_wide else [name.replace("date", "") for name in standard]
    names[date] = "date"
    for name, count in Counter(filter(None, names)).items():
        if count > 1:
            same = [repr(title) for title, known in zip(header, names, strict=True) if known == name]
            raise PriceDataError(file, f"has several columns of {name}: {', '.join(same)}", "keep one")
    return names, is_wide


def _header(file: str, raw: bytes) -> list[str]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {raw[error.start]:#04x} at {error.start})"
        raise PriceDataError(file, problem, "save it as UTF-8") from None
    header = next(csv.reader(io.StringIO(text[: text.find("\n", 0) + 1 or None], newline="")), [])
    if not header:
        raise PriceDataError(file, "is empty or begins with an empty line", "begin with a header")
    return [name.strip() for name in header]


def _in_words(problem: str, header: Sequence[str], above: int) -> str:
    place = re.search(r"column #(\d+): Row #(\d+): .*invalid value '(.*)'", problem)
    if place is None:
        return f"cannot be read as CSV ({problem.splitlines()[0]})"
    column, row, value = place.groups()
    return f"{header[int(column)]} in line {int(row) + above} is {value!r}, not a number"


def _dates(file: str, column: pa.ChunkedArray) -> DateArray:
    """Return datetime64[D]; a time stamp keeps its own local date, whatever its zone."""
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        days: DateArray = column.cast(pa.date32(), safe=False).to_numpy().astype("datetime64[D]")
    else:
        text = pc.utf8_trim_whitespace(column.cast(pa.string()))
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        iso = pc.replace_substring_regex(text, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
        iso = pc.replace_substring_regex(iso, r"^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*$", r"\1")
        days = _iso_days(file, iso, text)
    if np.isnat(days).any():
        row = int(np.flatnonzero(np.isnat(days))[0]) + 1
        raise PriceDataError(file, f"row {row} has no date", "give one, or leave the row out")
    return days


def _iso_days(file: str, iso: pa.ChunkedArray, text: pa.ChunkedArray) -> DateArray:
    try:
        days: DateArray = iso.cast(pa.date32()).to_numpy().astype("datetime64[D]")
    except pa.ArrowInvalid as error:
        for row, day in enumerate(iso.to_pylist()):
            if day is not None and not _is_date(day):
                problem = f"row {row + 1} has the date {text[row].as_py()!r}"
                raise PriceDataError(file, problem, "write dates as YYYY-MM-DD") from None
        raise PriceDataError(file, str(error), "write dates as YYYY-MM-DD") from None
    return days


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and not np.isnat(np.datetime64(text, "D"))
    except ValueError:
        return False


def _numbers(file: str, name: str, column: pa.ChunkedArray) -> FloatArray:
    try:
        numbers: FloatArray = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        problem = f"{name} holds something else than numbers ({str(error).splitlines()[0]})"
        raise PriceDataError(file, problem) from None
    return numbers


def _texts(column: pa.ChunkedArray) -> TextArray:
    texts: TextArray = column.cast(pa.string()).to_numpy().astype(object)
    return texts
