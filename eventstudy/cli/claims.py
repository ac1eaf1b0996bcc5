"""`eventstudy claims`: what the articles say that prices did, held against the prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.options import Cache, Debug, EventsFile, Json, Offline, Prices, Quiet, Refresh

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs
    from eventstudy.prices.source import PriceBatch


def claims(
    context: typer.Context,
    events: EventsFile = "events.yaml",
    prices: Prices = "auto",
    cache: Cache = None,
    refresh: Refresh = False,
    json: Json = False,
    quiet: Quiet = False,
    offline: Offline = False,
    debug: Debug = False,
) -> None:
    """Hold every claim of the study's articles against daily prices: stated, measured, verdict, reason."""
    from dataclasses import asdict

    from eventstudy.cli.claims_text import claims_in_full, paired
    from eventstudy.cli.price_remarks import remark_on_files
    from eventstudy.events.inputs import read_inputs
    from eventstudy.prices.claims import judge_claims

    call: Call = context.obj
    inputs = read_inputs(events)
    batch = _prices(call, inputs, prices, cache, refresh)
    verdicts = [asdict(verdict) for verdict in judge_claims(inputs.events, batch.series)]
    judged = paired(inputs.events, verdicts)
    call.document(
        {
            "claims": [{**row, "on": claim.on, "as_stated": claim.stated} for claim, row in judged],
            "no_prices": batch.failures,
        }
    )
    call.say(claims_in_full(judged, call.width))
    remark_on_files(call, (found for series in batch.series.values() for found in series.findings))
    if batch.failures:
        reason = next(iter(batch.failures.values()))
        call.remark(f"No prices of {', '.join(batch.failures)}: {reason}")


def _prices(call: Call, inputs: StudyInputs, prices: str, cache: str | None, refresh: bool) -> PriceBatch:
    """Load the series that the claims speak of, for the days that they speak of."""
    from eventstudy.cli.fetching import claimed_dates
    from eventstudy.prices.claims import claimed_tickers
    from eventstudy.prices.opening import cache_directory, open_source, snapshot_directory
    from eventstudy.prices.source import PriceBatch

    with call.progress() as progress:
        source = open_source(
            prices,
            cache_dir=cache_directory(cache, inputs.path),
            snapshot_dir=snapshot_directory(inputs.path),
            offline=call.offline,
            refresh=refresh,
            exchanges=inputs.exchanges,
            progress=progress,
        )
        stated = [claim for event in inputs.events for claim in event.claims]
        if not stated:
            return PriceBatch({}, {})
        return source.load(claimed_tickers(inputs.events), *claimed_dates(stated))
