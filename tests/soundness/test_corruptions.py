"""A seeded slice of benchmarks/corruptions.py: every kind of corruption is found as often as measured."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eventstudy.soundness import FOUND_IN_READING, RULES

EACH = 4  #: corruptions of each variant
ALWAYS = 1.0
#: Least share found, by variant, where it is not all of them: half of what 20 each gave, rounded down.
LEAST = {
    "for 3, volume unknown": 0.0,
    "3:2, closes alone": 0.0,
    "special of 1%": 0.0,
    "special of 2%": 0.0,
    "special of 5%": 0.0,
    "special of 10%": 0.25,
    "special of 20%": 0.5,
    "special of 30%": 0.5,
    "one of a regular payer": 0.5,
    "5:4": 0.5,
    "4:3": 0.5,
    "3:2": 0.5,
    "2:1": 0.5,
    "1:2": 0.5,
    "2:1, volume adjusted": 0.5,
    "2:1, closes alone": 0.5,
}


@pytest.fixture(scope="module")
def corruptions(repo: Path, shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("corruptions", repo / "benchmarks" / "corruptions.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["corruptions"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def clean(corruptions: Any, shared: Path) -> Any:
    return corruptions.clean_rows(shared / "prices")


def outcomes(corruptions: Any, clean: Any) -> list[tuple[Any, list[Any]]]:
    market = corruptions.read(corruptions.MARKET, clean[corruptions.MARKET])
    known = {name: corruptions.judged(name, rows, market) for name, rows in clean.items()}
    told: list[tuple[Any, list[Any]]] = corruptions.detection(clean, known, market, EACH)
    return told


def test_every_kind_of_corruption_is_found(corruptions: Any, clean: Any) -> None:
    few = []
    for variant, judged in outcomes(corruptions, clean):
        share = sum(outcome.found for outcome in judged) / len(judged)
        if share < LEAST.get(variant.name, ALWAYS):
            few.append(f"{variant.kind}, {variant.name}: {share:.0%}")
        if variant.kind == "unit":
            assert all(outcome.error for outcome in judged)
    assert not few


def test_every_rule_is_needed(corruptions: Any) -> None:
    meant = {rule for variant in corruptions.VARIANTS for rule in variant.rules}
    remarks = {"kind-of-series", "not-stored", "dividend-mismatch", "adjusted-closes"}
    remarks |= {
        "listed-split",
        "capital-gain",
        "wrong-dividend",
        "time-stamps",
        "ticker-case",
        "listed-worth",
    }  # of what these files lack
    assert meant == {*RULES, *FOUND_IN_READING} - remarks


def test_without_its_rule_a_corruption_is_not_found(
    corruptions: Any, clean: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slice can fail: with no rules only what reading finds is left."""
    for rule in list(RULES):
        monkeypatch.delitem(RULES, rule)
    for variant, judged in outcomes(corruptions, clean):
        in_reading = bool(set(variant.rules) & set(FOUND_IN_READING)) and variant.name != "NaN"
        assert any(outcome.found for outcome in judged) == in_reading, variant.name
