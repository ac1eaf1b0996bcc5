"""What a fresh interpreter does not load: the reason why the command line answers at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RECORD = (
    "import atexit, pathlib; atexit.register(lambda: pathlib.Path({out!r}).write_text(' '.join(sys.modules)))"
)
COMMAND = "from eventstudy.cli import main; sys.argv = {argv!r}; sys.exit(main())"

QUICK = {
    "pandas",
    "pyarrow",
    "scipy",
    "statsmodels",
    "yfinance",
    "exchange_calendars",
    "xlsxwriter",
    "jinja2",
}
IMPORT = {
    "yfinance",
    "statsmodels",
    "scipy.stats",
    "scipy.optimize",
    "typer",
    "altair",
    "distributed",
    "numba",
}
RUN = {
    "exchange_calendars",
    "jinja2",
    "numba",
    "pandas",
    "pyarrow.compute",
    "scipy.optimize",
    "scipy.stats",
    "statsmodels",
    "threadpoolctl",
    "xlsxwriter",
    "yfinance",
}


def loaded(code: str, folder: Path, out: Path) -> set[str]:
    """Run code in a fresh interpreter, started in a folder; return the modules that it had at the end."""
    script = "; ".join(["import sys", RECORD.format(out=str(out)), code])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(out.read_text().split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_answers_without_the_heavy_libraries(option: str, repo: Path, tmp_path: Path) -> None:
    modules = loaded(COMMAND.format(argv=["eventstudy", option]), repo, tmp_path / "modules")
    assert "eventstudy.cli" in modules
    assert not modules & QUICK


def test_the_command_line_limits_threads_before_numpy_is_loaded(repo: Path, tmp_path: Path) -> None:
    """Else the last digits of a product depend on the number of cores."""
    assert "numpy" not in loaded("import eventstudy.cli", repo, tmp_path / "modules")


def test_import_is_light(repo: Path, tmp_path: Path) -> None:
    modules = loaded("import eventstudy", repo, tmp_path / "modules")
    assert "eventstudy" in modules
    assert not modules & IMPORT


@pytest.mark.process
def test_a_plain_run_loads_only_what_it_uses(repo: Path, tmp_path: Path) -> None:
    argv = ["eventstudy", "run", "--out", str(tmp_path / "results")]
    loaded(COMMAND.format(argv=argv), repo, tmp_path / "modules")  # stores the calendars for the next run
    modules = loaded(COMMAND.format(argv=argv), repo, tmp_path / "modules")
    assert "eventstudy.study" in modules
    assert not modules & RUN
