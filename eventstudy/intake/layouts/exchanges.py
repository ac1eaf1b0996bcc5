"""The zone in which the dates of some securities are."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.intake.options import ReadingOptions
from eventstudy.sessions.exchange import BY_INDEX, BY_SUFFIX, WITHOUT_SUFFIX, exchange_of
from eventstudy.sessions.hours import zone_of


def zone_of_ids(ids: Iterable[str], options: ReadingOptions, exchange: str = "") -> str | None:
    """Return the zone that the exchanges of some ids share, None where one is not known.

    An exchange is known by the layout (``exchange``), by the suffix of an id (``005930.KS``), as an index, or
    as stated for ids without a suffix.
    """
    if exchange:
        return zone_of(exchange)
    known = {_exchange_of(name, options) for name in ids}
    zones = {zone_of(found) for found in known if found}
    return zones.pop() if len(zones) == 1 and None not in known else None


def _exchange_of(name: str, options: ReadingOptions) -> str | None:
    if found := BY_INDEX.get(name) or BY_SUFFIX.get(name.rpartition(".")[2].upper() if "." in name else ""):
        return found
    if options.exchange and not name.startswith("^"):
        return exchange_of("A", {WITHOUT_SUFFIX: options.exchange})
    return None
