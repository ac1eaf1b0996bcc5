"""Damages of dates, columns and types, alike for tables of prices, returns and factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import damage
import numpy as np
import pandas as pd
from damage import DAY0, Damage, on_ticker

NEW_YORK = "America/New_York"
TWO_WEEKS = pd.Timedelta(days=14)
EVENT_ROWS = list(DAY0.values())


def on_dates(change: Callable[[pd.DatetimeIndex], Any]) -> Damage:
    """Change the dates of all rows, in the column ``date`` or the index."""

    def damaged(table: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
        if "date" in table:
            return table.assign(date=change(pd.DatetimeIndex(table["date"])))
        return table.set_axis(pd.Index(change(pd.DatetimeIndex(table.index)), name=table.index.name))

    return damaged


def _exchanged(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Exchange day and month wherever that is a date, as programs do that guess each row."""
    made = [d.replace(month=d.day, day=d.month) if d.day <= 12 else d for d in dates]
    return pd.DatetimeIndex(made)


def _converted(zone: str, *, naive: bool) -> Callable[[pd.DatetimeIndex], pd.DatetimeIndex]:
    def change(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
        made = dates.tz_localize(NEW_YORK).tz_convert(zone)
        return made.tz_localize(None) if naive else made

    return change


DATES: dict[str, Damage] = {
    "day first": on_dates(lambda dates: dates.strftime("%d/%m/%Y")),
    "month first": on_dates(lambda dates: dates.strftime("%m/%d/%Y")),
    "dates as text": on_dates(lambda dates: dates.strftime("%Y-%m-%d")),
    "dates as numbers": on_dates(lambda dates: dates.strftime("%Y%m%d").astype(int)),
    "days of a workbook": on_dates(lambda dates: (dates - pd.Timestamp("1899-12-30")).days),
    "seconds of 1970": on_dates(lambda dates: dates.astype("datetime64[s]").astype(np.int64)),
    "day and month exchanged": on_dates(_exchanged),
    "midnights in California": on_dates(_converted("America/Los_Angeles", naive=False)),
    "midnights in California without a zone": on_dates(_converted("America/Los_Angeles", naive=True)),
    "midnights in Seoul": on_dates(_converted("Asia/Seoul", naive=False)),
    "midnights in UTC": on_dates(_converted("UTC", naive=False)),
    "closing times": on_dates(lambda dates: dates + pd.Timedelta(hours=16)),
}


def _rows(own: pd.DataFrame, keep: Any) -> pd.DataFrame:
    return own[keep].reset_index(drop=True)


def _halted(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    at = int(rng.choice(EVENT_ROWS))
    return _rows(rows, (rows.index < at - 1) | (rows.index > at + 2))


def _still(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    at = min(int(rng.choice(EVENT_ROWS)), len(rows) - 1)
    rows.loc[at, ["close", "dividend"]] = [rows.loc[at - 1, "close"], 0.0]
    return rows


def _add_adjusted(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    factor = 1 - rows["dividend"] / rows["close"].shift(1)
    later = factor[::-1].cumprod()[::-1].shift(-1).fillna(1.0)
    return rows.assign(adj_close=rows["close"] * later)


def column_of_text(name: str, change: Callable[[pd.Series], pd.Series]) -> Damage:
    return lambda table, _, rng: table.assign(**{name: change(table[name])})


def renamed(name: str, other: str) -> Damage:
    return lambda table, _, rng: table.rename(columns={name: other})


PRICES: dict[str, Damage] = {
    **DATES,
    "two weeks early": on_ticker(lambda rows, rng: rows.assign(date=rows["date"] - TWO_WEEKS)),
    "an early end": on_ticker(lambda rows, rng: _rows(rows, rows.index < DAY0["one"] - 1)),
    "a late start": on_ticker(lambda rows, rng: _rows(rows, rows.index > DAY0["one"] - 60)),
    "a halt": on_ticker(_halted),
    "an unchanged close at the event": on_ticker(_still),
    "opens as closes": on_ticker(lambda rows, rng: rows.assign(close=rows["open"])),
    "adjusted closes besides": on_ticker(_add_adjusted),
    "a huge close": damage.put("close", 1e300),
    "an infinite open": damage.put("open", np.inf),
    "closes with decimal commas": column_of_text(
        "close", lambda own: own.map(lambda figure: f"{figure!r}".replace(".", ","))
    ),
    "closes as text": column_of_text("close", lambda own: own.map(lambda figure: f"{figure!r}")),
    "closes with a currency": column_of_text("close", lambda own: own.map(lambda figure: f"${figure!r}")),
    "closes as truth": column_of_text("close", lambda own: own > 80),
    "closes as dates": column_of_text("close", lambda own: pd.to_datetime(own.rank(), unit="D")),
    "no dividends": lambda table, name, rng: table.drop(columns="dividend"),
    "no dates": lambda table, name, rng: table.drop(columns="date"),
    "the close twice": lambda table, name, rng: table.loc[:, [*table.columns, "close"]],
    "the close called 'price'": renamed("close", "price"),
    "the date called 'Trade Date'": renamed("date", "Trade Date"),
    "the ticker called 'Symbol'": renamed("ticker", "Symbol"),
    "the ticker called 'name'": renamed("ticker", "name"),
    "blanks around tickers": lambda table, name, rng: table.assign(ticker=" " + table["ticker"] + " "),
    "small letters": lambda table, name, rng: table.assign(ticker=table["ticker"].str.lower()),
    "another ticker": lambda table, name, rng: table.assign(ticker=table["ticker"].replace(name, "ZZZ")),
}


def _column_twice(table: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
    return table.loc[:, [*table.columns, name]]


def _zero_at_the_event(table: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
    changed = table.copy()
    changed.iloc[min(int(rng.choice(EVENT_ROWS)), len(table) - 1), changed.columns.get_loc(name)] = 0.0
    return changed


def _holidays(table: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
    return table[~table.index.duplicated()].asfreq("B", fill_value=0.0)


TABLES: dict[str, Damage] = {
    **DATES,
    "a column twice": _column_twice,
    "a column two weeks early": damage.column(lambda own, rng: own.shift(-10)),
    "a column without values": damage.column(lambda own, rng: own * np.nan),
    "a column with decimal commas": damage.column(
        lambda own, rng: own.map(lambda figure: f"{figure!r}".replace(".", ","))
    ),
}
RETURNS: dict[str, Damage] = {
    **TABLES,
    "an early end": lambda table, name, rng: table.iloc[: DAY0["one"] - 1],
    "a late start": lambda table, name, rng: table.iloc[DAY0["one"] - 60 :],
    "a halt": damage.value(*[np.nan] * 4),
    "zero at the event": _zero_at_the_event,
    "holidays": _holidays,
    "dates as a column": lambda table, name, rng: table.rename_axis("date").reset_index(),
    "no dates": lambda table, name, rng: table.reset_index(drop=True),
    "a column of dates": damage.column(lambda own, rng: pd.Series(own.index, own.index)),
    "a column renamed": lambda table, name, rng: table.rename(columns={name: f"{name}.1"}),
    "infinite": damage.value(np.inf),
}
FACTORS: dict[str, Damage] = {
    **TABLES,
    "codes for missing": damage.value(-99.99, -999.0),
    "another name": lambda table, name, rng: table.rename(columns={name: f"{name}-X"}),
    "no risk-free rate": lambda table, name, rng: table.drop(columns="RF"),
}
#: Damages after which no other can be done: the table is not what the others expect.
ENDS = {*TABLES, *PRICES, *RETURNS, *FACTORS} - {
    "an early end",
    "a late start",
    "two weeks early",
    "a column two weeks early",
    "a halt",
    "an unchanged close at the event",
    "a huge close",
    "an infinite open",
    "zero at the event",
    "infinite",
    "codes for missing",
}
