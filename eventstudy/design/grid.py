"""`Grid`: the specifications under which a study is measured again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from eventstudy._typing import ReturnKind
from eventstudy.design.benchmark import Benchmark, read_benchmarks
from eventstudy.design.design import DESIGN_FIELDS, Design
from eventstudy.design.window import Window, Windows, read_estimation
from eventstudy.errors import DesignError, UnknownNameError

OWN = "design"  #: in the place of the specification stated beforehand: the study's design
AXES = {"models": "model", "estimations": "estimation", "benchmarks": "benchmark", "return_kinds": "returns"}


@dataclass(frozen=True)
class ModelChoice:
    """A normal-return model with the fields of the design that belong to it, such as ``factors``."""

    model: Any
    options: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        self.changed(Design())

    @classmethod
    def parse(cls, value: Any) -> ModelChoice:
        """Read the name of a model, a `NormalReturnModel`, or a mapping such as ``{"model": "factors"}``."""
        if isinstance(value, ModelChoice):
            return value
        if not isinstance(value, Mapping):
            return cls(value)
        if "model" not in value:
            raise DesignError("models", f"{dict(value)} names no model; write model: market")
        axes = [name for name in value if name in AXES.values() and name != "model"]
        if axes:
            raise DesignError("models", f"{axes[0]} is an axis of its own; list it there")
        return cls(
            value["model"], tuple((name, _kept(each)) for name, each in value.items() if name != "model")
        )

    def changed(self, design: Design) -> Design:
        """Return the design with this model and its fields."""
        return design.replace(model=self.model, **dict(self.options))

    def __str__(self) -> str:
        named = [f"{name}={_shown(value)}" for name, value in self.options]
        return " ".join([str(self.model), *named])


@dataclass(frozen=True)
class Grid:
    """The axes of a grid of specifications; an axis without a value has the default one.

    Parameters
    ----------
    models
        Names of models, or mappings of a model and the fields of the design that belong to it:
        ``{"model": "factors", "factors": ["SMH"]}``.
    estimations
        Estimation windows.
    benchmarks
        Benchmarks, each for all events.
    return_kinds
        ``simple``, ``log``.
    stated
        The specification that was stated beforehand: ``"design"`` for the study's design, or the fields in
        which it differs from it: ``{"model": "market"}``. None: none was.

    Raises
    ------
    DesignError, UnknownNameError
        A value that is not allowed, or that is listed twice.
    """

    models: tuple[ModelChoice, ...] = ()
    estimations: tuple[Window | Windows | None, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    return_kinds: tuple[ReturnKind, ...] = ()
    stated: tuple[tuple[str, Any], ...] | None = None

    @classmethod
    def of(
        cls,
        models: Any = None,
        estimations: Any = None,
        benchmarks: Any = None,
        return_kinds: Any = None,
        stated: Any = None,
    ) -> Grid:
        """Read the axes as they are written in a study file or given from Python."""
        return cls(
            models=tuple(map(ModelChoice.parse, _listed(models, Mapping))),
            estimations=_estimations(estimations),
            benchmarks=() if benchmarks is None else read_benchmarks("benchmarks", benchmarks),
            return_kinds=_kinds(return_kinds),
            stated=_stated(stated),
        )

    def __post_init__(self) -> None:
        for axis in AXES:
            names = [str(each) for each in getattr(self, axis)]
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise DesignError(axis, f"{twice} is listed twice; keep one")

    def over(self, other: Grid | None) -> Grid:
        """Return the grid with the axes of another where it has none of its own."""
        if other is None:
            return self
        lacking = {axis: getattr(other, axis) for axis in AXES if not getattr(self, axis)}
        return replace(self, **lacking, stated=other.stated if self.stated is None else self.stated)


def _listed(value: Any, *singles: type) -> tuple[Any, ...]:
    """Return a list as a tuple; one value is a list of one."""
    if value is None:
        return ()
    if isinstance(value, (str, *singles)) or not isinstance(value, Iterable):
        return (value,)
    return tuple(value)


def _estimations(value: Any) -> tuple[Window | Windows | None, ...]:
    listed = _listed(value, Window, Windows)
    if len(listed) == 2 and all(isinstance(each, int) for each in listed):
        listed = (listed,)  # one pair
    return tuple(read_estimation("estimations", each) for each in listed)


def _kinds(value: Any) -> tuple[ReturnKind, ...]:
    kinds = _listed(value)
    for kind in kinds:
        if kind not in get_args(ReturnKind):
            raise UnknownNameError("return kind", str(kind), get_args(ReturnKind))
    return kinds


def _stated(value: Any) -> tuple[tuple[str, Any], ...] | None:
    if value is None:
        return None
    if value == OWN:
        return ()
    if not isinstance(value, Mapping):
        raise DesignError(
            "stated", f"{str(value)[:60]!r} is neither {OWN!r} nor fields such as model: market"
        )
    for name in value:
        if name not in DESIGN_FIELDS:
            raise UnknownNameError("design field", str(name), list(DESIGN_FIELDS))
    return tuple((str(name), _kept(each)) for name, each in value.items())


def _kept(value: Any) -> Any:
    """Return a value that cannot change."""
    return tuple(map(_kept, value)) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)
