"""Which series a study needs, from when to when, and fetching them: `eventstudy prices fetch`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from eventstudy.cli.call import Call
from eventstudy.errors import UsageError
from eventstudy.events.claim import Claim
from eventstudy.events.exchanges import stated_exchange
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.models import model_of
from eventstudy.panel.loading import DAYS_ALLOWANCE, DAYS_PER_SESSION, needed_dates
from eventstudy.preparation.data_request import DataRequest
from eventstudy.prices.cache.coverage import ends_early
from eventstudy.prices.claims import claimed_tickers
from eventstudy.prices.source import PriceBatch

SINCE = date(2000, 1, 1)  #: first date where no study gives one


def fetch_prices(
    call: Call,
    events: str,
    tickers: list[str] | None,
    cache: str | None,
    refresh: bool,
    exchange: str | None = None,
) -> PriceBatch:
    """Fetch the series of a study, or those named, into the cache and return them."""
    inputs = read_inputs(events, exchange=exchange) if tickers is None or Path(events).is_file() else None
    wanted = tickers or (needed_tickers(inputs) if inputs else [])
    start, end = dates_of(inputs)
    with call.progress() as progress:
        data = DataRequest("yahoo", cache=cache, offline=call.offline, refresh=refresh, progress=progress)
        source = data.source(inputs, exchanges_of(inputs, exchange))
        return _whole(source.load(wanted, start, end))


def exchanges_of(inputs: StudyInputs | None, exchange: str | None) -> Mapping[str, str]:
    """Return the exchanges that a study names, else the one of all tickers without a suffix, if any."""
    return inputs.exchanges if inputs else stated_exchange(exchange)


def needed_tickers(inputs: StudyInputs) -> list[str]:
    """Return the securities of a study, its benchmarks and the tickers of its claims."""
    requires, firm_events = model_of(inputs.design).requires, inputs.firm_events()
    own = (*requires.tickers(firm_events), *requires.further_tickers(firm_events, inputs.design))
    return list(dict.fromkeys((*own, *claimed_tickers(inputs.events))))


def claimed_dates(claims: list[Claim]) -> tuple[date, date]:
    """Return dates that include every session that the claims need."""
    starts = [
        min((claim.on, *claim.since)) - timedelta(days=DAYS_PER_SESSION * claim.sessions + DAYS_ALLOWANCE)
        for claim in claims
    ]
    return min(starts), max(claim.on for claim in claims)


def _whole(batch: PriceBatch) -> PriceBatch:
    """Count a series that ends too early as missing: `fetch` promises all of it."""
    short = {ticker: reason for ticker, series in batch.series.items() if (reason := ends_early(series))}
    whole = {ticker: series for ticker, series in batch.series.items() if ticker not in short}
    return PriceBatch(whole, {**batch.failures, **short})


def dates_of(inputs: StudyInputs | None) -> tuple[date, date]:
    """Return the dates for which a study, its claims included, needs prices; from 2000 on without a study."""
    if inputs is None:
        return SINCE, date.today()
    requires = model_of(inputs.design).requires
    start, end = needed_dates(inputs.firm_events(), inputs.design, requires, calendars=inputs.calendars)
    claims = [claim for event in inputs.events for claim in event.claims]
    if not claims:
        return start, end
    first, last = claimed_dates(claims)
    return min(start, first), max(end, last)


def say_factors(call: Call, model: str, cache_dir: Path) -> None:
    """Fetch Ken French's factors for a model and print what was fetched."""
    from eventstudy.cli.columns import aligned
    from eventstudy.prices.factors.french import fetch_factors

    if call.offline:
        raise UsageError("factors must be fetched, which --offline forbids; drop --offline")
    fetched = fetch_factors(model, cache_dir)
    call.document({"factors": [asdict(each) for each in fetched]})
    rows = [
        [each.name, f"{each.first} to {each.last}", f"vintage {each.vintage}", each.path.name]
        for each in fetched
    ]
    call.say(line for lines in aligned("llll", rows) for line in lines)
