"""The folder of a large study: what is damaged, full, broken off or of others."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from disks import tiny_disk
from large_studies import DESIGN, content, run_large

import eventstudy as es
from eventstudy.engine import shard_files
from eventstudy.engine.study_folder import open_folder
from eventstudy.errors import OutputError, PriceDataError, UsageError


def test_firm_events_are_written_shard_by_shard(folder: Path) -> None:
    """What prepares a study holds the columns of one shard at a time."""
    there = open_folder(folder / "whole")
    (inputs,) = (folder / "whole").glob("inputs-*")
    with pa.memory_map(str(inputs / "events.arrow")) as source:
        batches = pa.ipc.open_file(source)
        sizes = [batches.get_batch(at).num_rows for at in range(batches.num_record_batches)]
    assert sizes == [len(there.rows(number)) for number in range(there.shards)]


def test_the_same_study_again_computes_nothing(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_files, "first_pass", lambda *_, **__: pytest.fail("computed again"))
    monkeypatch.setattr(shard_files, "second_pass", lambda *_, **__: pytest.fail("computed again"))
    run_large(own, "whole")
    with pytest.raises(pytest.fail.Exception):
        run_large(own, "whole", resume=False)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 255
    path.write_bytes(bytes(raw))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def without_end(path: Path) -> None:
    path.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("cars/part-00002*", cut_off),
        ("cars/part-00000*", without_end),
        ("events/part-00004*", flip),
        ("sums/part-00003*.first", cut_off),
        ("sums/part-00001*.first", Path.unlink),
        ("events/part-00001*", empty),
    ],
)
def test_what_is_damaged_is_computed_anew(own: Path, file: str, damage: Callable[[Path], None]) -> None:
    before = content(own / "whole")
    (path,) = (own / "whole").glob(file)
    others = {
        each: each.stat().st_mtime_ns
        for each in (own / "whole").rglob("part-*")
        if each.name.split("-")[1] != path.name.split("-")[1]
    }
    damage(path)
    with pytest.raises(OutputError, match="1 of 6 shards are missing or damaged"):
        es.merge_large(own / "whole")
    if path.suffix == ".parquet":
        with pytest.raises(OutputError, match=r"missing or damaged|sha256 differs"):
            es.load_large(own / "whole").table(path.parent.name)
    run_large(own, "whole")
    assert content(own / "whole") == before
    assert others == {each: each.stat().st_mtime_ns for each in others}


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("sums/*.known", flip),
        ("sums/part-00003*.second", cut_off),
        ("tests.parquet", without_end),
        ("averages.parquet", empty),
        ("manifest.json", Path.unlink),
    ],
)
def test_merging_again_mends_what_it_writes(own: Path, file: str, damage: Callable[[Path], None]) -> None:
    before = content(own / "whole")
    (path,) = (own / "whole").glob(file)
    damage(path)
    es.merge_large(own / "whole")
    assert content(own / "whole") == before


def test_a_reader_needs_no_inputs(own: Path) -> None:
    before = es.load_large(own / "whole").table("cars")
    for folder in ("sums", *(path.name for path in (own / "whole").glob("inputs-*"))):
        shutil.rmtree(own / "whole" / folder)
    assert es.load_large(own / "whole").table("cars").equals(before)
    with pytest.raises(OutputError, match="lost its inputs"):
        es.merge_large(own / "whole")


def foreign_table(path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), path)


def folder_there(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("mine")


@pytest.mark.parametrize(
    ("file", "make"),
    [
        ("cars/part-00001-{}.parquet", foreign_table),
        ("cars/part-00001-{}.parquet", lambda path: path.write_text("mine")),
        ("events/part-00001-{}.parquet", folder_there),
        ("sums/part-00001-{}.first", lambda path: path.write_text("mine")),
        ("sums/part-00001-{}.second", lambda path: path.write_text("mine")),
        ("tests.parquet", foreign_table),
        ("manifest.json", lambda path: path.write_text('{"format": "other"}')),
    ],
)
def test_a_file_of_others_stays(own: Path, file: str, make: Callable[[Path], object]) -> None:
    key = es.load_large(own / "whole").manifest["key"][:16]
    path = own / "whole" / file.format(key)
    path.unlink()
    make(path)
    before = content(own / "whole")
    with pytest.raises(OutputError, match="is already there and is not of this study"):
        run_large(own, "whole")
    assert (
        content(own / "whole").items() >= {k: v for k, v in before.items() if k in file.format(key)}.items()
    )
    found = {name: raw for name, raw in content(own / "whole").items() if name.startswith(file.format(key))}
    assert found == {name: raw for name, raw in before.items() if name.startswith(file.format(key))}


def test_another_study_and_other_folders_are_refused(own: Path) -> None:
    before = content(own / "whole")
    for given, differs in (
        ({"design": DESIGN.replace(confidence=0.9, seed=7)}, "design.confidence, design.seed"),
        ({"design": DESIGN.replace(window=(-4, 4))}, "design.window"),
        ({"keep": "cars"}, "keep"),
        ({"shard_size": 8}, "shard_size"),
    ):
        with pytest.raises(OutputError, match=f"holds another study: it differs in {differs};"):
            run_large(own, "whole", **given)
    assert content(own / "whole") == before
    (own / "mine").mkdir()
    (own / "mine/notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"is not empty, and no folder of a large study \(notes.txt\)"):
        run_large(own, "mine")
    with pytest.raises(OutputError, match="is no folder"):
        run_large(own, "events.csv")
    with pytest.raises(PriceDataError, match="NONE"):
        run_large(own, "new", design=DESIGN.replace(benchmark="NONE"))
    assert not (own / "new").exists()
    (own / "empty").mkdir()
    with pytest.raises(PriceDataError, match="NONE"):
        run_large(own, "empty", design=DESIGN.replace(benchmark="NONE"))
    assert (own / "empty").exists()
    with pytest.raises(OutputError, match=r"it has no study.json"):
        es.merge_large(own / "mine")
    with pytest.raises(OutputError, match=r"open it with eventstudy\.load_large"):
        es.load(own / "whole")
    with pytest.raises(UsageError, match="not s3://bucket/folder"):
        es.run_large("events.csv", "returns.csv", "s3://bucket/folder")


@pytest.mark.parametrize("failing", [0, 5, 15, 20, 23, 26, 28])
def test_a_full_disk_at_any_write_loses_nothing(
    own: Path, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, writes = shard_files.replace_file, iter(range(1_000))

    def full(path: Path, content: bytes) -> None:
        if next(writes) == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(shard_files, "replace_file", full)
        with pytest.raises(OutputError, match="No space left on device; finished shards are kept"):
            run_large(own, "other")
    kept = {path: path.stat().st_mtime_ns for path in (own / "other").rglob("*.first")}
    assert len(kept) == min(failing // 4, 6)  # three tables and the sums
    run_large(own, "other")
    assert content(own / "other") == content(own / "whole")
    assert kept == {path: path.stat().st_mtime_ns for path in kept}


@pytest.mark.parametrize("kilobytes", [8, 120])
def test_a_disk_that_is_full(own: Path, kilobytes: int) -> None:
    with tiny_disk(own / "disk", kilobytes) as disk:
        with pytest.raises(OutputError, match="No space left on device"):
            run_large(own, "disk/other")
        assert not list(disk.rglob("*.part"))


class Broken(Executor):
    """Workers that are killed after a few shards, with an error of a pool or of an engine."""

    def __init__(self, done: int, error: Exception) -> None:
        self.left, self.error = done, error

    def submit(self, call: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.left -= 1
        if self.left < 0:
            future.set_exception(self.error)
        else:
            future.set_result(call(*given, **named))
        return future


@pytest.mark.parametrize("error", [BrokenProcessPool("killed"), BrokenExecutor("KilledWorker: part-3")])
def test_a_killed_worker_loses_no_finished_shard(own: Path, error: Exception) -> None:
    with pytest.raises(OutputError, match=r"a worker was killed.*finished shards are kept.*fewer --workers"):
        run_large(own, "other", executor=Broken(3, error))
    assert len(list((own / "other/sums").glob("*.first"))) == 3
    run_large(own, "other")
    assert content(own / "other") == content(own / "whole")
