"""What is named with the masked dates left in is what a study that masks none says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import random_returns, study

from eventstudy.inference import unmasked


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    """Returns with a jump on two sessions of A, far larger than the moves of the events."""
    returns = random_returns(rng, ("A", "B"))
    returns.iloc[[250, 270], 0] += 0.5
    returns.iloc[[300, 310], [0, 1]] += 0.12
    return returns


ROWS = [("e", "A", 300), ("e", "B", 300), ("f", "A", 310), ("f", "B", 310), ("again", "A", 300)]


def test_it_is_the_study_without_a_mask_of_dates(returns: pd.DataFrame) -> None:
    dates = {"A": [returns.index[row].date() for row in (250, 270)]}
    options: dict[str, Any] = {"mask_events": True, "car_windows": ((0, 0),), "placebo_history": "estimation"}
    masked, plain = study(returns, ROWS, mask_dates=dates, **options), study(returns, ROWS, **options)
    said, other = masked.view().headline, plain.view().headline
    names = ("firm_days", "named", "beyond_doubt")
    assert masked.manifest["unmasked"] == {name: other[name] for name in names}
    assert [said[name] for name in names] != [other[name] for name in names]
    assert "unmasked" not in plain.manifest or plain.manifest["unmasked"] is None
    assert any("left in the reference" in sentence for sentence in said["sentences"])
    assert not any("left in the reference" in sentence for sentence in other["sentences"])


def test_a_large_study_is_not_estimated_twice(returns: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmasked, "MOST_AGAIN", 4)
    dates = {"A": [returns.index[250].date()]}
    result = study(returns, ROWS, mask_dates=dates)
    assert result.manifest["unmasked"] == {}
    assert any("too large to be estimated twice" in each for each in result.view().headline["sentences"])
