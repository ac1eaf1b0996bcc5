"""`eventstudy simulate`: how often each test rejects placebo events, on own or synthetic prices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.choices import distribution_names
from eventstudy.cli.command import OptionGroup
from eventstudy.cli.options import Data, EventsFile, Exchange, Force, ListReading, Only, design_options
from eventstudy.errors import UsageError


def share(text: str) -> float:
    """Read a return as a decimal (0.01) or in percent (1%)."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no return; write 1% or 0.01") from None


Synthetic = Annotated[
    bool, typer.Option("--synthetic", help="Draw on synthetic markets instead of the study's prices.")
]
Out = Annotated[str | None, typer.Option(metavar="FILE", help="Save the table as a Parquet file.")]


def _option(kind: Any, metavar: str, meaning: str, **settings: Any) -> tuple[Any, None]:
    return Annotated[kind | None, typer.Option(metavar=metavar, help=meaning, **settings)], None


SITUATION = {
    "firm_events": _option(int, "N", "Firm-events of one replication.  [default: 50]"),
    "dates": _option(int, "N", "Distinct dates that they share; by default each has a random one."),
    "clustered": (Annotated[bool, typer.Option("--clustered", help="All on one date: --dates 1.")], False),
    "effect": _option(
        list[Any],
        "R",
        "Abnormal return put into day 0, as 1% or 0.01. May be repeated.  [default: 0, +-0.5%, +-1%, +-2%]",
        parser=share,
    ),
    "variance": _option(float, "FACTOR", "Factor of the variance of day 0's abnormal return.  [default: 1]"),
    "missing": _option(float, "SHARE", "Share of returns that are missing.  [default: 0]"),
    "replications": _option(int, "N", "How many are drawn.  [default: 1000]"),
    "securities": _option(int, "N", "Securities of a synthetic market; by default one for each firm-event."),
    "sessions": _option(
        int, "N", "Sessions of a synthetic market; by default 100 more than the windows need."
    ),
    "distribution": _option(
        str,
        "normal|t3|t4|skewed",
        "Distribution of synthetic residuals.  [default: normal]",
        autocompletion=distribution_names,
    ),
    "correlation": _option(
        float, "RHO", "Correlation of synthetic residuals across securities.  [default: 0]"
    ),
    "factor_variance": _option(
        float,
        "FACTOR",
        "Factor of the variance, on the dates of events, of what synthetic residuals share.  [default: 1]",
    ),
}
UNUSED = (
    "by",
    "regress",
    "prologue",
    "prologue_days",
    "confidence",
    "placebo_history",
    "max_loss",
)  #: fields of the design that change no rejection


def _situation(call: Call, clustered: bool, effect: list[float] | None, **given: Any) -> dict[str, Any]:
    if clustered and given["dates"] not in (None, 1):
        raise UsageError(f"--clustered is one date; --dates {given['dates']} is more")
    given |= {"dates": 1 if clustered else given["dates"], "effects": tuple(effect or ()) or None}
    return _given(given)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


if TYPE_CHECKING:
    DesignChanges = dict[str, Any]
    SituationOptions = dict[str, Any]
else:
    DesignChanges = Annotated[Any, design_options(*UNUSED)]
    SituationOptions = Annotated[Any, OptionGroup(SITUATION, _situation)]


def simulate(
    call: Call,
    *,
    events: EventsFile = "events.yaml",
    listing: ListReading,
    synthetic: Synthetic = False,
    situation: SituationOptions,
    data: Data,
    tickers: Only = None,
    exchange: Exchange = None,
    design: DesignChanges,
    out: Out = None,
    force: Force = False,
) -> None:
    """Draw placebo events whose truth is known and count how often each test rejects.

    Placebo events fall on random sessions of the study's tickers, away from its own events. Tests that draw
    resamples take long and run only where --test names them.
    """
    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.cli.simulation_text import simulation_text
    from eventstudy.events.inputs import read_inputs
    from eventstudy.results.outputs.ownership import named_inputs
    from eventstudy.simulation import Situation, simulating

    drawn = Situation(**situation)
    with call.progress() as progress:
        if synthetic:
            result = simulating.simulate(
                drawn,
                design=simulating.SYNTHETIC_DESIGN.replace(**_given(design)),
                tickers=tickers,
                benchmark=design["benchmark"],
                exchange=exchange,
                factors=data.factors,
                progress=progress,
            )
        else:
            inputs = read_inputs(events, tickers=tickers, exchange=exchange, reading=listing, **design)
            remark_on_inputs(call, inputs.understood)
            result = simulating.simulate_study(drawn, inputs, replace(data, progress=progress))
    if out is not None:
        result.to_parquet(
            out, force=force, inputs=named_inputs(events, data.prices, data.factors, data.actions)
        )
    call.document({**result.about, "out": out, "rejections": result.table.to_pylist()})
    call.say(simulation_text(result, call.width))
    if out is not None:
        call.remark(f"The table is in {out}.")
