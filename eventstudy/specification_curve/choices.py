"""From a grid to its specifications: every combination of the axes, each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from eventstudy.design import Benchmark, Design, Grid, ModelChoice, Window, Windows
from eventstudy.errors import DesignError
from eventstudy.models import model_named, model_of

USUAL_MODELS = ("market", "market-adjusted", "mean")  #: beside the design's, where no model is named
LEAST_HALF = 60  #: sessions of half an estimation window that is measured beside the whole
MODEL_FIELDS = frozenset({"model", "estimation", "benchmark", "returns"})  #: of a choice; others are options


@dataclass(frozen=True)
class Choice:
    """One specification of a grid.

    Attributes
    ----------
    number
        Its place in the grid, from 1.
    model
        The model with its options, as it is shown.
    design
        The study's design with this model, estimation window and kind of returns.
    benchmark
        Of all firm-events; None: each firm-event's own, or none where the model needs none.
    stated
        Whether it was stated beforehand.
    """

    number: int
    model: str
    design: Design
    benchmark: Benchmark | None
    stated: bool

    @property
    def needs_benchmark(self) -> bool:
        """Whether its model uses a benchmark."""
        return model_of(self.design).requires.benchmark


def completed(grid: Grid, design: Design, *, own_windows: bool = False) -> Grid:
    """Return a grid with the default axes of a study where it has none.

    Models are the design's and the `USUAL_MODELS`, estimation windows the design's and its recent half,
    benchmarks the study's and its further ones, returns simple and log.

    Parameters
    ----------
    own_windows
        Whether events have windows of their own, which are the only ones then.

    Raises
    ------
    DesignError
        Estimation windows are listed, and events have windows of their own.
    """
    if own_windows and grid.estimations:
        raise DesignError("estimations", "the list gives events windows of their own; leave estimations out")
    usual = (ModelChoice(name) for name in USUAL_MODELS)
    known = {str(each): each for each in (ModelChoice(design.model), *usual)}
    models = grid.models or tuple(
        each
        for each in known.values()
        if design.benchmark or grid.benchmarks or not model_named(each.model).requires.benchmark
    )
    half = () if own_windows else _recent_half(design.estimation)
    kinds = dict.fromkeys((design.returns, "simple", "log"))
    return Grid(
        models=models,
        estimations=grid.estimations or (design.estimation, *half),
        benchmarks=grid.benchmarks,
        return_kinds=grid.return_kinds or tuple(kinds),
        stated=grid.stated,
    )


def choices_of(grid: Grid, design: Design) -> tuple[Choice, ...]:
    """Return the specifications of a completed grid, the one stated beforehand first where it is no other.

    A model that needs no benchmark is one specification whatever the benchmark.

    Raises
    ------
    DesignError
        A combination that contradicts itself, such as an estimation window that reaches into the event
        window.
    """
    further: tuple[Benchmark | None, ...] = grid.benchmarks or (None, *design.benchmarks)
    axes = product(grid.models, grid.estimations, further, grid.return_kinds)
    made = {_key(*each): _design(design, *each) for each in map(_without_unused, axes)}
    stated = None
    if grid.stated is not None:
        own = _stated(grid, design)
        stated = _key(*own)
        if stated not in made:
            made = {stated: _design(design, *own), **made}
    return tuple(
        Choice(number, key[0], changed, key[2], key == stated)
        for number, (key, changed) in enumerate(made.items(), start=1)
    )


_Combination = tuple[ModelChoice, Window | Windows | None, Benchmark | None, Any]


def _recent_half(window: Window | Windows | None) -> tuple[Window, ...]:
    if not isinstance(window, Window) or window.length < 2 * LEAST_HALF:
        return ()
    return (Window(window.end - window.length // 2 + 1, window.end),)


def _without_unused(each: _Combination) -> _Combination:
    model, estimation, benchmark, kind = each
    return model, estimation, benchmark if model_named(model.model).requires.benchmark else None, kind


def _key(model: ModelChoice, estimation: Any, benchmark: Benchmark | None, kind: Any) -> tuple[Any, ...]:
    return str(model), estimation, benchmark, kind


def _design(
    design: Design,
    model: ModelChoice,
    estimation: Window | Windows | None,
    benchmark: Benchmark | None,
    kind: Any,
) -> Design:
    named = model_named(model.model)
    if estimation is None and not named.parameter_free:
        raise DesignError("estimations", f"the model {model} needs a window, such as (-260, -11)")
    if named.requires.benchmark and benchmark is None and design.benchmark is None:
        raise DesignError("benchmarks", f"the model {model} needs one, such as SPY")
    changes = {} if benchmark is None else {"benchmark": benchmark}
    return model.changed(design).replace(estimation=estimation, returns=kind, **changes)


def _stated(grid: Grid, design: Design) -> _Combination:
    """Return the combination that was stated; its benchmark is the study's unless it names one."""
    given = dict(grid.stated or ())
    options = tuple((name, value) for name, value in given.items() if name not in MODEL_FIELDS)
    model = next(_same_model(grid, given.get("model", design.model), options), None)
    changed = design.replace(**given)
    named = changed.benchmark if "benchmark" in given or grid.benchmarks else None
    return _without_unused(
        (
            model or ModelChoice(given.get("model", design.model), options),
            changed.estimation,
            named,
            changed.returns,
        )
    )


def _same_model(grid: Grid, model: Any, options: tuple[tuple[str, Any], ...]) -> Iterator[ModelChoice]:
    """Yield the models of the grid that a statement means: of that name, with these options at least."""
    for each in grid.models:
        if str(each.model) == str(model) and set(options) <= set(each.options):
            yield each
