"""The protocol of a price source, and the series it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from eventstudy._typing import DateArray, FloatArray

Severity = Literal["info", "warning", "error"]
Refusal = Literal["not-found", "empty", "rate-limited", "network", "garbled"]


@dataclass(frozen=True)
class Finding:
    """Something that a reader of a series should know; ``session`` is None where it is about all of it."""

    ticker: str
    session: date | None
    rule: str
    severity: Severity
    detail: str


@dataclass(frozen=True)
class PriceSeries:
    """Daily prices of one security.

    Attributes
    ----------
    ticker
        The name it was asked for by.
    sessions
        datetime64[D] of shape (T,), strictly ascending.
    open, high, low, close, volume
        Float arrays of shape (T,), split-adjusted and not dividend-adjusted; NaN where unknown.
    dividend
        Cash with ex-date on that session, shape (T,), split-adjusted, 0 where none.
    source
        Where it came from, in a word: ``snapshot``, ``cache``, ``yahoo``, ``directory``, ``frame``.
    adjusted_only
        The source gives nothing but dividend-adjusted closes: returns are their ratios, dividends are 0.
    price_index
        The series knows no dividends at all (a price index such as ^GSPC, or a source without them).
    origin
        Provenance in key-value form: file, sha256, fetched_at, asked_from, asked_to, currency, ...
    split
        Shares per old share that day, shape (T,), 0 where none; None where the source does not say.
    findings
        What was set right or left out while reading.
    """

    ticker: str
    sessions: DateArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    dividend: FloatArray
    source: str
    adjusted_only: bool = False
    price_index: bool = False
    origin: Mapping[str, str] = field(default_factory=dict)
    split: FloatArray | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Refused:
    """Why a provider gave no series.

    Attributes
    ----------
    kind
        ``not-found``: it does not know the ticker. ``empty``: it knows it and has no prices.
        ``rate-limited``: too many requests. ``network``: no answer. ``garbled``: no answer that can be used.
    reason
        What is wrong and what to do, in a sentence that does not begin with the ticker.
    """

    kind: Refusal
    reason: str


@dataclass(frozen=True)
class PriceBatch:
    """What a source could give, for every ticker asked for.

    Attributes
    ----------
    series
        What there is, by ticker.
    failures
        Why there is none and what to do, by ticker: a sentence that does not begin with the ticker.
    """

    series: Mapping[str, PriceSeries]
    failures: Mapping[str, str]


class PriceSource(Protocol):
    """Anything that gives daily prices."""

    @property
    def name(self) -> str:
        """What it is called, in a word."""
        ...

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``, both included; every ticker is in one of the two maps.

        Raises
        ------
        PriceDataError
            The source as a whole cannot be used (no such folder, an unreadable table of all tickers).
        """
        ...
