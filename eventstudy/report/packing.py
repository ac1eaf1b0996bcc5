"""The data of a page, compressed: text, and rows by column."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping, Sequence
from typing import Any

LEVEL = 6  #: of gzip: 9 takes twice as long for 2 % less
DIGITS = 7  #: significant digits of what is drawn; the tables have them all
LEAST = 24  #: values of a column that is stored as codes
SHARED = 0.5  #: ... where fewer than this share of them differ


def compressed(text: str) -> str:
    """Return a text as base64 of its gzip, the same for the same text; every current browser unpacks it."""
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=LEVEL, mtime=0)).decode("ascii")


def packed(
    rows: Sequence[Mapping[str, Any]], exact: Sequence[str] = (), digits: int = DIGITS
) -> dict[str, Any]:
    """Return rows as columns: values that repeat once with a code per row, figures to so many digits.

    Parameters
    ----------
    exact
        Columns whose figures keep all their digits, since they are downloaded, too.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {
        name: _column([row.get(name) for row in rows], 0 if name in exact else digits) for name in names
    }
    return {"n": len(rows), "columns": columns}


def unpacked(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of what `packed` returned."""
    columns = {
        name: [column["values"][code] for code in column["codes"]] if isinstance(column, dict) else column
        for name, column in table["columns"].items()
    }
    return [{name: column[at] for name, column in columns.items()} for at in range(table["n"])]


def _column(values: list[Any], digits: int) -> Any:
    if digits:
        values = [float(f"{value:.{digits}g}") if isinstance(value, float) else value for value in values]
    if len(values) < LEAST:
        return values
    keys = [(type(value), value) for value in values]  # True, 1 and 1.0 are equal, and not the same
    codes = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    if len(codes) < SHARED * len(values):
        return {"values": [value for _, value in codes], "codes": [codes[key] for key in keys]}
    return values
