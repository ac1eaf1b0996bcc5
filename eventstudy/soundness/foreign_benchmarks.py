"""Whether a security and its benchmark trade on the same exchange days and in the same currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.sessions import known_exchange

REMEDY = "--model dimson or scholes-williams, with --leads 0 for dimson where its own exchange closes first"


def foreign_benchmarks(
    pairs: Iterable[tuple[str, str]],
    series: Mapping[str, PriceSeries],
    exchanges: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Report every security whose benchmark has another calendar or another currency, once per pair.

    Days that end at different hours hold different news, and a return in another currency holds the exchange
    rate; a local index in local currency has neither (Campbell, Cowan & Salotti 2010, Journal of Banking &
    Finance). A basket has one pair for each member. A pair without prices is
    skipped. ``exchanges`` names exchanges that the ticker's suffix does not tell.
    """
    for ticker, other in dict.fromkeys(pairs):
        if ticker == other or ticker not in series or other not in series:
            continue
        own, its = known_exchange(ticker, exchanges), known_exchange(other, exchanges)
        if own and its and own != its:
            text = f"the benchmark {other} trades on {its}, it on {own}: their days hold different news"
            yield Finding(
                ticker, None, "benchmark-calendar", "warning", f"{text}; take a local index, or {REMEDY}"
            )
        paid, quoted = (series[name].origin.get("currency", "") for name in (ticker, other))
        if paid and quoted and paid != quoted:
            text = (
                f"the benchmark {other} is in {quoted}, it in {paid}: the returns include the exchange rate"
            )
            yield Finding(ticker, None, "benchmark-currency", "warning", f"{text}; take a local index")
