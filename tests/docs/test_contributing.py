"""The worked examples of CONTRIBUTING: each is a whole module that does what the page says."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pages_of_docs import blocks
from panels import random_returns, study
from samples import random_sample

import eventstudy as es
from eventstudy.prices import opening

Example = Callable[[str], Any]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Example:
    """Import the example that defines a name, as the module that the page says it is."""

    def imported(name: str) -> Any:
        (block,) = (block for block in blocks("../CONTRIBUTING.md", "python") if f"\n{name} = " in block)
        module = ModuleType(f"example_{name}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(block, "CONTRIBUTING.md", "exec"), module.__dict__)
        return module

    return imported


def test_the_test_of_significance(example: Example, rng: np.random.Generator) -> None:
    sample = random_sample(rng, (12, 30))
    record = example("MEAN_SCAR_Z").MEAN_SCAR_Z
    scar = sample.scar[:12]
    np.testing.assert_allclose(record.function(sample).statistic[0], scar.sum(axis=0) / np.sqrt(12))


def test_the_model(example: Example, rng: np.random.Generator) -> None:
    found = study(random_returns(rng), [("e", "A", 300)], model=example("TWO_LAGS").TWO_LAGS).coefficients
    assert list(found["term"]) == ["const", "MKT[-2]", "MKT[-1]", "MKT"]


def test_the_source(
    example: Example, rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, days = example("SQLITE"), pd.bdate_range("2022-01-03", "2024-06-28")
    with closing(sqlite3.connect(tmp_path / "prices.db")) as base:
        for ticker in ("AAA", "SPY"):
            closes = 100 * np.cumprod(1 + rng.normal(0, 0.01, len(days)))
            frame = pd.DataFrame(
                {"ticker": ticker, "date": days.astype(str), "close": closes, "dividend": 0.0}
                | dict.fromkeys(("open", "high", "low", "volume", "split"), np.nan)
            )
            frame.to_sql("prices", base, if_exists="append", index=False)
    event = es.Event(id="e", when=days[570].date(), tickers=("AAA",))
    given = es.run([event], prices=module.SqliteSource(str(tmp_path / "prices.db")))
    monkeypatch.setattr(opening, "SOURCES", (module.SQLITE, *opening.SOURCES))
    named = es.run([event], prices=f"sqlite:{tmp_path / 'prices.db'}")
    assert list(given.events["status"]) == ["ok"]
    pd.testing.assert_frame_equal(given.cars, named.cars)
