"""A sound event list, and the ways in which event lists are damaged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import damage
import numpy as np
import pandas as pd
from damage import DAY0

Damage = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]

NEW_YORK = "America/New_York"
TIMED = {"one": "post", "two": ""}  #: the timing of each event; of the second the clock tells it


def sound() -> pd.DataFrame:
    """Return a row per firm-event, each with a number, and a benchmark that is not the design's."""
    days = damage.SESSIONS
    when = {"one": f"{days[DAY0['one'] - 1]}", "two": f"{days[DAY0['two'] - 1]} 16:20 {NEW_YORK}"}
    rows = [(name, ticker) for name in DAY0 for ticker in ("AAA", "BBB")]
    return pd.DataFrame(
        {
            "event_id": [name for name, _ in rows],
            "ticker": [ticker for _, ticker in rows],
            "when": [when[name] for name, _ in rows],
            "timing": [TIMED[name] for name, _ in rows],
            "benchmark": "SPY",
            "number": range(len(rows)),
        }
    )


def _row(frame: pd.DataFrame, rng: np.random.Generator) -> int:
    return int(rng.integers(len(frame)))


def put(name: str, value: Any) -> Damage:
    """Put a value into one cell of a column."""

    def change(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        cells = frame[name].astype(object)
        cells.iloc[_row(frame, rng)] = value
        return frame.assign(**{name: cells})

    return change


def cells(name: str, change: Callable[[str], Any], *, where: str = "") -> Damage:
    """Change the text of every cell of a column that holds ``where``."""

    def changed(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        texts = [str(text) for text in frame[name]]
        made = [change(text) if where in text and text else text for text in texts]
        return frame.assign(**{name: pd.Series(made, index=frame.index, dtype=object)})

    return changed


def column(name: str, value: Any) -> Damage:
    """Add a column."""
    return lambda frame, rng: frame.assign(**{name: value})


def renamed(name: str, other: str) -> Damage:
    """Call a column otherwise."""
    return lambda frame, rng: frame.rename(columns={name: other})


def without(name: str) -> Damage:
    """Leave a column out."""
    return lambda frame, rng: frame.drop(columns=name)


def twice(name: str) -> Damage:
    """Repeat a column."""
    return lambda frame, rng: frame.loc[:, [*frame.columns, name]]


def _a_row_twice(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    again = frame.iloc[[_row(frame, rng)]]
    return pd.concat([frame, again], ignore_index=True)


def _dates(text: str) -> pd.Timestamp:
    return pd.Timestamp(text[:10])


def _stamps(change: Callable[[pd.Timestamp], Any]) -> Damage:
    """Turn every ``when`` into a time stamp, as a frame or a Parquet file holds them."""

    def read(text: str) -> Any:
        clock = text[11:16]
        return change(pd.Timestamp(f"{text[:10]} {clock}" if clock else text[:10]))

    return cells("when", read)


def _timed(name: str, words: dict[str, str]) -> Damage:
    """Say the timing in other words under another name, and the dates alone."""

    def change(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        told = frame["timing"].where(frame["timing"] != "", "post").replace(words)
        dates = frame["when"].str[:10]
        return frame.drop(columns="timing").assign(**{name: told, "when": dates})

    return change


BELL = {"pre": "BMO", "post": "AMC"}
CLOCK = {"pre": "08:00", "post": "16:20"}
EVENTS: dict[str, Damage] = {
    "a row twice": _a_row_twice,
    "one id": lambda frame, rng: frame.assign(event_id="one"),
    "an empty id": put("event_id", ""),
    "an empty ticker": put("ticker", ""),
    "an empty date": put("when", ""),
    "blanks around ids": cells("event_id", lambda text: f" {text} "),
    "blanks before tickers": cells("ticker", lambda text: f" {text}"),
    "blanks after tickers": cells("ticker", lambda text: f"{text} "),
    "blanks around dates": cells("when", lambda text: f" {text} "),
    "blanks around timings": cells("timing", lambda text: f" {text} "),
    "blanks around benchmarks": cells("benchmark", lambda text: f" {text} "),
    "small letters": cells("ticker", str.lower),
    "a wrong ticker": put("ticker", "ZZZ"),
    "a code without suffix": put("ticker", "005930"),
    "a code without its zeros": put("ticker", "5930"),
    "a ticker with its exchange": put("ticker", "NYSE:AAA"),
    "day first": cells("when", lambda text: f"{_dates(text):%d/%m/%Y}{text[10:]}"),
    "month first": cells("when", lambda text: f"{_dates(text):%m/%d/%Y}{text[10:]}"),
    "two digits of the year": cells("when", lambda text: f"{_dates(text):%y-%m-%d}{text[10:]}"),
    "no zeros": cells("when", lambda text: f"{_dates(text).month}/{_dates(text).day}/2022{text[10:]}"),
    "dates of a workbook": cells("when", lambda text: (_dates(text) - pd.Timestamp("1899-12-30")).days),
    "seconds of 1970": cells("when", lambda text: int(_dates(text).timestamp())),
    "days as numbers": cells("when", lambda text: int(f"{_dates(text):%Y%m%d}")),
    "a month too many": cells("when", lambda text: f"{text[:5]}13{text[7:]}"),
    "another century": cells("when", lambda text: f"1{text[1:]}"),
    "a weekend": cells("when", lambda text: f"{_dates(text) + pd.offsets.Week(weekday=5):%Y-%m-%d}"),
    "times dropped": cells("when", lambda text: text[:10]),
    "zones dropped": cells("when", lambda text: text[:16]),
    "an unknown zone": cells("when", lambda text: f"{text[:16]} EDT", where=NEW_YORK),
    "stamps without zones": _stamps(lambda stamp: stamp),
    "stamps with zones": _stamps(lambda stamp: stamp.tz_localize(NEW_YORK)),
    "midnights of UTC": _stamps(lambda stamp: stamp.normalize().tz_localize("UTC")),
    "stamps of UTC": _stamps(lambda stamp: stamp.tz_localize(NEW_YORK).tz_convert("UTC")),
    "stamps of Seoul": _stamps(lambda stamp: stamp.tz_localize(NEW_YORK).tz_convert("Asia/Seoul")),
    "timing dropped": without("timing"),
    "a timing against the clock": lambda frame, rng: frame.assign(timing="pre"),
    "an unknown timing": put("timing", "lunch"),
    "a time of the bell": _timed("time", BELL),
    "an announcement time": _timed("Announcement Time", BELL),
    "a clock": _timed("time", CLOCK),
    "bells under a name of their own": _timed("rel", BELL),
    "clocks under a name of their own": _timed("at", CLOCK),
    "a flag of the bell": column("AMC", True),
    "windows of its own": column("window", "-1:1"),
    "a start of a window": column("est_start", -130),
    "a session far from its news": column("session", "2022-01-12"),
    "further columns": lambda frame, rng: frame.assign(size=1.5, sector="tech", note=None),
    **{
        f"{name} called {other!r}": renamed(name, other)
        for name, others in {
            "event_id": ("id", "Event ID", " event_id"),
            "ticker": ("symbol", "TICKER", "ticker "),
            "when": ("date", "When", "announcement_date"),
            "timing": ("Timing", " timing", "TIMING"),
            "benchmark": ("Benchmark", "benchmark ", "market_ticker"),
        }.items()
        for other in others
    },
    **{f"{name} twice": twice(name) for name in ("event_id", "ticker", "when", "timing", "benchmark")},
    "any order": lambda frame, rng: frame.sample(frac=1.0, random_state=int(rng.integers(99))),
}
#: What an event list alone cannot tell, with the reason; not among the damages.
UNDECIDABLE: dict[str, tuple[Damage, str]] = {
    "another session": (
        cells("when", lambda text: f"{_dates(text) + pd.offsets.BDay(3):%Y-%m-%d}{text[10:]}"),
        "nothing else in the list repeats the date",
    ),
    "another month": (
        cells("when", lambda text: f"{_dates(text) + pd.offsets.Week(4):%Y-%m-%d}{text[10:]}"),
        "day and month exchanged in an ISO date are another date, and news may come on either",
    ),
    "tickers exchanged": (
        lambda frame, rng: frame.assign(ticker=frame["ticker"].map({"AAA": "BBB", "BBB": "AAA"})),
        "each is a security with prices",
    ),
}


def applies(frame: pd.DataFrame) -> bool:
    """Whether a damage can still be done: others may have taken or repeated the columns it needs."""
    return {*sound()} <= {*frame} and frame.columns.is_unique and frame["when"].map(_is_as_written).all()


def _is_as_written(cell: Any) -> bool:
    return isinstance(cell, str) and re.match(r"2022-(0\d|1[0-2])-\d\d", cell) is not None
