"""Bad input of every kind through the real command line.

Each ends with the exit code of its kind and one clear line on stderr, and leaves what was there as it was,
byte for byte: an earlier result, the study, the prices.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commands import example, fingerprint, said

Spoil = Callable[[Path], object]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("bad") / "study")


@pytest.fixture
def study(pristine: Path, tmp_path: Path) -> Path:
    """Return a copy of a study that has been run."""
    shutil.copytree(pristine, tmp_path / "study", symlinks=True)
    return tmp_path / "study"


def nothing(folder: Path) -> None:
    """Leave the study as it is: the options are wrong."""


def edit(old: str, new: str) -> Spoil:
    """Change the study file, which must hold what is to be changed."""

    def change(folder: Path) -> None:
        text = (folder / "events.yaml").read_text("utf-8")
        assert old in text
        (folder / "events.yaml").write_text(text.replace(old, new), encoding="utf-8")

    return change


def put(name: str, content: str | bytes) -> Spoil:
    """Write a file."""

    def write(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return write


def table(change: Callable[[list[list[str]]], list[list[str]]]) -> Spoil:
    """Write the example's prices to p.csv, changed."""

    def write(folder: Path) -> None:
        rows = [line.split(",") for line in (folder / "prices.csv").read_text("utf-8").splitlines()]
        changed = [rows[0], *change(rows[1:])]
        (folder / "p.csv").write_text("\n".join(",".join(row) for row in changed) + "\n", encoding="utf-8")

    return write


def column(at: int, value: str) -> Spoil:
    """Write the example's prices with the same value in all rows of a column."""
    return table(lambda rows: [[*row[:at], value, *row[at + 1 :]] for row in rows])


def truncate(name: str) -> Spoil:
    """Cut a file short."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:700])


@dataclass(frozen=True)
class Case:
    """A kind of bad input, and what must be said of it."""

    name: str
    code: int
    words: str
    says: str
    spoil: Spoil = nothing


E, P = "events.yaml", "run --prices p.csv"
FILE = [
    Case("a value missing", 3, "run", "events.yaml:3:1: not valid YAML", put(E, "events:\n  - {id: x,\n")),
    Case("a tab", 3, "run", "events.yaml:2:1: a tab", put(E, "events:\n\t- id: x\n")),
    Case("an empty file", 3, "run", "events.yaml:1:1: the file is empty", put(E, "")),
    Case("a list", 3, "run", "it must hold keys", put(E, "- a\n- b\n")),
    Case("UTF-16", 3, "run", "save it as UTF-8", put(E, "events: x".encode("utf-16"))),
    Case("Latin-1", 3, "run", "events.yaml:1:12: byte 0xe9", put(E, "events: caf\xe9".encode("latin-1"))),
    Case("no such file", 3, "run none.yaml", "eventstudy init DIR"),
    Case("a folder", 3, "run .", "is a folder"),
    Case(
        "another kind of file", 3, "run e.txt", "a header and no row", put("e.txt", "event_id,ticker,when\n")
    ),
    Case("an unknown key", 3, "run", "did you mean 'kind'?", edit("kind: product", "knd: product")),
    Case("a key twice", 3, "run", "is given twice", edit("kind: rumour", "kind: rumour\n    kind: x")),
    Case("an id twice", 3, "run", "already used in line", edit("id: joint-venture", "id: product-recall")),
    Case("no month 13", 3, "run", "there is no month 13", edit("2025-04-18", "2025-13-18")),
    Case("no such day", 3, "run", "2025-02-30", edit("2025-04-18", "2025-02-30")),
    Case(
        "an unknown zone",
        3,
        "run",
        "did you mean America/New_York?",
        edit("New_York # after", "New_Yrk # after"),
    ),
    Case("a time without zone", 3, "run", "has no time zone", edit("16:45 America/New_York", "16:45")),
    Case("a date beyond", 3, "run", "2055-04-18 lies outside", edit("2025-04-18", "2055-04-18")),
    Case(
        "a path as ticker", 3, "run", "'../../etc/passwd' is not one", edit("[DEMO-A,", "[../../etc/passwd,")
    ),
    Case("an unknown exchange", 3, "run", "NVDA.XYZ", edit("    kind: rumour", "    tickers: [NVDA.XYZ]")),
    Case("an expectation", 3, "run", "allowed: up, down", edit("DEMO-B: up} # the", "DEMO-B: rise} # the")),
    Case("a claim's figure", 3, "run", "-6.36%", edit("stated: -6.5%", "stated: much")),
    Case("look-ahead", 3, "run", "must end before the event window", edit("[-260, -11]", "[-260, 0]")),
    Case(
        "columns of a list",
        3,
        "run e.csv",
        "column 'ticker' is there twice",
        put("e.csv", "event_id,ticker,ticker,when\ne1,A,B,2025-02-06\n"),
    ),
    Case(
        "a date in a list",
        3,
        "run e.csv",
        "e.csv:2: when",
        put("e.csv", "event_id,ticker,when\na,B,6/2/2025\n"),
    ),
    Case("a list that is none", 3, "run e.parquet", "is damaged", put("e.parquet", b"PAR1 and no more")),
    Case(
        "a card without folder",
        3,
        "events check",
        "1 problem",
        edit("kind: rumour", "evidence: {card: x, needle: y, basis: public}"),
    ),
]
OPTIONS = [
    Case("an estimation window", 2, "run --estimation=abc", "'abc' is not a window"),
    Case("a CAR window", 2, "run --car=0", "'0' is not a window"),
    Case("a CAR window outside", 3, "run --car=0:9", "[0,+9] is not inside the event window"),
    Case("a window backwards", 3, "run --window=5:-5", "design.window: (5, -5) ends before it starts"),
    Case("an estimation that sees", 3, "run --estimation=-260:-5", "must end before the event window"),
    Case("an unknown model", 2, "run --model markte", "did you mean 'market'?"),
    Case("an unknown test", 2, "run --test pattell_z", "did you mean 'patell_z'?"),
    Case("a kind of returns", 2, "run --returns logs", "simple, log"),
    Case("a gap rule", 2, "run --gaps fill", "missing, lump"),
    Case("an alternative", 2, "run --alternative both", "two-sided, greater, less"),
    Case("a confidence", 3, "run --confidence 95", "must lie between 0 and 1"),
    Case("a confidence in words", 2, "run --confidence high", "--confidence"),
    Case("a seed", 3, "run --seed=-1", "must be a whole number from 0"),
    Case("a share lost", 3, "run --max-loss 20", "a share from 0 to 1"),
    Case("a minimum", 2, "run --min-estimation most", "neither a number of sessions"),
    Case("an unknown option", 2, "run --windw=-5:5", "--window"),
    Case("an unknown command", 2, "rnu", "Did you mean 'run'?"),
    Case("one argument too many", 2, "run events.yaml more", "unexpected extra argument"),
    Case("a path as --tickers", 2, "run --tickers ../../etc/passwd", "is not one"),
    Case("a path as --benchmark", 2, "run --benchmark /etc/passwd", "is not one"),
    Case("an empty ticker", 2, "run --tickers DEMO-A,,DEMO-B", "'DEMO-A,,DEMO-B'"),
    Case("a basket with a twin", 3, "run --benchmark DEMO-A+DEMO-A", "names a ticker twice"),
    Case("offline and refresh", 2, "run --offline --refresh", "drop one of them"),
    Case("prices from nowhere", 2, "run --prices nowhere", "no price source 'nowhere'"),
    Case("nothing to compare", 2, "compare", "--event ID, --ticker T, --kind K and --by COLUMN"),
    Case("two comparisons", 2, "compare --event product-recall --kind deal", "one of"),
    Case("an unknown event", 2, "compare --event product-recal", "did you mean 'product-recall'?"),
    Case("an unknown ticker", 2, "compare --ticker DEMO-C", "DEMO-A, DEMO-B"),
    Case("an unknown kind", 2, "compare --kind deals", "did you mean 'deal'?"),
    Case("a window not measured", 2, "compare --kind deal --car=0:3", "--car=0:3"),
    Case("an unknown adjustment", 2, "compare --kind deal --adjust no", "holm, bh"),
    Case("an unknown format", 2, "export --format doc --out x", "parquet, csv, xlsx, latex, json, docx"),
    Case("an unknown table", 2, "export --format csv --out x --table carz", "did you mean 'cars'?"),
    Case("partitions of a CSV", 2, "export --format csv --out x --partition-by ticker", "only parquet"),
    Case("no format", 2, "export --out x", "--format"),
    Case("no folder", 2, "init", "DIR"),
]
DATA = [
    Case(
        "no benchmark", 4, "run --offline --benchmark NONE", "NONE: the benchmark has no prices: not stored"
    ),
    Case("no security", 4, "run --offline --tickers NONE", "prices fetch NONE"),
    Case("one security missing", 4, "run --offline --tickers DEMO-A,NONE", "NONE: not stored"),
    Case("not enough stored", 5, "run --offline", "2025-05-30", edit("2025-04-18", "2025-06-18")),
    Case("an empty price file", 4, P, "p.csv", put("p.csv", "")),
    Case("a header alone", 4, P, "no row", put("p.csv", "date,DEMO-A,DEMO-B,DEMO-MKT\n")),
    Case("a price in words", 4, P, "DEMO-A is 'many', not a number", column(1, "many")),
    Case(
        "a date of prices", 4, P, "2024-02-31", table(lambda rows: [["2024-02-31", *rows[0][1:]], *rows[1:]])
    ),
    Case("prices below zero", 4, P, "--values", column(1, "-5.00")),
    Case("a stale price", 5, P, "stale-run in DEMO-A", column(1, "5.00")),
    Case("a stale benchmark", 5, P, "stale-run in DEMO-MKT", column(3, "5.00")),
    Case(
        "a price every other day",
        5,
        P,
        "0 of 250",
        table(lambda rows: [[row[0], row[1] * (at % 2), *row[2:]] for at, row in enumerate(rows)]),
    ),
    Case("too short a series", 5, P, "150 are needed", table(lambda rows: rows[-70:])),
    Case("a series that ends early", 5, P, "after the last price", table(lambda rows: rows[:250])),
    Case(
        "a file that is no Parquet",
        4,
        "run --prices p.parquet",
        "p.parquet",
        put("p.parquet", b"PAR1 and no more"),
    ),
    Case(
        "a price file cut short", 4, "run --offline", "is damaged", truncate("cache/snapshot/DEMO-A.parquet")
    ),
    Case(
        "a benchmark cut short", 4, "run --offline", "is damaged", truncate("cache/snapshot/DEMO-MKT.parquet")
    ),
    Case("no factor file", 4, "run --model ff3", "needs a factor file"),
    Case("a factor file missing", 4, "run --model ff3 --factors f.csv", "no such file of factors"),
    Case(
        "a factor missing",
        4,
        "run --model ff3 --factors f.csv",
        "HML",
        put("f.csv", "date,Mkt-RF,SMB,RF\n2025-01-02,0.11,0.2,0.01\n2025-01-03,0.12,0.2,0.01\n"),
    ),
    Case("nothing to import", 4, "prices import empty", "holds no table", put("empty/note.txt", "x")),
    Case("an import from nowhere", 4, "prices import nowhere", "no such folder"),
    Case("fetching offline", 4, "prices fetch --offline", "drop --offline"),
    Case("too many lost", 5, "run --min-estimation 999", "6 of 6 firm-events"),
    Case("strict", 5, "run --strict --min-estimation 999 --max-loss 1", "--strict"),
]
PLACES = [
    Case("a file as output", 6, "run --out events.yaml", "is a file"),
    Case("output under a file", 6, "run --out prices.csv/results", "prices.csv/results"),
    Case("output where nothing can be", 6, "run --out /proc/none/results", "could not be written"),
    Case(
        "a folder of someone else",
        6,
        "run --out thesis",
        "is a folder with other contents",
        put("thesis/chapter.txt", "x"),
    ),
    Case("no results", 6, "compare none --kind deal", "there is no such result folder"),
    Case(
        "a folder without results",
        6,
        "compare thesis --kind deal",
        "manifest.json",
        put("thesis/chapter.txt", "x"),
    ),
    Case("a file as results", 6, "compare events.yaml --kind deal", "is a file"),
    Case("a damaged table", 6, "compare --kind deal", "damaged", truncate("results/comparisons.parquet")),
    Case(
        "a table missing",
        6,
        "compare --kind deal",
        "comparisons.parquet",
        lambda folder: (folder / "results/comparisons.parquet").unlink(),
    ),
    Case("a damaged manifest", 6, "compare --kind deal", "manifest.json", put("results/manifest.json", "{")),
    Case("an export to a file", 6, "export --format csv --out events.yaml", "events.yaml"),
    Case("an export into results", 6, "export --format csv --out results", "is a result folder"),
    Case("an unknown kind of place", 6, "export --format csv --out ftp://host/x", "ftp://host/x"),
    Case("an example over a study", 6, "init .", "already there"),
    Case("pinned prices", 6, "prices clear --cache cache/snapshot", "is pinned"),
]
CASES = [*FILE, *OPTIONS, *DATA, *PLACES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_said_in_one_line_and_changes_nothing(case: Case, study: Path) -> None:
    case.spoil(study)
    before = fingerprint(study)
    done = said(*case.words.split(), cwd=study)
    assert done.code == case.code, done.err
    assert done.err.count("\n") == 1, done.err
    assert case.says in done.err
    assert "Traceback" not in done.err and "this is a bug" not in done.err
    assert fingerprint(study) == before


def test_the_cases_are_many_and_have_names_of_their_own() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.process
@pytest.mark.parametrize("case", [FILE[0], OPTIONS[0], DATA[0], PLACES[0]], ids=lambda case: case.name)
def test_the_installed_program_says_the_same(case: Case, study: Path) -> None:
    case.spoil(study)
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", *case.words.split()],
        cwd=study,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=120,
    )
    inside = said(*case.words.split(), cwd=study)
    assert (done.returncode, done.stdout, done.stderr) == (inside.code, inside.out, inside.err)


@pytest.mark.parametrize(
    "code",
    [
        errno.ENOSPC,
        *(pytest.param(c, marks=pytest.mark.more) for c in (errno.EROFS, errno.EACCES, errno.EIO)),
    ],
)
def test_a_disk_that_refuses_leaves_the_last_results(
    code: int, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    before = fingerprint(study)
    written = pq.ParquetWriter.write_table

    def refusing(writer: Any, table: Any, **options: Any) -> None:
        if table.num_rows > 500:  # the residuals, when most other tables are on disk already
            raise OSError(code, os.strerror(code))
        written(writer, table, **options)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", refusing)
    done = said("run", cwd=study)
    assert (done.code, done.out, done.err.count("\n")) == (6, "", 1)
    assert os.strerror(code) in done.err and "left as it was" in done.err
    assert fingerprint(study) == before
    monkeypatch.undo()
    assert said("run", cwd=study).code == 0


def test_a_cache_that_cannot_be_written_does_not_end_an_import_in_a_trace(study: Path) -> None:
    done = said("prices", "import", "prices.csv", "--cache", "events.yaml/cache", cwd=study)
    assert (done.code, done.err.count("\n")) == (6, 1)
    assert "Traceback" not in done.err


def test_hostile_text_is_shown_harmlessly(study: Path) -> None:
    done = said("run", "--tickers", "A\x1b[2J\nB", cwd=study)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "\x1b" not in done.err
