"""The stored simulation, docs/simulated.csv: its rates by name, and the script that writes it."""

from __future__ import annotations

import csv
import importlib.util
from functools import cache
from types import ModuleType
from typing import NamedTuple

from panels import REPOSITORY

from eventstudy.simulation import Situation


class Case(NamedTuple):
    """One row of the stored simulation."""

    situation: str
    firm_events: int
    test: str
    unit: str
    measure: str
    effect: float = 0.0
    level: float = 0.05


class Rate(NamedTuple):
    """The share of n replications that rejected."""

    rate: float
    n: int


@cache
def builder(name: str = "build_simulated") -> ModuleType:
    """Return a script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "docs" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rates(rows: list[dict[str, str]]) -> dict[Case, Rate]:
    """Return rows of the stored form as numbers."""
    return {
        Case(
            row["situation"],
            int(row["firm_events"]),
            row["test"],
            row["unit"],
            row["measure"],
            float(row["effect"]),
            float(row["level"]),
        ): Rate(float(row["rate"]), int(row["n"]))
        for row in rows
    }


@cache
def stored() -> dict[Case, Rate]:
    """Return the stored rates."""
    with builder().SIMULATED.open(encoding="utf-8", newline="") as file:
        return rates(list(csv.DictReader(file)))


def situations() -> dict[tuple[str, int], Situation]:
    """Return every stored situation by its name and number of firm-events."""
    return {(name, situation.firm_events): situation for name, situation in builder().situations()}
