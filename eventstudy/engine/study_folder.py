"""The folder of a large study: what is requested, its inputs in the form in which shards read them."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import DateArray, IntArray, TextArray
from eventstudy.atomic import ABANDONED, PART
from eventstudy.design import Design
from eventstudy.engine.grid_design import grid_tests
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_levels import GridLevel
from eventstudy.engine.grid_shards import Kinds, kinds_by_measure
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.engine.listed_events import ListedEvents
from eventstudy.errors import OutputError
from eventstudy.numerics.arrow import from_arrow, to_arrow, values_of
from eventstudy.panel.left_out import MASK_REACH
from eventstudy.results.manifest import LARGE, MANIFEST, STUDY
from eventstudy.significance import SignificanceTest
from eventstudy.significance.mean_correlation import MOST_PAIRED

FORMAT_VERSION = 2
KEY_LETTERS = 16  #: of the key of a study, in the names of its files
SUMS = "sums"
RETURNS, LISTED, TRADED = "returns.npy", "listed.npy", "traded.npy"  #: two for masks and diagnostics
SCRATCH = ".inputs-"  #: begins the name of a folder whose inputs are being written


@dataclass(frozen=True)
class StudyFolder:
    """A large study on disk, as its first process prepared it.

    Attributes
    ----------
    path
        The folder.
    document
        The content of ``study.json``.
    """

    path: Path
    document: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The hash of inputs, design, options and version."""
        return str(self.document["key"])

    @property
    def keep(self) -> tuple[str, ...]:
        """The tables of firm-events that are kept."""
        return tuple(self.document["request"]["keep"])

    @property
    def shards(self) -> int:
        """How many there are."""
        return len(self.document["cuts"]) - 1

    @cached_property
    def design(self) -> Design:
        """As it was requested."""
        return Design(**self.document["request"]["design"])

    @cached_property
    def tests(self) -> list[SignificanceTest]:
        """The tests that are computed."""
        return grid_tests(self._on_grid)

    @cached_property
    def _on_grid(self) -> Design:
        return on_grid(self.design).replace(tests=self.document["tests"])

    def kinds(self, *, second: bool) -> Kinds:
        """Return the sums of a pass."""
        return kinds_by_measure(self.tests, second=second)

    @cached_property
    def known_kinds(self) -> Kinds:
        """The sums of the first pass that those of the second know."""
        return kinds_by_measure([test for test in self.tests if test.second], second=False)

    @property
    def has_second_pass(self) -> bool:
        """Whether some test needs one."""
        return any(self.kinds(second=True).values())

    @property
    def _inputs(self) -> Path:
        return inputs_of(self.path, self.key)

    @cached_property
    def axes(self) -> tuple[TextArray, DateArray]:
        """The names of the rows and the dates of the columns of the matrix of returns."""
        axes = json.loads((self._inputs / "axes.json").read_text(encoding="utf-8"))
        return np.array(axes["tickers"], dtype=object), np.array(axes["sessions"], dtype="datetime64[D]")

    @cached_property
    def events(self) -> pa.Table:
        """The firm-events in the order of the shards; columns are read when they are used."""
        with pa.memory_map(str(self._inputs / "events.arrow")) as source:
            return pa.ipc.open_file(source).read_all()

    def rows(self, number: int) -> pa.Table:
        """Return the firm-events of a shard."""
        start, stop = self.document["cuts"][number : number + 2]
        return self.events.slice(start, stop - start)

    def levels(self, rows: pa.Table) -> tuple[GridLevel, ...]:
        """Return the levels of some firm-events."""
        return tuple(
            GridLevel(name, tuple(keys), integers(rows, f"group {name}"), parts)
            for name, keys, parts in map(itemgetter("name", "keys", "parts"), self.document["levels"])
        )

    def study(self, rows: pa.Table) -> GridStudy:
        """Return some firm-events as a study on the matrix; those without a place on one without figures."""
        security, day0 = integers(rows, "security"), integers(rows, "day0")
        regressors = np.load(self._inputs / "regressors.npy", allow_pickle=False)
        if len(security) and (security < 0).all():
            nothing = Grid(np.full((1, 1), np.nan), np.full((len(regressors), 1), np.nan))
            grid, security, day0 = nothing, np.zeros_like(security), np.zeros_like(day0)
        else:
            grid = Grid(np.load(self._inputs / RETURNS, mmap_mode="r", allow_pickle=False), regressors)
        return GridStudy(
            *(grid, security, day0, self._on_grid),
            levels=self.levels(rows),
            compiled=self.document["compiled"],
            by_session=self.document["firm_events"] > MOST_PAIRED,
            risk_free=np.zeros(grid.returns.shape[1]),
            weights=from_arrow(rows.column("weight")) if self.design.weights else None,
        )

    def shard(self, number: int, *, alone: bool = False) -> GridShard:
        """Return a shard with the returns that it needs and, unless it is ``alone``, its neighbours."""
        cuts = self.document["cuts"]
        around = range(number, number + 1) if alone else self._around(number)
        first, last = cuts[around.start], cuts[around.stop]
        study = replace(self.study(self.events.slice(first, last - first)), listed=self.listed(number))
        return GridShard.of(study, np.arange(cuts[number] - first, cuts[number + 1] - first), alone=alone)

    def first_place(self, number: int) -> int:
        """Return the place of the first firm-event with which a shard is estimated."""
        return int(self.document["cuts"][self._around(number).start])

    def listed(self, number: int) -> ListedEvents | None:
        """Return the events that a shard's firm-events may overlap; None where these are not needed."""
        path = self._inputs / LISTED
        if not path.exists() or not self._is_placed(number):
            return None
        day0 = integers(self.rows(number), "day0")
        reach = MASK_REACH + max(map(abs, (*self.design.estimation_window, *self.design.window)))
        reach += max(self._reach, 0)  # its neighbours have masks of their own
        return ListedEvents.read(path).between(int(day0.min()) - reach, int(day0.max()) + reach)

    @cached_property
    def traded(self) -> IntArray | None:
        """First and last session with a return of each security, (S, 2); None where they are not needed."""
        path = self._inputs / TRADED
        return np.load(path, allow_pickle=False) if path.exists() else None

    def event_ids(self, places: IntArray) -> TextArray:
        """Return the ids of firm-events by their places, shape (n,); shards are read one by one."""
        found, cuts = np.full(len(places), "", dtype=object), self.document["cuts"]
        shards = np.searchsorted(cuts, places, "right") - 1
        for number in np.unique(shards).tolist():
            at = np.flatnonzero(shards == number)
            ids = self.rows(number).column("event_id").combine_chunks()
            found[at] = ids.take(to_arrow(places[at] - cuts[number], pa.int64())).to_pylist()
        return found

    @cached_property
    def _reach(self) -> int:
        return self.study(self.events.slice(0, 0)).reach

    def _around(self, number: int) -> range:
        """Return a shard and those before and after it that may hold neighbours of its firm-events."""
        reach, first, stop = self._reach, number, number + 1
        if reach < 0 or not self._is_placed(number):
            return range(first, stop)
        own = integers(self.rows(number), "day0")
        while first and integers(self.rows(first - 1), "day0").max() >= own.min() - reach:
            first -= 1
        while (
            stop < self.shards
            and self._is_placed(stop)
            and integers(self.rows(stop), "day0").min() <= own.max() + reach
        ):
            stop += 1
        return range(first, stop)

    def _is_placed(self, number: int) -> bool:
        """Return whether the firm-events of a shard lie on the matrix: those that do not come last."""
        return bool(integers(self.rows(number), "security")[0] >= 0)

    def file(self, folder: str, number: int, ending: str) -> Path:
        """Return where a file of a shard is; its name has the key of the study."""
        return self.path / folder / f"part-{number:05d}-{self.key[:KEY_LETTERS]}{ending}"


def integers(rows: pa.Table, name: str) -> Any:
    """Return a column of whole numbers, int64."""
    return values_of(rows.column(name).combine_chunks()).astype(np.int64)


def on_grid(design: Design) -> Design:
    """Return a design whose regressors are those of the grid, as a study on a grid takes it."""
    plain = Design()
    return design.replace(benchmark=plain.benchmark, by=plain.by)


def inputs_of(path: Path, key: str) -> Path:
    """Return the folder of the inputs of a study."""
    return path / f"inputs-{key[:KEY_LETTERS]}"


def open_folder(path: Path) -> StudyFolder:
    """Open the folder of a large study to compute; an OutputError if it is none, or without its inputs."""
    document = begun_in(path)
    if not inputs_of(path, document["key"]).is_dir():
        raise OutputError(path, "has lost its inputs", "compute the study again in another folder")
    return StudyFolder(path, document)


def begun_in(path: Path) -> dict[str, Any]:
    """Return the content of ``study.json``; an OutputError where there is none, or of another version."""
    document = document_of(path)
    if document is None:
        raise OutputError(
            path,
            f"is no folder of a large study: it has no {STUDY}",
            "name one that `eventstudy large` has begun",
        )
    return document


def document_of(path: Path) -> dict[str, Any] | None:
    """Return the content of ``study.json``, None where there is none."""
    try:
        document = json.loads((path / STUDY).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OutputError(path, f"{STUDY} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") != LARGE:
        raise OutputError(path / STUDY, "is already there and is not of a large study", "name another folder")
    if document.get("format_version") != FORMAT_VERSION:
        raise OutputError(path, "was begun by another version", "name another folder")
    return document


def read_sound(path: Path, checksum: str) -> bool:
    """Tell whether a file is there with the content of that sha256."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == checksum
    except OSError:
        return False


def remove_left(folder: Path, abandoned: float = ABANDONED) -> None:
    """Remove what killed processes left of files and inputs that they were writing."""
    for left in (*folder.glob(f".*~*{PART}"), *folder.glob(f"{SCRATCH}*")):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime < abandoned:
                continue
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()


def manifest_of(path: Path) -> Path:
    """Return where the manifest of a merged study is."""
    return path / MANIFEST


def part_of(items: Sequence[int], shard: tuple[int, int] | None) -> list[int]:
    """Return the I-th of N parts of some numbers, I from 1; all of them for None."""
    return list(items) if shard is None else list(items[shard[0] - 1 :: shard[1]])
