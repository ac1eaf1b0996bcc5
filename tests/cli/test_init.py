"""`eventstudy init`: an example that runs offline, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import fingerprint, said

import eventstudy as es
from eventstudy.cli.init import WRITTEN, write_example


def test_the_example_runs_without_a_network(tmp_path: Path) -> None:
    written = said("init", "study", cwd=tmp_path)
    assert written.code == 0, written.err
    assert written.out.splitlines() == [f"study/{name}" for name in reversed(WRITTEN)]
    assert "cd study && eventstudy run" in written.err
    done = said("run", cwd=tmp_path / "study")
    assert done.code == 0, done.err
    assert (tmp_path / "study/results/manifest.json").is_file()


def test_the_example_measures_what_was_put_into_its_prices(tmp_path: Path) -> None:
    write_example(tmp_path / "study")
    assert said("run", cwd=tmp_path / "study").code == 0
    day0 = es.load(tmp_path / "study/results").cars.query("start == 0 and end == 0")
    put_in = {"product-recall": (-0.07, 0.02), "joint-venture": (0.03, 0.04), "holiday-rumour": (0, 0)}
    for event, effects in put_in.items():
        found = day0[day0["event_id"] == event]
        noise = found["car"].to_numpy() - effects
        assert (abs(noise) < 2 * found["car_se"].to_numpy()).all()


def test_the_example_is_a_study_without_mistakes(tmp_path: Path) -> None:
    write_example(tmp_path / "study")
    done = said("events", "check", cwd=tmp_path / "study")
    assert done.code == 0, done.out
    assert "nothing wrong" in done.out


def test_its_prices_say_that_they_are_made_up(tmp_path: Path) -> None:
    write_example(tmp_path / "study")
    assert "made-up prices" in (tmp_path / "study/events.yaml").read_text("utf-8").splitlines()[0]
    header = (tmp_path / "study/prices.csv").read_text("utf-8").splitlines()[0]
    assert all(name.startswith("DEMO-") for name in header.split(",")[1:])
    assert {path.stem[:5] for path in (tmp_path / "study/cache/snapshot").iterdir()} == {"DEMO-"}


def test_the_snapshot_holds_the_prices_of_the_table_and_stays(tmp_path: Path) -> None:
    write_example(tmp_path / "study")
    status = said("prices", "status", "--json", cwd=tmp_path / "study").document["series"]
    assert [(entry["ticker"], entry["source"], entry["holes"]) for entry in status] == [
        ("DEMO-A", "snapshot", 0),
        ("DEMO-B", "snapshot", 0),
        ("DEMO-MKT", "snapshot", 0),
    ]
    refused = said("prices", "clear", "--cache", "cache/snapshot", cwd=tmp_path / "study")
    assert (refused.code, "pinned" in refused.err) == (6, True)


def test_it_goes_into_a_folder_that_holds_other_things(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "cache/prices").mkdir(parents=True)
    assert said("init", ".", cwd=tmp_path).code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert said("run", cwd=tmp_path).code == 0


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_that_is_there_is_never_overwritten(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    before = fingerprint(tmp_path)
    done = said("init", ".", cwd=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (6, "", 1)
    assert name in done.err and "already there" in done.err
    assert fingerprint(tmp_path) == before


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_what_fails_half_way_leaves_nothing_behind(
    existing: bool, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if existing:
        (tmp_path / "study").mkdir()
        (tmp_path / "study/notes.txt").write_text("mine")
    before = fingerprint(tmp_path)
    moves = iter(range(1, 9))
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if ".eventstudy" in self.parts and next(moves) == at:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    done = said("init", "study", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (6, 1)
    assert "No space left on device" in done.err
    assert fingerprint(tmp_path) == before


@pytest.mark.parametrize("folder", ["file.txt", "file.txt/study"])
def test_a_place_that_cannot_be_written_is_said(folder: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("mine")
    done = said("init", folder, cwd=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (6, "", 1)
    assert (tmp_path / "file.txt").read_text() == "mine"
