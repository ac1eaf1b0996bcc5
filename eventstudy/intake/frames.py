"""Frames of any library to tables: pandas, polars, Arrow, DuckDB, and whatever narwhals knows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from eventstudy.errors import FileContentError, first_line
from eventstudy.intake.arrow_tables import plain_column, table_of_arrow
from eventstudy.intake.cells import as_text
from eventstudy.intake.table import Table
from eventstudy.intake.typed import column_of

if TYPE_CHECKING:
    import pandas as pd


def table_of(name: str, frame: Any) -> Table:
    """Return the table of a frame.

    Parameters
    ----------
    frame
        A DataFrame or Series of pandas, whose index becomes the first column unless it only counts rows; a
        table, batch or reader of Arrow; anything that hands over Arrow streams (polars, DuckDB) or that
        narwhals knows (Modin, Dask). Columns are not copied where Arrow can use them as they are.

    Raises
    ------
    FileContentError
        Something that is no frame, has no row, is of months, or has columns of lists.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.Series):
        frame = frame.to_frame()
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        table = _of_pandas(name, frame)
    else:
        table = table_of_arrow(name, _arrow(name, frame))
    if not len(table.columns) or not table.n_rows:
        raise FileContentError(name, "has no rows", "give a frame with a row per date")
    return table


def _arrow(name: str, frame: Any) -> pa.Table:
    """Return a frame as an Arrow table."""
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    try:
        if isinstance(frame, pa.RecordBatchReader):
            return frame.read_all()
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame)
        return _by_narwhals(name, frame)
    except FileContentError:
        raise
    except (pa.ArrowException, ValueError) as error:
        problem = f"cannot be read as a frame ({first_line(error)})"
        raise FileContentError(name, problem, "give a frame of numbers, dates and text") from None


def _by_narwhals(name: str, frame: Any) -> pa.Table:
    import narwhals as nw

    try:
        native = nw.from_native(frame)
    except TypeError:
        problem = f"is {type(frame).__name__}, no frame"
        raise FileContentError(name, problem, "give a DataFrame or an Arrow table") from None
    eager = native.collect("pyarrow") if isinstance(native, nw.LazyFrame) else native
    return eager.to_arrow()


def _of_pandas(name: str, whole: pd.DataFrame) -> Table:
    """Return the table of a frame of pandas, with a header row per level of its columns."""
    index = whole.index
    columns, titles = [], []
    if index.dtype.kind not in "iub" or any(title is not None for title in index.names):
        for level in range(index.nlevels):
            columns.append(_of_series(name, "the index", index.get_level_values(level)))
            titles.append(index.names[level])
    headers = [list(titles) for _ in range(whole.columns.nlevels)]
    for above in headers[:-1]:
        above[:] = [""] * len(titles)
    for title, (_, column) in zip(whole.columns, whole.items(), strict=True):
        for row, text in enumerate(title if isinstance(title, tuple) else (title,)):
            headers[row].append(text)
        columns.append(_of_series(name, str(title), column))
    rows = tuple(tuple(_title(text) for text in row) for row in headers)
    return Table(name, tuple(columns), rows, first_line=1)


def _title(text: Any) -> str:
    return "" if text is None else as_text(text)


def _of_series(name: str, title: str, series: Any) -> pa.ChunkedArray:
    kind = series.dtype
    if hasattr(kind, "freq") and kind.kind == "O" and type(kind).__name__ == "PeriodDtype":
        if kind.freq.freqstr not in ("D", "B"):
            problem = f"{title} holds periods of {kind.freq.freqstr}, and daily prices are needed"
            raise FileContentError(name, problem, "give a date per session")
        series = series.to_timestamp() if hasattr(series, "to_timestamp") else series.dt.to_timestamp()
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return column_of([_cell(cell) for cell in series.tolist()])
    column = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    return plain_column(name, title, column)


def _cell(cell: Any) -> Any:
    """Return a cell of a column of several kinds; what is neither text, number nor date as its text."""
    if cell is None or isinstance(cell, str | int | float) or hasattr(cell, "year"):
        return None if str(cell) in ("NaT", "<NA>") else cell
    return None if str(cell) in ("NaT", "<NA>") else str(cell)
