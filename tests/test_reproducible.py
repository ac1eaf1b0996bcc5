"""The same prices and the same study give the same bytes, and a run says what differs from an earlier one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import panels
import pytest
from commands import Said, example, fingerprint, said

from eventstudy.errors import EventStudyError
from eventstudy.results.manifest import read_manifest
from eventstudy.results.reproduction import EXIT_CODES, differences, exit_code
from eventstudy.schema import TABLES

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT")
FIGURES, P_VALUES = 1e-12, 1e-9  #: of the returns that they are made of, and of the p-value itself


@pytest.fixture(scope="module")
def bundled(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the bundled study."""
    folder = tmp_path_factory.mktemp("reproducible") / "study"
    folder.mkdir()
    shutil.copy(repo / "events.yaml", folder)
    for name in ("seeds", "cache/snapshot"):
        shutil.copytree(repo / name, folder / name)
    return folder


def run(words: list[str], cwd: Path, **surroundings: str) -> None:
    code = "import sys; from eventstudy.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {name: value for name, value in os.environ.items() if name not in THREADS} | surroundings
    subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, env=environment, check=True, capture_output=True
    )


@pytest.mark.process
def test_processes_that_differ_in_all_that_should_not_matter_write_the_same_bytes(
    bundled: Path, tmp_path: Path
) -> None:
    here = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", **dict.fromkeys(THREADS, "1")}
    there = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "COLUMNS": "200"}
    run(["run", "--offline", "--out", "one"], bundled, **here)
    run(["run", "--offline", "--out", f"{tmp_path / 'two'}", f"{bundled / 'events.yaml'}"], tmp_path, **there)
    one, two = bundled / "one", tmp_path / "two"
    tables = sorted(path.name for path in one.glob("*.parquet"))
    assert len(tables) == len(TABLES)
    for name in tables:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    first, second = (json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (one, two))
    for named in ("command", "inputs"):  # as the user wrote them
        assert first.pop(named) != second.pop(named)
    assert first == second


def test_other_versions_of_the_libraries_give_the_same_figures(repo: Path) -> None:
    """Held against what Python 3.11 with NumPy 2.4 and SciPy 1.17 gave, whichever runs now."""
    table = panels.bundled_unmasked().tables["cars"].to_pylist()
    now = {
        f"{row['event_id']} {row['ticker']}": row for row in table if (row["start"], row["end"]) == (-1, 1)
    }
    then = json.loads((repo / "tests" / "reference_cars.json").read_text("utf-8"))
    assert now.keys() == then.keys()
    for key, (car, car_se, statistic, pvalue) in then.items():
        row = now[key]
        assert row["car"] == pytest.approx(car, rel=0, abs=FIGURES)
        assert row["car_se"] == pytest.approx(car_se, rel=FIGURES)
        assert row["statistic"] == pytest.approx(statistic, rel=FIGURES, abs=FIGURES / car_se)
        assert row["pvalue"] == pytest.approx(pvalue, rel=P_VALUES)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("verify") / "study")


@pytest.fixture
def study(pristine: Path, tmp_path: Path) -> Path:
    shutil.copytree(pristine, tmp_path / "study", symlinks=True)
    return tmp_path / "study"


def verified(study: Path, *options: str) -> Said:
    before = fingerprint(study)
    done = said("run", *options, "--verify-manifest", "results/manifest.json", cwd=study)
    assert fingerprint(study) == before  # nothing is written
    return done


def parts(done: Said) -> set[tuple[str, str]]:
    return {(each["part"], each["name"]) for each in done.document["differences"]}


def test_a_run_that_repeats_another(study: Path) -> None:
    done = verified(study)
    assert (done.code, done.out) == (0, "")
    assert "the same tables, bit for bit" in done.err
    done = verified(study, "--json")
    assert done.document == {"same": True, "differences": []}
    assert said("run", "--verify-manifest", "results", cwd=study).code == 0  # the folder will do


def test_another_design_is_named_with_both_values(study: Path) -> None:
    done = verified(study, "--window=-3:3", "--car=0:1")
    assert done.code == 3
    assert "design  window" in done.out and "[-5, 5]" in done.out and "[-3, 3]" in done.out
    assert done.err.splitlines()[-1].endswith("made by: eventstudy run")
    done = verified(study, "--window=-3:3", "--car=0:1", "--json")
    assert {("design", "window"), ("design", "car_windows"), ("tables", "cars")} <= parts(done)
    assert not done.document["same"]


def test_another_study_file_is_noticed_even_where_it_says_the_same(study: Path) -> None:
    (study / "events.yaml").write_text((study / "events.yaml").read_text("utf-8") + "# a remark\n", "utf-8")
    done = verified(study, "--json")
    assert done.code == 3
    assert parts(done) == {("events", "file")}


def test_another_price_is_noticed_by_its_ticker(study: Path) -> None:
    lines = (study / "prices.csv").read_text("utf-8").splitlines()
    ticker = json.loads((study / "results" / "manifest.json").read_text("utf-8"))["tickers"][0]
    at = lines[0].split(",").index(ticker)
    cells = lines[-30].split(",")
    cells[at] = f"{float(cells[at]) * 1.0001:.6f}"
    lines[-30] = ",".join(cells)
    (study / "prices.csv").write_text("\n".join(lines) + "\n", "utf-8")
    done = said("run", "--prices", "prices.csv", "--verify-manifest", "results", "--json", cwd=study)
    assert done.code == 4
    assert {name for part, name in parts(done) if part == "prices"} == {ticker}


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_other_versions_alone_are_told_and_are_no_failure(study: Path, options: tuple[str, ...]) -> None:
    edit(
        study / "results" / "manifest.json",
        python="3.10.9",
        libraries={"numpy": "2.0", "pandas": None, "pyarrow": None},
    )
    done = verified(study, *options)
    assert done.code == 0
    assert "python" in done.out and "3.10.9" in done.out and "numpy" in done.out


def test_other_tables_of_the_same_prices_and_design(study: Path) -> None:
    manifest = read_manifest(study / "results", study / "results")
    tables = {**manifest["tables"], "cars": {"rows": 1, "sha256": "0" * 64}}
    edit(study / "results" / "manifest.json", tables=tables)
    done = verified(study, "--json")
    assert done.code == 6
    assert parts(done) == {("tables", "cars")}


def edit(path: Path, **changes: Any) -> None:
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document | changes), encoding="utf-8")


def test_a_manifest_that_is_none(study: Path) -> None:
    for name in ("nothing/manifest.json", "events.yaml", "nothing"):
        done = said("run", "--verify-manifest", name, cwd=study)
        assert done.code == 6
        assert name in done.err
        assert "name a folder that `eventstudy run --out` has written" in done.err


def test_the_causes_come_before_their_effects() -> None:
    old: Mapping[str, Any] = {
        "tables": {"cars": {"rows": 1, "sha256": "a"}},
        "prices": {"A": {"sha256": "x"}},
    }
    new: Mapping[str, Any] = {
        "tables": {"cars": {"rows": 1, "sha256": "b"}},
        "prices": {"B": {"sha256": "x"}},
    }
    found = differences(old, new)
    assert [(each.part, each.name) for each in found] == [
        ("prices", "A"),
        ("prices", "B"),
        ("tables", "cars"),
    ]
    assert exit_code(found) == 4
    assert exit_code(found[2:]) == 6
    assert differences(old, old) == []
    assert {code for part, code in EXIT_CODES.items() if code} == {3, 4, 6}
    codes = {kind.exit_code for kind in EventStudyError.__subclasses__()}
    assert set(EXIT_CODES.values()) - {0} <= codes
