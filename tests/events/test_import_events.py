"""`eventstudy events import`: a list of any form becomes a clean one, with the same events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import said

from eventstudy.events.inputs import StudyInputs, read_inputs

LIST = (
    "Symbol;Report Date;Time;Group;size\n"
    "NVDA;25/02/2025;16:20 ET;big;1.5\nBRK/B;26/02/2025;bmo;small;2.5\nSociété X;28/02/2025;;big;\n"
)


def key(inputs: StudyInputs) -> list[tuple[str, ...]]:
    found = inputs.firm_events()
    return list(
        zip(found.event_id, found.ticker, found.session.astype(str), found.kind, found.timing, strict=True)
    )


@pytest.mark.parametrize("out", ["clean.csv", "study.yaml"])
def test_the_events_are_the_same(tmp_path: Path, out: str) -> None:
    (tmp_path / "list.csv").write_text(LIST, "cp1252")
    done = said("events", "import", "list.csv", "--out", out, cwd=tmp_path)
    assert done.code == 0, done.err
    assert "read 3 events" in done.err
    assert ("no place for Group, size" in done.err) == (out == "study.yaml")
    assert key(read_inputs(tmp_path / out)) == key(read_inputs(tmp_path / "list.csv"))


def test_windows_and_options_go_along(tmp_path: Path) -> None:
    text = (
        "event_id,ticker,when,window,estimation\n"
        "a,NVDA,04/03/2025,-1:1,-130:-11\na,AMD,04/03/2025,-1:1,-130:-11\n"
    )
    (tmp_path / "list.csv").write_text(text, "utf-8")
    asked = said("events", "import", "list.csv", "--out", "study.yaml", cwd=tmp_path)
    assert asked.code == 3
    assert "--event-date-order dmy or mdy" in asked.err
    assert not (tmp_path / "study.yaml").exists()
    done = said(
        "events", "import", "list.csv", "--out", "study.yaml", "--event-date-order", "mdy", cwd=tmp_path
    )
    assert done.code == 0, done.err
    study = read_inputs(tmp_path / "study.yaml")
    assert (tuple(study.design.window), tuple(study.design.estimation or ())) == ((-1, 1), (-130, -11))
    assert np.unique(study.firm_events().session).astype(str).tolist() == ["2025-04-03"]
    assert len(study.events) == 1


def test_a_file_that_exists_stays_and_another_ending_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("ticker,date\nNVDA,2025-02-25\n", "utf-8")
    before = (tmp_path / "list.csv").read_bytes()
    assert said("events", "import", "list.csv", "--out", "list.csv", cwd=tmp_path).code != 0
    assert (tmp_path / "list.csv").read_bytes() == before
    assert said("events", "import", "list.csv", "--out", "list.txt", cwd=tmp_path).code == 2
    assert not (tmp_path / "list.txt").exists()
