"""Every output of every command, over everything that may lie in its place: what is not ours stays.

The outputs are found in the command line itself, so that a new option must be said to be one or not.
"""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import provider
import pytest
from commands import Said, example, said
from processes import posix

from eventstudy.charts import print_charts
from eventstudy.cli.app import command as command_line
from eventstudy.report.documents import saving
from eventstudy.results import FORMATS
from eventstudy.results.outputs.ownership import CHART_MARK

READ = {
    "actions", "against", "articles", "events", "factors", "format", "mask_dates", "partition_by", "prices",
    "results", "returns", "values", "encoding", "factor_unit", "file", "files", "verify_manifest",
    "save_mapping",  # the user's own study file, changed where the command says so
    "study_folder",  # one that `large` began: another is refused, see tests/engine/test_large_study.py
    "regress",  # a formula; its help speaks of the study file
}  # fmt: skip
PLACE = re.compile(r"\b(dir|files?|folder|uri|write|save|kept)\b")  #: in the help of an option
WRITTEN = {"out", "figures", "cache", "folder", "latex"}
PAGE = '<!doctype html>\n<meta name="generator" content="eventstudy 0">\n'  # the page itself takes seconds
SIMULATE = ("simulate", "--synthetic", "--firm-events", "5", "--replications", "3", "--effect", "0")
LARGE = (
    *("large", "list.csv", "--returns", "daily.csv", "--benchmark", "INTC", "--estimation=-60:-11"),
    *("--window=-1:1", "--car=0:0", "--min-estimation", "20", "--test", "cross_section_t"),
)
MINE = b"mine\n"
REFUSED = (2, 4, 6)

#: The words that write each output, less where it goes, which is the last word.
OUTPUTS: dict[str, tuple[str, ...]] = {
    "run out": ("run", "--out"),
    "run cache": ("run", "--prices", "yahoo", "--out", "new-results", "--cache"),
    "simulate out": (*SIMULATE, "--out"),
    "simulate cache": ("simulate", *SIMULATE[2:], "--prices", "yahoo", "--cache"),
    **{f"export out {form}": ("export", "--format", form, "--out") for form in FORMATS},
    "export out by ticker": ("export", "--format", "parquet", "--partition-by", "ticker", "--out"),
    "report out": ("report", "--out"),
    "report figures": ("report", "--out", "new.html", "--figures"),
    "regress latex": ("regress", "car ~ sigma", "--latex"),
    "robustness out": ("robustness", "--out"),
    "large out": (*LARGE, "--out"),
    "robustness cache": ("robustness", "--prices", "yahoo", "--out", "new-results", "--cache"),
    "init folder": ("init",),
    "claims cache": ("claims", "--prices", "yahoo", "--cache"),
    "prices import cache": ("prices", "import", "prices.csv", "--cache"),
    "prices fetch cache": ("prices", "fetch", "--refresh", "--cache"),
    "prices clear cache": ("prices", "clear", "--cache"),
    "prices status cache": ("prices", "status", "--cache"),
    "prices verify cache": ("prices", "verify", "--prices", "yahoo", "--cache"),
}
FILES = {
    "simulate out",
    "report out",
    "regress latex",
    "events import out",
}  #: outputs that are one file; the others are folders
FORCED = (
    "export",
    "regress",
    "report",
    "simulate",
)  #: commands that may replace files of others if they must


def study_at(folder: Path) -> Path:
    """Return a copy of the example study, with an event list beside it."""
    study = example(folder)
    (study / "list.csv").write_text("ticker,date\nNVDA,2025-01-27\n", encoding="utf-8")
    days = np.busday_offset("2024-10-01", np.arange(120))
    rows = "".join(f"{day},{0.01 * (at % 3)},{0.01 * (at % 5)}\n" for at, day in enumerate(days))
    (study / "daily.csv").write_text(f"date,NVDA,INTC\n{rows}", encoding="utf-8")
    return study


def commands(group: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command of the command line with its words."""
    group = group or command_line()
    for name, each in group.commands.items():
        yield from commands(each, (*words, name)) if hasattr(each, "commands") else [((*words, name), each)]


def test_every_option_that_names_a_place_is_tried() -> None:
    named = set()
    for words, each in commands():
        for parameter in each.params:
            text = f"{parameter.name} {parameter.metavar or ''} {getattr(parameter, 'help', '')}".lower()
            names_a_place = PLACE.search(text) is not None
            if parameter.name in WRITTEN:
                named.add(f"{' '.join(words)} {parameter.name}")
            elif names_a_place and not getattr(parameter, "is_flag", False):
                assert parameter.name in READ, f"{words}: is {parameter.name} read or written?"
    tried = {
        " ".join(name.split()[:3] if name.startswith(("prices", "events")) else name.split()[:2])
        for name in OUTPUTS
    }
    assert named == tried | {"events import out"}  # whose names end in .csv or .yaml: below


@pytest.mark.parametrize("target", ["list.csv", "events.yaml", "prices.csv", "a-link.csv"])
def test_an_imported_list_replaces_nothing(target: str, tmp_path: Path) -> None:
    study = study_at(tmp_path / "study")
    (study / "a-link.csv").symlink_to(study / "nowhere")
    before = state(study)
    done = said("events", "import", "list.csv", "--out", target, cwd=study)
    assert done.code in REFUSED, done
    assert state(study) == before


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the page and the prices of a provider without waiting for them."""

    provider.play(monkeypatch)
    monkeypatch.setattr(saving, "report", lambda *_, **__: PAGE)
    monkeypatch.setattr(print_charts, "_rendered", lambda *_: f"<!-- {CHART_MARK} -->".encode())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """Return the files that an output writes into a new folder, by its name."""
    known: dict[str, list[str]] = {}

    def files(output: str) -> list[str]:
        if output not in known:
            study = study_at(tmp_path_factory.mktemp("fresh") / "study")
            done = said(*OUTPUTS[output], "fresh", cwd=study)
            assert done.code == 0, done
            known[output] = sorted(
                str(path.relative_to(study / "fresh"))
                for path in (study / "fresh").rglob("*")
                if path.is_file() and path.suffix != ".lock"
            )
        return known[output]

    return files


Hazard = Callable[[Path, Path], None]


def _link(to: str) -> Hazard:
    return lambda study, place: place.symlink_to(study / to)


def _folder(study: Path, place: Path) -> None:
    place.mkdir()
    (place / "notes.txt").write_bytes(MINE)


HAZARDS: dict[str, Hazard] = {
    "a file of others": lambda study, place: place.write_bytes(MINE) and None,
    "a folder of others": _folder,
    "a link to the study": _link("events.yaml"),
    "a link to prices": _link("prices.csv"),
    "a link to a folder of others": _link("theirs"),
    "a link to nothing": _link("gone"),
    "a hard link to the study": lambda study, place: place.hardlink_to(study / "events.yaml"),
    "a hard link to prices": lambda study, place: place.hardlink_to(study / "prices.csv"),
    "a pipe": lambda study, place: os.mkfifo(place),
}


def state(study: Path) -> dict[str, Any]:
    """Return every file, link, pipe and folder below a folder, less what eventstudy keeps for itself."""
    found: dict[str, Any] = {}
    for path in study.rglob("*"):
        name = str(path.relative_to(study))
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        elif path.is_file():
            found[name] = ("file", path.read_bytes())
        else:
            found[name] = (stat.S_IFMT(path.stat().st_mode),)
    ours = ("results", ".results.generations", ".generations")
    return {name: about for name, about in found.items() if not name.startswith(ours)}


@contextmanager
def drained(pipe: Path) -> Iterator[None]:
    """Read what is written to a pipe, so that a writer does not wait for ever."""
    if not pipe.is_fifo():
        yield
        return
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    stop = threading.Event()

    def drain() -> None:
        while not stop.wait(0.005):
            try:
                while os.read(end, 65_536):
                    pass
            except BlockingIOError:
                continue

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    try:
        yield
    finally:
        stop.set()
        reader.join()
        os.close(end)


def study_with(hazard: str, place: str, folder: Path) -> Path:
    study = study_at(folder / "study")
    _folder(study, study / "theirs")
    (study / place).parent.mkdir(parents=True, exist_ok=True)
    HAZARDS[hazard](study, study / place)
    return study


def attempt(output: str, target: str, study: Path, *, force: bool) -> Said:
    words = [*OUTPUTS[output], target]
    return said(*words, *(["--force"] if force else []), cwd=study)


def may_force(output: str) -> bool:
    return output.startswith(FORCED) and output != "simulate cache"


#: Tried by default; the others share their code, and are tried as well.
FIRST = {"run out", "export out csv", "report out", "prices import cache", "prices clear cache"}
TRIED = [
    pytest.param(output, force, marks=[] if output in FIRST and not force else [pytest.mark.more])
    for output in OUTPUTS
    for force in ((False, True) if may_force(output) else (False,))
]


@posix
@pytest.mark.parametrize("hazard", HAZARDS)
@pytest.mark.parametrize(("output", "force"), TRIED)
def test_what_lies_in_the_place_of_an_output_stays(
    output: str, force: bool, hazard: str, tmp_path: Path, written: Callable[[str], list[str]]
) -> None:
    for place in ("target", *(f"target/{name}" for name in written(output)[:2] if output not in FILES)):
        folder = tmp_path / place.replace("/", "-")
        folder.mkdir()
        study = study_with(hazard, place, folder)
        before = state(study)
        with drained(study / place):
            done = attempt(output, "target", study, force=force)
        assert done.code in (0, *REFUSED), (done, place)
        after = state(study)
        for name, about in before.items():
            if name == place and about[0] == "file" and kept_aside(study / name, about[1]):
                continue
            if force and name == place and hazard in REPLACED_BY_FORCE:
                continue
            assert after.get(name) == about, f"{name}, with {hazard} at {place}: {done}"


#: a second name of a file is a name like any other: the file keeps its first one, and its bytes
REPLACED_BY_FORCE = ("a file of others", "a hard link to prices")


def kept_aside(path: Path, content: bytes) -> bool:
    """Whether the cache kept what it took for a damaged file under another name."""
    return any(other.read_bytes() == content for other in path.parent.glob(f"{path.name}.damaged-*"))


INPUTS = ("events.yaml", "prices.csv", "seeds", "cache", "theirs", ".", "cache/snapshot", "results")


@posix
@pytest.mark.parametrize("target", INPUTS)
@pytest.mark.parametrize(("output", "force"), TRIED)
def test_what_a_study_is_made_of_stays(output: str, force: bool, target: str, tmp_path: Path) -> None:
    study = study_at(tmp_path / "study")
    _folder(study, study / "theirs")
    (study / "seeds").mkdir(exist_ok=True)
    (study / "seeds" / "card.yaml").write_bytes(MINE)
    before = state(study)
    done = attempt(output, target, study, force=force)
    assert done.code in (0, *REFUSED), done
    after = state(study)
    if force and (output, target) == ("export out csv", "."):
        del before["prices.csv"]  # the name of a table; this study reads its snapshot
    assert {name: after.get(name) for name in before} == before


@posix
@pytest.mark.parametrize(("output", "force"), TRIED)
@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_devices_stay(output: str, force: bool, device: str, tmp_path: Path) -> None:
    study = study_at(tmp_path / "study")
    before = state(study), Path(device).stat()
    done = attempt(output, device, study, force=force)
    assert done.code in (0, *REFUSED), done
    if output in FILES:
        assert done.code == (6 if device == "/dev/full" else 0)
    now = Path(device).stat()
    assert (now.st_mode, now.st_rdev, now.st_ino) == (before[1].st_mode, before[1].st_rdev, before[1].st_ino)
    assert {name: state(study).get(name) for name in before[0]} == before[0]


def test_a_read_only_folder_is_exit_6(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    for output in OUTPUTS:
        study = study_at(tmp_path / output.replace(" ", "-"))
        (study / "target").mkdir(mode=0o500)
        before = state(study)
        done = attempt(output, "target/new", study, force=False)
        assert (done.code, state(study)) == (6, before), (output, done)
