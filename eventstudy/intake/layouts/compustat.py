"""Compustat's daily security files of North America (secd) and Global (g_secd)."""

from __future__ import annotations

import re

import numpy as np

from eventstudy._typing import BoolArray, FloatArray, IntArray
from eventstudy.intake.dates import session_dates
from eventstudy.intake.figures import Texts, figures_of, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.aliases import Aliases, aliases_of
from eventstudy.intake.layouts.long import LongRows, long_rows
from eventstudy.intake.layouts.several_sessions import returns_without
from eventstudy.intake.layouts.telling import counted, understood_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading, Remark, SeriesColumns
from eventstudy.intake.table import Table

NAME, TITLE = "compustat", "Compustat daily"
ALIASES = ("tic", "cusip", "isin", "sedol")
QUOTED = (3.0, 4.0, 10.0)  #: PRCSTD of prices of the day
TORONTO, EXCHANGES = "XTSE", (7.0, 8.0, 9.0)  #: EXCHG of Canada in the file of North America
LAST_OF_AMERICA = 20.0  #: EXCHG of North America; those of other countries are above 100
DOLLARS = ("USD", "CAD", "")
CHANGE = "currency-change"


def fits(table: Table) -> bool:
    """Tell whether the columns are those of secd or g_secd."""
    return all(table.places(name) for name in ("gvkey", "datadate", "prccd"))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    r"""Return a total return index per security.

    Notes
    -----
    .. math:: I_t = \mathrm{PRCCD}_t / (\mathrm{QUNIT}_t \cdot \mathrm{AJEXDI}_t) \cdot \mathrm{TRFD}_t

    An empty TRFD or QUNIT is 1. Prices of which PRCSTD says that they are not of the day are missing. A
    security is its gvkey where it has one iid, else gvkey.iid. Over a change of the currency there is no
    return.

    References
    ----------
    Standard & Poor's, Compustat Xpressfeed: Understanding the Data, daily total return.
    """
    date_place, close_place = table.places("datadate")[0], table.places("prccd")[0]
    days = session_dates(table, date_place, options)
    figures = _figures(table, close_place, options)
    unquoted = int((np.isnan(figures["index"]) & np.isfinite(figures.pop("close"))).sum())
    names = _securities(table)
    rows = long_rows(table, names, days.days, figures)
    changes = _changes(rows)
    adjusted, total = bool(table.places("ajexdi")), bool(table.places("trfd"))
    closes = "total-return-index" if total else "split-adjusted" if adjusted else "raw"
    currencies = texts_of(table, table.places("curcdd")[0]).names if table.places("curcdd") else []
    series = {}
    for name, block in rows.blocks():
        last = int(rows.figures["currency"][block.stop - 1])
        series[name] = SeriesColumns(
            rows.days[block], _columns(rows, block, changes), closes,  # type: ignore[arg-type]
            currencies[last] if last >= 0 else "", _exchange(table, rows, block), _remarks(rows, block,
            changes, currencies),
        )  # fmt: skip
    aliases = _with_keys(aliases_of(table, rows, ALIASES), rows.ids)
    columns = {"id": table.places("gvkey")[0], "date": date_place, "close": close_place}
    remarks = (
        f"{counted(unquoted, 'price')} not of the day (prcstd) missing" if unquoted else "",
        f"no return over {counted(int(changes.sum()), 'change')} of currency" if changes.any() else "",
        "" if total else "no dividends (no trfd)",
        "" if adjusted else "splits are in the prices (no ajexdi)",
    )
    understood = understood_of(
        table, (NAME, TITLE), series, {role: table.titles[place] for role, place in columns.items()},
        unit="index" if total else "price", dates=days.form, remarks=remarks,
    )  # fmt: skip
    return PriceReading(series, understood, aliases.ids, aliases.days)


def _figures(table: Table, close: int, options: ReadingOptions) -> dict[str, FloatArray]:
    """Return the index, the close, the code of the currency and the exchange of each row."""
    values = figures_of(table, close, options).values
    index = np.where(values > 0, values, np.nan)
    for name, empty_is_one in (("qunit", True), ("ajexdi", False)):
        if places := table.places(name):
            divisor = figures_of(table, places[0], options).values
            divisor[~(divisor > 0)] = np.nan
            index /= np.where(np.isnan(divisor), 1.0, divisor) if empty_is_one else divisor
    if places := table.places("trfd"):
        factor = figures_of(table, places[0], options).values
        index *= np.where(np.isnan(factor), 1.0, factor)
    if places := table.places("prcstd"):
        status = figures_of(table, places[0], options).values
        index[np.isfinite(status) & ~np.isin(status, QUOTED)] = np.nan
    figures = {"index": index, "close": values, "currency": np.full(len(values), -1.0)}
    if places := table.places("curcdd"):
        figures["currency"] = texts_of(table, places[0]).codes.astype(float)
    if places := table.places("exchg"):
        figures["exchg"] = figures_of(table, places[0], options).values
    figures["abroad"] = _abroad(table, len(values))
    return figures


def _abroad(table: Table, n: int) -> FloatArray:
    """Return 1 for rows that are not of North America, by iid (``01W``) or currency, else 0; shape (T,)."""
    abroad = np.zeros(n, dtype=bool)
    for name, is_abroad in (
        ("iid", lambda issue: issue.upper().endswith("W")),
        ("curcdd", lambda currency: currency.upper() not in DOLLARS),
    ):
        if places := table.places(name):
            texts = texts_of(table, places[0])
            abroad |= np.array([*map(is_abroad, texts.names), False], dtype=bool)[texts.codes]
    return abroad.astype(float)


def _securities(table: Table) -> Texts:
    """Return the security of each row: gvkey of six digits, with the iid where a gvkey has several."""
    keys = texts_of(table, table.places("gvkey")[0])
    written = [key.zfill(6) if key.isdigit() else key for key in keys.names]
    if not (places := table.places("iid")):
        return _merged(keys.codes, written)
    issues = texts_of(table, places[0])
    issue_names = [
        issue.zfill(2) if issue.isdigit() else re.sub(r"^(\d)(\D)", r"0\1\2", issue) for issue in issues.names
    ]
    n = len(issue_names) + 1
    pairs, codes = np.unique(keys.codes * n + issues.codes + 1, return_inverse=True)
    of_key, of_issue = np.divmod(pairs, n)
    several = {
        written[key] for key in of_key[np.bincount(of_key, minlength=len(written))[of_key] > 1].tolist()
    }
    both = [
        f"{written[key]}.{issue_names[issue - 1]}" if issue and written[key] in several else written[key]
        for key, issue in zip(of_key.tolist(), of_issue.tolist(), strict=True)
    ]
    return _merged(np.where(keys.codes < 0, -1, codes), both)


def _merged(codes: IntArray, names: list[str]) -> Texts:
    """Return texts in which a name has one code, as 1690 and 001690 do."""
    first: dict[str, int] = {}
    place = np.array([first.setdefault(name, len(first)) for name in names], dtype=np.int64)
    return Texts(np.where(codes < 0, -1, place[codes]), list(first))


def _changes(rows: LongRows) -> BoolArray:
    """Return whether the currency of a row is another than that of the row before, shape (T,)."""
    currency = rows.figures["currency"]
    before = np.roll(currency, 1)
    return np.asarray((currency != before) & (currency >= 0) & (before >= 0) & ~rows.firsts())


def _columns(rows: LongRows, block: slice, changes: BoolArray) -> dict[str, FloatArray]:
    index = rows.figures["index"][block]
    if not changes[block].any():
        return {"close": index}
    broken = changes[block] | (rows.steps()[block] > 1)
    return {"close": index, "return": returns_without(index, broken)}


def _remarks(rows: LongRows, block: slice, changes: BoolArray, currencies: list[str]) -> tuple[Remark, ...]:
    codes, days = rows.figures["currency"][block], rows.days[block]
    return tuple(
        Remark(
            CHANGE, "error",
            f"the currency changes from {currencies[int(codes[row - 1])]} to {currencies[int(codes[row])]}",
            str(days[row]),
        )
        for row in np.flatnonzero(changes[block])
    )  # fmt: skip


def _exchange(table: Table, rows: LongRows, block: slice) -> str:
    """Return the exchange of a security of North America; that of another country is left open."""
    last = rows.figures["exchg"][block.stop - 1] if "exchg" in rows.figures else np.nan
    if table.places("sedol", "monthend") or rows.figures["abroad"][block].any() or last > LAST_OF_AMERICA:
        return ""
    return TORONTO if last in EXCHANGES else "XNYS"


def _with_keys(aliases: Aliases, ids: tuple[str, ...]) -> Aliases:
    """Add the gvkey of several securities, and the key without its zeros."""
    found = {name: list(bearers) for name, bearers in aliases.ids.items()}
    own = set(ids)
    for each in ids:
        key, _, issue = each.partition(".")
        short = key.lstrip("0")
        for name in {key, short, f"{short}.{issue}" if issue else short} - own:
            if each not in found.setdefault(name, []):
                found[name].append(each)
    return Aliases({name: tuple(bearers) for name, bearers in found.items()}, aliases.days)


COMPUSTAT = Layout(NAME, TITLE, "`gvkey`, `datadate` and `prccd`", fits, read)
