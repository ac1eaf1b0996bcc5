"""Where the time of a warm `run` of the bundled study goes, stage by stage, in one process.

Run with the project's interpreter: `.venv/bin/python benchmarks/stages.py`. Imports are timed first, then
each step that `eventstudy.study.run` takes, in its order.
"""

from __future__ import annotations

import importlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Print how long the block took, in milliseconds of wall and of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    print(
        f"{name:34s} {(time.perf_counter() - wall) * 1e3:8.1f} ms   "
        f"processor {(time.process_time() - processor) * 1e3:8.1f} ms"
    )


def main() -> None:
    """Time imports, then the steps of a run."""
    for module in ("numpy", "pyarrow.parquet", "yaml", "pydantic", "scipy.special", "eventstudy.study"):
        with stage(f"import {module}"):
            importlib.import_module(module)
    from eventstudy import models, study
    from eventstudy import preparation as placing
    from eventstudy import study_result as results
    from eventstudy.assembly import assemble as assembly
    from eventstudy.events import inputs as inputs
    from eventstudy.models import estimation as measure
    from eventstudy.panel import loading, panel
    from eventstudy.prices import opening

    file = REPOSITORY / "events.yaml"
    with stage("read and check the study file"):
        question = inputs.read_inputs(file)
    with stage("map events to sessions"):
        firm_events = question.firm_events()
    model = models.model_named(question.design.model)
    source = opening.open_source(
        "auto",
        cache_dir=opening.cache_directory(None, file),
        snapshot_dir=opening.snapshot_directory(file),
        offline=True,
    )
    with stage("load prices, take returns"):
        loaded = loading.load_prices(
            firm_events, question.design, source, firm_events.price_tickers, calendars=True
        )
    with stage("place firm-events"):
        prepared = panel.build_panel(
            firm_events, loaded.matrix, question.design, benchmark=True, factors=(), excess=False, failures={}
        )
    spec = measure.Specification(prepared, model, question.design)
    with stage("fit, forecast, placebo"):
        estimates = measure.measure(spec)
    with stage("judge the claims"):
        claims = study.judged_claims(question, loaded, source)
    with stage("check the prices"):
        findings = placing.price_findings(question, loaded)
    with stage("test groups, build the tables"):
        tables = assembly.assemble(spec, estimates, series=loaded.series, findings=findings, claims=claims)
    with tempfile.TemporaryDirectory() as folder, stage("write the result folder"):
        results.EventStudyResult(tables, study.manifest_of(question, loaded, None)).to_parquet(
            Path(folder) / "results"
        )


if __name__ == "__main__":
    main()
