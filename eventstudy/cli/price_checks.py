"""The checks of `eventstudy prices verify`: which series, what the rules find, what another source has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eventstudy.atomic import scratch_folder
from eventstudy.cli.call import Call
from eventstudy.cli.inputs_text import remark_on_inputs
from eventstudy.cli.study_prices import dates_of, exchanges_of
from eventstudy.events.inputs import read_inputs
from eventstudy.intake.options import ReadingOptions
from eventstudy.panel.axis import common_axis
from eventstudy.panel.return_table import ReturnTable
from eventstudy.panel.returns import returns_from_prices
from eventstudy.preparation.data_request import DataRequest
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.opening import cache_directory
from eventstudy.prices.series import batch_of
from eventstudy.prices.source import Finding, PriceBatch, PriceSeries
from eventstudy.sessions import known_exchange
from eventstudy.soundness import findings, return_findings
from eventstudy.soundness.cross_check import compare_series
from eventstudy.soundness.foreign_benchmarks import foreign_benchmarks

EVER = (date(1800, 1, 1), date(2200, 1, 1))
MARKET = "SPY"  #: the series that others should move with where no study names a benchmark


@dataclass(frozen=True)
class Verified:
    """The series to check, why others are not among them, and the market they should move with."""

    series: Mapping[str, PriceSeries]
    failures: Mapping[str, str]
    market: PriceSeries | None
    exchanges: Mapping[str, str]


def load_verified(
    call: Call,
    tickers: Sequence[str],
    events: str,
    prices: str | list[str],
    cache: str | None,
    reading: ReadingOptions,
    exchange: str | None = None,
    closes: Sequence[str] | None = None,
    actions: str | None = None,
) -> Verified:
    """Load the tickers that are named, else all of a folder, else the study's, else all that are stored."""
    inputs = read_inputs(events, exchange=exchange) if Path(events).is_file() else None
    benchmark = inputs.design.benchmark if inputs else None
    market = benchmark.tickers[0] if benchmark else MARKET
    exchanges = exchanges_of(inputs, exchange)
    with call.progress() as progress:
        data = DataRequest(
            prices,
            cache=cache,
            offline=call.offline,
            progress=progress,
            reading=reading,
            closes=closes or None,
            actions=actions,
        )
        source = data.source(inputs, exchanges)
        if isinstance(source, DirectorySource):
            known = source.tickers()
            wanted = list(tickers or known)
            exchanges = {**source.exchanges(wanted), **exchanges}
            remark_on_inputs(call, source.inputs)
            batch = source.load([*wanted, *([market] if market in known else [])], *EVER)
        elif tickers or inputs:
            wanted = list(tickers or (inputs.firm_events().price_tickers if inputs else ()))
            batch = source.load([*wanted, *([market] if benchmark else [])], *dates_of(inputs))
        else:
            folder = SeriesFolder(cache_directory(cache, None))
            wanted = list(folder.tickers())
            batch = _stored(folder, wanted)
    chosen = {name: series for name, series in batch.series.items() if name in wanted}
    failures = {name: reason for name, reason in batch.failures.items() if name in wanted}
    return Verified(chosen, failures, batch.series.get(market), exchanges)


def rule_findings(loaded: Verified) -> list[Finding]:
    """Return the findings of the rules: in each series, in its returns, and beside the market."""
    series, market = loaded.series, loaded.market
    found = [
        finding for each in series.values() for finding in findings(each, loaded.exchanges, market=market)
    ]
    together = {**series, **({market.ticker: market} if market else {})}
    if together:
        found += _in_returns(together, loaded)
    if market is not None:
        found += foreign_benchmarks(((name, market.ticker) for name in series), together, loaded.exchanges)
    return list(dict.fromkeys(found))


def _in_returns(series: Mapping[str, PriceSeries], loaded: Verified) -> list[Finding]:
    """Return what is found in the returns on all days of the series of an exchange."""
    places: dict[str, dict[str, PriceSeries]] = {}
    for name, each in series.items():
        places.setdefault(known_exchange(name, loaded.exchanges), {})[name] = each
    found = []
    for listed in places.values():
        axis, _ = common_axis(list(listed.values()), loaded.exchanges)  # the rules of prices name odd dates
        matrix = returns_from_prices(listed, {"": axis}, "simple")
        market = loaded.market.ticker if loaded.market and loaded.market.ticker in listed else ""
        table = ReturnTable(
            tuple(listed), matrix.dates, matrix.values, benchmark=market, exchanges=loaded.exchanges
        )
        found += [each for each in return_findings(table) if each.ticker in loaded.series]
    return found


def compared(
    call: Call, loaded: Verified, prices: str | list[str], against: str, tolerance: float
) -> tuple[list[Finding], dict[str, str]]:
    """Compare the series with another source; return the disagreements and why some could not be compared.

    Yahoo's series are fetched again for the dates of the series, and not kept.
    """
    with scratch_folder() as folder, call.progress() as progress:
        data = DataRequest(against, cache=folder, offline=call.offline, progress=progress)
        source = data.source(None, loaded.exchanges)
        spans = [(series.sessions[0], series.sessions[-1]) for series in loaded.series.values()]
        if not spans:
            return [], {}
        start, end = min(first for first, _ in spans), max(last for _, last in spans)
        batch = source.load(list(loaded.series), start.astype(date), end.astype(date))
    found = [
        finding
        for name, other in batch.series.items()
        for finding in compare_series(loaded.series[name], other, (name_of(prices), against), tolerance)
    ]
    return found, dict(batch.failures)


def name_of(prices: str | list[str]) -> str:
    """Return what messages call a source."""
    return prices if isinstance(prices, str) else ", ".join(prices)


def _stored(folder: SeriesFolder, tickers: Sequence[str]) -> PriceBatch:
    return batch_of(tickers, lambda ticker: folder.read(ticker) or "was removed meanwhile", *EVER)
