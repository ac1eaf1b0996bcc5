"""`MaskDates`: sessions that are left out of estimation and of every reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from eventstudy.errors import DesignError

FIELD = "mask_dates"


@dataclass(frozen=True)
class MaskDates:
    """Sessions that are left out: those of a kind of known news, or dates per ticker.

    ``source`` is the kind, or the path of a file that was not read yet; ``dates`` holds the sessions of each
    ticker. At most one of the two is given; with neither nothing is left out.
    """

    source: str = ""
    dates: tuple[tuple[str, tuple[date, ...]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.source or self.dates)

    @classmethod
    def parse(cls, value: MaskDatesLike) -> MaskDates:
        """Read ``None``, ``"results"``, ``"masks.csv"``, ``{"NVDA": ["2025-02-27"]}`` or itself."""
        if isinstance(value, MaskDates):
            return value
        if value is None or isinstance(value, str):
            return cls(source=value or "")
        if not isinstance(value, Mapping):
            raise DesignError(
                FIELD, f"{value!r} is neither a kind of known news, a file nor dates per ticker"
            )
        dates = ((str(ticker), _dates(str(ticker), days)) for ticker, days in sorted(value.items()))
        return cls(dates=tuple((ticker, days) for ticker, days in dates if days))

    def notation(self) -> str | dict[str, list[str]] | None:
        """Return the value as a study file has it."""
        return {ticker: [str(day) for day in days] for ticker, days in self.dates} or self.source or None

    def __str__(self) -> str:
        if not self.dates:
            return self.source
        return f"{sum(len(days) for _, days in self.dates)} dates of {len(self.dates)} tickers"


MaskDatesLike = str | Mapping[str, Iterable[Any]] | MaskDates | None


def _dates(ticker: str, days: Any) -> tuple[date, ...]:
    if not isinstance(days, Iterable | date):
        raise DesignError(FIELD, f"{days!r} of {ticker} are no dates such as 2025-01-27")
    listed = [days] if isinstance(days, str | date) else list(days)
    return tuple(sorted({_date(ticker, day) for day in listed}))


def _date(ticker: str, day: Any) -> date:
    if isinstance(day, date) and not isinstance(day, datetime):
        return day
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise DesignError(FIELD, f"{day!r} of {ticker} is not a date such as 2025-01-27") from None
