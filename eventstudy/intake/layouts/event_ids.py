"""Ids of events and securities: cells as names, ids that are made, exchanges that the kind of id tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import TextArray
from eventstudy.intake.table import Table, plain

#: ids that only lists of North American securities have
NORTH_AMERICAN = ("permno", "lpermno", "gvkey", "cusip", "ncusip")
KOREAN = ("종목코드", "단축코드")
NEW_YORK, SEOUL = "XNYS", "XKRX"
GVKEY_DIGITS, KRX_DIGITS = 6, 6
_UNSAFE = re.compile(r'[/\\:*?"<>|]+')


def names_of(table: Table, place: int) -> TextArray:
    """Return a column of names: text as written, whole numbers without a point, other values as they are."""
    column = table.columns[place]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return np.array([*map(_name, column.to_pylist()), None], dtype=object)[:-1]


def _name(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float):
        return None if cell != cell else str(int(cell)) if cell.is_integer() else cell
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def padded(tickers: TextArray, title: str) -> TextArray:
    """Return ids with the zeros that their kind has and a spreadsheet drops: a gvkey of 6 digits."""
    digits = {"gvkey": GVKEY_DIGITS, **dict.fromkeys(KOREAN, KRX_DIGITS)}.get(plain(title))
    if digits is None:
        return tickers
    return np.array(
        [name.zfill(digits) if isinstance(name, str) and name.isdecimal() else name for name in tickers],
        dtype=object,
    )


def exchanges_of(tickers: TextArray, title: str) -> dict[str, str]:
    """Return the exchange of each ticker that only its kind of id tells.

    A permno, gvkey or CUSIP is New York's, so that its digits are no code of an Asian exchange; the name of a
    firm with a point in it has no suffix.
    """
    kind, names = plain(title), [name for name in dict.fromkeys(tickers) if isinstance(name, str)]
    if kind in NORTH_AMERICAN:
        return dict.fromkeys(names, NEW_YORK)
    if kind in KOREAN:
        return dict.fromkeys((name for name in names if name.isdecimal()), SEOUL)
    return dict.fromkeys((name for name in names if re.search(r"\s", name) and "." in name), NEW_YORK)


def made_ids(tickers: TextArray, days: Iterable[Any]) -> TextArray:
    """Return an id for each row: ``NVDA_2025-02-26``, with ``_2`` for a second one.

    Examples
    --------
    >>> made_ids(np.array(["A", "A", ".SPX"], dtype=object), ["2025-02-26"] * 3).tolist()
    ['A_2025-02-26', 'A_2025-02-26_2', 'SPX_2025-02-26']
    """
    seen: Counter[str] = Counter()
    ids = []
    for ticker, day in zip(tickers, days, strict=True):
        name = f"{_UNSAFE.sub('-', str(ticker)).replace('..', '-').lstrip('. ')}_{str(day)[:10]}"
        seen[name] += 1
        ids.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return np.array([*ids, None], dtype=object)[:-1]
