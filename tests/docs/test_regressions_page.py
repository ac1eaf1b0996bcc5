"""The page on regressions: its commands, its Python and its study file run on a study like the one it has."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from commands import said
from pages_of_docs import blocks
from panels import random_returns

import eventstudy as es

PAGE = "regressions-of-cars.md"
TICKERS = [f"F{at:03}" for at in range(6)]


def announcements(rng: np.random.Generator, index: pd.DatetimeIndex) -> pd.DataFrame:
    """Return five announcements per ticker with the columns of the page."""
    return pd.DataFrame(
        {
            "ticker": TICKERS * 5,
            "session": np.asarray(index[300:600:10], dtype="datetime64[D]").astype(str),
            "kind": rng.choice(["merger", "buyback"], 30),
            "size": rng.normal(9, 1, 30).round(2),
            "relative_value": rng.uniform(size=30).round(3),
        }
    )


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    returns = random_returns(rng, TICKERS, n=640)
    returns.to_csv(tmp_path / "returns.csv", index_label="date")
    announcements(rng, returns.index).to_csv(tmp_path / "announcements.csv", index=False)
    return tmp_path


def test_the_examples_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = blocks(PAGE, "text")[0].splitlines()[0]
    assert (folder / "announcements.csv").read_text(encoding="utf-8").splitlines()[0] == listed
    for line in (line for block in blocks(PAGE, "sh") for line in block.splitlines()):
        done = said(*shlex.split(line)[1:], cwd=folder)
        assert done.code == 0, done.err
    assert len(es.load(folder / "results").regressions) == 2 * (3 + 4)
    models = (folder / "models.tex").read_text(encoding="utf-8").replace("\\allowbreak{}", "")
    assert "size:C(kind)[T.merger]" in models and "Winsorised" in models
    written = {file.name for file in (folder / "paper").iterdir()}
    assert written == {"regression_models.tex", "caars.tex", "cars_by_event.tex"}
    monkeypatch.chdir(folder)
    (block,) = blocks(PAGE, "python")
    exec(compile(block, PAGE, "exec"), {})


def test_the_study_file_is_valid(folder: Path) -> None:
    (block,) = blocks(PAGE, "yaml")
    study = yaml.safe_load(block)
    study["design"] |= {"benchmark": "MKT", "car_windows": [[0, 0], [-1, 1]]}
    text = yaml.safe_dump({**study, "events_file": {"path": "announcements.csv"}})
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    result = es.run(folder / "study.yaml", returns=str(folder / "returns.csv"), values="returns")
    models = result.regressions.drop_duplicates(["regression", "start"])
    assert models["estimator"].tolist() == ["ols", "ols", "wls", "ols", "ols"]
    assert models["covariance"].tolist() == ["session", "session", "session", "both", "both"]
    assert result.manifest["design"]["regress"][1]["window"] == [-1, 1]
