"""The protocol of a price source, the record of it in the registry, and the series it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from eventstudy.intake.options import UNSTATED, ReadingOptions

if TYPE_CHECKING:  # the help of the command line is made of this module, before numpy is imported
    from eventstudy._typing import BoolArray, DateArray, FloatArray
    from eventstudy.events.price_statements import Statements

Severity = Literal["info", "warning", "error"]
FailureKind = Literal["not-found", "empty", "rate-limited", "network", "unreachable", "garbled"]
SeriesKind = Literal["price", "total return"]
Progress = Callable[[str, int, int], None]  #: step or ticker, how many are done, of how many


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
        The name under which it was requested.
    sessions
        datetime64[D] of shape (T,), strictly ascending.
    open, high, low, close, volume
        Float arrays of shape (T,), split-adjusted and not dividend-adjusted; NaN where unknown.
    dividend
        Cash with ex-date on that session, shape (T,), split-adjusted, 0 where none.
    source
        Where it came from, in a word: ``snapshot``, ``yahoo``, ``directory``, ``frame``.
    adjusted_only
        Only dividend-adjusted closes are known: returns are their ratios, and dividends are 0 but for what is
        listed as handed out in kind.
    price_index
        No dividends are known (a price index such as ^GSPC, or a source without them).
    origin
        Provenance: file, sha256, fetched_at, asked_from, asked_to, currency, ...
    split
        New shares per old share on that session, shape (T,), 0 where none; None where unknown.
    findings
        What was corrected or left out while reading.
    returns
        Total returns of the session over the one before, decimal and simple, shape (T,), NaN where missing;
        they replace ratios of closes, which may then be unknown. None where the source has prices alone.
    lumped
        Returns since the last price before a gap, shape (T,), NaN where ``returns`` is of one session.
    shares
        Shares outstanding, shape (T,), split-adjusted as ``volume`` is; None where unknown.
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
    returns: FloatArray | None = None
    lumped: FloatArray | None = None
    shares: FloatArray | None = None

    @property
    def known(self) -> BoolArray:
        """Whether a session has a close or a return, shape (T,)."""
        known: BoolArray = self.close == self.close
        return known if self.returns is None else known | (self.returns == self.returns)

    @property
    def kind(self) -> SeriesKind:
        """Whether its returns hold the dividends."""
        return "price" if self.price_index else "total return"

    @property
    def basis(self) -> str:
        """How its kind is known.

        ``no-dividends`` (none are known), ``listed-dividends``, ``implied-dividends`` (by adjusted closes
        next to the closes), ``adjusted-closes`` (there are no others), ``ex-dates`` (closes that hold the
        listed dividends), ``layout`` (what writes such files says so) or ``stated``.
        """
        if self.price_index:
            return "no-dividends"
        own = "adjusted-closes" if self.adjusted_only else "listed-dividends"
        return self.origin.get("basis", own)

    def finding(self, rule: str, severity: Severity, detail: str) -> Finding:
        """Return a finding about the whole series."""
        return Finding(self.ticker, None, rule, severity, detail)

    def with_findings(self, *found: Finding) -> PriceSeries:
        """Return the series with further findings."""
        return replace(self, findings=(*self.findings, *found)) if found else self


@dataclass(frozen=True)
class FetchFailure:
    """Why a provider returned no series; ``reason`` includes the remedy and does not begin with the ticker.

    ``not-found``: it does not know the ticker. ``empty``: it knows the ticker and has no prices.
    ``rate-limited``: too many requests. ``network``: no answer. ``unreachable``: no
    connection. ``garbled``: an unusable answer.
    """

    kind: FailureKind
    reason: str


@dataclass(frozen=True)
class PriceBatch:
    """The answer of a source: prices by ticker, and why the other requested tickers have none.

    A reason says what to do and does not begin with the ticker; a beginning such as ``NVDA: `` is dropped.
    """

    series: Mapping[str, PriceSeries]
    failures: Mapping[str, str]

    def __post_init__(self) -> None:
        bare = {ticker: reason.removeprefix(f"{ticker}: ") for ticker, reason in self.failures.items()}
        object.__setattr__(self, "failures", bare)


class PriceSource(Protocol):
    """Anything that returns daily prices.

    `eventstudy.run` accepts such an object for ``prices``. `eventstudy.prices.series.series_of` makes a
    series of columns in any order of rows, `eventstudy.prices.series.batch_of` a batch of series.
    """

    @property
    def name(self) -> str:
        """Its name, in one word."""
        ...

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return prices from ``start`` to ``end``, both included, of these tickers and no others.

        A ticker without prices is among the failures. A PriceDataError says that the whole source cannot be
        used (no such folder, an unreadable table of all tickers).
        """
        ...


@dataclass(frozen=True)
class SourceRequest:
    """What a source is opened with.

    ``value`` is what the user gave for ``prices``. ``cache_dir`` holds fetched prices, ``snapshot_dir``
    pinned ones, which never change. ``offline`` fetches nothing, ``refresh`` even what is stored.
    ``exchanges`` names exchanges that the ticker's suffix does not tell. ``progress`` is called with a
    ticker, how many are fetched, and how many are to be fetched. ``options`` is what is stated about files.
    ticker, how many are fetched, and how many are to be fetched. ``stated`` is what the user states about
    the prices.
    """

    value: Any
    cache_dir: Path
    snapshot_dir: Path | None
    offline: bool
    refresh: bool
    exchanges: Mapping[str, str]
    progress: Progress | None
    options: ReadingOptions = UNSTATED
    stated: Statements | None = None


@dataclass(frozen=True)
class SourceKind:
    """A kind of price source, as a line of `eventstudy.prices.opening.SOURCES`.

    ``form`` is what the user writes, a word or a pattern such as ``sqlite:FILE``, and ``help`` its meaning.
    ``accepts`` says whether any object is of this kind. ``open`` returns the source; it imports modules that
    take long to load. ``is_text`` says whether the command line can name it, ``own_files`` that the prices
    are the user's own, so that only the user knows what their closes hold.
    """

    form: str
    help: str
    accepts: Callable[[Any], bool]
    open: Callable[[SourceRequest], PriceSource]
    is_text: bool = True
    own_files: bool = False
