"""Known news: what is on record of securities besides the events, and the session in which each trades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import BoolArray, DateArray, TextArray
from eventstudy.design import Design
from eventstudy.design.mask_dates import FIELD
from eventstudy.errors import DesignError, EventsFileError, EventStudyError, UsageError
from eventstudy.events.event import TABLE_SUFFIXES, KnownNews
from eventstudy.events.moments import read_when
from eventstudy.events.names import EVERY
from eventstudy.sessions import Corrections, exchange_of, first_sessions
from eventstudy.words.by_language import first_text

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("ticker", "date", "kind", "what")  #: columns of a table of known news; timing may be added


@dataclass(frozen=True)
class PlacedNews:
    """K pairs of a security and a piece of known news: arrays of shape (K,).

    ``session`` (datetime64[D]) is the first session in which the news could be traded; ``market`` says that
    it is about every security.
    """

    ticker: TextArray
    session: DateArray
    kind: TextArray
    what: TextArray
    market: BoolArray

    def of_kind(self, kind: str) -> tuple[TextArray, DateArray]:
        """Return the tickers and sessions of the news of one kind."""
        rows = self.kind == kind
        return self.ticker[rows], self.session[rows]

    def count(self, tickers: TextArray) -> Any:
        """Return the number of known sessions of each ticker, shape of ``tickers``."""
        pairs = dict.fromkeys(zip(self.ticker.tolist(), self.session.tolist(), strict=True))
        names, counts = np.unique([ticker for ticker, _ in pairs], return_counts=True)
        number = dict(zip(names.tolist(), counts.tolist(), strict=True))
        return np.array([number.get(ticker, 0) for ticker in tickers], dtype=np.int64)


def read_known(known: Any) -> tuple[KnownNews, ...]:
    """Return known news from a table's path, a data frame, or a list of `KnownNews`.

    A table has the columns ``ticker`` (a ticker, several with blanks between them, or ``*``), ``date``,
    ``kind``, ``what`` and, optionally, ``timing``.

    Raises
    ------
    EventsFileError
        A file or frame that is wrong, with the row.
    UsageError
        None of the three.
    """
    if isinstance(known, str | Path):
        from eventstudy.events.event_list import read_table

        return _from_frame(read_table(Path(known)), Path(known))
    if hasattr(known, "columns"):
        return _from_frame(known, Path("known news"))
    if isinstance(known, Sequence) and all(isinstance(each, KnownNews) for each in known):
        return tuple(known)
    raise UsageError(
        "known must be a path, a DataFrame with ticker, date, kind, what, or a list of KnownNews"
    )


def with_mask_dates(design: Design, known: Sequence[KnownNews] | None, folder: Path = Path()) -> Design:
    """Return the design with the dates of its mask file, if it names one; a kind of known news stays.

    Parameters
    ----------
    folder
        To which the path of the file is relative.

    Raises
    ------
    DesignError
        The name is neither a kind of the known news nor a table.
    EventsFileError
        The table, with the columns ``ticker`` and ``date``, is wrong.
    """
    name = design.mask_dates.source
    kinds = tuple(dict.fromkeys(news.kind for news in known or ()))
    if not name or name in kinds:
        return design
    if Path(name).suffix.lower() not in TABLE_SUFFIXES:
        listed = (
            f"a kind of the known news ({', '.join(kinds)})" if kinds else "a kind of known news, of which"
        )
        none = "" if kinds else " none is given,"
        raise DesignError(FIELD, f"{name!r} is neither {listed}{none} nor a CSV file of ticker and date")
    from eventstudy.events.event_list import read_table

    frame, dates = read_table(folder / name), dict[str, list[str]]()
    _require(frame, folder / name, ("ticker", "date"))
    for ticker, day in zip(frame["ticker"], frame["date"], strict=True):
        dates.setdefault(str(ticker), []).append(str(day)[:10])
    return design.replace(mask_dates=dates)


def place_known(
    known: Sequence[KnownNews],
    tickers: Iterable[str],
    exchanges: Mapping[str, str],
    corrections: Mapping[str, Corrections] = MappingProxyType({}),
) -> PlacedNews:
    """Pair known news with the tickers it is about and find the session in which each trades.

    Parameters
    ----------
    exchanges
        Exchanges of tickers whose name does not say it.
    corrections
        What is known better than the calendar of an exchange.

    Raises
    ------
    DesignError
        A date that the calendar of a ticker's exchange does not cover.
    """
    listed = list(tickers)
    wanted = set(listed)
    pairs = [
        (name, row) for row, news in enumerate(known) for name in news.tickers or listed if name in wanted
    ]
    names = _text(name for name, _ in pairs)
    rows = np.array([row for _, row in pairs], dtype=np.int64)
    code = {name: exchange_of(name, exchanges) for name in dict.fromkeys(names)}
    exchange = _text(code[name] for name in names)
    session = np.full(len(pairs), "NaT", dtype="datetime64[D]")
    for each in dict.fromkeys(exchange):
        at = np.flatnonzero(exchange == each)
        distinct, back = np.unique(rows[at], return_inverse=True)
        news = [known[row] for row in distinct]
        try:
            found = first_sessions(
                [n.when for n in news], [n.timing for n in news], each, corrections.get(each)
            )
            session[at] = found.session[back]
        except DesignError as error:
            if error.field != "exchanges":  # without a calendar its firm-events have no day 0 either
                raise
    return PlacedNews(
        names,
        session,
        _text(known[row].kind for row in rows),
        _text(first_text(known[row].what) for row in rows),
        np.array([not known[row].tickers for row in rows], dtype=bool),
    )


def _from_frame(frame: pd.DataFrame, path: Path) -> tuple[KnownNews, ...]:
    _require(frame, path, NEEDED)
    faults: list[EventsFileError] = []
    found = list(_rows(frame, path, faults))
    if faults:
        raise EventsFileError.of(faults)
    return tuple(found)


def _rows(frame: pd.DataFrame, path: Path, faults: list[EventsFileError]) -> Iterator[KnownNews]:
    from eventstudy.intake.layouts.event_times import timing_of

    timing = frame["timing"] if "timing" in frame else [""] * len(frame)
    cells = zip(frame.index, *(frame[name] for name in NEEDED), timing, strict=True)
    for label, ticker, day, kind, what, when in cells:
        try:
            yield KnownNews(
                () if ticker == EVERY else tuple(str(ticker).split()),
                day if isinstance(day, date) else read_when(str(day)),
                str(kind),
                str(what),
                timing_of(when) if isinstance(when, str) and when else None,
            )
        except EventStudyError as error:
            problem = str(getattr(error, "problem", error))
            if frame.index.name == "line":
                faults.append(EventsFileError(path, problem, line=int(label)))
            else:
                faults.append(EventsFileError(path, f"row {label}: {problem}"))


def _require(frame: pd.DataFrame, path: Path, names: Sequence[str]) -> None:
    have = [str(name) for name in frame.columns]
    if missing := [name for name in names if name not in have]:
        problem = f"column {missing[0]!r} is missing; the columns are {have[:20]}"
        raise EventsFileError(path, problem, line=1 if frame.index.name == "line" else None)


def _text(values: Iterable[Any]) -> TextArray:
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
