"""`eventstudy claims`: what the articles say that prices did, compared with the prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.cli.call import Call
from eventstudy.cli.options import EventsFile, PriceData

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs
    from eventstudy.preparation.data_request import DataRequest
    from eventstudy.prices.source import PriceBatch


def claims(call: Call, *, events: EventsFile = "events.yaml", data: PriceData) -> None:
    """Compare every claim of the study's articles with daily prices: stated, measured, verdict, reason."""
    from dataclasses import asdict

    from eventstudy.cli.claims_text import claims_in_full, paired
    from eventstudy.cli.price_remarks import remark_on_files
    from eventstudy.events.inputs import read_inputs
    from eventstudy.prices.claims import judge_claims

    inputs = read_inputs(events)
    batch = _prices(call, inputs, data)
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
        call.remark(f"No prices for {', '.join(batch.failures)}: {reason}")


def _prices(call: Call, inputs: StudyInputs, data: DataRequest) -> PriceBatch:
    """Load the series that the claims are about, for the days that they are about."""
    from dataclasses import replace

    from eventstudy.cli.study_prices import claimed_dates
    from eventstudy.prices.claims import claimed_tickers, load_claimed
    from eventstudy.prices.source import PriceBatch

    with call.progress() as progress:
        source = replace(data, progress=progress).source(inputs)
        stated = [claim for event in inputs.events for claim in event.claims]
        if not stated:
            return PriceBatch({}, {})
        return load_claimed(source, claimed_tickers(inputs.events), *claimed_dates(stated))
