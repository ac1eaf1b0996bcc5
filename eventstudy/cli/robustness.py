"""`eventstudy robustness`: every firm-event under many specifications, tested together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.choices import model_names
from eventstudy.cli.command import OptionGroup
from eventstudy.cli.option_values import benchmark, estimation
from eventstudy.cli.options import Data, EventsFile, Exchange, ListReading, Only, design_options
from eventstudy.design import Grid
from eventstudy.errors import UsageError

if TYPE_CHECKING:
    from eventstudy.study_result import EventStudyResult

#: fields of the design that are axes, or that change nothing here
UNUSED = ("model", "estimation", "benchmark", "benchmarks", "returns", "tests", "by", "placebo_history")
FIELDS: dict[str, Callable[[str], Any]] = {
    "model": str,
    "estimation": estimation,
    "benchmark": benchmark,
    "returns": str,
}
OWN = "design"

Out = Annotated[str, typer.Option(metavar="DIR", help="Result folder to write, replaced as a whole.")]


def _axis(metavar: str, meaning: str, **settings: Any) -> tuple[Any, None]:
    told = f"{meaning} May be repeated."
    return Annotated[list[Any] | None, typer.Option(metavar=metavar, help=told, **settings)], None


def stated_field(text: str) -> tuple[str, Any]:
    """Read a field of the specification stated beforehand, ``model=market``, or ``design``."""
    name, equals, value = text.partition("=")
    if text == OWN:
        return OWN, None
    if not equals or name not in FIELDS:
        raise typer.BadParameter(
            f"{text!r} is neither design nor one of {', '.join(FIELDS)}; write model=market"
        )
    return name, FIELDS[name](value)


AXES = {
    "model": _axis(
        "NAME",
        "Normal-return model. By default the design's, market, market-adjusted and mean.",
        parser=str,
        autocompletion=model_names,
    ),
    "estimation": _axis(
        "A:B|none",
        "Estimation window. By default the design's and its recent half.",
        parser=estimation,
    ),
    "benchmark": _axis(
        "T|A+B+C",
        "Benchmark of all events. By default each event's own, and the study's further benchmarks.",
        parser=benchmark,
    ),
    "returns": _axis("simple|log", "Kind of returns. By default both.", parser=str),
    "stated": _axis(
        "design|FIELD=VALUE",
        "The specification that was stated beforehand, which is marked: design for the study's design, or"
        " what differs from it, as model=market.",
        parser=stated_field,
    ),
}


def _grid(
    _: Call, model: Any, estimation: Any, benchmark: Any, returns: Any, stated: list[tuple[str, Any]] | None
) -> Grid:
    fields = dict(stated or ())
    if len(fields) > 1 and OWN in fields:
        raise UsageError("--stated design is the whole specification; leave the other fields out")
    chosen = None if not fields else OWN if OWN in fields else fields
    return Grid.of(model or None, estimation or None, benchmark or None, returns or None, chosen)


if TYPE_CHECKING:
    DesignChanges = dict[str, Any]
    Specifications = Grid
else:
    DesignChanges = Annotated[Any, design_options(*UNUSED)]
    Specifications = Annotated[Any, OptionGroup(AXES, _grid)]


def robustness(
    call: Call,
    *,
    events: EventsFile = "events.yaml",
    listing: ListReading,
    grid: Specifications,
    data: Data,
    tickers: Only = None,
    exchange: Exchange = None,
    design: DesignChanges,
    out: Out = "robustness",
) -> None:
    """Measure every firm-event under all combinations of models, windows, benchmarks and kinds of returns.

    The specifications of a firm-event are tested together, by shifts of day 0 that all of them share. What
    the study file says under robustness: holds where no option replaces it.
    """
    from dataclasses import replace

    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.cli.robustness_text import robustness_text
    from eventstudy.events.inputs import read_inputs
    from eventstudy.specification_curve import run_robustness

    inputs = read_inputs(events, tickers=tickers, exchange=exchange, reading=listing, **design)
    remark_on_inputs(call, inputs.understood)
    with call.progress() as progress:
        result = run_robustness(inputs, replace(data, progress=progress), grid)
    result = replace(result, manifest={**result.manifest, "command": list(call.words)})
    result.to_parquet(out)
    call.document(_document(result, out))
    call.say(robustness_text(result.view(), call.width))
    call.remark(
        f"The tables are in {out}/. Next: eventstudy report {out}, "
        f"eventstudy export {out} --format csv --table specifications --out DIR"
    )


def _document(result: EventStudyResult, out: str) -> dict[str, Any]:
    """Return the specifications, the headline, and the curve of every firm-event and window."""
    view, manifest = result.view(), result.manifest
    skipped = [row for row in view.firm_events if row["status"] != "ok"]
    return {
        "results": out,
        "version": manifest.get("version"),
        "study": manifest["study"],
        "design": dict(view.design),
        "specifications": manifest["specifications"],
        "counts": {
            "events": len(view.event_ids),
            "firm_events": len(view.firm_events),
            "skipped": len(skipped),
            "specifications": len(manifest["specifications"]),
        },
        "headline": dict(view.headline),
        "curves": view.rows("specification_curves"),
        "skipped": [{name: row[name] for name in ("event_id", "ticker", "reason")} for row in skipped],
    }
