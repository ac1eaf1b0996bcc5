"""A large study on disk: the figures of the engine, and the same bytes however it is computed."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from disks import tiny_disk
from large_studies import DESIGN, content, in_memory, market, placed, run_large, same_rows, write_files

import eventstudy as es
from eventstudy.engine import shard_files
from eventstudy.errors import DesignError, OutputError, UnknownNameError, UsageError

#: `run` estimates by the same least squares and sums in another order.
RTOL, ATOL = 1e-9, 1e-12
TABLES = ("events", "cars", "averages", "tests")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of the study and one run of it."""
    found = tmp_path_factory.mktemp("large")
    write_files(found)
    run_large(found, "whole")
    return found


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder."""
    return Path(shutil.copytree(folder, tmp_path / "own"))


def test_the_figures_of_the_engine_in_memory(folder: Path) -> None:
    design = DESIGN.replace(tests=())
    expected, found = in_memory(design), run_large(folder, "all", design=design)
    assert not found.manifest["tests_left_out"]
    for name in ("averages", "tests"):
        assert len(found.table(name)) > 20
        same_rows(found.table(name), expected[name])
    count = len(placed())
    measured = found.table("events").slice(0, count)
    for column in ("ticker", "event_id", "session", "status", "reason", "n_estimation", "df", "sigma"):
        same_rows(measured.select([column]), expected["events"].select([column]))
    same_rows(found.table("cars").slice(0, 2 * count), expected["cars"])


def test_the_abnormal_returns_of_run(own: Path) -> None:
    result = run_large(own, "kept", keep="abnormal_returns")
    returns, _ = market()
    events = placed()
    listed = events.assign(event_id=[f"e{row}" for row in events["row"]], session=events["date"])
    design = DESIGN.replace(by=(), max_loss=0.9)
    expected = es.run(listed.drop(columns=["row", "date"]), returns=returns, design=design)
    mine, theirs = result.table("abnormal_returns").to_pandas(), expected.abnormal_returns
    assert len(mine) > len(theirs) > 300
    there = theirs["ret"].notna()  # without a return there is no normal return on a grid
    for column in ("ret", "normal_ret", "ar", "ar_se", "statistic", "pvalue", "car", "car_se", "car0_se"):
        own_figures = mine[column][: len(theirs)][there]
        np.testing.assert_allclose(own_figures, theirs[column][there], rtol=RTOL, atol=ATOL)
    assert (pd.to_datetime(mine["session"][: len(theirs)]) == theirs["session"]).all()


def test_parts_in_any_order_and_a_merge_are_the_same_bytes(own: Path) -> None:
    parts = random.Random(4).sample(range(1, 9), 8)
    for number in parts:
        found = run_large(own, "parts", shard=(number, 8))
        assert not found.manifest
        with pytest.raises(OutputError, match="not merged yet"):
            found.table("tests")
    for number in (2, 1):
        es.merge_large(own / "parts", shard=(number, 2))
    assert not (own / "parts/manifest.json").exists()
    es.merge_large(own / "parts")
    assert content(own / "parts") == content(own / "whole")


@pytest.mark.parametrize("given", [{"workers": 2, "pool": "threads"}, {"executor": ThreadPoolExecutor(3)}])
def test_executors_are_the_same_bytes(own: Path, given: dict[str, Any]) -> None:
    run_large(own, "other", **given)
    assert content(own / "other") == content(own / "whole")


@pytest.mark.kill
def test_processes_are_the_same_bytes(own: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    run_large(own, "other", workers=2, progress=lambda *step: seen.append(step))
    assert content(own / "other") == content(own / "whole")
    assert seen[0] == ("shards", 1, 6)
    assert ("second pass", 6, 6) in seen


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
        ({"design": DESIGN.replace(confidence=0.9)}, "design"),
        ({"keep": "cars"}, "keep"),
        ({"shard_size": 8}, "shard_size"),
    ):
        with pytest.raises(OutputError, match=f"holds another study: {differs} differ"):
            run_large(own, "whole", **given)
    assert content(own / "whole") == before
    (own / "mine").mkdir()
    (own / "mine/notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"is not empty, and no folder of a large study \(notes.txt\)"):
        run_large(own, "mine")
    with pytest.raises(OutputError, match="is no folder"):
        run_large(own, "events.csv")
    with pytest.raises(OutputError, match=r"it has no study.json"):
        es.merge_large(own / "mine")
    with pytest.raises(OutputError, match=r"open it with eventstudy\.load_large"):
        es.load(own / "whole")
    with pytest.raises(UsageError, match="not s3://bucket/folder"):
        es.run_large("events.csv", "returns.csv", "s3://bucket/folder")


def test_what_is_not_kept_is_said(own: Path) -> None:
    found = es.load_large(own / "whole")
    assert list(found.manifest["tables"]) == ["events", "cars", "averages", "tests"]
    assert {"abnormal_returns", "residuals"} <= set(found.manifest["not_kept"])
    with pytest.raises(UsageError, match=r"abnormal_returns was not kept.*keep='abnormal_returns'"):
        found.table("abnormal_returns")
    with pytest.raises(UsageError, match="residuals was not kept"):
        found.dataset("residuals")
    with pytest.raises(UnknownNameError, match="did you mean 'cars'"):
        found.table("car")
    only = run_large(own, "only", keep="cars")
    assert sorted(path.name for path in only.path.iterdir() if path.is_dir())[0] == "cars"
    assert not (only.path / "events").exists()
    assert only.table("cars", columns=["ticker", "car"]).column_names == ["ticker", "car"]
    assert only.table("tests").equals(found.table("tests"))


def test_the_parts_are_one_dataset_for_other_programs(folder: Path) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    cars = f"{folder}/whole/cars/*.parquet"
    found = es.load_large(folder / "whole")
    whole = found.table("cars")
    total = pc.sum(whole["car"]).as_py()
    (counted,) = duckdb.sql(f"select count(*), sum(car) from '{cars}'").fetchall()
    assert counted == pytest.approx((len(whole), total))
    frame = polars.scan_parquet(cars).select("ticker", "car").collect()
    assert (frame.height, frame["car"].sum()) == pytest.approx((len(whole), total))
    assert found.dataset("cars").count_rows() == len(whole)
    assert pq.read_table(folder / "whole/cars", columns=["car"]).num_rows == len(whole)


def test_every_firm_event_is_there(folder: Path) -> None:
    _, events = market()
    found = es.load_large(folder / "whole").table("events").to_pandas()
    assert len(found) == len(events)
    reason = found[found["status"] == "skipped"].set_index("event_id")["reason"]
    assert reason["X-2019-01-02"] == "no prices: not in the table"
    assert any("reaches past the last price" in text for text in reason)
    assert any("estimation returns are usable" in text for text in reason)


@pytest.mark.parametrize("failing", [0, 4, 11, 15, 17, 20, 22])
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
    assert len(kept) == min(failing // 3, 6)
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
    """Workers that are killed after a few shards."""

    def __init__(self, done: int) -> None:
        self.left = done

    def submit(self, call: Any, /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.left -= 1
        if self.left < 0:
            future.set_exception(BrokenProcessPool("killed"))
        else:
            future.set_result(call(*given, **named))
        return future


def test_a_killed_worker_loses_no_finished_shard(own: Path) -> None:
    with pytest.raises(OutputError, match=r"a worker was killed.*finished shards are kept.*fewer --workers"):
        run_large(own, "other", executor=Broken(3))
    assert len(list((own / "other/sums").glob("*.first"))) == 3
    run_large(own, "other")
    assert content(own / "other") == content(own / "whole")


def test_what_a_large_study_does_not_follow_is_refused(own: Path) -> None:
    for changes, error, message in (
        ({"mask_events": True}, UsageError, "needs mask_events=False"),
        ({"model": "garch"}, DesignError, "no model garch; it has market, factors, mean"),
        ({"benchmark": ["A", "B"]}, DesignError, "measured against one series"),
        ({"tests": ["joint_f"]}, UsageError, "no test joint_f"),
        ({"weights": "kind"}, UsageError, "needs weights=None"),
        ({"by": ["status"]}, DesignError, "status is a column of the results"),
        ({"by": ["nosuch"]}, UnknownNameError, "nosuch"),
        ({"benchmark": "NONE"}, es.EventStudyError, "NONE: is a regressor and not among the returns"),
    ):
        with pytest.raises(error, match=message):
            run_large(own, "refused", design=DESIGN.replace(**changes))
        assert not list((own / "refused").glob("inputs-*"))


@pytest.mark.parametrize("changes", [{"model": "mean"}, {"model": "factors", "factors": ["MKT", "D"]}])
def test_other_models(own: Path, changes: dict[str, Any]) -> None:
    design = DESIGN.replace(**changes)
    found = run_large(own, "model", design=design).table("cars").to_pandas()
    returns, _ = market()
    events = placed()
    listed = events.assign(event_id=[f"e{row}" for row in events["row"]], session=events["date"])
    expected = es.run(
        listed.drop(columns=["row", "date"]), returns=returns, design=design.replace(by=(), max_loss=0.9)
    ).cars
    for column in ("car", "car_se", "bhar", "pvalue"):
        mine, theirs = found[column][: len(expected)], expected[column]
        usable = np.isfinite(theirs) & (events["ticker"].to_numpy() != "D").repeat(2)
        np.testing.assert_allclose(mine[usable], theirs[usable], rtol=1e-7, atol=ATOL)
        assert usable.sum() > 40


def test_costly_tests_are_left_out_of_many(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.engine import grid_design

    for limit in ("MANY_DRAWN", "MANY_SORTED"):
        monkeypatch.setattr(grid_design, limit, 10)
    found = run_large(own, "many", design=DESIGN.replace(tests=()))
    left_out = {"wilcoxon", "bhar_skew_t", "wild_bootstrap"}
    assert set(found.manifest["tests_left_out"]) == left_out
    assert not left_out & set(found.table("tests")["test"].to_pylist())
    named = run_large(own, "named", design=DESIGN.replace(tests=["wilcoxon"]))
    assert named.manifest["tests_left_out"] == []
    assert set(named.table("tests")["test"].to_pylist()) == {"wilcoxon"}
