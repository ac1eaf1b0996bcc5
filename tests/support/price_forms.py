"""Made-up prices of a few securities, written as each vendor writes them.

`MARKET` has raw closes, dividends and a split; from them follow the true returns, closes adjusted for splits,
and closes adjusted for both. `FORMS` writes them in the layout of a name, so that a reader of that layout can
be held against the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

Rows = list[list[str]]
SESSIONS = 80
BARS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Security:
    """Closes of a security, each of shape (T,), and what it paid.

    ``raw`` are as traded, ``split`` are divided by later splits, ``adjusted`` make the true returns.
    """

    days: Any
    raw: Any
    dividend: Any
    factor: Any
    volume: Any

    @property
    def returns(self) -> Any:
        """True returns, shape (T - 1,)."""
        return (self.raw[1:] + self.dividend[1:]) * self.factor[1:] / self.raw[:-1] - 1

    @property
    def later(self) -> Any:
        """Product of the splits after each session."""
        return np.append(np.cumprod(self.factor[:0:-1])[::-1], 1.0)

    @property
    def split(self) -> Any:
        """Closes without the jumps of splits."""
        return self.raw / self.later

    @property
    def adjusted(self) -> Any:
        """Closes whose ratios are the true returns, equal to the last close."""
        back = np.cumprod(1 / (1 + self.returns[::-1]))[::-1]
        return self.raw[-1] * np.append(back, 1.0)


def made_up(seed: int = 5, names: Sequence[str] = ("RNV", "UOD")) -> dict[str, Security]:
    """Return securities; the first has a split of 4:1, all pay twice."""
    rng = np.random.default_rng(seed)
    days = np.busday_offset("2023-01-02", np.arange(SESSIONS), roll="forward")
    market = {}
    for at, name in enumerate(names):
        dividend = np.zeros(SESSIONS)
        dividend[[20 + at, 60 + at]] = rng.uniform(0.4, 1.5, 2).round(3)
        factor = np.ones(SESSIONS)
        factor[40] = 4.0 if at == 0 else 1.0
        close = rng.uniform(40, 300) * np.exp(np.cumsum(0.012 * rng.standard_normal(SESSIONS)))
        raw = (close * np.append(np.cumprod(factor[:0:-1])[::-1], 1.0)).round(4)
        market[name] = Security(days, raw, dividend, factor, rng.integers(10_000, 9_000_000, SESSIONS))
    return market


def bars(security: Security, close: Any, ratio: float = 0.004) -> dict[str, list[str]]:
    """Return cells of open, high, low, close and volume; adjusted prices have all their digits."""
    figures = {"open": close * (1 - ratio / 2), "high": close * (1 + ratio), "low": close * (1 - ratio)}
    cells = {name: [repr(float(round(value, 4))) for value in values] for name, values in figures.items()}
    cells["close"] = [repr(float(value)) for value in close]
    return cells | {"volume": [str(value) for value in security.volume]}


def table(titles: str, columns: Sequence[Sequence[str]], newest_first: bool = False) -> Rows:
    """Return rows under titles, which are written with commas between."""
    body = [list(row) for row in zip(*columns, strict=True)]
    return [titles.split(","), *(body[::-1] if newest_first else body)]


def numbers(values: Any) -> list[str]:
    """Return figures as text with all their digits."""
    return [repr(float(value)) for value in values]


def iso(security: Security, pattern: str = "%Y-%m-%d") -> list[str]:
    """Return the days of a security as text."""
    return [day.strftime(pattern) for day in security.days.tolist()]


def midnights(security: Security, zone: str, per_second: int) -> list[str]:
    """Return midnights of a zone as a count since 1970."""
    stamps = (datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) for day in security.days.tolist())
    return [str(int(stamp.astimezone(UTC).timestamp()) * per_second) for stamp in stamps]


@dataclass(frozen=True)
class PriceForm:
    """A layout as it is written.

    Attributes
    ----------
    write
        Files by name, as rows of cells.
    holds
        What the returns are that follow from it: ``total``, ``price`` (no dividends) or ``raw``.
    closes
        What its closes are known to hold.
    names
        Tickers; codes where the vendor has codes.
    """

    write: Callable[[Mapping[str, Security]], Iterator[tuple[str, Rows]]]
    holds: str = "price"
    closes: str | None = None
    separator: str = ","
    names: tuple[str, ...] = ("RNV", "UOD")


def each(
    name: str, titles: str, columns: Callable[[Security], Sequence[Sequence[str]]], newest_first: bool = False
) -> Callable[[Mapping[str, Security]], Iterator[tuple[str, Rows]]]:
    """Write a file per security; ``{}`` in the name stands for its ticker."""
    return lambda market: (
        (name.format(ticker), table(titles, columns(security), newest_first))
        for ticker, security in market.items()
    )


def together(
    name: str, titles: str, columns: Callable[[str, Security], Sequence[Sequence[str]]], header: bool = True
) -> Callable[[Mapping[str, Security]], Iterator[tuple[str, Rows]]]:
    """Write one file of all securities, one below the other."""

    def write(market: Mapping[str, Security]) -> Iterator[tuple[str, Rows]]:
        rows = [titles.split(",")] if header else []
        for ticker, security in market.items():
            rows += table(titles, columns(ticker, security))[1:]
        yield name, rows

    return write


def wide(
    values: Callable[[Security], list[str]],
) -> Callable[[Mapping[str, Security]], Iterator[tuple[str, Rows]]]:
    """Write one file with a column per security."""

    def write(market: Mapping[str, Security]) -> Iterator[tuple[str, Rows]]:
        first = next(iter(market.values()))
        columns = [iso(first), *(values(security) for security in market.values())]
        yield "prices.csv", table(",".join(["date", *market]), columns)

    return write


def download(raw: bool) -> Callable[[Mapping[str, Security]], Iterator[tuple[str, Rows]]]:
    """Write what ``yfinance.download`` writes, with or without adjusted closes."""

    def write(market: Mapping[str, Security]) -> Iterator[tuple[str, Rows]]:
        cells = {name: bars(each, each.split if raw else each.adjusted) for name, each in market.items()}
        if raw:
            for name, security in market.items():
                cells[name]["adj close"] = numbers(security.adjusted)
        fields = [*BARS, "adj close"] if raw else list(BARS)
        pairs = [(field, name) for field in fields for name in market]
        first = next(iter(market.values()))
        columns = [iso(first), *(cells[name][field] for field, name in pairs)]
        head = [["Price", *(field.title() for field, _ in pairs)], ["Ticker", *(name for _, name in pairs)]]
        yield "prices.csv", [*head, *table("Date" + "," * len(pairs), columns)]

    return write


def _history(security: Security) -> Sequence[Sequence[str]]:
    stamps = [f"{day} 00:00:00-05:00" for day in iso(security)]
    paid = numbers(security.dividend / security.later)
    splits = [repr(float(value)) if value != 1 else "0.0" for value in security.factor]
    return [stamps, *bars(security, security.adjusted).values(), paid, splits]


def _unadjusted(security: Security) -> Sequence[Sequence[str]]:
    _, *_, paid, splits = _history(security)
    return [
        iso(security), *bars(security, security.split).values(), numbers(security.adjusted), paid, splits
    ]  # fmt: skip


def _priced(pattern: str, *order: str, money: str = "", grouped: bool = False) -> Callable[[Security], Any]:
    """Return columns of split-adjusted prices, rounded to cents, in some order."""

    def columns(security: Security) -> Sequence[Sequence[str]]:
        cells = bars(security, security.split)
        comma = "," if grouped else ""
        for name in BARS[:4]:
            cells[name] = [f"{money}{float(cell):{comma}.6f}" for cell in cells[name]]
        cells["change"] = [f"{0.01 * place:.2f}%" for place in range(SESSIONS)]
        cells["letters"] = [f"{int(cell) / 1e6:.2f}M" for cell in cells["volume"]]
        cells["empty"] = ["" for _ in cells["volume"]]
        return [iso(security, pattern), *(cells[name] for name in order)]

    return columns


def _raw(security: Security, *more: Any) -> Sequence[Sequence[str]]:
    return [iso(security), *bars(security, security.raw).values(), *more]


FORMS: dict[str, PriceForm] = {
    "yfinance-history": PriceForm(
        each("{}.csv", "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits", _history),
        "total",
        "adjusted",
    ),
    "yfinance-unadjusted": PriceForm(
        each("{}.csv", "Date,Open,High,Low,Close,Volume,Adj Close,Dividends,Stock Splits", _unadjusted),
        "total",
        "split-adjusted",
    ),
    "yahoo-csv": PriceForm(
        each(
            "{}.csv",
            "Date,Open,High,Low,Close,Volume,Adj Close",
            lambda s: [iso(s), *bars(s, s.split).values(), numbers(s.adjusted)],
        ),
        "total",
    ),
    "yfinance-download": PriceForm(download(raw=False), "total", "adjusted"),
    "alpha-vantage": PriceForm(
        each(
            "daily_adjusted_{}.csv",
            "timestamp,open,high,low,close,volume,adjusted_close,dividend_amount,split_coefficient",
            lambda s: _raw(
                s, [f"{value:.4f}" for value in s.adjusted], numbers(s.dividend), numbers(s.factor)
            ),
            newest_first=True,
        ),
        "total",
        "raw",
    ),
    "tiingo": PriceForm(
        together(
            "tiingo.csv",
            "ticker,date,close,high,low,open,volume,adjClose,divCash,splitFactor",
            lambda name, s: [
                [name] * SESSIONS,
                [f"{day}T00:00:00.000Z" for day in iso(s)],
                *(bars(s, s.raw)[field] for field in ("close", "high", "low", "open", "volume")),
                numbers(s.adjusted),
                numbers(s.dividend),
                numbers(s.factor),
            ],
        ),
        "total",
        "raw",
    ),
    "eodhd": PriceForm(
        each(
            "{}.US.csv",
            "Date,Open,High,Low,Close,Volume,Adjusted_close",
            lambda s: _raw(s, numbers(s.adjusted)),
        ),
        "total",
        "raw",
    ),
    "polygon": PriceForm(
        each(
            "{}.csv",
            "v,o,h,l,c,t,n",
            lambda s: [
                bars(s, s.split)["volume"],
                *(bars(s, s.split)[field] for field in BARS[:4]),
                midnights(s, "America/New_York", 1_000),
                ["7"] * SESSIONS,
            ],
        ),
        "price",
        "split-adjusted",
    ),
    "polygon-flat": PriceForm(
        together(
            "2023.csv",
            "ticker,volume,open,close,high,low,window_start,transactions",
            lambda name, s: [
                [name] * SESSIONS,
                *(bars(s, s.raw)[field] for field in ("volume", "open", "close", "high", "low")),
                midnights(s, "America/New_York", 1_000_000_000),
                ["7"] * SESSIONS,
            ],
        ),
        "raw",
        "raw",
    ),
    "nasdaq": PriceForm(
        each(
            "{}.csv",
            "Date,Close/Last,Volume,Open,High,Low",
            _priced("%m/%d/%Y", "close", "volume", "open", "high", "low", money="$"),
            newest_first=True,
        ),
        "price",
        "split-adjusted",
    ),
    "investing-com": PriceForm(
        each(
            "{} Historical Data.csv",
            "Date,Price,Open,High,Low,Vol.,Change %",
            _priced("%b %d, %Y", "close", "open", "high", "low", "letters", "change", grouped=True),
            newest_first=True,
        ),
        "price",
        "split-adjusted",
    ),
    "krx": PriceForm(
        each(
            "{}.csv",
            "일자,종가,시가,고가,저가,거래량,등락률",
            _priced("%Y/%m/%d", "close", "open", "high", "low", "volume", "change", grouped=True),
            newest_first=True,
        ),
        "price",
        "raw",
        names=("005930", "000660"),
    ),
    "naver": PriceForm(
        each(
            "{}.csv",
            "날짜,종가,전일비,시가,고가,저가,거래량",
            _priced("%Y.%m.%d", "close", "volume", "open", "high", "low", "volume", grouped=True),
            newest_first=True,
        ),
        "price",
        "raw",
        names=("005930", "000660"),
    ),
    "japan": PriceForm(
        each("{}.csv", "日付,始値,高値,安値,終値,出来高", _priced("%Y年%m月%d日", *BARS)),
        "price",
        "raw",
        names=("7203", "6758"),
    ),
    "japan-adjusted": PriceForm(
        each(
            "{}.csv",
            "日付,始値,高値,安値,終値,終値調整値,出来高",
            lambda s: [
                iso(s, "%Y/%m/%d"),
                *list(bars(s, s.raw).values())[:4],
                numbers(s.split),
                bars(s, s.raw)["volume"],
            ],
        ),
        "price",
        "split-adjusted",
        names=("7203", "6758"),
    ),
    "j-quants": PriceForm(
        together(
            "daily_quotes.csv",
            "Date,Code,Close,AdjustmentOpen,AdjustmentHigh,AdjustmentLow,AdjustmentClose,AdjustmentVolume",
            lambda name, s: [
                iso(s),
                [name] * SESSIONS,
                numbers(s.raw),
                *bars(s, s.split).values(),
            ],
        ),
        "price",
        "split-adjusted",
        names=("72030", "67580"),
    ),
    "ariva": PriceForm(
        each(
            "wkn_{}_historic.csv",
            "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen".replace(";", ","),
            lambda s: [
                [cell.replace(".", ",") if at else cell for cell in column]
                for at, column in enumerate(_priced("%Y-%m-%d", *BARS, "volume")(s))
            ],
            newest_first=True,
        ),
        separator=";",
        names=("846900", "716460"),
    ),
    "stooq-bulk": PriceForm(
        together(
            "bulk.txt",
            "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
            lambda name, s: [
                [f"{name}.US"] * SESSIONS,
                ["D"] * SESSIONS,
                iso(s, "%Y%m%d"),
                ["000000"] * SESSIONS,
                *bars(s, s.adjusted).values(),
                ["0"] * SESSIONS,
            ],
        ),
        "total",
        "adjusted",
    ),
    "stooq": PriceForm(
        each(
            "{}_us_d.csv",
            "Date,Open,High,Low,Close,Volume",
            lambda s: [iso(s), *bars(s, s.adjusted).values()],
        ),
        "total",
        "adjusted",
    ),
    "kaggle-name": PriceForm(
        together(
            "all_stocks_5yr.csv",
            "date,open,high,low,close,volume,Name",
            lambda name, s: [iso(s), *bars(s, s.split).values(), [name] * SESSIONS],
        ),
    ),
    "eventstudytools": PriceForm(
        together(
            "02_FirmData.csv",
            "id,date,price",
            lambda name, s: [
                [f"{name} Corp"] * SESSIONS,
                iso(s, "%d.%m.%Y"),
                [f"{value:.6f}" for value in s.split],
            ],
            header=False,
        ),
        separator=";",
        names=("RNV", "UOD"),
    ),
    "securities": PriceForm(
        together(
            "long.csv",
            "date,ticker,close,volume",
            lambda name, s: [iso(s), [name] * SESSIONS, numbers(s.split), bars(s, s.split)["volume"]],
        ),
    ),
    "wide": PriceForm(wide(lambda s: numbers(s.split))),
}


def _german(pattern: str) -> Callable[[Security], Sequence[Sequence[str]]]:
    """Return columns of Investing.com with decimal commas."""
    english = _priced(pattern, "close", "open", "high", "low", "letters", "change")
    return lambda security: [
        [cell.replace(".", ",") if at else cell for cell in column]
        for at, column in enumerate(english(security))
    ]


def _investing(titles: str, pattern: str, commas: bool) -> PriceForm:
    columns = _priced(pattern, "close", "open", "high", "low", "letters", "change", grouped=True)
    columns = _german(pattern) if commas else columns
    return PriceForm(
        each("{} Historical Data.csv", titles, columns, newest_first=True), "price", "split-adjusted"
    )


FORMS |= {
    "investing-com-de": _investing("Datum,Zuletzt,Eröffn.,Hoch,Tief,Vol.,+/- %", "%d.%m.%Y", True),
    "investing-com-es": _investing("Fecha,Último,Apertura,Máximo,Mínimo,Vol.,% var.", "%d.%m.%Y", True),
    "investing-com-fr": _investing("Date,Dernier,Ouv.,Plus Haut,Plus Bas,Vol.,Variation %", "%d/%m/%Y", True),
    "investing-com-it": _investing("Data,Ultimo,Apertura,Massimo,Minimo,Vol.,Var. %", "%d.%m.%Y", True),
    "investing-com-ko": _investing("날짜,종가,시가,고가,저가,거래량,변동 %", "%Y- %m- %d", False),
    "investing-com-ja": _investing("日付け,終値,始値,高値,安値,出来高,変化率 %", "%Y年%m月%d日", False),
    "stooq-pl": PriceForm(
        each(
            "{}.csv",
            "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen",
            lambda s: [iso(s), *bars(s, s.adjusted).values()],
        ),
        "total",
        "adjusted",
    ),
    "yahoo-japan": PriceForm(
        each(
            "{}.csv",
            "日付,始値,高値,安値,終値,出来高,調整後終値*",
            lambda s: [iso(s, "%Y年%m月%d日"), *bars(s, s.raw).values(), numbers(s.split)],
        ),
        "price",
        "split-adjusted",
        names=("7203", "6758"),
    ),
    "polygon-grouped": PriceForm(
        together(
            "grouped.csv",
            "T,v,o,h,l,c,t",
            lambda name, s: [
                [name] * SESSIONS,
                bars(s, s.split)["volume"],
                *(bars(s, s.split)[field] for field in BARS[:4]),
                midnights(s, "America/New_York", 1_000),
            ],
        ),
        "price",
        "split-adjusted",
    ),
}
