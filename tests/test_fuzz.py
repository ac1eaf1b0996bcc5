"""Mutated files of every kind: refused in one sentence or read right, in seconds and in little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import fuzzing
import pytest
from hypothesis import settings

from eventstudy.errors import EventStudyError

SLICE = settings().max_examples  #: variants of each kind, all from one seed; 100,000 in the long run
SHARDS = 4  #: processes that share the variants of a kind in the long run


@pytest.mark.parametrize("kind", fuzzing.KINDS)
def test_clean_files_are_read(tmp_path: Path, kind: str) -> None:
    for name, raw in fuzzing.KINDS[kind].seeds():
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}" / name
        path.parent.mkdir()
        path.write_bytes(raw)
        assert fuzzing.KINDS[kind].read(path) in ("read", "same", "run")


@pytest.mark.parametrize("kind", fuzzing.KINDS)
def test_some_variants(kind: str) -> None:
    outcome = fuzzing.attempt(kind, 1, SLICE)
    assert outcome.faults == []
    assert outcome.outcomes["refused"] > SLICE / 4  # the variants are no clean files


def test_a_wrong_figure_that_nobody_mentions_is_a_fault(tmp_path: Path) -> None:
    """The judge of the variants is itself put to the test, with prices that no rule would let pass."""
    from dataclasses import replace

    series = fuzzing.stored_series()
    fuzzing.refuse_silence(series)
    close = series.close.copy()
    close[30] *= -1
    with pytest.raises(AssertionError, match="no price"):
        fuzzing.refuse_silence(replace(series, close=close))
    (tmp_path / "NVDA.parquet").write_bytes(fuzzing.stored())
    assert fuzzing.read_stored(tmp_path / "NVDA.parquet") == "same"


FOUND = [  # by earlier runs, made small: a Sunday at the end, a price that fell to nothing, absurd figures
    ("NVDA.csv", "Date,Close\n2024-07-02,10\n2024-07-03,1e-5\n2024-07-05,10\n", "read"),
    ("NVDA.csv", "Date,Close\n2024-07-03,10\n2024-07-05,10\n2024-07-07,10\n", "read"),
    ("NVDA.csv", "Date,Low,High,Close\n2024-07-03,1e308,1e308,1e-308\n2024-07-05,10,10,10\n", "read"),
    ("NVDA.csv", "Date,Close,Adj Close\n2024-07-03,1e-310,1e300\n2024-07-05,10,10\n", "refused"),
]


@pytest.mark.parametrize(("name", "text", "outcome"), FOUND)
def test_what_was_found(tmp_path: Path, name: str, text: str, outcome: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert fuzzing.read_prices(tmp_path / name) == outcome


def test_a_share_of_more_digits_than_a_number_has(tmp_path: Path) -> None:
    text = fuzzing.STUDY.replace(b"min_estimation: 0.6", b"min_estimation: " + b"9" * 400)
    (tmp_path / "events.yaml").write_bytes(text)
    with pytest.raises(EventStudyError, match="neither a number of sessions"):
        fuzzing.read_events(tmp_path / "events.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("kind", fuzzing.KINDS)
def test_a_hundred_thousand_variants(kind: str) -> None:
    tried = 0
    for seed in range(2, 2 + SHARDS):
        cases = fuzzing.KINDS[kind].cases // SHARDS
        done = subprocess.run(
            [sys.executable, fuzzing.__file__, kind, str(seed), str(cases)],
            capture_output=True,
            text=True,
            timeout=3600,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        outcome = json.loads(done.stdout)
        assert outcome["faults"] == []
        assert outcome["growth"] < fuzzing.MEMORY
        tried += sum(outcome["outcomes"].values())
    assert tried == fuzzing.KINDS[kind].cases


def test_they_are_a_hundred_thousand() -> None:
    assert sum(kind.cases for kind in fuzzing.KINDS.values()) == 100_000
