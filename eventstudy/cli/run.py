"""`eventstudy run`: measure, test, save, print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.choices import (
    alternatives,
    gap_rules,
    model_names,
    quality_rules,
    return_kinds,
    test_names,
)
from eventstudy.cli.options import (
    Cache,
    Debug,
    EventsFile,
    Json,
    Offline,
    Prices,
    Quiet,
    Refresh,
    benchmark,
    count_or_share,
    names,
    window,
)

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs
    from eventstudy.study_result import EventStudyResult

Tickers = Annotated[
    Any,
    typer.Option("--tickers", parser=names, metavar="A,B", help="Measure these instead of the events' own."),
]
BenchmarkOption = Annotated[
    Any,
    typer.Option(
        "--benchmark",
        parser=benchmark,
        metavar="T",
        help="Benchmark of all; A+B+C is an equal-weighted basket.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        autocompletion=model_names, metavar="NAME", help="Normal-return model, such as market or ff3."
    ),
]
Estimation = Annotated[
    Any, typer.Option("--estimation", parser=window, metavar="A:B", help="Estimation window, as -260:-11.")
]
EventWindow = Annotated[
    Any, typer.Option("--window", parser=window, metavar="A:B", help="Event window, as -5:5.")
]
Cars = Annotated[
    list[Any] | None,
    typer.Option(
        "--car", parser=window, metavar="A:B", help="Window to cumulate over, as 0:1; may be repeated."
    ),
]
Returns = Annotated[
    str | None, typer.Option(autocompletion=return_kinds, metavar="simple|log", help="Kind of returns.")
]
Factors = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="Factor returns, for models that need them; may be repeated."),
]
Gaps = Annotated[
    str | None,
    typer.Option(
        autocompletion=gap_rules,
        metavar="missing|lump",
        help="After a gap in the event window: the CAR is missing, or the next return spans the gap.",
    ),
]
Quality = Annotated[
    str | None,
    typer.Option(
        autocompletion=quality_rules,
        metavar="skip|flag",
        help="What an error in the prices does: the firm-events that use them are skipped, or only flagged.",
    ),
]
Mask = Annotated[
    bool | None,
    typer.Option(
        "--mask-events/--no-mask-events",
        help="Leave sessions around a ticker's other events out of its estimation window.",
    ),
]
Alternative = Annotated[
    str | None,
    typer.Option(autocompletion=alternatives, metavar="two-sided|greater|less", help="Side of the p-values."),
]
Confidence = Annotated[float | None, typer.Option(metavar="SHARE", help="Of the intervals, as 0.95.")]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Of everything random.")]
MaxLoss = Annotated[
    float | None,
    typer.Option(metavar="SHARE", help="Firm-events that may be skipped before the run is refused, as 0.2."),
]
MinEstimation = Annotated[
    Any,
    typer.Option(
        "--min-estimation",
        parser=count_or_share,
        metavar="N|SHARE",
        help="Least usable estimation returns, as 150 or 0.6.",
    ),
]
Tests = Annotated[
    list[str] | None,
    typer.Option(
        "--test",
        autocompletion=test_names,
        metavar="NAME",
        help="Test to report instead of all that apply; may be repeated.",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="Column of the event list to group by as well; may be repeated."),
]
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
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; fetch and write nothing.")]


def run(
    context: typer.Context,
    events: EventsFile = "events.yaml",
    prices: Prices = "auto",
    cache: Cache = None,
    refresh: Refresh = False,
    tickers: Tickers = None,
    benchmark: BenchmarkOption = None,
    model: Model = None,
    estimation: Estimation = None,
    window: EventWindow = None,
    car: Cars = None,
    returns: Returns = None,
    factors: Factors = None,
    gaps: Gaps = None,
    quality: Quality = None,
    mask_events: Mask = None,
    alternative: Alternative = None,
    confidence: Confidence = None,
    seed: Seed = None,
    max_loss: MaxLoss = None,
    min_estimation: MinEstimation = None,
    test: Tests = None,
    by: By = None,
    out: Out = "results",
    strict: Strict = False,
    dry_run: DryRun = False,
    verify_manifest: VerifyManifest = None,
    json: Json = False,
    quiet: Quiet = False,
    offline: Offline = False,
    debug: Debug = False,
) -> None:
    """Measure abnormal returns around the events, test them, save the tables and print them.

    Options replace what the study file says.
    """
    from eventstudy.events.inputs import read_inputs

    call: Call = context.obj
    changes = {
        "model": model,
        "benchmark": benchmark,
        "estimation": estimation,
        "window": window,
        "car_windows": car or None,
        "returns": returns,
        "gaps": gaps,
        "quality": quality,
        "mask_events": mask_events,
        "alternative": alternative,
        "confidence": confidence,
        "seed": seed,
        "max_loss": max_loss,
        "min_estimation": min_estimation,
        "tests": test or None,
        "by": by or None,
    }
    refuse_odd_tickers(tickers, benchmark)
    inputs = _redesigned(read_inputs(events), changes)
    source = {"prices": prices, "cache": cache, "tickers": tickers, "benchmark": benchmark}
    before = None
    if verify_manifest is not None:
        from eventstudy.cli.run_verify import earlier, verify

        before = earlier(verify_manifest)
    if dry_run:
        from eventstudy.cli.dry_run import show_plan

        show_plan(call, inputs, out=out, **source)
        return
    result = _measured(call, inputs, source | {"factors": factors or None, "refresh": refresh}, strict)
    if before is not None:
        verify(call, before, result)
        return
    result.to_parquet(out)
    _print(call, inputs, result, out)


def refuse_odd_tickers(tickers: list[str] | None, benchmark: str | list[str] | None) -> None:
    """Refuse what is no ticker, such as a path."""
    from eventstudy.events.names import check_ticker

    for ticker in [*(tickers or []), *([benchmark] if isinstance(benchmark, str) else benchmark or [])]:
        check_ticker(ticker)


def _redesigned(inputs: StudyInputs, changes: dict[str, Any]) -> StudyInputs:
    """Put the options that were given in place of the study's own design."""
    from dataclasses import replace

    given = {field: value for field, value in changes.items() if value is not None}
    return replace(inputs, design=inputs.design.replace(**given))


def _measured(call: Call, inputs: StudyInputs, source: dict[str, Any], strict: bool) -> EventStudyResult:
    from dataclasses import replace

    from eventstudy import study

    with call.progress() as progress:
        result = study.run(inputs, offline=call.offline, progress=progress, **source)
    if strict:
        _refuse_skipped(result)
    return replace(result, manifest={**result.manifest, "command": list(call.words)})


def _refuse_skipped(result: EventStudyResult) -> None:
    """Refuse a result that lacks a firm-event."""
    from eventstudy.errors import MaxLossError

    rows = result.view().firm_events
    skipped = [(row["event_id"], row["ticker"], row["reason"]) for row in rows if row["status"] != "ok"]
    if skipped:
        raise MaxLossError(skipped, len(rows), 0.0, remedy="drop --strict to see them in the result")


def _print(call: Call, inputs: StudyInputs, result: EventStudyResult, out: str) -> None:
    """Print the result as text or as JSON, then where it is and what to do next."""
    from eventstudy.cli.claims_text import claims_in_short, paired
    from eventstudy.cli.price_remarks import remark_on_files
    from eventstudy.cli.run_document import run_document
    from eventstudy.cli.run_text import run_text
    from eventstudy.prices.source import Finding

    view = result.view()
    if call.json:
        call.document(run_document(view, out))
    elif not call.quiet:
        judged = paired(inputs.events, view.rows("claims"))
        call.say(run_text(view, list(claims_in_short(judged, call.width)), call.width))
    remark_on_files(call, (Finding(**row) for row in view.rows("findings")))
    call.remark(
        f"The tables are in {out}/. Next: eventstudy compare --event ID (or --ticker, --kind), "
        "eventstudy export --format csv --out DIR"
    )
