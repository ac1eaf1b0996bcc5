"""Day 0 that a list states beside the news, against what date and time give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.errors import DesignError, EventsFileError
from eventstudy.sessions import exchange_of, first_sessions

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 20  #: rows that an error names


def refuse_other_sessions(frame: pd.DataFrame, exchanges: Mapping[str, str], name: str) -> None:
    """Refuse a list that states another day 0 than its date and time give on the ticker's exchange.

    A ticker whose exchange is not known, or has no calendar, is not compared.

    Raises
    ------
    EventsFileError
        The rows, with both days and the options.
    """
    if "session" not in frame or "when" not in frame:
        return
    given = np.flatnonzero(frame["when"].notna() & frame["session"].notna())
    stated = frame["session"].to_numpy("datetime64[D]")
    when, timing = frame["when"].tolist(), frame["timing"].tolist()
    codes = np.array([_exchange(ticker, exchanges) for ticker in frame["ticker"]], dtype=object)
    faults = []
    for code in dict.fromkeys(codes[given]):
        rows = given[codes[given] == code]
        if not code:
            continue
        try:
            found = first_sessions(
                [when[row] for row in rows], [timing[row] or None for row in rows], code
            ).session
        except DesignError:  # without a calendar, day 0 is what is stated
            continue
        for row, day in zip(rows, found, strict=True):
            if day != stated[row]:
                problem = f"event {frame['event_id'].iat[row]!r}: session {stated[row]} is stated"
                faults.append(
                    f"{problem}, and {when[row]} gives {day}; leave one out, or say"
                    " --event-column session=HEADER or when=HEADER to read that one alone"
                )
    if faults:
        raise EventsFileError.of([EventsFileError(name, fault) for fault in faults[:MOST_SHOWN]])


def _exchange(ticker: str, exchanges: Mapping[str, str]) -> str:
    try:
        return exchange_of(ticker, exchanges)
    except DesignError:
        return ""
