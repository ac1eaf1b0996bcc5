"""Outputs replace files of this package and no others, never an input, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Said, example, fingerprint, said
from disks import tiny_disk
from effort import FORGOTTEN
from processes import posix
from result_folders import everything, example_tables, save

import eventstudy as es
from eventstudy import atomic
from eventstudy import results as store
from eventstudy.atomic import PART, replace_file, scratch_folder
from eventstudy.errors import OutputError
from eventstudy.results.outputs import local
from eventstudy.results.outputs.destination import write_all, write_file
from eventstudy.results.outputs.local import WORK, LocalFolder
from eventstudy.results.outputs.ownership import Overwrite, is_ours

SIMULATE = ("simulate", "--synthetic", "--firm-events", "5", "--replications", "3", "--effect", "0", "--out")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return example(tmp_path / "study")


def refused(done: Said) -> bool:
    return done.code == 6 and done.out == "" and done.err.count("\n") == 1


def command_to(target: str) -> tuple[str, ...]:
    """Return the command that would write to a file, by its suffix."""
    return ("report", "--out", target) if target.endswith((".html", ".yaml")) else (*SIMULATE, target)


class TestFilesOfOthers:
    @pytest.mark.parametrize("target", ["events.yaml", "mine.html", "mine.parquet", "sub/../mine.html"])
    def test_one_file_is_left_alone(self, study: Path, target: str) -> None:
        (study / "sub").mkdir()
        for name in ("mine.html", "mine.parquet"):
            (study / name).write_text("<p>mine</p>")
        before = fingerprint(study)
        assert refused(said(*command_to(target), cwd=study))
        assert fingerprint(study) == before

    @pytest.mark.parametrize("form", store.FORMATS)
    def test_no_format_replaces_a_file_of_others(self, tmp_path: Path, form: str) -> None:
        (name, *_) = [Path(f).name for f in store.export(example_tables(), format=form, out=tmp_path / "a")]
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / name).write_text("mine\n")
        with pytest.raises(OutputError, match=f"{name}: is already there and is not an output of eventstudy"):
            store.export(example_tables(), format=form, out=tmp_path / "out")
        assert everything(tmp_path / "out") == {name: b"mine\n"}
        store.export(example_tables(), format=form, out=tmp_path / "out", force=True)
        assert everything(tmp_path / "out") == everything(tmp_path / "a")

    @pytest.mark.parametrize("form", store.FORMATS)
    @pytest.mark.parametrize("rows", [0, 5])
    def test_every_format_knows_its_own_files_in_any_folder(
        self, tmp_path: Path, form: str, rows: int
    ) -> None:
        store.export(example_tables(rows), format=form, out=tmp_path / "first")
        shutil.copytree(tmp_path / "first", tmp_path / "moved")
        store.export(example_tables(rows, shift=1), format=form, out=tmp_path / "moved")
        store.export(example_tables(rows, shift=1), format=form, out=tmp_path / "new")
        assert everything(tmp_path / "moved") == everything(tmp_path / "new")

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("events.csv", '"event_id","ticker","when"\n"a","X","2024-01-02"\n'),
            ("cars.csv", "event_id,ticker\n"),
            ("cars.json", '[\n{"event_id": "a", "ticker": "X"}\n]\n'),
            ("cars.json", '{"event_id": 1}'),
            ("other.csv", '"event_id","ticker"\n'),
            ("a.html", "<!-- eventstudy --><p>mine</p>"),
            ("a.tex", "% cars: my own table\n"),
            ("a.xlsx", "PK\x03\x04"),
            ("a.svg", "<svg/>"),
            ("a.parquet", "PAR1"),
            ("a.txt", "eventstudy chart"),
        ],
    )
    def test_what_only_looks_alike_is_not_ours(self, tmp_path: Path, name: str, content: str) -> None:
        (tmp_path / name).write_text(content)
        with (tmp_path / name).open("rb") as file:
            assert not is_ours(name, file)

    def test_a_parquet_file_of_another_program_is_not_ours(self, tmp_path: Path) -> None:
        example_tables()["cars"].to_pandas().to_parquet(tmp_path / "cars.parquet")
        with pytest.raises(OutputError, match="not an output of eventstudy"):
            store.export(example_tables(), format="parquet", out=tmp_path)

    def test_a_partition_of_another_program_is_not_ours(self, tmp_path: Path) -> None:
        store.export(example_tables(), format="parquet", out=tmp_path, tables=["cars"], partition_by="ticker")
        file = next((tmp_path / "cars").rglob("*.parquet"))
        example_tables()["tests"].to_pandas().to_parquet(file)
        with pytest.raises(OutputError, match="not an output of eventstudy"):
            store.export(
                example_tables(), format="parquet", out=tmp_path, tables=["cars"], partition_by="ticker"
            )

    def test_an_empty_file_may_be_replaced(self, study: Path) -> None:
        (study / "page.html").touch()
        assert said("report", "--out", "page.html", cwd=study).code == 0

    def test_an_earlier_output_is_replaced(self, study: Path) -> None:
        for command in (("report", "--out", "a.html"), (*SIMULATE, "a.parquet")):
            for _ in range(2):
                assert said(*command, cwd=study).code == 0
        assert not (study / WORK).exists()

    def test_figures_know_each_other(self, tmp_path: Path, study: Path) -> None:
        result = es.load(study / "results")
        for form in ("svg", "png", "pdf"):
            names = result.save_figures(tmp_path / form, format=form)
            assert result.save_figures(tmp_path / form, format=form) == names
            Path(names[0]).write_bytes(b"mine")
            with pytest.raises(OutputError, match="not an output of eventstudy"):
                result.save_figures(tmp_path / form, format=form)
            assert Path(names[0]).read_bytes() == b"mine"
            result.save_figures(tmp_path / form, format=form, force=True)


class TestInputs:
    """The prices of the study are prices.csv; an event list is called as a table that is exported."""

    @pytest.fixture
    def listed(self, study: Path) -> Path:
        (study / "events.csv").write_text(
            "event_id,ticker,when,benchmark\nproduct-recall,DEMO-A,2024-11-12,DEMO-MKT\n"
        )
        assert said("run", "events.csv", "--prices", "prices.csv", cwd=study).code == 0
        return study

    def ways(self, study: Path) -> dict[str, Callable[[], Path]]:
        """Return the folders to export to, in each of which ``prices.csv`` is the study's."""

        def made(link: Callable[[Path, Path], None]) -> Path:
            (study / "out").mkdir()
            link(study / "prices.csv", study / "out" / "prices.csv")
            return study / "out"

        return {
            "itself": lambda: study,
            "dotted": lambda: study / "." / "seeds" / "..",
            "hard link": lambda: made(os.link),
            "link": lambda: made(lambda target, link: link.symlink_to(target)),
        }

    @pytest.mark.parametrize("way", ["itself", "dotted", "hard link", "link"])
    @pytest.mark.parametrize("cwd", [".", "elsewhere"])
    def test_are_never_replaced_not_even_by_force(self, listed: Path, way: str, cwd: str) -> None:
        for folder in ("elsewhere", "seeds"):
            (listed / folder).mkdir()
        out = self.ways(listed)[way]()
        before = fingerprint(listed)
        command = ("export", listed / "results", "--format", "csv", "--out", out, "--force")
        done = said(*command, cwd=listed / cwd)
        assert refused(done)
        assert ("is a link to" if way == "link" else "is an input of the study") in done.err
        assert fingerprint(listed) == before

    def test_another_case_of_letters_is_the_same_file_where_the_system_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "Prices.csv").write_text("mine")
        target = tmp_path / "prices.csv"
        target.hardlink_to(tmp_path / "Prices.csv")  # as a file system without cases shows it
        with pytest.raises(OutputError, match="input of the study"):
            Overwrite(force=True, inputs=(tmp_path / "Prices.csv",)).check(target)

    def test_the_prices_of_a_folder_are_inputs(self, study: Path) -> None:
        (study / "p").mkdir()
        shutil.move(study / "prices.csv", study / "p" / "prices.csv")
        assert said("run", "--prices", "p", cwd=study).code == 0
        done = said("export", "--format", "csv", "--out", "p", "--force", cwd=study)
        assert refused(done) and "p/prices.csv: is an input of the study" in done.err

    def test_of_a_simulation(self, study: Path) -> None:
        prices = es.load(study / "results").prices
        wide = prices.pivot(index="session", columns="ticker", values="close").reset_index()
        wide.to_parquet(study / "own.parquet")
        before = (study / "own.parquet").read_bytes()
        words = [word for word in SIMULATE if word != "--synthetic"]
        done = said(*words, "own.parquet", "--prices", "own.parquet", "--force", cwd=study)
        assert done.code == 6 and "own.parquet: is an input of the study" in done.err, done.err
        assert (study / "own.parquet").read_bytes() == before

    def test_the_study_file_of_a_run_from_elsewhere(self, study: Path) -> None:
        with pytest.raises(OutputError, match="input of the study"):
            Overwrite(True, (study / "events.yaml",)).check(study / "events.yaml")


class TestPlaces:
    @pytest.mark.parametrize(
        ("command", "right"),
        [
            (("report", "--out", "x.xlsx"), ".html"),
            (("report", "--out", "x.yaml"), ".html"),
            ((*SIMULATE, "x.csv"), ".parquet"),
        ],
    )
    def test_a_suffix_of_another_format_is_refused(
        self, study: Path, command: tuple[str, ...], right: str
    ) -> None:
        before = fingerprint(study)
        done = said(*command, cwd=study)
        assert refused(done) and f"name a file that ends in {right}" in done.err
        assert fingerprint(study) == before

    def test_no_suffix_and_capitals_are_fine(self, study: Path) -> None:
        for name in ("page", "PAGE.HTML"):
            assert said("report", "--out", name, cwd=study).code == 0
            assert (study / name).read_bytes().startswith(b"<!doctype html>")

    @posix
    def test_links_are_refused_and_stay(self, study: Path) -> None:
        (study / "gone.html").symlink_to("nowhere.html")
        (study / "there.html").symlink_to("page.html")
        assert said("report", "--out", "page.html", cwd=study).code == 0
        for link in ("gone.html", "there.html"):
            done = said("report", "--out", link, "--force", cwd=study)
            assert refused(done) and "is a link to" in done.err
            assert (study / link).is_symlink()
        assert not (study / "nowhere.html").exists()

    @posix
    def test_a_partition_behind_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "away").mkdir()
        (tmp_path / "out" / "cars").mkdir(parents=True)
        (tmp_path / "out" / "cars" / "ticker=NVDA").symlink_to(tmp_path / "away")
        with pytest.raises(OutputError, match="is a link to"):
            store.export(example_tables(), format="parquet", out=tmp_path / "out", partition_by="ticker")
        assert not list((tmp_path / "away").iterdir())

    @posix
    def test_a_link_to_a_folder_leads_there(self, tmp_path: Path) -> None:
        (tmp_path / "away").mkdir()
        (tmp_path / "out").symlink_to(tmp_path / "away")
        store.export(example_tables(), format="csv", out=tmp_path / "out", tables=["cars"])
        assert (tmp_path / "out").is_symlink() and (tmp_path / "away" / "cars.csv").is_file()

    @posix
    @pytest.mark.parametrize("where", ["page.html", "out/cars.csv"])
    def test_pipes_are_written_to(self, study: Path, where: str) -> None:
        pipe = study / where
        pipe.parent.mkdir(exist_ok=True)
        os.mkfifo(pipe)
        read: list[bytes] = []
        reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
        reader.start()
        if where == "page.html":
            done = said("report", "--out", where, cwd=study)
        else:
            done = said("export", "--format", "csv", "--table", "cars", "--out", "out", cwd=study)
        reader.join(FORGOTTEN)
        assert done.code == 0, done.err
        assert len(read[0]) > 1000 and stat.S_ISFIFO(pipe.stat().st_mode)

    @posix
    def test_devices_are_written_to(self, study: Path) -> None:
        for device, code in (("/dev/null", 0), ("/dev/full", 6)):
            for command in (("report", "--out", device), (*SIMULATE, device)):
                done = said(*command, cwd=study)
                assert done.code == code, done.err
                assert code == 0 or "No space left on device" in done.err
            assert stat.S_ISCHR(Path(device).stat().st_mode)

    def test_nothing_is_put_among_the_results(self, study: Path) -> None:
        before = fingerprint(study)
        for name in ("cars.parquet", "sizes.parquet"):
            done = said(*SIMULATE, f"results/{name}", "--force", cwd=study)
            assert refused(done) and "is a result folder" in done.err
        assert fingerprint(study) == before

    def test_folders_that_were_made_go_where_nothing_is_written(self, study: Path) -> None:
        before = fingerprint(study)
        (study / "file").touch()
        with pytest.raises(OutputError):
            write_all(study / "a" / "b" / "c", lambda stage: (stage / "x").joinpath("y").touch())
        (study / "file").unlink()
        assert fingerprint(study) == before


class TestLeftovers:
    def test_of_killed_outputs_are_cleared(self, tmp_path: Path) -> None:
        (tmp_path / WORK / "new" / "deep").mkdir(parents=True)
        (tmp_path / WORK / "new" / "deep" / f"cars.csv{PART}").touch()
        (tmp_path / WORK / "lock").touch()
        store.export(example_tables(), format="csv", out=tmp_path, tables=["cars"])
        assert list(everything(tmp_path)) == ["cars.csv"] and not (tmp_path / WORK).exists()

    def test_files_of_others_in_the_working_folder_stay(self, tmp_path: Path) -> None:
        (tmp_path / WORK).mkdir()
        (tmp_path / WORK / "notes.txt").write_text("mine")
        store.export(example_tables(), format="csv", out=tmp_path, tables=["cars"])
        assert set(everything(tmp_path)) == {"cars.csv", f"{WORK}/notes.txt"}

    @posix
    def test_a_working_folder_that_is_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "away" / "new").mkdir(parents=True)
        (tmp_path / "away" / "new" / "mine").touch()
        (tmp_path / WORK).symlink_to(tmp_path / "away")
        with pytest.raises(OutputError, match="is a link"):
            store.export(example_tables(), format="csv", out=tmp_path, tables=["cars"])
        assert (tmp_path / "away" / "new" / "mine").exists()

    def test_an_output_waits_for_another_and_does_not_clear_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(local, "LOCK_SECONDS", 0.1)
        with LocalFolder(tmp_path, "out").staging() as stage:
            (stage / f"cars.csv{PART}").touch()
            with pytest.raises(OutputError, match="another output is being written there"):
                store.export(example_tables(), format="csv", out=tmp_path)
            assert (stage / f"cars.csv{PART}").exists()
        assert not list(tmp_path.iterdir())

    def test_nothing_unfinished_has_the_name_of_data(self, tmp_path: Path) -> None:
        """Readers of ``**/*.parquet`` look into hidden folders too."""
        seen: set[str] = set()
        for form in store.FORMATS:
            with LocalFolder(tmp_path, "out").staging() as stage:
                tables = example_tables()
                store.FORMATS[form](((name, (table,)) for name, table in tables.items()), stage)
                seen |= {path.suffix for path in stage.rglob("*") if path.is_file()}
        assert seen == {PART}

    def test_parts_of_replaced_files_are_cleared_when_they_are_old(self, tmp_path: Path) -> None:
        old, new, other = (tmp_path / f".{name}~x{PART}" for name in ("a", "a.b", "c"))
        new = tmp_path / f".a~new{PART}"
        for left in (old, new, other):
            left.touch()
        for left in (old, other):
            os.utime(left, (0, 0))
        replace_file(tmp_path / "a", b"1")
        assert (old.exists(), new.exists(), other.exists()) == (False, True, True)
        replace_file(tmp_path / "a", b"2", abandoned=0)
        assert not new.exists() and (tmp_path / "a").read_bytes() == b"2"

    def test_scratch_folders_of_killed_processes_are_cleared_and_held_ones_stay(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(atomic.tempfile, "tempdir", str(tmp_path))
        left, young = tmp_path / "eventstudy-scratch-left", tmp_path / "eventstudy-scratch-young"
        for folder in (left, young):
            (folder / "content").mkdir(parents=True)
            (folder / "content" / "file").touch()
        os.utime(left, (0, 0))
        with scratch_folder() as held:
            assert not left.exists() and young.exists()
            os.utime(held.parent, (0, 0))
            with scratch_folder():
                assert held.exists()
        assert [path.name for path in tmp_path.iterdir()] == [young.name]


class TestFullDisk:
    """A disk with room for a few kilobytes."""

    @pytest.mark.parametrize("form", store.FORMATS)
    def test_an_export_leaves_no_trace(self, tmp_path: Path, form: str) -> None:
        save(tmp_path / "results")
        tables = example_tables(300)
        with tiny_disk(tmp_path / "disk", 24) as disk:
            (disk / "notes.txt").write_text("mine")
            before = everything(disk)
            for out in (disk, disk / "deep" / "er"):
                with pytest.raises(OutputError, match="No space left on device; what was there is left"):
                    store.export(tables, format=form, out=out)
                assert everything(disk) == before
                assert [path.name for path in disk.iterdir()] == ["notes.txt"]

    def test_no_command_leaves_a_trace(self, study: Path, tmp_path: Path) -> None:
        with tiny_disk(tmp_path / "disk", 24) as disk:
            for command in (
                ("report", "--out", disk / "page.html"),
                ("report", "--out", study / "page.html", "--figures", disk / "figures"),
                (*SIMULATE, disk / "rates.parquet"),
                ("export", "--format", "xlsx", "--out", disk),
                ("init", disk / "example"),
                ("run", "--out", disk / "results"),
            ):
                if command[0] == "simulate":
                    (disk / "ballast").write_bytes(bytes(16 * 1024))
                done = said(*command, cwd=study)
                (disk / "ballast").unlink(missing_ok=True)
                assert done.code == 6, (command, done)
                assert "No space left on device" in done.err and done.err.count("\n") == 1
                left = [path for path in disk.rglob("*") if ".generations" not in path.parts]
                assert not left, command


def test_one_file_is_named_as_the_user_named_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write = lambda path: path.write_bytes(b"x")  # noqa: E731
    assert write_file("./a.html", write, suffixes=[".html"]) == "./a.html"
    assert write_file(f"file://{tmp_path}/b.html", write, suffixes=[".html"]).endswith("/b.html")
    assert sorted(everything(tmp_path)) == ["a.html", "b.html"]
    for folder in (".", "new/", str(tmp_path)):
        with pytest.raises(OutputError, match=r"is a folder; name a file, such as output\.html"):
            write_file(folder, write, suffixes=[".html"])
