"""Reading a CSV or Parquet file of prices into named columns, with the place of any mistake.

Stooq's layouts are read too: ``Date,Open,High,Low,Close,Volume`` and ``<TICKER>,<PER>,<DATE>,<TIME>,...``.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from eventstudy._typing import DateArray, FloatArray, IntArray
from eventstudy.errors import PriceDataError
from eventstudy.numerics.arrow import from_arrow

SUFFIXES = (".csv", ".txt", ".parquet")
SYNONYMS = {
    synonym: name
    for name, synonyms in {
        "date": ("", "session", "exdate", "day", "datetime", "timestamp", "index", "unnamed0", "indexlevel0"),
        "ticker": ("symbol",),
        "period": ("per",),
        "currency": ("ccy", "curr"),
        "close": ("closelast", "last"),
        "adj_close": ("adjclose", "adjustedclose", "closeadj"),
        "volume": ("vol",),
        "dividend": ("dividends", "dividendamount", "divcash"),
        "gain": ("capitalgains", "capitalgain"),
        "stock_dividend": ("stockdividends", "bonus", "bonusissue", "bonusshares"),
        "spin_off": ("spinoffs", "spinoffvalue"),
        "rights": ("rightsissue", "rightsvalue"),
        "split": ("splits", "stocksplits", "splitcoefficient", "splitfactor"),
    }.items()
    for synonym in (*synonyms, re.sub("[^a-z]", "", name))
} | {name: name for name in ("open", "high", "low")}
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", ".", "-"]
TEXTS = ("date", "ticker", "period", "currency")  #: columns that are not figures
TEXT = pa.dictionary(pa.int32(), pa.string())  #: a repeated text is stored once
FIRST_YEAR, LAST_YEAR = 1700, 2199  #: outside them a date is a mistake
LARGEST_UNPACKED = 20_000_000  #: values that a Parquet file may hold ...
PER_BYTE = 20  #: ... unless it has a byte for so many of them
WIDEST = 20_000  #: columns


@dataclass(frozen=True)
class PriceTable:
    """A table of prices as read: a row per session, or per session and ticker where ``ticker`` is given.

    The keys of ``columns`` are standard names (open, adj_close, ...), in a wide table the headers; ``ticker``
    holds a code per row, and the ticker of each code.
    """

    name: str
    sessions: DateArray
    columns: dict[str, FloatArray]
    ticker: tuple[IntArray, list[str]] | None
    is_wide: bool


def read_table(name: str, raw: bytes, also: Mapping[str, str] = MappingProxyType({})) -> PriceTable:
    """Return the columns of prices in the bytes of a CSV or Parquet file.

    A table with a column close is of one security, or long if it has a column ticker too; else every column
    but the date holds the closes of a ticker. ``also`` adds synonyms of standard names. A PriceDataError
    names what is wrong: an unreadable file, no dates or prices, text in place of a date or a number.
    """
    if not name.lower().endswith(".parquet"):
        return read_csv(name, raw, also)
    try:
        return table_of(name, _unpacked(name, raw, SYNONYMS | dict(also)), SYNONYMS | dict(also))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise PriceDataError(name, f"cannot be read ({str(error).splitlines()[0]})") from None


def _unpacked(name: str, raw: bytes, synonyms: Mapping[str, str]) -> pa.Table:
    """Return the columns of a Parquet file that are used; a repeated text is stored once."""
    source = pa.BufferReader(raw)
    schema = pq.read_schema(source)
    titles, _ = _names(name, schema.names, synonyms)
    wanted = [title for title, known in zip(schema.names, titles, strict=True) if known]
    texts = [title for title, known in zip(schema.names, titles, strict=True) if known in TEXTS]
    file = pq.ParquetFile(source, read_dictionary=texts)
    values = file.metadata.num_rows * len(wanted)
    if values > max(LARGEST_UNPACKED, PER_BYTE * len(raw)):
        raise PriceDataError(name, f"unpacks from {len(raw):,} bytes to {values:,} values", "give it as CSV")
    return file.read(wanted)


def read_csv(
    file: str, raw: bytes, also: Mapping[str, str] = MappingProxyType({}), *, above: int = 0
) -> PriceTable:
    """Return the columns of prices in a CSV file less ``above`` lines; raises as `read_table`."""
    synonyms = SYNONYMS | dict(also)
    header = _header(file, raw)
    names, _ = _names(file, header, synonyms)
    labels = [f"{place}" for place in range(len(header))]  # titles of columns that are not wanted may repeat
    types = {
        label: TEXT if name in TEXTS else pa.float64()
        for label, name in zip(labels, names, strict=True)
        if name
    }
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(raw),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=labels, skip_rows=1),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=types, include_columns=list(types), null_values=MISSING
            ),
        )
    except pa.ArrowInvalid as error:
        raise PriceDataError(file, _csv_problem(str(error), header, above), "correct or empty it") from None
    return table_of(file, table.rename_columns([header[int(label)] for label in types]), synonyms)


def table_of(name: str, table: pa.Table, synonyms: Mapping[str, str] = SYNONYMS) -> PriceTable:
    """Return the columns of prices in an Arrow table, ``name`` in messages; raises as `read_table`."""
    names, is_wide = _names(name, table.column_names, synonyms)
    if not table.num_rows:
        raise PriceDataError(name, "holds a header and no row", "give one row per session")
    column = dict(zip(names, table.columns, strict=True))
    figures = [known for known in names if known not in ("", *TEXTS)]
    if not figures:
        raise PriceDataError(name, "holds dates and no prices", "name a column close, or by a ticker")
    if "period" in column and not is_wide:
        _refuse_what_is_not_daily(name, column["period"])
    dates = _dates(name, column["date"])
    tickers = None if is_wide or "ticker" not in column else _tickers(name, column["ticker"])
    if "currency" in column and not is_wide:
        _refuse_another_currency(name, dates, column["currency"], tickers)
    numbers = {known: _numbers(name, known, column[known]) for known in figures}
    return PriceTable(name, dates, numbers, tickers, is_wide)


def _names(file: str, header: list[str], synonyms: Mapping[str, str]) -> tuple[list[str], bool]:
    """Return a name for every column, "" for unused ones, and whether the table is wide."""
    if len(header) > WIDEST:
        raise PriceDataError(file, f"has {len(header):,} columns", f"give at most {WIDEST:,}")
    plain = [re.sub("[^a-z0-9]", "", title.lower()) for title in header]
    standard = [synonyms.get(title, "") for title in plain]
    if "date" not in standard:
        raise PriceDataError(
            file, f"has no date among its columns {', '.join(map(_short, header[:8]))}", "name one date"
        )
    date = plain.index("date") if "date" in plain else standard.index("date")
    is_wide = not {"close", "adj_close", "dividend"} & set(standard)
    names = header.copy() if is_wide else [name.replace("date", "") for name in standard]
    names[date] = "date"
    for name, count in Counter(filter(None, names)).items():
        if count > 1:
            same = [_short(repr(title)) for title, known in zip(header, names, strict=True) if known == name]
            problem = f"has several columns of {_short(name)}: {', '.join(same[:4])}"
            raise PriceDataError(file, problem, "keep one")
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


def _csv_problem(problem: str, header: Sequence[str], above: int) -> str:
    place = re.search(r"column #(\d+): Row #(\d+): .*invalid value '(.*)'", problem)
    if place is None:
        return f"cannot be read as CSV ({problem.splitlines()[0]})"
    column, row, value = place.groups()
    return f"{_short(header[int(column)])} in line {int(row) + above} is {_short(repr(value))}, not a number"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:36]}..."


def _dates(file: str, column: pa.ChunkedArray) -> DateArray:
    """Return datetime64[D]: the local date of a time stamp, whatever its zone."""
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        days: DateArray = from_arrow(column.cast(pa.date32(), safe=False))
    else:
        codes, texts = _coded(column)
        days = np.append(_iso_days(file, texts, codes), np.datetime64("NaT", "D"))[codes]
    if np.isnat(days).any():
        row = int(np.flatnonzero(np.isnat(days))[0]) + 1
        raise PriceDataError(file, f"row {row} has no date", "give one, or leave the row out")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    if (odd := (years < FIRST_YEAR) | (years > LAST_YEAR)).any():
        row = int(np.flatnonzero(odd)[0])
        problem = f"row {row + 1} has a date in the year {years[row]}, not in {FIRST_YEAR} to {LAST_YEAR}"
        raise PriceDataError(file, problem, "write dates as YYYY-MM-DD")
    return days


def _coded(column: pa.ChunkedArray) -> tuple[IntArray, pa.Array]:
    """Return a code per row, -1 where there is no text, and the distinct texts, stripped of blanks."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    array = column.combine_chunks()
    codes = np.nan_to_num(from_arrow(array.indices), nan=-1.0).astype(np.int64)
    return codes, pc.utf8_trim_whitespace(array.dictionary.cast(pa.string()))


def _iso_days(file: str, texts: pa.Array, codes: IntArray) -> DateArray:
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    iso = pc.replace_substring_regex(texts, r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3")
    iso = pc.replace_substring_regex(iso, r"^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*$", r"\1")
    try:
        days: DateArray = from_arrow(iso.cast(pa.date32()))
    except pa.ArrowInvalid:
        wrong = [code for code, day in enumerate(iso.to_pylist()) if day is not None and not _is_date(day)]
        rows = np.flatnonzero(np.isin(codes, wrong))
        where = f"row {rows[0] + 1} has" if len(rows) else "has"
        shown = _short(repr(texts[int(codes[rows[0]]) if len(rows) else 0].as_py()))
        problem = f"{where} the date {shown}"
        raise PriceDataError(file, problem, "write dates as YYYY-MM-DD") from None
    return days


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and not np.isnat(np.datetime64(text, "D"))
    except ValueError:
        return False


def _tickers(file: str, column: pa.ChunkedArray) -> tuple[IntArray, list[str]]:
    codes, texts = _coded(column)
    names: list[str] = [name or "" for name in texts.to_pylist()]
    empty = np.flatnonzero(
        (codes < 0) | np.isin(codes, [code for code, name in enumerate(names) if not name])
    )
    if len(empty):
        raise PriceDataError(file, f"row {empty[0] + 1} has no ticker", "give one, or leave the row out")
    return codes, names


def _refuse_what_is_not_daily(file: str, column: pa.ChunkedArray) -> None:
    _, periods = _coded(column)
    others = [period for period in periods.to_pylist() if (period or "D").upper() not in ("D", "1D", "DAILY")]
    if others:
        raise PriceDataError(file, f"holds rows of the period {others[0]!r:.20}", "give daily prices")


def _refuse_another_currency(
    file: str, dates: DateArray, column: pa.ChunkedArray, tickers: tuple[IntArray, list[str]] | None
) -> None:
    """Refuse a series whose currency changes; GBX and GBP are two."""
    codes, names = _coded(column)
    of = np.zeros(len(codes), dtype=np.int64) if tickers is None else tickers[0]
    order = np.lexsort([dates.astype(np.int64), of])
    order = order[codes[order] >= 0]
    changes = (codes[order][1:] != codes[order][:-1]) & (of[order][1:] == of[order][:-1])
    if changes.any():
        before, row = order[:-1][changes][0], order[1:][changes][0]
        what = file if tickers is None else tickers[1][of[row]]
        problem = f"{what} is in {names[codes[before]]} and from {dates[row]} on in {names[codes[row]]}"
        raise PriceDataError(file, problem, "give each series in one currency")


def _numbers(file: str, name: str, column: pa.ChunkedArray) -> FloatArray:
    if pa.types.is_boolean(column.type):
        raise PriceDataError(file, f"{name} must hold numbers, not truth values")
    try:
        numbers: FloatArray = from_arrow(column.cast(pa.float64(), safe=False))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        problem = f"{name} must hold numbers ({str(error).splitlines()[0]})"
        raise PriceDataError(file, problem) from None
    return numbers
