"""`eventstudy run`: measure, test, save, print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.options import Data, DesignChanges, EventsFile, Exchange, ListReading, Only

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs
    from eventstudy.preparation.data_request import DataRequest
    from eventstudy.study_result import EventStudyResult

Out = Annotated[str, typer.Option(metavar="DIR", help="Result folder to write, replaced as a whole.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Fail, and write nothing, if any firm-event is skipped.")
]
VerifyManifest = Annotated[
    str | None,
    typer.Option(
        "--verify-manifest",
        metavar="FILE",
        help="Write nothing; say what differs from the run that wrote this manifest.json. Exit code 0 if"
        " nothing does, 3 events or design, 4 prices or factors, 6 tables alone.",
    ),
]
Details = Annotated[bool, typer.Option("--details", help="Print each event and every remark, too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; fetch and write nothing.")]


def run(
    call: Call,
    *,
    events: EventsFile = "events.yaml",
    listing: ListReading,
    data: Data,
    tickers: Only = None,
    exchange: Exchange = None,
    design: DesignChanges,
    out: Out = "results",
    strict: Strict = False,
    details: Details = False,
    dry_run: DryRun = False,
    verify_manifest: VerifyManifest = None,
) -> None:
    """Measure abnormal returns around the events, test them, save the tables and print them.

    Options replace what the study file says.
    """
    from dataclasses import replace

    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.events.inputs import read_inputs

    inputs = read_inputs(events, tickers=tickers, exchange=exchange, reading=listing, **design)
    remark_on_inputs(call, inputs.understood)
    before = None
    if verify_manifest is not None:
        from eventstudy.cli.verify_manifest import earlier, verify

        before = earlier(verify_manifest)
    if dry_run:
        from eventstudy.cli.dry_run import show_plan

        show_plan(call, inputs, data, out)
        return
    result = _measured(call, inputs, data, strict)
    result = replace(result, manifest={**result.manifest, "command": list(call.words)})
    if before is not None:
        verify(call, before, result)
        return
    result.to_parquet(out)
    _print(call, inputs, result, out, details)


def _measured(call: Call, inputs: StudyInputs, data: DataRequest, strict: bool) -> EventStudyResult:
    from dataclasses import replace

    from eventstudy import study
    from eventstudy.numerics.memory import keep_freed

    keep_freed()
    with call.progress() as progress:
        result = study.run_study(inputs, replace(data, progress=progress))
    if strict:
        _refuse_skipped(result)
    return result


def _refuse_skipped(result: EventStudyResult) -> None:
    """Refuse a result that lacks a firm-event."""
    from eventstudy.errors import MaxLossError

    rows = result.view().firm_events
    skipped = [(row["event_id"], row["ticker"], row["reason"]) for row in rows if row["status"] != "ok"]
    if skipped:
        raise MaxLossError(skipped, len(rows), 0.0, remedy="drop --strict to see them in the result")


def _print(call: Call, inputs: StudyInputs, result: EventStudyResult, out: str, details: bool) -> None:
    """Print the result as text or as JSON, then where it is and what to do next."""
    from eventstudy.cli.answer_text import answer_text
    from eventstudy.cli.claims_text import claims_in_short, paired
    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.cli.price_remarks import remark_on_files
    from eventstudy.cli.run_document import run_document
    from eventstudy.cli.run_text import run_text
    from eventstudy.intake.understood import Understood
    from eventstudy.prices.source import Finding

    view = result.view()
    remark_on_inputs(call, (Understood.of_row(row) for row in view.rows("inputs") if row["role"] != "events"))
    if call.json:
        call.document(run_document(view, out))
    elif details:
        judged = paired(inputs.events, view.rows("claims"))
        call.say(run_text(view, list(claims_in_short(judged, call.width)), call.width))
    elif not call.quiet:
        call.say(answer_text(view, view.rows("claims"), call.width))
    remark_on_files(call, (Finding(**row) for row in view.rows("findings")))
    call.remark(
        f"The tables are in {out}/. Next: eventstudy compare --event ID (or --ticker, --kind), "
        "eventstudy export --format csv --out DIR"
    )
