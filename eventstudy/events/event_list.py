"""Reading an event list from a CSV or Parquet file: text stays text, rows keep their line numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy._typing import IntArray
from eventstudy.errors import EventsFileError
from eventstudy.events.column_names import COLUMNS
from eventstudy.events.frame import LINE, check_event_frame

_AS_WRITTEN: dict[str, Any] = {"na_filter": False, "skip_blank_lines": False, "skipinitialspace": True}
#: 007 is a name, and so are more digits than a number holds
_PLAIN_NUMBER = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?"


def read_event_table(path: str | Path) -> pd.DataFrame:
    """Read an event list from a table and check it as `check_event_frame` does.

    Every cell of a CSV file stays the text it is; only a further column (a characteristic) that holds nothing
    but plain numbers becomes numeric. Columns without a name are left out.

    Parameters
    ----------
    path
        A ``.csv`` (UTF-8, commas, one header line) or ``.parquet`` file.

    Returns
    -------
    DataFrame
        As of `check_event_frame`.

    Raises
    ------
    EventsFileError
        Missing, unreadable or wrong in any way; of a CSV file with the line.
    """
    path = Path(path)
    return check_event_frame(read_table(path), path)


def read_table(path: Path) -> pd.DataFrame:
    """Read the rows of a CSV or Parquet table of events or news, unchecked; errors of `read_event_table`."""
    if path.suffix.lower() not in _READERS:
        problem = "is not an event table; tables end in .csv or .parquet, study files in .yaml"
        raise EventsFileError(path, problem)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "there is no such file"
        raise EventsFileError(path, f"{found}; name an event table, such as events.csv")
    try:
        return _READERS[path.suffix.lower()](path)
    except OSError as error:
        raise EventsFileError(path, f"cannot be read: {error.strerror or error}") from None


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
        table.validate(full=True)  # text that is not UTF-8 would come to light much later
        frame = table.replace_schema_metadata(None).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise EventsFileError(path, f"is not a readable Parquet file ({reason}); write it again") from None
    rows: pd.DataFrame = frame[[c for c in frame.columns if not str(c).startswith("__index_level_")]]
    return rows


def _read_csv(path: Path) -> pd.DataFrame:
    text = _text(path)
    try:
        cells = pd.read_csv(io.StringIO(text), header=None, dtype=object, **_AS_WRITTEN)
    except pd.errors.EmptyDataError:
        raise EventsFileError(
            path, "the first line is empty; it must hold the column names", line=1
        ) from None
    except (pd.errors.ParserError, ValueError) as error:
        raise _parser_error(path, str(error)) from None
    cells = cells.where(cells.notna(), "").astype(str)  # a column that no row reaches would be numbers
    header = [str(name).strip() for name in cells.iloc[0]]
    if len(header) == 1 and (found := re.search("[;\t|]", header[0])):
        problem = f"the columns are separated by {found.group()!r}; separate them by commas"
        raise EventsFileError(path, problem, line=1)
    cells.index = pd.Index(_lines(cells), name=LINE)
    rows = cells.iloc[1:].set_axis(header, axis="columns")
    rows = rows.loc[(rows != "").any(axis="columns"), [name != "" for name in header]]
    return _numeric_characteristics(rows)


def _text(path: Path) -> str:
    content = path.read_bytes()
    if b"\0" in content or content.startswith(b"PAR1"):
        raise EventsFileError(path, "is not text; a CSV table is, a Parquet table ends in .parquet")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise EventsFileError(path, problem, line=line) from None


def _parser_error(path: Path, message: str) -> EventsFileError:
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message):
        wanted, line, fields = (int(part) for part in found.groups())
        problem = f"{fields} cells where the header has {wanted}; put a cell with a comma in double quotes"
        return EventsFileError(path, problem, line=line)
    if found := re.search(r"EOF inside string starting at row (\d+)", message):
        problem = "a double quote is opened here and never closed; close it"
        return EventsFileError(path, problem, line=int(found.group(1)) + 1)
    return EventsFileError(path, f"is not a readable CSV file ({' '.join(message.split())[:200]})")


def _lines(cells: pd.DataFrame) -> IntArray:
    """Return the line on which each row begins: a quoted cell may span several."""
    breaks = sum(cells[name].str.count("\n").to_numpy() for name in cells.columns)
    spans = 1 + np.asarray(breaks, dtype=np.int64)
    return np.concatenate([[1], 1 + np.cumsum(spans)[:-1]])


def _numeric_characteristics(rows: pd.DataFrame) -> pd.DataFrame:
    if not rows.columns.is_unique:  # an error that is reported with all others
        return rows
    for place, name in enumerate(rows.columns):
        written = rows.iloc[:, place]
        filled = written[written != ""]
        if name not in COLUMNS and len(filled) and filled.str.fullmatch(_PLAIN_NUMBER).all():
            rows = rows.assign(**{name: pd.to_numeric(written.where(written != ""))})
    return rows


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}
