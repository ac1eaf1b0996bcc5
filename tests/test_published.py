"""Published figures: every cell of the studies beside the repository, to its last printed digit."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages_of_docs import module, read
from published import STUDIES, WAITING, Target, targets

from eventstudy.models import MODELS


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "published"


@pytest.mark.parametrize("study", STUDIES)
def test_every_cell(study: str, folder: Path) -> None:
    cells = targets(folder / study)
    found = STUDIES[study].figures(folder / study, cells)
    wrong = [
        f"{cell.id}: {cell.what} is {figure * cell.scale:.{cell.digits + 2}f}, printed is {cell.value}"
        for cell, figure in zip(cells, found, strict=True)
        if not cell.matches(figure)
    ]
    assert cells
    assert not wrong, "\n".join(wrong)


def test_every_study_is_run_or_waits_for_a_model(folder: Path) -> None:
    """A study waits only as long as its model is not in the registry."""
    assert {path.parent.name for path in folder.glob("*/targets.csv")} == {*STUDIES, *WAITING}
    for study, (_, model) in WAITING.items():
        assert {cell.model for cell in targets(folder / study)} == {model}
        assert model not in MODELS, f"{study} can be run: give it a function in STUDIES"


def test_the_page_counts_the_same_cells(folder: Path) -> None:
    page = read("published-figures.md")
    assert module("build_published").current(page, folder) == page, "run `python docs/build_published.py`"


def test_a_figure_matches_to_half_a_unit_of_the_last_digit() -> None:
    cell = Target("x-1", "car", "e", "T", (0, 0), "market", 100.0, -3.25, 2, corrected=False)
    assert cell.matches(-0.03254)
    assert cell.matches(-0.0325 - 0.00005)  # a tie
    assert not cell.matches(-0.03256)
    assert not cell.matches(0.0325)
    assert not cell.matches(float("nan"))
