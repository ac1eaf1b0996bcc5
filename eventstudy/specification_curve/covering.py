"""What all specifications share: prices, factors and findings, read once for the widest request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from eventstudy._typing import ReturnKind
from eventstudy.design import Benchmark, Design, Window
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.models import NormalReturnModel, model_of
from eventstudy.models.estimation import Specification
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix, in_kind
from eventstudy.panel.screening import screen_firm_events
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import PreparedStudy, prepare
from eventstudy.specification_curve.choices import Choice

NO_LOG_FACTORS = "log returns do not go with factor portfolios"


@dataclass(frozen=True)
class Placed:
    """A specification on the returns that all share.

    Attributes
    ----------
    choice
        What was chosen.
    spec
        The firm-events placed for it.
    problem
        Why no firm-event can be estimated under it, ``""`` where nothing is in the way.
    """

    choice: Choice
    spec: Specification
    problem: str = ""


def prepare_all(
    inputs: StudyInputs, data: DataRequest, choices: Sequence[Choice]
) -> tuple[PreparedStudy, list[Placed]]:
    """Read what the widest request needs, and place the firm-events for every specification.

    Parameters
    ----------
    inputs
        On own windows (`StudyInputs.on_own_windows`).

    Raises
    ------
    DesignError, PriceDataError
        As of `run`.
    """
    prepared = prepare(_covering(inputs, choices, given=data.returns is not None), data)
    shared = _Shared(prepared, {})
    return prepared, [shared.place(choice) for choice in choices]


def covering_window(choices: Iterable[Choice]) -> Window:
    """Return the window that spans every estimation window."""
    windows = [choice.design.estimation_window for choice in choices]
    return Window(min(window.start for window in windows), max(window.end for window in windows))


@dataclass(frozen=True)
class _Shared:
    """What was prepared, and the returns of each kind, with the composites made so far."""

    prepared: PreparedStudy
    matrices: dict[ReturnKind, ReturnMatrix]

    def place(self, choice: Choice) -> Placed:
        """Place the firm-events for a specification."""
        wide, design, model = self.prepared.spec, choice.design, model_of(choice.design)
        matrix = self.matrices.get(design.returns) or in_kind(wide.panel.matrix, design.returns)
        firm_events = _against(wide.panel.firm_events, choice.benchmark)
        spec = Specification.of(firm_events, matrix, model, design, self.prepared.loaded.failures)
        self.matrices[design.returns] = spec.panel.matrix
        screened = screen_firm_events(spec.panel, design, self.prepared.findings)
        return Placed(choice, replace(spec, panel=screened), self._problem(design, model))

    def _problem(self, design: Design, model: NormalReturnModel) -> str:
        portfolios = set(self.prepared.factors.names if self.prepared.factors else ())
        of_table = portfolios & set(model.requires.factor_columns(design))
        return NO_LOG_FACTORS if of_table and design.returns == "log" else ""


def _against(firm_events: FirmEvents, benchmark: Benchmark | None) -> FirmEvents:
    return firm_events if benchmark is None else firm_events.against(benchmark)


def _covering(inputs: StudyInputs, choices: Sequence[Choice], *, given: bool) -> StudyInputs:
    """Return the inputs with a design for which whatever some specification needs is loaded.

    Prices are read as simple returns, which have factor portfolios; a table of returns is what it is given
    as.
    """
    design = inputs.design
    models = [(model_of(choice.design), choice.design) for choice in choices]
    named = tuple(dict.fromkeys(choice.benchmark for choice in choices if choice.benchmark is not None))
    own = any(choice.benchmark is None and choice.needs_benchmark for choice in choices)
    override = None if own or not named else named[0]
    wide = NormalReturnModel(
        name="every model of the grid",
        summary="",
        reference="",
        estimate=models[0][0].estimate,
        requires=_union(models),
        parameter_free=all(model.parameter_free for model, _ in models),
    )
    others = {str(each): each for each in (*design.benchmarks, *named)}
    widest = _options(choices) | {
        "model": wide,
        "estimation": covering_window(choices) if any(c.design.estimation for c in choices) else None,
        "benchmarks": [each for each in others.values() if each != override],
        "returns": design.returns if given else "simple",
        "placebo_history": "estimation",
    }
    return read_inputs(replace(inputs, design=design.replace(**widest)), benchmark=override)


def _union(models: Sequence[tuple[NormalReturnModel, Design]]) -> Requires:
    """Return what some of the models requires."""
    parts = [
        replace(model.requires, factors=model.requires.factor_columns(design)) for model, design in models
    ]
    return Requires(
        **{each.name: _widest([getattr(part, each.name) for part in parts]) for each in fields(Requires)}
    )


def _options(choices: Sequence[Choice]) -> dict[str, Any]:
    """Return the fields in which designs of the grid differ beside their axes, each at its widest."""
    named = Design.__dataclass_fields__
    return {
        name: _widest(values)
        for name in named
        if len(set(values := [getattr(choice.design, name) for choice in choices])) > 1
        if isinstance(values[0], tuple | int)
    }


def _widest(values: Sequence[Any]) -> Any:
    """Return the union of tuples, else the largest value: True of flags, the farthest of lags."""
    if isinstance(values[0], tuple):
        return tuple(dict.fromkeys(each for value in values for each in value))
    return max(values)
