"""Ids of events and securities: cells as names, ids that are made, exchanges that the kind of id tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import TextArray
from eventstudy.intake.layouts.markets import BY_BLOOMBERG, BY_COUNTRY, BY_PREFIX
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

#: ids that only lists of North American securities have
NORTH_AMERICAN = ("permno", "lpermno", "gvkey", "cusip", "ncusip")
KOREAN = ("종목코드", "단축코드")
NEW_YORK = "XNYS"
#: exchange of the codes that only lists of one country call so
BY_TITLE = {
    **dict.fromkeys(KOREAN, "XKRX"),
    **dict.fromkeys(("銘柄コード", "証券コード"), "XTKS"),
    "wkn": "XETR",
}
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", re.ASCII)
#: without EQUITY only codes: SAP SE is the name of a firm
_BLOOMBERG = re.compile(
    r"(?:\S+(?: \S+)? (?P<country>[A-Z]{2}) EQUITY|\d\S* (?P<of_code>[A-Z]{2}))", re.ASCII
)
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

    A permno, gvkey or CUSIP is New York's, so that its digits are no code of an Asian exchange; a Bloomberg
    code (``005930 KS Equity``), an ISIN and a prefix (``KOSE:A005930``) have a country; the name of a firm
    with a point in it has no suffix.
    """
    kind, names = plain(title), [name for name in dict.fromkeys(tickers) if isinstance(name, str)]
    if kind in NORTH_AMERICAN:
        return dict.fromkeys(names, NEW_YORK)
    if kind in BY_TITLE:
        return dict.fromkeys(
            (name for name in names if name[:1].isdecimal() and "." not in name), BY_TITLE[kind]
        )
    known = {name: _exchange_within(name.upper()) for name in names}
    return {name: exchange for name, exchange in known.items() if exchange}


def _exchange_within(name: str) -> str:
    """Return the exchange that a name in capitals states otherwise than by a suffix; "" for none."""
    if _ISIN.fullmatch(name):
        return BY_COUNTRY.get(name[:2], "")
    if found := _BLOOMBERG.fullmatch(name):
        return BY_BLOOMBERG.get(found["country"] or found["of_code"], "")
    if ":" in name:
        return BY_PREFIX.get(name.partition(":")[0], "")
    return NEW_YORK if re.search(r"\s", name) and "." in name else ""


def with_ids_of_events(table: Table, roles: Mapping[str, int]) -> dict[str, int]:
    """Return the roles; a column ``event`` of which a value has several days holds kinds, and no ids."""
    found = dict(roles)
    place, day = roles.get("event_id"), roles.get("when", roles.get("session"))
    if place is None or day is None or plain(table.titles[place]) != "event":
        return found
    names, days = names_of(table, place), table.columns[day].to_pylist()
    pairs = {(name, str(cell)) for name, cell in zip(names, days, strict=True) if None not in (name, cell)}
    if len(pairs) > len({name for name, _ in pairs}):
        del found["event_id"]
        found.setdefault("kind", place)
    return found


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
