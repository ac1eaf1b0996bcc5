"""Reading a CSV or Parquet file of prices into named columns, with the place of whatever is wrong."""

from __future__ import annotations

import csv
import re
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
    """A file of prices as it stands: a row per session, or per session and ticker where ``ticker`` is given.

    ``columns`` is keyed by the standard names (open, adj_close, ...), in a wide table by the headers.
    """

    path: Path
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
    header = _csv_header(path) if path.suffix.lower() == ".csv" else _parquet_header(path)
    names, is_wide = _names(path, header, SYNONYMS | dict(also))
    table = _read_csv(path, header, names) if path.suffix.lower() == ".csv" else _read_parquet(path)
    if not table.num_rows:
        raise PriceDataError(path.name, "holds a header and no row", "give one row per session")
    column = dict(zip(names, table.columns, strict=True))
    numbers = {name for name in names if name and name not in ("date", "ticker")}
    if not numbers:
        raise PriceDataError(path.name, "holds dates and no prices", "name a column close or by a ticker")
    return PriceTable(
        path,
        _dates(path, column["date"]),
        {name: _numbers(path, name, column[name]) for name in names if name in numbers},
        None if is_wide or "ticker" not in column else _texts(column["ticker"]),
        is_wide,
    )


def _names(path: Path, header: list[str], synonyms: Mapping[str, str]) -> tuple[list[str], bool]:
    """Return a name for every column, "" for those that are not wanted, and whether the table is wide."""
    plain = [re.sub("[^a-z0-9]", "", title.lower()) for title in header]
    standard = [synonyms.get(title, "") for title in plain]
    if "date" not in standard:
        raise PriceDataError(
            path.name, f"has no date among its columns {', '.join(header[:8])}", "name one date"
        )
    date = plain.index("date") if "date" in plain else standard.index("date")
    is_wide = not {"close", "adj_close", "dividend"} & set(standard)
    names = header.copy() if is_wide else [name.replace("date", "") for name in standard]
    names[date] = "date"
    for name in filter(None, names):
        if names.count(name) > 1:
            same = [repr(title) for title, known in zip(header, names, strict=True) if known == name]
            raise PriceDataError(path.name, f"has several columns of {name}: {', '.join(same)}", "keep one")
    return names, is_wide


def _csv_header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines), [])
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {error.object[error.start]:#04x})"
        raise PriceDataError(path.name, problem, "save it as UTF-8") from None
    except (OSError, csv.Error) as error:
        raise PriceDataError(path.name, f"cannot be read ({error})") from None
    if not header:
        raise PriceDataError(path.name, "is empty", "give a header and one row per session")
    return [name.strip() for name in header]


def _read_csv(path: Path, header: Sequence[str], names: Sequence[str]) -> pa.Table:
    labels = [f"{place}" for place in range(len(header))]  # headers may repeat where they are not read
    types = {
        label: pa.string() if name in ("date", "ticker", "") else pa.float64()
        for label, name in zip(labels, names, strict=True)
    }
    try:
        return pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=labels, skip_rows=1),
            convert_options=pyarrow.csv.ConvertOptions(column_types=types, null_values=MISSING),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise PriceDataError(path.name, _in_words(str(error), header), "correct or leave it empty") from None


def _in_words(problem: str, header: Sequence[str]) -> str:
    place = re.search(r"column #(\d+): (?:Row #(\d+): )?.*invalid value '(.*)'", problem)
    if place is None:
        return f"cannot be read as CSV ({problem.splitlines()[0]})"
    column, row, value = place.groups()
    return f"{header[int(column)]} in line {row or '?'} is {value!r}, not a number"


def _parquet_header(path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise PriceDataError(path.name, f"cannot be read as Parquet ({str(error).splitlines()[0]})") from None


def _read_parquet(path: Path) -> pa.Table:
    try:
        return pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise PriceDataError(path.name, f"cannot be read as Parquet ({str(error).splitlines()[0]})") from None


def _dates(path: Path, column: pa.ChunkedArray) -> DateArray:
    """Return datetime64[D]; a time stamp keeps its own local date, whatever its zone."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz:
        column = pc.local_timestamp(column)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        days: DateArray = column.cast(pa.date32(), safe=False).to_numpy().astype("datetime64[D]")
    else:
        text = pc.utf8_trim_whitespace(column.cast(pa.string()))
        iso = pc.replace_substring_regex(text, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
        iso = pc.replace_substring_regex(iso, r"^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*$", r"\1")
        days = _iso_days(path, iso, text)
    if np.isnat(days).any():
        row = int(np.flatnonzero(np.isnat(days))[0]) + 1
        raise PriceDataError(path.name, f"row {row} has no date", "give one, or leave the row out")
    return days


def _iso_days(path: Path, iso: pa.ChunkedArray, text: pa.ChunkedArray) -> DateArray:
    try:
        days: DateArray = iso.cast(pa.date32()).to_numpy().astype("datetime64[D]")
    except pa.ArrowInvalid as error:
        for row, day in enumerate(iso.to_pylist()):
            if day is not None and not _is_date(day):
                problem = f"row {row + 1} has the date {text[row].as_py()!r}"
                raise PriceDataError(path.name, problem, "write dates as YYYY-MM-DD") from None
        raise PriceDataError(path.name, str(error), "write dates as YYYY-MM-DD") from None
    return days


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and not np.isnat(np.datetime64(text, "D"))
    except ValueError:
        return False


def _numbers(path: Path, name: str, column: pa.ChunkedArray) -> FloatArray:
    try:
        numbers: FloatArray = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        problem = f"{name} holds something else than numbers ({str(error).splitlines()[0]})"
        raise PriceDataError(path.name, problem) from None
    return numbers


def _texts(column: pa.ChunkedArray) -> TextArray:
    texts: TextArray = column.cast(pa.string()).to_numpy().astype(object)
    return texts
