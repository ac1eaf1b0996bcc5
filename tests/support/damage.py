"""Sound prices, returns and factors, and the ways in which they are damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from eventstudy.sessions import trading_sessions

SESSIONS = trading_sessions("XNYS", date(2021, 1, 4), date(2022, 12, 30))
TICKERS = ("AAA", "BBB", "SPY")
DAY0 = {"one": 320, "two": 430}  #: rows of the events
THREE = ("Mkt-RF", "SMB", "HML")

Damage = Callable[[pd.DataFrame, str, np.random.Generator], pd.DataFrame]


@dataclass(frozen=True)
class Sound:
    """Prices with a row per ticker and session, returns by ticker, and factors in percent."""

    prices: pd.DataFrame
    returns: pd.DataFrame
    factors: pd.DataFrame


def sound(seed: int = 5) -> Sound:
    """Return one seeded set: closes on the tick, quarterly dividends, betas around one."""
    rng = np.random.default_rng(seed)
    n = len(SESSIONS)
    factors = rng.normal(0.0004, [0.01, 0.006, 0.006], (n, 3))
    moves = {"SPY": factors[:, 0], "AAA": 1.2 * factors[:, 0] + rng.normal(0, 0.012, n)}
    moves["BBB"] = 0.9 * factors[:, 0] + 0.4 * factors[:, 1] + rng.normal(0, 0.01, n)
    parts, returns = [], {}
    for ticker, move in moves.items():
        close = np.round(80 * np.exp(np.cumsum(move)), 2)
        open_ = np.round(close * np.exp(-move * rng.uniform(0.2, 0.8, n)), 2)
        dividend = np.zeros(n)
        dividend[30::63] = 0.35
        parts.append(
            pd.DataFrame(
                {
                    "date": pd.DatetimeIndex(SESSIONS),
                    "ticker": ticker,
                    "open": open_,
                    "high": np.maximum(open_, close) + 0.2,
                    "low": np.minimum(open_, close) - 0.2,
                    "close": close,
                    "volume": np.round(1e6 * np.exp(rng.normal(0, 0.3, n))),
                    "dividend": dividend,
                    "split": 0.0,
                }
            )
        )
        returns[ticker] = np.append(np.nan, (close[1:] + dividend[1:]) / close[:-1] - 1)
    table = pd.DataFrame(returns, index=pd.DatetimeIndex(SESSIONS))
    rate = np.full((n, 1), 0.008) + rng.uniform(0, 0.001, (n, 1))
    listed = pd.DataFrame(
        np.round(np.hstack([100 * factors, rate]), 4), index=table.index, columns=[*THREE, "RF"]
    )
    return Sound(pd.concat(parts, ignore_index=True), table, listed.rename_axis("date"))


def place(rng: np.random.Generator) -> int:
    """Return a row on day 0, beside it, or in the estimation window of both events."""
    return int(rng.choice([*DAY0.values(), DAY0["one"] + 1, rng.integers(200, 300)]))


def on_ticker(change: Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]) -> Damage:
    """Change the rows of one ticker, a frame of its own in order of date."""

    def damage(prices: pd.DataFrame, ticker: str, rng: np.random.Generator) -> pd.DataFrame:
        own = prices["ticker"] == ticker
        rows = prices[own].sort_values("date", kind="stable").reset_index(drop=True)
        return pd.concat([prices[~own], change(rows.copy(), rng)], ignore_index=True)

    return damage


def put(name: str, value: float) -> Damage:
    """Put a value into one row of a column."""

    def change(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows.loc[min(place(rng), len(rows) - 1), name] = value
        return rows

    return on_ticker(change)


def scaled(factor: float, *, session: bool = False, listed: bool = False) -> Damage:
    """Multiply the prices before a session, or of one session; ``listed`` as a split."""

    def change(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        at = min(place(rng), len(rows) - 30)
        where = rows.index == at if session else rows.index < at
        names = ["open", "high", "low", "close", *([] if session else {"dividend", "gain"} & {*rows})]
        rows.loc[where, names] *= factor
        if not session:
            rows.loc[where, "volume"] /= factor
        if listed:
            rows.loc[at, "split"] = factor
        return rows

    return on_ticker(change)


def _adjusted(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    factor = 1 - rows["dividend"] / rows["close"].shift(1)
    later = factor[::-1].cumprod()[::-1].shift(-1).fillna(1.0)
    names = ["open", "high", "low", "close"]
    rows[names] = rows[names].mul(later, axis=0)
    return rows


def _spike(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    names = ["open", "high", "low", "close"]
    rows.loc[min(place(rng), len(rows) - 2), names] *= 1.3
    return rows


def _carried(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    at = min(place(rng), len(rows) - 20)
    for name in ("open", "high", "low", "close"):
        rows.loc[at : at + 12, name] = rows.loc[at - 1, name]
    return rows


def _calendar_days(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = rows.drop_duplicates("date").set_index("date").asfreq("D", method="ffill")
    return rows.assign(dividend=0.0).reset_index()


def _a_day_early(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return rows.assign(date=rows["date"] - pd.Timedelta(days=1))


def _twice(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    again = rows.loc[[min(place(rng), len(rows) - 1)]]
    return pd.concat([rows, again.assign(close=again["close"] * 1.02)], ignore_index=True)


def _shifted(by: int) -> Damage:
    def change(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        names = [name for name in rows if name not in ("date", "ticker")]
        rows[names] = rows[names].shift(by)
        return rows.dropna(subset=["close"])

    return on_ticker(change)


def _large_dividend(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    at = min(place(rng), len(rows) - 1)
    rows.loc[at, "dividend"] = 0.5 * rows.loc[at - 1, "close"]
    return rows


def _twin(prices: pd.DataFrame, ticker: str, rng: np.random.Generator) -> pd.DataFrame:
    other = TICKERS[(TICKERS.index(ticker) + 1) % 2]
    copied = prices[prices["ticker"] == other].assign(ticker=ticker)
    return prices if other == ticker else pd.concat([prices[prices["ticker"] != ticker], copied])


def _gains_apart(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    apart = rows["dividend"].abs() * 0.8
    return rows.assign(gain=apart + rows.get("gain", 0.0), dividend=rows["dividend"] * 0.2)


PRICES: dict[str, Damage] = {
    "dividends twice": on_ticker(_adjusted),
    **{f"split of {ratio:g} listed": scaled(ratio, listed=True) for ratio in (10.0, 2.0, 1.3, 0.1)},
    **{f"split of {ratio:g}": scaled(ratio) for ratio in (10.0, 2.0, 0.1)},
    "unit of a session": scaled(100.0, session=True),
    "unit from there back": scaled(0.01),
    "a session late": _shifted(1),
    "a session early": _shifted(-1),
    "a day early": on_ticker(_a_day_early),
    "calendar days": on_ticker(_calendar_days),
    "carried forward": on_ticker(_carried),
    "one wrong bar": on_ticker(_spike),
    "a row twice": on_ticker(_twice),
    "no close": put("close", np.nan),
    "a negative close": put("close", -5.0),
    "an infinite close": put("close", np.inf),
    "an infinite dividend": put("dividend", np.inf),
    "a negative dividend": put("dividend", -1.0),
    "a large dividend": on_ticker(_large_dividend),
    "volumes": on_ticker(lambda rows, rng: rows.assign(close=rows["volume"])),
    "returns as closes": on_ticker(lambda rows, rng: rows.assign(close=rows["close"].pct_change())),
    "another ticker's": _twin,
    "any order": lambda prices, ticker, rng: prices.sample(frac=1.0, random_state=int(rng.integers(99))),
    "gains apart": on_ticker(_gains_apart),
}


def column(change: Callable[[pd.Series, np.random.Generator], pd.Series]) -> Damage:
    """Change one column of a table of returns or of factors."""

    def damage(table: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
        return table.assign(**{name: change(table[name].copy(), rng)})

    return damage


def value(figure: float, *more: float) -> Damage:
    """Put a figure, and those after it, into one column."""

    def change(own: pd.Series, rng: np.random.Generator) -> pd.Series:
        at = min(place(rng), len(own) - 15)
        own.iloc[at : at + 1 + len(more)] = [figure, *more]
        return own

    return column(change)


def _sunday_to_thursday(table: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
    return table.set_axis(table.index - pd.Timedelta(days=1))


COLUMNS: dict[str, Damage] = {
    "a column in basis points": column(lambda own, rng: 10_000 * own),
    "a column late": column(lambda own, rng: own.shift(1)),
    "a column early": column(lambda own, rng: own.shift(-1)),
    "one wrong close": value(0.5, -1 / 3),
    "carried forward": value(*[0.0] * 13),
    "huge": value(1e300),
}
RETURNS: dict[str, Damage] = {
    **COLUMNS,
    "percent": lambda table, name, rng: 100 * table,
    "basis points": lambda table, name, rng: 10_000 * table,
    "gross": lambda table, name, rng: 1 + table,
    "cumulative": lambda table, name, rng: table.fillna(0.0).cumsum(),
    "prices": lambda table, name, rng: 50 * (1 + table.fillna(0.0)).cumprod(),
    "a column in percent": column(lambda own, rng: 100 * own),
    "a column of prices": column(lambda own, rng: 50 * (1 + own.fillna(0.0)).cumprod()),
    "a column of text": column(lambda own, rng: own.astype(str)),
    "a column of truth": column(lambda own, rng: own > 0),
    "below -100 %": value(-1.5),
    "calendar days": lambda table, name, rng: table.asfreq("D", fill_value=0.0),
    "empty calendar days": lambda table, name, rng: table.asfreq("D"),
    "a day early": _sunday_to_thursday,
    "another ticker's": lambda table, name, rng: table.assign(AAA=table["BBB"]),
    "a day twice": lambda table, name, rng: table.iloc[[*range(len(table)), 40]],
}
#: Done last: other damages go by the order of rows, and would tell two series apart again.
LAST = ("another ticker's", "any order", "a day twice")
#: Damages of which one can undo another, for all but a factor of which nothing tells its dates.
MOVES = ("a column late", "a column early", "a column two weeks early", "all late", "all early")
NO_NUMBERS = ("a column of text", "a column of truth")  #: after which no other damage can be done
FACTORS: dict[str, Damage] = {
    **{name: COLUMNS[name] for name in ("a column late", "a column early", "huge")},
    "a column in decimals": column(lambda own, rng: own / 100),
    "a column in basis points": column(lambda own, rng: 100 * own),
    "a column of an index": column(lambda own, rng: 100 * (1 + own / 100).cumprod()),
    "decimals": lambda table, name, rng: table / 100,
    "gross": lambda table, name, rng: 1 + table / 100,
    "an early end": lambda table, name, rng: table.iloc[: DAY0["one"] - 3],
    "all late": lambda table, name, rng: table.shift(1).dropna(),
    "all early": lambda table, name, rng: table.shift(-1).dropna(),
    "carried forward": value(*[0.0] * 13),
    "a day twice": lambda table, name, rng: table.iloc[[*range(len(table)), 40]],
    "any order": lambda table, name, rng: table.sample(frac=1.0, random_state=int(rng.integers(99))),
}
