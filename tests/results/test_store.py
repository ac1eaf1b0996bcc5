"""Saving and loading: a result folder is whole, checked, and replaced in one step or not at all."""

from __future__ import annotations

import dataclasses
import datetime
import errno
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from disks import as_ordinary_user, tiny_disk
from hypothesis import given, settings
from result_folders import (
    everything,
    example_tables,
    filled,
    placed,
    rows_of,
    save,
    saved_once,
    seal,
)

from eventstudy import results as store
from eventstudy.design import Design
from eventstudy.errors import OutputError, UnknownNameError, UsageError
from eventstudy.results import generations, table_files
from eventstudy.results.generations import ResultGenerations
from eventstudy.results.table_files import conform, digest
from eventstudy.schema import SCHEMA_VERSION, TABLES, Column, arrow_schema


def generation_names(path: Path) -> list[str]:
    """Return the generations of a result path and leftovers, without the lock."""
    return sorted(p.name for p in ResultGenerations.of(path).folder.iterdir() if p.name != "lock")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "links are not allowed here")

    monkeypatch.setattr(os, "symlink", refuse)


class TestRoundTrip:
    def test_tables_come_back_equal_with_schema_and_units(self, path: Path) -> None:
        tables = example_tables()
        assert store.save(tables, {}, path) == path
        saved = store.load(path)
        for name, table in tables.items():
            back = saved.table(name)
            assert back.equals(table)
            assert back.schema.field(0).metadata
            assert back.schema.equals(arrow_schema(name), check_metadata=False)
            for field in arrow_schema(name):
                assert back.schema.field(field.name).metadata == field.metadata

    @given(name=st.sampled_from(sorted(TABLES)), draw=st.data())
    @settings(max_examples=8)
    def test_saving_and_loading_is_the_identity(self, name: str, draw: st.DataObject) -> None:
        table = filled(name, draw.draw(rows_of(TABLES[name])))
        with tempfile.TemporaryDirectory() as folder:
            store.save({**example_tables(0), name: table}, {}, Path(folder, "r"))
            assert store.load(Path(folder, "r")).table(name).to_pylist() == table.to_pylist()

    def test_empty_tables_keep_every_column(self, path: Path) -> None:
        store.save(example_tables(0), {}, path)
        for name, columns in TABLES.items():
            frame = pd.read_parquet(path / f"{name}.parquet")
            assert list(frame.columns) == [c.name for c in columns]
            assert frame.empty

    def test_nan_is_saved_as_missing_and_infinity_as_it_is(self, path: Path) -> None:
        tables = example_tables(3)
        at = tables["cars"].column_names.index("mde")
        tables["cars"] = tables["cars"].set_column(at, "mde", pa.array([np.nan, np.inf, -0.0]))
        store.save(tables, {}, path)
        mde = store.load(path).table("cars")["mde"].to_pylist()
        assert mde[:2] == [None, np.inf]
        assert str(mde[2]) == "-0.0"

    def test_columns_beyond_the_schema_follow_behind(self, path: Path) -> None:
        tables = example_tables(2)
        tables["events"] = tables["events"].add_column(0, "size", pa.array([1, 2], pa.int16()))
        store.save(tables, {}, path)
        events = store.load(path).table("events")
        assert events.column_names == [c.name for c in TABLES["events"]] + ["size"]
        assert events["size"].to_pylist() == [1, 2]

    def test_pandas_columns_are_taken_in_any_order(self, path: Path) -> None:
        tables = example_tables()
        frame = tables["cars"].to_pandas()[sorted(tables["cars"].column_names)]
        tables["cars"] = pa.Table.from_pandas(frame)
        store.save(tables, {}, path)
        assert store.load(path).table("cars").equals(example_tables()["cars"])

    def test_identical_tables_are_identical_bytes(self, tmp_path: Path) -> None:
        tables = example_tables(6)
        chunked = {
            name: pa.concat_tables([table.slice(0, 2), table.slice(2)]) for name, table in tables.items()
        }
        for name, given_tables in (("a", tables), ("b", chunked)):
            manifest = store.build_manifest(design=Design(), tables=given_tables)
            store.save(given_tables, manifest, tmp_path / name)
        first, second = (everything((tmp_path / name).resolve()) for name in "ab")
        assert first == second

    def test_every_file_tells_of_its_study(self, path: Path) -> None:
        design = Design(window=(-1, 1), car_windows=((0, 0),))
        tables = example_tables()
        store.save(tables, store.build_manifest(design=design, tables=tables), path)
        about = json.loads(pq.read_schema(path / "cars.parquet").metadata[b"eventstudy"])
        assert about["schema_version"] == SCHEMA_VERSION
        assert about["package"] == "eventstudy-impact"
        assert Design(**about["design"]) == design

    def test_duckdb_and_pandas_read_through_the_link(self, path: Path) -> None:
        save(path)
        table = path / "abnormal_returns.parquet"
        query = f"select ticker, sum(ar) from '{table}' group by all"
        expected = (
            example_tables()["abnormal_returns"].to_pandas().groupby("ticker", observed=True)["ar"].sum()
        )
        found: dict[str, float] = dict(duckdb.sql(query).fetchall())
        assert found == pytest.approx(expected.to_dict())
        assert pd.read_parquet(table)["ticker"].tolist() == ["NVDA", "005930.KS", "NA", "700", "NVDA"]

    def test_a_folder_name_above_is_not_taken_for_a_column(self, tmp_path: Path) -> None:
        assert seal(save(tmp_path / "year=2024" / "results", 4)) == 4


class TestRefusedTables:
    def test_missing_table(self, path: Path) -> None:
        tables = example_tables()
        del tables["claims"]
        with pytest.raises(UsageError, match="missing: claims"):
            store.save(tables, {}, path)
        assert not path.parent.joinpath(".generations").exists()

    def test_unknown_table(self, path: Path) -> None:
        with pytest.raises(UnknownNameError, match="did you mean 'cars'"):
            store.save({**example_tables(), "carz": pa.table({})}, {}, path)

    def test_missing_column(self, path: Path) -> None:
        tables = example_tables()
        tables["cars"] = tables["cars"].drop_columns(["car_se"])
        with pytest.raises(UsageError, match=r"'cars' lacks the column\(s\) car_se"):
            store.save(tables, {}, path)

    def test_value_its_column_cannot_hold(self, path: Path) -> None:
        tables = example_tables(1)
        at = tables["cars"].column_names.index("n")
        tables["cars"] = tables["cars"].set_column(at, "n", pa.array([1.5]))
        with pytest.raises(UsageError, match="'cars', column 'n'"):
            store.save(tables, {}, path)


class TestManifest:
    def test_records_what_is_needed_to_repeat_the_study(self) -> None:
        tables = example_tables(3)
        prices = {
            "SPY": {"source": "snapshot", "span": (datetime.date(2023, 1, 3), np.datetime64("2024-03-01"))},
            "NVDA": {"rows": np.int64(290), "last_ratio": np.nan, "file": Path("cache", "NVDA.parquet")},
        }
        manifest = store.build_manifest(
            design=Design(benchmark={"ticker": "SPY", "exclude_self": {"NVDA": 0.066}}),
            tables=tables,
            prices=prices,
            factors={"path": "ff3.csv", "unit": "percent"},
            study_path_name="events.yaml",
            study_sha256="ab" * 32,
            command=["run", "--seed", "1"],
        )
        assert manifest == json.loads(json.dumps(manifest, allow_nan=False))
        assert list(manifest["prices"]) == ["NVDA", "SPY"]
        assert manifest["prices"]["SPY"]["span"] == ["2023-01-03", "2024-03-01"]
        assert manifest["prices"]["NVDA"] == {
            "rows": 290,
            "last_ratio": None,
            "file": "cache/NVDA.parquet",
        }
        assert manifest["study"] == {"file": "events.yaml", "sha256": "ab" * 32}
        assert manifest["command"] == ["run", "--seed", "1"]
        assert manifest["design"]["benchmark"] == {"ticker": "SPY", "exclude_self": {"NVDA": 0.066}}
        assert manifest["tables"]["cars"] == {"rows": 3, "sha256": digest(conform("cars", tables["cars"]))}
        assert {"python", "libraries", "schema_version", "version"} <= manifest.keys()

    @pytest.mark.parametrize("benchmark", ["SPY", ["A", "B"], {"ticker": "SPY", "exclude_self": {"A": 0.1}}])
    @pytest.mark.parametrize("share", [None, 0.5, 1, 1.0, 40])
    def test_design_can_be_built_again_from_it(self, benchmark: Any, share: float | None) -> None:
        design = Design(benchmark=benchmark, min_estimation=share, factors=("HML",), tests=("bmp",), seed=3)
        manifest = store.build_manifest(design=design, tables={})
        rebuilt = Design(**json.loads(json.dumps(manifest["design"])))
        assert rebuilt == design
        assert isinstance(rebuilt.min_estimation, type(design.min_estimation))

    def test_names_no_machine_and_no_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = store.build_manifest(design=Design(), tables=example_tables())
        monkeypatch.setattr("time.time", lambda: 0.0)
        assert store.build_manifest(design=Design(), tables=example_tables()) == first
        assert str(Path.cwd()) not in json.dumps(first)

    def test_refuses_what_json_cannot_say(self) -> None:
        with pytest.raises(TypeError, match="cannot hold object"):
            store.build_manifest(design=Design(), tables={}, prices={"A": {"source": object()}})

    def test_saved_sums_are_those_of_the_saved_tables(self, path: Path) -> None:
        manifest = store.build_manifest(design=Design(), tables=example_tables(shift=1))
        store.save(example_tables(), manifest, path)
        assert store.load(path).table("cars").equals(example_tables()["cars"])


class TestDigest:
    @given(name=st.sampled_from(sorted(TABLES)), draw=st.data(), cut=st.integers(0, 5))
    def test_does_not_depend_on_chunks(self, name: str, draw: st.DataObject, cut: int) -> None:
        table = filled(name, draw.draw(rows_of(TABLES[name])))
        assert digest(pa.concat_tables([table.slice(0, cut), table.slice(cut)])) == digest(table)

    @given(name=st.sampled_from(sorted(TABLES)), draw=st.data())
    def test_does_not_depend_on_how_many_rows_are_read_at_once(self, name: str, draw: st.DataObject) -> None:
        table = filled(name, draw.draw(rows_of(TABLES[name])))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table_files, "AT_ONCE", 2)
            pieces = digest(table)
        assert pieces == digest(table)

    @pytest.mark.parametrize("rows", [slice(0, 3), slice(1, 3)])
    def test_bytes_under_a_missing_text_do_not_count(self, rows: slice) -> None:
        bits, ends = np.array([0b101], np.uint8), np.array([0, 2, 5, 6], np.int32)
        hidden = pa.Array.from_buffers(pa.string(), 3, [*map(pa.py_buffer, (bits, ends, b"abNULc"))])
        plain = pa.array(["ab", None, "c"])
        assert digest(pa.table({"x": hidden[rows]})) == digest(pa.table({"x": plain[rows]}))

    @given(draw=st.data())
    def test_tells_any_two_tables_apart(self, draw: st.DataObject) -> None:
        first, second = (draw.draw(rows_of(TABLES["findings"])) for _ in range(2))
        same = digest(filled("findings", first)) == digest(filled("findings", second))
        assert same == (first == second)

    @pytest.mark.parametrize(("a", "b"), [((None, "x"), ("", "x")), (("ab", "c"), ("a", "bc"))])
    def test_tells_missing_from_empty_and_knows_where_a_text_ends(self, a: Any, b: Any) -> None:
        first, second = (pa.table({"x": pa.array(list(c), pa.string())}) for c in (a, b))
        assert digest(first) != digest(second)


class TestReplacing:
    def test_link_is_relative_and_the_parent_can_be_moved(self, tmp_path: Path) -> None:
        save(tmp_path / "a" / "results", 3)
        link = (tmp_path / "a" / "results").readlink()
        assert link == Path(".generations/results/0001")
        (tmp_path / "a").rename(tmp_path / "b")
        assert seal(tmp_path / "b" / "results") == 3

    def test_the_last_generation_before_is_kept_and_older_ones_are_not(self, path: Path) -> None:
        for shift in range(4):
            save(path, shift)
        assert seal(path) == 3
        assert generation_names(path) == ["0003", "0004"]
        assert store.load(ResultGenerations.of(path).generation(3)).manifest["seal"] == 2

    def test_one_replace_of_the_link_is_the_switch(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        placed(path)
        replaced: list[str] = []
        replace = os.replace

        def spy(source: Any, target: Any, **kwargs: Any) -> None:
            before = everything(path.resolve())
            assert set(before) == {p.name for p in path.iterdir()}
            replaced.append(Path(target).name)
            assert seal(path) == 0
            replace(source, target, **kwargs)
            assert seal(path) == 1

        monkeypatch.setattr(os, "replace", spy)
        save(path, 1)
        assert replaced == ["results"]

    def test_an_open_result_outlives_one_replacement_whole(self, path: Path) -> None:
        placed(path)
        saved = store.load(path)
        save(path, 1)
        assert saved.table("cars").equals(example_tables()["cars"])
        save(path, 2)
        with pytest.raises(OutputError, match="was replaced while it was being read; load it again"):
            saved.table("cars")

    def test_old_result_folder_is_migrated_once(self, tmp_path: Path, path: Path) -> None:
        shutil.copytree(save(tmp_path / "elsewhere", 5), path)
        assert seal(path) == 5
        save(path, 6)
        assert path.is_symlink()
        assert seal(path) == 6
        assert store.load(ResultGenerations.of(path).generation(1)).manifest["seal"] == 5

    def test_an_empty_folder_is_replaced(self, path: Path) -> None:
        path.mkdir()
        assert seal(save(path, 1)) == 1
        assert path.is_symlink()

    def test_parent_is_created(self, path: Path) -> None:
        assert seal(save(path / "deep" / "er", 1)) == 1

    def test_a_dangling_link_of_ours_is_replaced(self, path: Path) -> None:
        placed(path)
        shutil.rmtree(path.resolve())
        with pytest.raises(OutputError, match="is a link to results that are gone"):
            store.load(path)
        assert seal(save(path, 1)) == 1

    def test_results_moved_aside_are_never_removed(self, path: Path) -> None:
        placed(path)
        path.rename(kept := path.parent / "kept")
        for shift in (1, 2, 3):
            save(path, shift)
        assert seal(kept) == 0
        assert seal(path) == 3
        save(kept, 9)
        assert (seal(kept), seal(path)) == (9, 3)

    def test_a_users_file_in_the_folder_is_never_removed(self, path: Path) -> None:
        placed(path)
        (path / "notes.txt").write_text("mine")
        (generation := path.resolve(), [save(path, shift) for shift in (1, 2, 3)])
        assert (generation / "notes.txt").read_text() == "mine"
        assert seal(path) == 3

    def test_leftovers_of_killed_runs_are_removed(self, path: Path) -> None:
        placed(path)
        own = ResultGenerations.of(path)
        shutil.copytree(own.generation(1), own.generation(2))  # killed before the switch
        own.new.mkdir()  # killed while writing
        (own.new / "cars.parquet").write_bytes(b"PAR1")
        (own.folder / "link").symlink_to("nowhere")
        save(path, 1)
        assert seal(path) == 1
        assert generation_names(path) == ["0001", "0002"]

    def test_runs_at_once_take_turns(self, path: Path) -> None:
        failures: list[BaseException] = []

        def run(shift: int) -> None:
            try:
                save(path, shift)
            except BaseException as error:  # told in the main thread
                failures.append(error)

        threads = [threading.Thread(target=run, args=(shift,)) for shift in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert seal(path) in range(6)
        assert len(generation_names(path)) == 2

    def test_a_run_that_holds_the_path_too_long_is_told(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        placed(path)
        monkeypatch.setattr(generations, "LOCK_SECONDS", 0.05)
        hold = (
            "import sys; from pathlib import Path; from eventstudy.results import generations as own\n"
            "with own.locked(own.ResultGenerations.of(Path(sys.argv[1]))):\n"
            "    print('held', flush=True); sys.stdin.read()"
        )
        command = [sys.executable, "-c", hold, str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            before = everything(path.parent)
            with pytest.raises(OutputError, match="another run is writing there; wait for it"):
                save(path, 1)
            assert everything(path.parent) == before
            holder.kill()
        assert seal(save(path, 1)) == 1  # the lock goes with its process


class TestRefusedPaths:
    @pytest.mark.parametrize(
        ("make", "why"),
        [
            (lambda p: p.write_text("mine"), "is a file, not a folder"),
            (lambda p: (p.mkdir(), (p / "thesis.tex").write_text("mine")), "folder with other contents"),
            (
                lambda p: (p.mkdir(), (p / "manifest.json").write_text('{"a": 1}')),
                "folder with other contents",
            ),
            (lambda p: (p.mkdir(), (p / "manifest.json").write_text("[")), "folder with other contents"),
            (lambda p: p.symlink_to("nowhere"), "is a link to nowhere, which is not a result of ours"),
            (lambda p: p.symlink_to(p.parent), "is a link to .*, which is not a result of ours"),
            (lambda p: p.symlink_to("../.generations/results/0001"), "is not a result of ours"),
        ],
    )
    def test_what_is_not_ours_is_left_as_it_was(
        self, path: Path, make: Callable[[Path], Any], why: str
    ) -> None:
        make(path)
        before = everything(path.parent)
        with pytest.raises(OutputError, match=why) as caught:
            save(path)
        assert "it is left as it was" in str(caught.value)
        assert everything(path.parent) == before
        assert caught.value.exit_code == 6

    def test_an_old_result_folder_with_a_users_file_in_it(self, tmp_path: Path, path: Path) -> None:
        shutil.copytree(saved_once(0) / "results", path)
        (path / "notes.txt").write_text("mine")
        with pytest.raises(OutputError, match=r"holds 'notes.txt' beside old results"):
            save(path)

    @pytest.mark.parametrize("name", [".", "..", "/", "results/.."])
    def test_no_name(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(OutputError, match="is not a name for a result folder"):
            save(Path(name))

    def test_inside_a_result_folder(self, path: Path) -> None:
        placed(path)
        with pytest.raises(OutputError, match="lies inside a result folder"):
            save(path / "again")

    def test_parent_is_a_file(self, path: Path) -> None:
        path.write_text("mine")
        with pytest.raises(OutputError, match="could not be written"):
            save(path / "deeper")
        assert path.read_text() == "mine"


class TestFailures:
    @pytest.mark.parametrize("stands", [False, True])
    @pytest.mark.parametrize("place", ["tables", "manifest", "link"])
    def test_full_disk(self, path: Path, place: str, stands: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        if stands:
            placed(path)
        before = everything(path.parent)

        def full(*_: Any, **__: Any) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            if place == "tables":
                patch.setattr(pq.ParquetWriter, "write_table", full)
            elif place == "manifest":
                patch.setattr(store.folder, "as_text", full)
            else:
                patch.setattr(store.folder, "sync_folder", full)
            with pytest.raises(OutputError, match="No space left on device") as caught:
                save(path, 1)
        left = "what was there is left as it was" if stands else "nothing is left behind"
        assert left in str(caught.value)
        after = everything(path.parent)
        after.pop(".generations/results/lock", None)
        before.pop(".generations/results/lock", None)
        assert after == before
        assert seal(save(path, 2)) == 2

    def test_really_full_disk(self, tmp_path: Path) -> None:
        with tiny_disk(tmp_path / "disk", kilobytes=600) as disk:
            path = save(disk / "results")
            (disk / "ballast").write_bytes(b"x" * 300_000)
            with pytest.raises(OutputError, match="No space left on device; what was there"):
                store.save(example_tables(3000), {}, path)
            assert seal(path) == 0
            assert generation_names(path) == ["0001"]

    def test_interrupted(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        placed(path)

        def interrupt(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(generations, "switch", interrupt)
            with pytest.raises(KeyboardInterrupt):
                save(path, 1)
        assert seal(path) == 0
        assert generation_names(path) == ["0001"]

    @pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system knows no user ids")
    def test_read_only_parent(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            parent = Path(name).resolve()
            save(parent / "results")
            parent.chmod(0o555)
            with as_ordinary_user():
                with pytest.raises(OutputError, match=r"Permission denied; what was there is left as it was"):
                    save(parent / "results", 1)
                with pytest.raises(OutputError, match=r"Permission denied; nothing is left behind"):
                    save(parent / "other")
                assert seal(parent / "results") == 0
            parent.chmod(0o755)
            assert sorted(p.name for p in parent.iterdir()) == [".generations", "results"]

    def test_what_cannot_be_removed_afterwards_spoils_nothing(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        placed(path)
        save(path, 1)

        def refuse(*_: Any, **__: Any) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        switch = generations.switch
        with monkeypatch.context() as patch:
            patch.setattr(
                generations, "switch", lambda s: (switch(s), patch.setattr(shutil, "rmtree", refuse))
            )
            save(path, 2)
        assert seal(path) == 2


class TestWithoutLinks:
    @pytest.mark.usefixtures("no_links")
    def test_the_folder_is_an_ordinary_one(self, path: Path) -> None:
        for shift in range(4):
            assert seal(save(path, shift)) == shift
            assert path.is_dir()
            assert not path.is_symlink()
        (before,) = generation_names(path)
        assert store.load(ResultGenerations.of(path).folder / before).manifest["seal"] == 2

    @pytest.mark.parametrize("links", [False, True])
    def test_a_cut_between_the_two_steps_is_mended_by_whoever_comes_next(
        self, path: Path, links: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request.getfixturevalue("no_links")
        save(path)
        if links:  # the folder made without links is migrated where there are some
            monkeypatch.undo()

        def die(*_: Any, **__: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(generations, "_place", die)
            with pytest.raises(SystemExit):
                save(path, 1)
        assert not path.exists()
        assert seal(path) == 1
        assert path.is_symlink() == links
        assert seal(save(path, 2)) == 2

    @pytest.mark.usefixtures("no_links")
    def test_a_cut_before_the_first_step_leaves_the_old_results(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(path)

        def die(*_: Any, **__: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(generations, "_retire", die)
            patch.setattr(generations, "complete_switch", lambda _: None)
            with pytest.raises(SystemExit):
                save(path, 1)
        assert ResultGenerations.of(path).journal.exists()
        assert seal(path) == 0
        assert not ResultGenerations.of(path).journal.exists()
        assert seal(save(path, 2)) == 2

    def test_a_link_from_before_is_replaced_by_a_folder(
        self, path: Path, request: pytest.FixtureRequest
    ) -> None:
        save(path)
        request.getfixturevalue("no_links")
        assert seal(save(path, 1)) == 1
        assert not path.is_symlink()

    @pytest.mark.usefixtures("no_links")
    def test_reading_while_it_is_replaced_is_told(self, path: Path) -> None:
        saved = store.load(save(path))
        save(path, 1)
        with pytest.raises(OutputError, match="was replaced while it was being read"):
            saved.table("cars")


class TestLoading:
    def test_missing(self, path: Path) -> None:
        with pytest.raises(OutputError, match="no such result folder; write it with `eventstudy run`"):
            store.load(path)
        assert not list(path.parent.iterdir())

    def test_a_file(self, path: Path) -> None:
        path.write_text("mine")
        with pytest.raises(OutputError, match="is a file, not a result folder"):
            store.load(path)

    def test_the_folder_one_stands_in(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(placed(path, 2))
        assert seal(Path()) == 2

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (None, "it has no manifest.json"),
            ("{", "is damaged"),
            ("[]", "of another program"),
            ('{"schema_version": 1}', "of another program"),
            ('{"format": "eventstudy result", "schema_version": "1"}', "of another program"),
            (
                json.dumps({"format": "eventstudy result", "schema_version": SCHEMA_VERSION + 1}),
                f"schema version {SCHEMA_VERSION + 1}; this version reads up to {SCHEMA_VERSION}; upgrade",
            ),
        ],
    )
    def test_manifest_that_cannot_be_used(self, path: Path, text: str | None, why: str) -> None:
        manifest = placed(path) / "manifest.json"
        manifest.unlink() if text is None else manifest.write_text(text)
        with pytest.raises(OutputError, match=why):
            store.load(path)

    def test_missing_table(self, path: Path) -> None:
        (placed(path) / "tests.parquet").unlink()
        with pytest.raises(OutputError, match=r"tests.parquet is missing; run `eventstudy run` again"):
            store.load(path)

    def test_unknown_table(self, path: Path) -> None:
        with pytest.raises(UnknownNameError):
            store.load(placed(path)).table("../../secret")

    @pytest.mark.parametrize("damage", ["cut", "emptied", "garbage", "flipped"])
    def test_damaged_table(self, path: Path, damage: str) -> None:
        store.save(example_tables(200), {}, path)
        file = path / "cars.parquet"
        content = file.read_bytes()
        flipped = bytearray(content)
        flipped[200] ^= 1
        damaged = {"cut": content[:-20], "emptied": b"", "garbage": b"?" * 900, "flipped": bytes(flipped)}
        file.write_bytes(damaged[damage])
        with pytest.raises(OutputError, match=r"cars.parquet: the table is damaged") as caught:
            store.load(path).table("cars")
        assert "\n" not in str(caught.value)

    def test_any_flipped_bit_is_noticed(self, path: Path) -> None:
        file = placed(path) / "findings.parquet"
        content, expected = file.read_bytes(), example_tables()["findings"]
        for at in random.Random(7).sample(range(len(content)), 60):
            flipped = bytearray(content)
            flipped[at] ^= 1 << at % 8
            file.write_bytes(bytes(flipped))
            try:
                table = store.load(path).table("findings")
            except OutputError:
                continue
            assert table.equals(expected)  # the bit was in a place that says nothing about the values

    def test_exchanged_table(self, tmp_path: Path, path: Path) -> None:
        other = saved_once(1) / "results"
        shutil.copy(other / "cars.parquet", placed(path) / "cars.parquet")
        with pytest.raises(OutputError, match=r"not the one manifest\.json describes"):
            store.load(path).table("cars")

    def test_column_added_since_comes_back_missing(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        placed(path)
        added = (*TABLES["cars"], Column("skewness", "number", "-", "added later"))
        with monkeypatch.context() as patch:
            patch.setitem(TABLES, "cars", added)
            arrow_schema.cache_clear()
            table = store.load(path).table("cars")
        arrow_schema.cache_clear()
        assert table["skewness"].null_count == len(table) == 5

    def test_saved_is_frozen(self, path: Path) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            store.load(placed(path)).path = Path()  # type: ignore[misc]

    def test_loading_needs_no_right_to_write(self, path: Path) -> None:
        placed(path)
        shutil.rmtree(path.parent / ".generations" / "results" / "lock", ignore_errors=True)
        before = everything(path.parent)
        seal(path)
        assert everything(path.parent) == before


def test_import_is_light() -> None:
    heavy = "{'pandas', 'pyarrow', 'xlsxwriter', 'jinja2', 'filelock'}"
    code = f"import sys, eventstudy.results; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
