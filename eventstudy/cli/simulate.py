"""`eventstudy simulate`: how often each test rejects placebo events, on own or synthetic prices."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.choices import distribution_names
from eventstudy.cli.options import (
    Cache,
    Debug,
    EventsFile,
    Json,
    Offline,
    Prices,
    Quiet,
    Refresh,
)
from eventstudy.cli.run import (
    Alternative,
    BenchmarkOption,
    Cars,
    Estimation,
    EventWindow,
    Factors,
    MinEstimation,
    Model,
    Returns,
    Seed,
    Tests,
    Tickers,
    refuse_odd_tickers,
)


def share(text: str) -> float:
    """Read a return as a decimal (0.01) or in percent (1%)."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no return; write 1% or 0.01") from None


Synthetic = Annotated[
    bool, typer.Option("--synthetic", help="Draw on synthetic markets instead of the study's prices.")
]
FirmEvents = Annotated[
    int | None, typer.Option("--firm-events", metavar="N", help="Of one replication.  [default: 50]")
]
Dates = Annotated[
    int | None,
    typer.Option(metavar="N", help="Distinct dates that they share; by default each has a random one."),
]
Clustered = Annotated[bool, typer.Option("--clustered", help="All on one date: --dates 1.")]
Effects = Annotated[
    list[Any] | None,
    typer.Option(
        "--effect",
        parser=share,
        metavar="R",
        help="Abnormal return injected on day 0, as 1% or 0.01; may be repeated.  [default: 0, +-0.5%, +-1%,"
        " +-2%]",
    ),
]
Variance = Annotated[
    float | None,
    typer.Option(metavar="FACTOR", help="Of the day-0 abnormal return's variance.  [default: 1]"),
]
Missing = Annotated[
    float | None, typer.Option(metavar="SHARE", help="Of returns that are missing.  [default: 0]")
]
Replications = Annotated[int | None, typer.Option(metavar="N", help="How many are drawn.  [default: 1000]")]
Securities = Annotated[
    int | None,
    typer.Option(metavar="N", help="Of a synthetic market; by default one for each firm-event."),
]
Sessions = Annotated[
    int | None,
    typer.Option(metavar="N", help="Of a synthetic market; by default 100 more than the windows need."),
]
Distribution = Annotated[
    str | None,
    typer.Option(
        autocompletion=distribution_names,
        metavar="normal|t3|t4|skewed",
        help="Of synthetic residuals.  [default: normal]",
    ),
]
Correlation = Annotated[
    float | None, typer.Option(metavar="RHO", help="Of synthetic residuals across securities.  [default: 0]")
]
Out = Annotated[str | None, typer.Option(metavar="FILE", help="Save the table as a Parquet file.")]


def simulate(
    context: typer.Context,
    events: EventsFile = "events.yaml",
    synthetic: Synthetic = False,
    firm_events: FirmEvents = None,
    dates: Dates = None,
    clustered: Clustered = False,
    effect: Effects = None,
    variance: Variance = None,
    missing: Missing = None,
    replications: Replications = None,
    securities: Securities = None,
    sessions: Sessions = None,
    distribution: Distribution = None,
    correlation: Correlation = None,
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
    alternative: Alternative = None,
    min_estimation: MinEstimation = None,
    seed: Seed = None,
    test: Tests = None,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    offline: Offline = False,
    debug: Debug = False,
) -> None:
    """Draw placebo events whose truth is known and count how often each test rejects.

    Placebo events fall on random sessions of the study's tickers, away from its own events. Tests that draw
    resamples take long and run only where --test names them.
    """
    from eventstudy.cli.simulation_text import simulation_text
    from eventstudy.errors import UsageError
    from eventstudy.events.inputs import read_inputs
    from eventstudy.simulation import SYNTHETIC_DESIGN, Situation
    from eventstudy.simulation import simulate as simulated

    call: Call = context.obj
    if clustered and dates not in (None, 1):
        raise UsageError(f"--clustered is one date; --dates {dates} asks for more")
    inputs = {
        "firm_events": firm_events,
        "dates": 1 if clustered else dates,
        "effects": tuple(effect) if effect else None,
        "variance": variance,
        "missing": missing,
        "replications": replications,
        "securities": securities,
        "sessions": sessions,
        "distribution": distribution,
        "correlation": correlation,
    }
    changes = {
        "model": model,
        "benchmark": benchmark,
        "estimation": estimation,
        "window": window,
        "car_windows": car or None,
        "returns": returns,
        "alternative": alternative,
        "min_estimation": min_estimation,
        "seed": seed,
        "tests": test or None,
    }
    refuse_odd_tickers(tickers, benchmark)
    study = None if synthetic else read_inputs(events)
    standard = SYNTHETIC_DESIGN if study is None else study.design
    with call.progress() as progress:
        result = simulated(
            Situation(**_given(inputs)),
            study,
            prices=prices,
            factors=factors or None,
            design=standard.replace(**_given(changes)),
            tickers=tickers,
            benchmark=benchmark,
            cache=cache,
            offline=call.offline,
            refresh=refresh,
            progress=progress,
        )
    if out is not None:
        result.to_parquet(out)
    call.document({**result.about, "out": out, "rejections": result.table.to_pylist()})
    call.say(simulation_text(result, call.width))
    if out is not None:
        call.remark(f"The table is in {out}.")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
