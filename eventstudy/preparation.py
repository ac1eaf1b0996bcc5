"""What is read and prepared before anything is estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.design import Design
from eventstudy.errors import DesignError, PriceDataError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.models import NormalReturnModel, model_named
from eventstudy.models.estimation import Specification
from eventstudy.panel.loading import Loaded, given_returns, load_prices, with_factors
from eventstudy.panel.screening import screen_firm_events
from eventstudy.prices.opening import cache_directory, open_source, snapshot_directory
from eventstudy.prices.quality import findings
from eventstudy.prices.quality.foreign_benchmarks import foreign_benchmarks
from eventstudy.prices.source import Finding, PriceSource

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.prices.factors.table import FactorTable

Progress = Callable[[str, int, int], None]  #: what is going on, how far it is, of how much


@dataclass(frozen=True)
class PreparedStudy:
    """A study before estimation: its inputs, its prices, and its firm-events on the returns."""

    inputs: StudyInputs
    source: PriceSource | None
    loaded: Loaded
    factors: FactorTable | None
    findings: Sequence[Finding]
    spec: Specification


def prepare(
    events: Any,
    *,
    prices: Any = "auto",
    returns: pd.DataFrame | None = None,
    factors: Any = None,
    design: Design | None = None,
    tickers: Sequence[str] | None = None,
    benchmark: Any = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
) -> PreparedStudy:
    """Read events and prices and place the firm-events on the returns; parameters and errors of `run`."""
    inputs = read_inputs(events, design)
    if benchmark is not None:  # so that the manifest states it
        inputs = replace(inputs, design=inputs.design.replace(benchmark=benchmark))
    model = model_named(inputs.design.model)
    firm_events = inputs.firm_events(tickers, benchmark)
    source = None
    if returns is None:
        source = _source(inputs, prices, cache, offline, refresh, progress)
        loaded = load_prices(firm_events, inputs.design, model.requires, source, calendars=inputs.calendars)
    else:
        loaded = given_returns(returns, inputs.design)
    stored = cache_directory(cache, inputs.path)
    table = _factor_table(inputs, model, factors, firm_events, stored) if returns is None else None
    doubts = [*price_findings(inputs, loaded), *_foreign(inputs, model, firm_events, loaded)]
    spec = _specification(inputs, model, firm_events, loaded, table)
    spec = replace(spec, panel=screen_firm_events(spec.panel, inputs.design, doubts))
    return PreparedStudy(inputs, source, loaded, table, doubts, spec)


def _source(
    inputs: StudyInputs,
    prices: Any,
    cache: str | Path | None,
    offline: bool,
    refresh: bool,
    progress: Progress | None,
) -> PriceSource:
    return open_source(
        prices,
        cache_dir=cache_directory(cache, inputs.path),
        snapshot_dir=snapshot_directory(inputs.path),
        offline=offline,
        refresh=refresh,
        exchanges=inputs.exchanges,
        progress=progress,
    )


def _factor_table(
    inputs: StudyInputs, model: NormalReturnModel, given: Any, firm_events: FirmEvents, cache_dir: Path
) -> FactorTable | None:
    """Read the factors that the model needs from the caller's files, the study's, or those fetched before."""
    requires = model.requires
    columns = requires.factor_columns(inputs.design)
    if not columns and not requires.excess:
        return None
    if columns and inputs.design.returns == "log":  # a long-short portfolio has no log return
        raise DesignError("returns", "log returns do not go with factor portfolios; use simple")
    from eventstudy.prices.factors.french import stored_factors
    from eventstudy.prices.factors.table import read_factors

    wanted = (*columns, "RF") if requires.excess else columns
    if given is not None:
        return read_factors(given, wanted=wanted)
    if inputs.factors is not None:
        return read_factors(inputs.factors.path, inputs.factors.unit, wanted)
    fetched = stored_factors(model.name, cache_dir)
    if not fetched:
        raise PriceDataError(
            "factors",
            f"the model {model.name} needs a factor file",
            "give --factors FILE or factors: in the study, or run `eventstudy prices fetch --factors MODEL`",
        )
    for ticker, exchange in zip(firm_events.ticker, firm_events.exchange, strict=True):
        if exchange not in ("XNYS", ""):
            problem = f"Ken French's US factors do not fit {ticker}, which trades on {exchange}"
            raise PriceDataError("factors", problem, "give --factors FILE with those of its market")
    return read_factors([each.path for each in fetched], wanted=wanted)


def _specification(
    inputs: StudyInputs,
    model: NormalReturnModel,
    firm_events: FirmEvents,
    loaded: Loaded,
    table: FactorTable | None,
) -> Specification:
    """Place the firm-events on the returns.

    Raises
    ------
    PriceDataError
        No firm-event has a benchmark with prices.
    """
    matrix = loaded.matrix if table is None else with_factors(loaded.matrix, table)
    spec = Specification.of(firm_events, matrix, model, inputs.design, loaded.failures)
    if model.requires.benchmark and (spec.panel.regressors[:, 0] < 0).all():
        member = firm_events.benchmarks[int(firm_events.benchmark[0])].tickers[0]
        raise PriceDataError(
            member, f"the benchmark has no prices: {loaded.failures.get(member, 'not in the table')}"
        )
    return spec


def price_findings(inputs: StudyInputs, loaded: Loaded) -> list[Finding]:
    """Return what was found in the series; the study's benchmark is the market they are compared with."""
    market = loaded.series.get(inputs.design.benchmark.tickers[0])
    return [
        finding
        for series in loaded.series.values()
        for finding in findings(series, inputs.exchanges, market=market, calendars=inputs.calendars)
    ]


def _foreign(
    inputs: StudyInputs, model: NormalReturnModel, firm_events: FirmEvents, loaded: Loaded
) -> Iterator[Finding]:
    """Return remarks on benchmarks of another calendar or currency."""
    if model.requires.benchmark and inputs.calendars:
        chosen = [benchmark.tickers for benchmark in firm_events.benchmarks]
        events = zip(firm_events.ticker, firm_events.benchmark, strict=True)
        pairs = ((ticker, other) for ticker, at in events for other in chosen[int(at)])
        yield from foreign_benchmarks(pairs, loaded.series, inputs.exchanges)
