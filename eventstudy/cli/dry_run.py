"""`eventstudy run --dry-run`: what would be done, which series it needs, and which of them are stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.cli.call import Call, Line
from eventstudy.cli.columns import aligned
from eventstudy.cli.inputs_text import remark_on_inputs
from eventstudy.events.inputs import StudyInputs
from eventstudy.models import model_of
from eventstudy.panel.loading import needed_dates
from eventstudy.preparation.data_request import DataRequest, with_pool_at_hand, with_told_exchanges
from eventstudy.preparation.preparing import files_read
from eventstudy.prices.cache.coverage import ends_early
from eventstudy.prices.source import PriceSeries
from eventstudy.words.formatting import counted

FIGURES = ("close", "dividend", "return")
STORED = ("auto", "yahoo")  #: sources that are no files of the user's


def show_plan(call: Call, inputs: StudyInputs, data: DataRequest, out: str) -> None:
    """Say what a run would do; nothing is fetched, nothing is written."""
    plan = plan_of(inputs, data)
    read = plan.pop("read")
    remark_on_inputs(call, (each for each in read if each.role != "events"))
    inputs_read = [each.row() for each in read]
    call.document({"dry_run": True, "results": out, **plan, "inputs": inputs_read})
    call.say(_text(plan, call.offline or data.prices not in STORED, out))


def plan_of(inputs: StudyInputs, data: DataRequest) -> dict[str, Any]:
    """Return counts, day 0s, the dates of prices that are needed, and every series with its state."""
    model = model_of(inputs.design)
    source = replace(data, offline=True, refresh=False).source(inputs)
    model = with_pool_at_hand(model, inputs.design, source)
    inputs = with_told_exchanges(inputs, source)
    firm_events = inputs.firm_events()
    start, end = needed_dates(firm_events, inputs.design, model.requires, calendars=inputs.calendars)
    further = model.requires.further_tickers(firm_events, inputs.design)
    wanted = (*model.requires.tickers(firm_events), *further)
    batch = source.load(wanted, start, end)
    short = {ticker: ends_early(series) for ticker, series in batch.series.items()}
    known = firm_events.session[~np.isnat(firm_events.session)]
    return {
        "model": model.name,
        "events": len(dict.fromkeys(firm_events.event_id)),
        "firm_events": len(firm_events),
        "day0": [str(known.min()), str(known.max())],
        "prices": [str(start), str(end)],
        "series": [
            {
                "ticker": ticker,
                "at_hand": ticker in batch.series and not short[ticker],
                "source": batch.series[ticker].source if ticker in batch.series else None,
                "sessions": len(batch.series[ticker].sessions) if ticker in batch.series else 0,
                "reason": short.get(ticker) or batch.failures.get(ticker),
            }
            for ticker in wanted
        ],
        "read": files_read(inputs, source),
        "rows": [
            row for series in batch.series.values() if data.prices not in STORED for row in _ends(series)
        ],
    }


def _ends(series: PriceSeries) -> Iterator[dict[str, Any]]:
    """Yield the first and the last row of a series as they were understood."""
    for at in (0, -1):
        figures = {"close": series.close, "dividend": series.dividend, "return": series.returns}
        known = {
            name: float(values[at])
            for name, values in figures.items()
            if values is not None and np.isfinite(values[at])
        }
        yield {"ticker": series.ticker, "session": str(series.sessions[at]), **known}


def _text(plan: dict[str, Any], stored_only: bool, out: str) -> Iterator[str | Line]:
    there = sum(series["at_hand"] for series in plan["series"])
    missing = len(plan["series"]) - there
    events, pairs = counted(plan["events"], "event"), counted(plan["firm_events"], "firm-event")
    yield f"{events}, {pairs}, day 0 from {plan['day0'][0]} to {plan['day0'][1]}, model {plan['model']}"
    fate = f"{missing} missing" if stored_only else f"{missing} to be fetched"
    total = counted(len(plan["series"]), "series", "series")
    yield f"Prices from {plan['prices'][0]} to {plan['prices'][1]} of {total}: {there} stored, {fate}"
    rows = [
        [series["ticker"], f"{series['sessions']} sessions", series["source"]]
        if series["at_hand"]
        else [series["ticker"], series["reason"] if stored_only else "to be fetched"]
        for series in plan["series"]
    ]
    for (line,) in aligned("lrl", rows, indent="  "):
        yield line
    if plan["rows"]:
        yield "First and last row of each series as understood:"
        cells = [
            [
                row["ticker"],
                row["session"],
                *(
                    f"{name} {row[name]:g}"
                    for name in FIGURES
                    if row.get(name, 0) == row.get(name, 0) and name in row
                ),
            ]
            for row in plan["rows"]
        ]
        width = max(map(len, cells))
        for (line,) in aligned("l" * width, [row + [""] * (width - len(row)) for row in cells], indent="  "):
            yield line
    yield Line(f"Would write {out}/; nothing was fetched or written.", "dim")
