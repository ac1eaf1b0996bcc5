"""The exchange that the caller states for tickers without a suffix."""

from __future__ import annotations

from eventstudy.design.arguments import check_texts
from eventstudy.sessions.exchange import WITHOUT_SUFFIX, exchange_of


def stated_exchange(exchange: str | None) -> dict[str, str]:
    """Return the exchange of every ticker without a suffix as `exchange_of` takes it; empty for None.

    Raises
    ------
    DesignError
        There is no such exchange, whether a ticker needs it or not.
    """
    check_texts(exchange=exchange)
    if exchange is None:
        return {}
    exchange_of("exchange", {"exchange": exchange})
    return {WITHOUT_SUFFIX: exchange}
