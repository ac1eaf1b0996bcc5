"""Write the parts of handwritten pages that are made from the code: `python docs/build_blocks.py`.

A part lies between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``. A test fails where one is not what this
writes.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from eventstudy.cli import main
from eventstudy.cli.init import write_example
from eventstudy.models import MODELS

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = "80"  #: width of the examples, as of a terminal


def written(page: str, name: str, block: str) -> str:
    """Return the text of a page of the repository with a block between its marks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{page}: no place for {name!r}; write {begin.strip()} and {end}")
    return f"{before}{begin}{block}\n{end}{after}"


def models() -> str:
    """Return the table of the models in the registry."""
    header = ("| model | expected return | source |", "| --- | --- | --- |")
    rows = (f"| `{model.name}` | `{model.summary}` | {model.reference} |" for model in MODELS.values())
    return "\n".join((*header, *rows))


def plan() -> str:
    """Return the table of the packages, in the order in which data flows through them."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "support")]
    from test_architecture import plan_table

    return plan_table()


def example(printed: str, event: str) -> str:
    """Return what a run prints of an event, as a fenced block."""
    (block,) = re.findall(rf"^{re.escape(event)}  .*?(?=\n\n)", printed, flags=re.MULTILINE | re.DOTALL)
    return f"```text\n{block}\n```"


def bundled() -> str:
    """Return what the bundled study shows of the event in the README."""
    with tempfile.TemporaryDirectory() as folder:
        return example(
            _said(ROOT, "run", "--details", "--offline", "--out", f"{folder}/results"), "deepseek-selloff"
        )


def initial() -> str:
    """Return what the study of `eventstudy init` shows of its first event."""
    with tempfile.TemporaryDirectory() as folder:
        write_example(Path(folder) / "study")
        return example(_said(Path(folder) / "study", "run", "--details", "--offline"), "product-recall")


def _said(folder: Path, *words: str) -> str:
    out = io.StringIO()
    os.environ["COLUMNS"] = COLUMNS
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        code = main(list(words))
    if code:
        raise RuntimeError(f"eventstudy {' '.join(words)} ended with exit code {code}")
    return out.getvalue()


def _of(script: str, block: str) -> Callable[[], str]:
    """Return what writes a block from the figures that another script of docs/ stores."""

    def write() -> str:
        sys.path[:0] = [str(ROOT / "docs")]
        text: str = getattr(import_module(script), block)()
        return text

    return write


#: Page, name of the block, and what writes it.
BLOCKS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("docs/models-and-tests.md", "models", models),
    ("docs/models-and-tests.md", "models-simulated", _of("build_models_simulated", "table")),
    ("docs/benchmarks-compared.md", "summary", _of("build_benchmarks_compared", "summary")),
    ("docs/benchmarks-compared.md", "core", _of("build_benchmarks_compared", "core")),
    ("docs/benchmarks-compared.md", "events", _of("build_benchmarks_compared", "all_events")),
    ("docs/model-peers.md", "peers-simulated", _of("build_peers_simulated", "table")),
    ("docs/architecture.md", "plan", plan),
    ("CONTRIBUTING.md", "plan", plan),
    ("README.md", "example", bundled),
    ("docs/index.md", "example", initial),
    ("docs/headline.md", "shares", _of("build_headline_simulated", "shares")),
    ("docs/size-and-power.md", "headline-sizes", _of("build_headline_simulated", "sizes")),
    ("docs/size-and-power.md", "headline-power", _of("build_headline_simulated", "power")),
    ("docs/size-and-power.md", "sessions", _of("build_sessions_simulated", "table")),
    ("docs/volatile-markets.md", "volatile", _of("build_volatile_simulated", "table")),
    ("docs/robustness.md", "specifications", _of("build_specifications_simulated", "table")),
    ("docs/one-date.md", "one-date", _of("build_one_date_simulated", "table")),
    ("docs/thin-trading.md", "thin", _of("build_thin_simulated", "table")),
    ("docs/thin-trading.md", "gaps", _of("build_gaps_simulated", "table")),
    ("docs/volume-and-volatility.md", "autocorrelation", _of("build_autocorrelation_simulated", "table")),
    ("docs/volume-and-volatility.md", "ar1-power", _of("build_autocorrelation_simulated", "power")),
    ("docs/model-scholes-williams.md", "betas-closes", _of("build_betas_simulated", "closes")),
    ("docs/model-robust.md", "betas-outliers", _of("build_betas_simulated", "outliers")),
    ("docs/long-run.md", "long-run-sizes", _of("build_long_run_simulated", "table")),
    ("docs/regressions-of-cars.md", "cross-sections", _of("build_cross_sections_simulated", "table")),
)


if __name__ == "__main__":
    for page, name, block in BLOCKS:
        (ROOT / page).write_text(written(page, name, block()), encoding="utf-8")
