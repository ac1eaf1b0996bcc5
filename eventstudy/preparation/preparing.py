"""From the inputs of a study and its data to a panel: the order of these steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.errors import DesignError, PriceDataError, UsageError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.inputs import StudyInputs
from eventstudy.intake.understood import Understood
from eventstudy.models import NormalReturnModel, model_of
from eventstudy.models.estimation import Specification
from eventstudy.panel.evidence import load_on_sessions
from eventstudy.panel.holdings import benchmark_findings
from eventstudy.panel.index_weights import place_benchmarks, weights_problem
from eventstudy.panel.loading import (
    Loaded,
    given_returns,
    given_table,
    refuse_long_windows,
    with_factors,
)
from eventstudy.panel.masking import unused_masks
from eventstudy.panel.measures import NEEDS, measured_matrix, refuse_unmeasured
from eventstudy.panel.panel import Panel
from eventstudy.panel.return_table import return_tables
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.panel.screening import screen_firm_events
from eventstudy.preparation.data_request import DataRequest, with_pool_at_hand, with_told_exchanges
from eventstudy.prices.opening import cache_directory
from eventstudy.prices.source import Finding, PriceSource
from eventstudy.soundness import findings, return_findings
from eventstudy.soundness.foreign_benchmarks import foreign_benchmarks
from eventstudy.soundness.huge import without_known_jumps
from eventstudy.soundness.measures import measure_findings
from eventstudy.soundness.missing import holes_in_returns, missing_returns
from eventstudy.soundness.units import ask_factor_unit, ask_stated, refuse_huge

if TYPE_CHECKING:
    from eventstudy.prices.factors.table import FactorTable


@dataclass(frozen=True)
class PreparedStudy:
    """A study before anything is estimated: its prices and factors, and its panel."""

    source: PriceSource | None
    loaded: Loaded
    factors: FactorTable | None
    findings: Sequence[Finding]
    spec: Specification
    read: tuple[Understood, ...] = ()


def prepare(inputs: StudyInputs, data: DataRequest) -> PreparedStudy:
    """Read prices and factors and find the windows of every firm-event in the returns; errors of `run`."""
    inputs = inputs.on_own_windows()
    design, model = inputs.design, model_of(inputs.design)
    if model.requires.benchmark and design.benchmark is None:
        raise DesignError("benchmark", f"the model {model.name} needs one, such as SPY")
    if design.estimation is None and not model.parameter_free:
        raise DesignError("estimation", f"the model {model.name} needs a window, such as (-260, -11)")
    source = table = None
    if data.returns is None:
        source = data.source(inputs)
        inputs = with_told_exchanges(inputs, source)
        model = with_pool_at_hand(model, design, source)
    firm_events = inputs.firm_events()
    if data.returns is not None and design.measure != "returns":
        raise UsageError(f"a table of returns holds no {NEEDS[design.measure]}; give prices that do")
    if data.returns is not None and (data.closes is not None or data.actions is not None):
        raise UsageError("closes and actions are about prices; the table of returns holds returns")
    if source is not None:
        further = model.requires.further_tickers(firm_events, design)
        data.stated(inputs).refuse_strangers((*model.requires.tickers(firm_events), *further))
        loaded, firm_events = load_on_sessions(
            firm_events,
            design,
            model.requires,
            source,
            exchanges=inputs.exchanges,
            calendars=inputs.calendars,
        )
        if firm_events.corrections:
            firm_events = inputs.with_known(firm_events)
        table = _factor_table(inputs, model, data, firm_events)
    else:
        given, stamps = given_table(data.returns, design, inputs.exchanges)
        ask_stated(list(given.columns), given.values, data.values)
        loaded = given_returns(given, design, data.values, inputs.exchanges, stamps)
        refuse_huge(list(loaded.matrix.columns), loaded.matrix.dates, loaded.matrix.values)
        if data.factors is not None:
            table = _factor_table(inputs, model, data, firm_events)
            _refuse_factors_twice(loaded, table)
    spec = _specification(inputs, model, firm_events, loaded.matrix, loaded, table)
    found = [
        *loaded.findings,
        *unused_masks(inputs.design, firm_events),
        *price_findings(inputs, loaded),
        *_foreign(inputs, model, firm_events, loaded),
    ]
    found += _return_findings(inputs, spec.panel, loaded, found)
    held = list(benchmark_findings(spec.panel, design)) if design.measure == "returns" else []
    if design.measure != "returns":
        found += measure_findings(loaded.series, design.measure)
        spec = _of_measure(inputs, model, firm_events, loaded, table)
    screened = screen_firm_events(spec.panel, design, found)
    found += held
    read = (*files_read(inputs, source), *(() if table is None else table.understood))
    return PreparedStudy(source, loaded, table, found, replace(spec, panel=screened), read)


def files_read(inputs: StudyInputs, source: PriceSource | None) -> tuple[Understood, ...]:
    """Return what the files of events and of prices were taken for."""
    return (*inputs.understood, *getattr(source, "inputs", ()))


def _of_measure(
    inputs: StudyInputs,
    model: NormalReturnModel,
    firm_events: FirmEvents,
    loaded: Loaded,
    table: FactorTable | None,
) -> Specification:
    """Place the firm-events on volume or volatility; errors of `refuse_unmeasured`.

    The direction that is expected of a price is none of these.
    """
    firm_events = replace(firm_events, expect=np.full(len(firm_events), "", dtype=object))
    matrix = measured_matrix(loaded.matrix, loaded.series, inputs.design.measure)
    refuse_unmeasured(matrix, firm_events, model.requires, inputs.design)
    return _specification(inputs, model, firm_events, matrix, loaded, table)


def _refuse_factors_twice(loaded: Loaded, table: FactorTable | None) -> None:
    twice = [name for name in (() if table is None else table.names) if name in loaded.matrix.columns]
    if twice:
        raise UsageError(f"{', '.join(twice)} is in returns and in factors; give it once")


def _factor_table(
    inputs: StudyInputs, model: NormalReturnModel, data: DataRequest, firm_events: FirmEvents
) -> FactorTable | None:
    """Read the factors that the model needs: the caller's files, the study's, or those fetched before."""
    requires = model.requires
    columns = requires.factor_columns(inputs.design)
    if not columns and not requires.excess:
        return None
    if columns and inputs.design.returns == "log":  # a long-short portfolio has no log return
        raise DesignError("returns", "log returns do not go with factor portfolios; use simple")
    from eventstudy.prices.factors.french import stored_factors
    from eventstudy.prices.factors.table import read_factors

    wanted = (*columns, "RF") if requires.excess else columns
    if data.factors is not None:
        return _asked(read_factors(data.factors, data.reading.factor_unit, wanted, data.reading))
    if inputs.factors is not None:
        unit = data.reading.factor_unit or inputs.factors.unit
        return _asked(read_factors(inputs.factors.path, unit, wanted, data.reading))
    fetched = stored_factors(model.name, cache_directory(data.cache, inputs.path))
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


def _asked(table: FactorTable) -> FactorTable:
    """Return factors whose unit is beyond doubt; a PriceDataError asks about others."""
    ask_factor_unit(table.names, table.values)
    return table


def _specification(
    inputs: StudyInputs,
    model: NormalReturnModel,
    firm_events: FirmEvents,
    matrix: ReturnMatrix,
    loaded: Loaded,
    table: FactorTable | None,
) -> Specification:
    """Place the firm-events on the matrix of the loaded series.

    Raises
    ------
    DesignError
        The event window is longer than the data, or the stated weights of a benchmark cannot be used.
    PriceDataError
        No firm-event has a benchmark with prices.
    """
    refuse_long_windows(inputs.design, matrix)
    matrix = matrix if table is None else with_factors(matrix, table)
    spec = Specification.of(firm_events, matrix, model, inputs.design, loaded.failures)
    if model.requires.benchmark:
        _refuse_weights(spec.panel)
    if model.requires.benchmark and (spec.panel.regressors[:, 0] < 0).all():
        member = firm_events.benchmarks[int(firm_events.benchmark[0])].tickers[0]
        if member in matrix.columns:
            raise PriceDataError(member, f"no firm-event has this benchmark: {spec.panel.reason[0]}")
        raise PriceDataError(
            member, f"the benchmark has no prices: {loaded.failures.get(member, 'not in the table')}"
        )
    return spec


def _refuse_weights(panel: Panel) -> None:
    for placed in dict.fromkeys(place_benchmarks(panel.firm_events, panel.day0, panel.first, panel.last)):
        if placed is not None and (problem := weights_problem(placed, panel.matrix)):
            raise DesignError("benchmark", problem)


def price_findings(inputs: StudyInputs, loaded: Loaded) -> list[Finding]:
    """Return what was found in the series; they should move with the study's benchmark."""
    benchmark = inputs.design.benchmark
    market = loaded.series.get(benchmark.tickers[0]) if benchmark else None
    return [
        finding
        for series in loaded.series.values()
        for finding in findings(series, inputs.exchanges, market=market, calendars=inputs.calendars)
    ]


def _return_findings(
    inputs: StudyInputs, panel: Panel, loaded: Loaded, told: Sequence[Finding]
) -> list[Finding]:
    """Return what is found in the returns, less the moves that the rules of prices call wrong already."""
    known = {(found.ticker, found.session) for found in told if found.session and found.severity == "error"}
    holes = {(found.ticker, found.session) for found in told if found.rule == "missing-session"}
    found: list[Finding] = []
    for table in return_tables(panel, inputs.design, inputs.exchanges):
        given = set(table.names) - (set(loaded.series) if inputs.calendars else set())
        found += return_findings(table, given)
        if not loaded.series:
            found += holes_in_returns(table)
        elif not inputs.calendars:
            missing = missing_returns(table.only(loaded.series))
            found += [hole for hole in missing if (hole.ticker, hole.session) not in holes]
    # a benchmark of two exchanges is judged on the sessions of both
    fresh = dict.fromkeys(each for each in found if (each.ticker, each.session) not in known)
    return list(without_known_jumps(list(fresh), told))


def _foreign(
    inputs: StudyInputs, model: NormalReturnModel, firm_events: FirmEvents, loaded: Loaded
) -> Iterator[Finding]:
    """Find benchmarks of another calendar or currency."""
    if model.requires.benchmark and inputs.calendars:
        chosen = [benchmark.tickers for benchmark in firm_events.benchmarks]
        events = zip(firm_events.ticker, firm_events.benchmark, strict=True)
        pairs = ((ticker, other) for ticker, at in events for other in chosen[int(at)])
        yield from foreign_benchmarks(pairs, loaded.series, inputs.exchanges)
