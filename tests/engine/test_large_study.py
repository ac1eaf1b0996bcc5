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
from large_studies import DESIGN, SIZE, content, market, run_large, write_files

import eventstudy as es
from eventstudy.engine import shard_files
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_study import GridStudy
from eventstudy.engine.grid_tables import run_on_grid
from eventstudy.engine.study_folder import on_grid
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


def placed() -> pd.DataFrame:
    """Return the firm-events that lie on the grid, in the order of the shards."""
    returns, events = market()
    row = returns.index.get_indexer(events["date"])
    there = events.assign(row=row)[(row >= 0) & (row + 3 < len(returns)) & events["ticker"].isin(returns)]
    order = there.sort_values("row", kind="stable")
    dates, count = np.unique(order["row"], return_counts=True)
    shard = ((np.cumsum(count) - count) // SIZE)[np.searchsorted(dates, order["row"])]
    in_shard = order.assign(shard=shard, place=order.index).sort_values(["shard", "place"])
    return in_shard.drop(columns=["shard", "place"])


def same_rows(one: pa.Table, other: pa.Table) -> None:
    """Compare tables but for how their texts are encoded."""

    def plain(table: pa.Table) -> pa.Table:
        fields = [
            pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema
        ]
        return table.cast(pa.schema(fields)).combine_chunks()

    assert plain(one).equals(plain(other))


def test_the_figures_of_the_engine_in_memory(folder: Path) -> None:
    returns, _ = market()
    events = placed()
    names = np.array(["A", "B", "C", "D"], dtype=object)
    study = GridStudy.of(
        Grid(np.ascontiguousarray(returns[list(names)].to_numpy().T), returns[["MKT"]].to_numpy().T),
        *(events["ticker"].map({name: row for row, name in enumerate(names)}).to_numpy(),),
        *(events["row"].to_numpy(), on_grid(DESIGN)),
        tickers=names,
        groupings={"kind": events["kind"].to_numpy(dtype=object)},
        compiled=False,
    )
    sessions = returns.index.to_numpy().astype("datetime64[D]")
    identity = events["ticker"] + "-" + events["date"].dt.strftime("%Y-%m-%d")
    expected = run_on_grid(study, tickers=names, sessions=sessions, event_id=identity.to_numpy(dtype=object))
    found = run_large(folder, "all", design=DESIGN.replace(tests=()))
    for name in ("averages", "tests"):
        wanted = expected[name].filter(pc.not_equal(expected[name]["level"].cast(pa.string()), "ticker"))
        by_key = [("level", "ascending"), ("key", "ascending")]
        assert len(found.table(name)) == len(wanted) > 20
        text = {name: pa.string() for name in ("level", "key")}
        both = [
            table.set_column(0, "level", table["level"].cast(text["level"])).set_column(
                1, "key", table["key"].cast(text["key"])
            )
            for table in (found.table(name), wanted)
        ]
        adjusted = [column for column in wanted.column_names if not column.startswith("pvalue_")]
        order = ["start", "end", "measure", "unit", "test"] if name == "tests" else ["tau"]
        frames = [
            table.select(adjusted).to_pandas().astype({c: str for c in order if c not in ("start", "end")})
            for table in both
        ]
        keys = [key for key, _ in by_key] + order
        first, second = (frame.sort_values(keys).reset_index(drop=True) for frame in frames)
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    measured = found.table("events").slice(0, len(events))
    for column in ("ticker", "event_id", "session", "status", "reason", "n_estimation", "df", "sigma"):
        same_rows(measured.select([column]), expected["events"].select([column]))
    same_rows(found.table("cars").slice(0, 2 * len(events)), expected["cars"])


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
        ({"tests": ["calendar_time"]}, UsageError, "no test calendar_time"),
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


def test_tests_that_need_every_value_are_left_out_of_many(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.engine import large_inputs

    monkeypatch.setattr(large_inputs, "MANY_VALUES", 10)
    found = run_large(own, "many", design=DESIGN.replace(tests=()))
    assert found.manifest["tests_left_out"] == ["wilcoxon", "bhar_skew_t"]
    computed = set(found.table("tests")["test"].to_pylist())
    assert not computed & {"wilcoxon", "bhar_skew_t"}
    named = run_large(own, "named", design=DESIGN.replace(tests=["wilcoxon"]))
    assert named.manifest["tests_left_out"] == []
    assert set(named.table("tests")["test"].to_pylist()) == {"wilcoxon"}
