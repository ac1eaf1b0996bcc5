"""Files of R (.rds, .RData) to tables: data frames, and zoo and xts series with their index."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy.errors import FileContentError, first_line
from eventstudy.intake.cells import is_date
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.intake.typed import column_of

BINARY = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"RDB2\n", b"RDB3\n")
SERIAL = (b"X\n\0\0\0", b"A\n2\n", b"A\n3\n", b"B\n\2\0\0\0", b"B\n\3\0\0\0")
LATEST_DAY = 700_000  #: days from 1970 that a date may be away
LONGEST = 20_000_000  #: values of a sequence that a file states by its ends alone


def is_of_r(raw: bytes) -> bool:
    """Whether bytes are a workspace or an object of R."""
    return raw.startswith((*BINARY, *SERIAL))


def tables_of_r(name: str, raw: bytes, options: ReadingOptions) -> list[Table]:
    """Return a table for each data frame or series with dates; functions and expressions are not looked at.

    Raises
    ------
    FileContentError
        A file that is damaged, holds no such object, or needs the package rdata.
    """
    try:
        from rdata.parser import parse_data
        from rdata.parser._parser import DEFAULT_ALTREP_MAP
    except ImportError:
        raise FileContentError(name, "needs rdata", 'pip install "eventstudy-impact[r]"') from None
    build = {key: _limited(name, make) for key, make in DEFAULT_ALTREP_MAP.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdata's, on text without a stated encoding
        try:
            root = parse_data(raw, altrep_constructor_dict=build, extension=".rds").object
        except (MemoryError, RecursionError, ArithmeticError) as error:
            problem = f"is damaged or too deep ({first_line(error)})"
            raise FileContentError(name, problem, "save one data frame") from None
    tables = [table for title, each in _objects(root) if (table := _table(name, title, each))]
    if not tables:
        raise FileContentError(name, "holds no data frame and no zoo or xts series", "save one data frame")
    return [tables[0]] if len(tables) == 1 else tables


def _limited(name: str, make: Any) -> Any:
    """Return a constructor of a compact sequence that refuses one of absurd length."""

    def build(state: Any) -> Any:
        values = getattr(state, "value", None)
        if isinstance(values, np.ndarray) and len(values) == 3 and values[0] > LONGEST:
            raise FileContentError(name, f"claims a sequence of {values[0]:,.0f} values", "save it again")
        return make(state)

    return build


def _objects(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield the objects of a file with their names: of a workspace, of a list, or the only one."""
    if _is_pairlist(root):
        yield from _pairs(root)
    elif root.info.type.name == "VEC" and "data.frame" not in _classes(root):
        names = _texts(_attribute(root, "names"))
        yield from zip(names or map(str, range(1, len(root.value) + 1)), root.value, strict=False)
    else:
        yield "", root


def _is_pairlist(each: Any) -> bool:
    return each is not None and each.info.type.name == "LIST"


def _pairs(pairlist: Any) -> Iterator[tuple[str, Any]]:
    while _is_pairlist(pairlist):
        first, rest = pairlist.value
        yield _symbol(pairlist.tag), first
        pairlist = rest


def _symbol(tag: Any) -> str:
    if tag is None:
        return ""
    if tag.info.type.name == "REF":
        tag = tag.referenced_object
    return _text(tag.value) or ""


def _text(char: Any) -> str | None:
    value = getattr(char, "value", char)
    return None if value is None else value.decode("utf-8", "replace")


def _attribute(each: Any, name: str) -> Any:
    return next((value for tag, value in _pairs(each.attributes) if tag == name), None)


def _texts(each: Any) -> list[str]:
    if each is None or each.info.type.name != "STR":
        return []
    return [_text(char) or "" for char in each.value]


def _classes(each: Any) -> list[str]:
    return _texts(_attribute(each, "class"))


def _table(name: str, title: str, each: Any) -> Table | None:
    called = f"{name}[{title}]" if title else name
    classes = _classes(each)
    if "data.frame" in classes:
        names, columns = _frame(each)
    elif {"zoo", "xts"} & set(classes):
        names, columns = _series(each)
    else:
        return None
    lengths = set(map(len, columns))
    if len(lengths) != 1 or len(names) != len(columns):
        raise FileContentError(called, "is damaged: its columns differ in length", "save it again")
    return Table(called, tuple(map(_arrow, columns)), (tuple(names),), first_line=1)


def _frame(each: Any) -> tuple[list[str], list[Any]]:
    """Return names and cells of the columns of a data frame; row names that are dates come first."""
    names, columns = _texts(_attribute(each, "names")), [_cells(column) for column in each.value]
    rows = _texts(_attribute(each, "row.names"))
    if rows and is_date(rows[0]):
        return ["", *names], [rows, *columns]
    return names, columns


def _series(each: Any) -> tuple[list[str], list[Any]]:
    """Return names and cells of a zoo or xts series: its index, and a column per series."""
    index = _attribute(each, "index")
    if index is None:
        return [], []
    is_of_days = "Date" in (_texts(_attribute(index, "tclass")) or _texts(_attribute(each, "tclass")))
    values, dim = _numbers(each), _attribute(each, "dim")
    n, k = map(int, dim.value) if dim is not None else (len(values), 1)
    dimnames = _attribute(each, "dimnames")
    names = _texts(dimnames.value[1]) if dimnames is not None and len(dimnames.value) > 1 else []
    columns = [values[place * n : (place + 1) * n] for place in range(k)]
    return ["", *(names or ["value"] * k)], [_cells(index, as_days=is_of_days), *columns]


def _numbers(each: Any) -> Any:
    """Return numbers as floats, NaN where R has NA."""
    return np.ma.filled(np.ma.asarray(each.value).astype(np.float64), np.nan)


def _cells(each: Any, *, as_days: bool = False) -> Any:
    """Return the cells of a column: text, factors as text, dates, stamps in their zone, or numbers."""
    kind, classes = each.info.type.name, _classes(each)
    if kind == "STR":
        return [_text(char) for char in each.value]
    if kind not in ("INT", "REAL", "LGL"):
        return [None] * len(each.value or ())
    numbers = _numbers(each)
    if "factor" in classes:
        levels = _texts(_attribute(each, "levels"))
        return [None if code != code else levels[int(code) - 1] for code in numbers]
    if "Date" in classes:
        return _days(numbers)
    if "POSIXct" in classes or as_days:
        if as_days:
            return _days(numbers / 86_400)
        zone = next(iter(_texts(_attribute(each, "tzone"))), "") or "UTC"
        return _whole(np.round(numbers * 1e6), pa.int64()).cast(pa.timestamp("us", zone))
    return numbers


def _days(numbers: Any) -> pa.Array:
    return _whole(np.floor(numbers), pa.int32()).cast(pa.date32())


def _whole(numbers: Any, kind: pa.DataType) -> pa.Array:
    """Return whole numbers, null where there is none or it is more than 1,900 years from 1970."""
    bound = LATEST_DAY * (86_400_000_000 if kind == pa.int64() else 1)
    there = np.abs(np.nan_to_num(numbers, nan=np.inf)) < bound
    return pa.array(np.where(there, numbers, 0).astype(np.int64), mask=~there).cast(kind)


def _arrow(cells: Any) -> pa.ChunkedArray:
    if isinstance(cells, pa.Array):
        return pa.chunked_array([cells])
    if isinstance(cells, np.ndarray):
        return pa.chunked_array([pa.array(cells, pa.float64(), mask=np.isnan(cells))])
    return column_of(cells)
