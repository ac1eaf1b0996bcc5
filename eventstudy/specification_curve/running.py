"""`robustness()`: a study under every specification of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy import results as store
from eventstudy._typing import Values
from eventstudy.assembly.building import make_table
from eventstudy.design import Design, Grid
from eventstudy.errors import MaxLossError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.intake.options import reading_options
from eventstudy.models import model_of
from eventstudy.numerics.threads import one_thread
from eventstudy.panel.masking import masked_sessions
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.inputs_manifest import manifest_of
from eventstudy.schema import TABLES
from eventstudy.specification_curve.choices import Choice, choices_of, completed
from eventstudy.specification_curve.covering import prepare_all
from eventstudy.specification_curve.measuring import Curves, measure
from eventstudy.specification_curve.study_rule import study_rule
from eventstudy.specification_curve.tables import (
    count_table,
    curves_table,
    firm_events_table,
    lost_reasons,
    specifications_table,
)
from eventstudy.study_result import EventStudyResult

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress


def robustness(
    events: Any = "events.yaml",
    *,
    models: Any = None,
    estimations: Any = None,
    benchmarks: Any = None,
    return_kinds: Any = None,
    stated: Any = None,
    prices: Any = "auto",
    returns: Any = None,
    factors: Any = None,
    design: Design | None = None,
    tickers: str | Sequence[str] | None = None,
    known: Any = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    values: Values | None = None,
    exchange: str | None = None,
    closes: Any = None,
    actions: Any = None,
    **reading: Any,
) -> EventStudyResult:
    """Measure every firm-event under many specifications, and test them together.

    The specifications are all combinations of the axes below, each once; an axis without a value is the study
    file's, else the default one. The CAR windows of the design are never mixed.

    Parameters
    ----------
    models
        Names of models, `NormalReturnModel` objects, or mappings of a model and the fields of the design that
        belong to it, such as ``{"model": "factors", "factors": ["SMH"]}``. Default: the design's, ``market``,
        ``market-adjusted`` and ``mean``.
    estimations
        Estimation windows. Default: the design's and its recent half.
    benchmarks
        Benchmarks, each for all events. Default: each event's own, and the design's further ``benchmarks``.
    return_kinds
        ``simple``, ``log``. Default: both.
    stated
        The specification that was stated beforehand: ``"design"`` for the study's design, or the fields in
        which it differs, such as ``{"model": "market"}``. It is in the grid, and marked. Default: the study
        file's, else none.
    events, prices, returns, factors, design, tickers, known, cache, offline, refresh, progress
        As of `eventstudy.run`.
    values, exchange, closes, actions, reading
        As of `eventstudy.run`.

    Returns
    -------
    EventStudyResult
        Its tables are ``specifications``, a row per firm-event, window and specification with status and
        reason; ``specification_curves``, the specifications of each firm-event and window together;
        ``events``, ``tests`` (the count of firm-days), ``findings`` and ``inputs``. The others are empty.

    Raises
    ------
    EventsFileError, DesignError, UnknownNameError
        The events, the design or an axis are wrong, with the place.
    PriceDataError
        A series that all need has no usable prices, or a factor is missing.
    MaxLossError
        No specification measures more firm-events than ``design.max_loss`` allows to lose.

    Notes
    -----
    See `joint_inference` for the p-values over the specifications of a firm-event, and `study_rule` for those
    over the firm-days of the study.

    References
    ----------
    Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4, 1208-1214, doi:10.1038/s41562-020-0912-z.
    """
    grid = Grid.of(models, estimations, benchmarks, return_kinds, stated)
    stated_of_files = reading_options(**reading)
    inputs = read_inputs(events, design, tickers, known, exchange)
    data = DataRequest(
        prices, returns, factors, cache, offline, refresh, progress, values, stated_of_files, closes, actions
    )
    return run_robustness(inputs, data, grid)


@one_thread()
def run_robustness(inputs: StudyInputs, data: DataRequest, grid: Grid) -> EventStudyResult:
    """Do what `robustness` does, with its arguments put together."""
    spanned = inputs.on_own_windows()
    own_windows = spanned is not inputs
    grid = completed(grid.over(inputs.grid), spanned.design, own_windows=own_windows)
    choices = choices_of(grid, spanned.design)
    prepared, placed = prepare_all(spanned, data, choices)
    panel, windows = placed[0].spec.panel, spanned.design.car_windows
    curves = measure(placed, None if data.progress is None else partial(data.progress, "measuring"))
    _refuse_losses(curves, panel.firm_events, spanned.design.max_loss)
    study = study_rule(panel, curves, windows, spanned.design.alternative)
    findings = [
        {name: getattr(found, name) for name in ("ticker", "session", "rule", "severity", "detail")}
        for found in prepared.findings
    ]
    filled = {
        "events": firm_events_table(panel.firm_events, curves),
        "tests": count_table(study),
        "findings": make_table("findings", _columns("findings", findings)),
        "inputs": make_table("inputs", _columns("inputs", [each.row() for each in prepared.read])),
        "specifications": specifications_table(placed, curves, windows),
        "specification_curves": curves_table(placed, curves, windows, study),
    }
    tables = {name: filled.get(name, make_table(name, {})) for name in TABLES}
    manifest = {
        **manifest_of(spanned, prepared.loaded, prepared.factors),
        "read": [each.row() for each in prepared.read],
        "tickers": list(panel.firm_events.tickers),
        "masked_dates": masked_sessions(panel),
        "specifications": [_described(choice) for choice in choices],
        "inputs": store.named_inputs(
            inputs.path, inputs.files, data.prices, data.returns, data.factors, data.actions
        ),
    }
    return EventStudyResult(tables, manifest)


def _refuse_losses(curves: Curves, firm_events: FirmEvents, allowed: float) -> None:
    """Refuse a grid under which more firm-events have no figure at all than the design allows."""
    reason = lost_reasons(curves)
    lost = np.flatnonzero(reason != "")
    if len(lost) > allowed * len(firm_events):
        triples = [(firm_events.event_id[e], firm_events.ticker[e], reason[e]) for e in lost]
        raise MaxLossError(triples, len(firm_events), allowed)


def _columns(table: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {column.name: [row[column.name] for row in rows] for column in TABLES[table]}


def _described(choice: Choice) -> dict[str, Any]:
    """Return a specification as the manifest lists it."""
    named = choice.benchmark or (choice.design.benchmark if choice.needs_benchmark else None)
    return {
        "specification": choice.number,
        "model": choice.model,
        "summary": model_of(choice.design).summary,
        "estimation": choice.design.estimation,
        "benchmark": None if named is None else named.notation(),
        "returns": choice.design.returns,
        "stated": choice.stated,
    }
