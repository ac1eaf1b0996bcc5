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
    from eventstudy import models, study, study_result
    from eventstudy.assembly.assemble import assemble
    from eventstudy.events.inputs import read_inputs
    from eventstudy.models.estimation import Specification, estimate
    from eventstudy.panel.loading import load_prices
    from eventstudy.preparation.preparing import price_findings
    from eventstudy.prices import opening

    file = REPOSITORY / "events.yaml"
    with stage("read and check the study file"):
        inputs = read_inputs(file)
    with stage("map events to sessions"):
        firm_events = inputs.firm_events()
    design, model = inputs.design, models.model_named(inputs.design.model)
    source = opening.open_source(
        "auto",
        cache_dir=opening.cache_directory(None, file),
        snapshot_dir=opening.snapshot_directory(file),
        offline=True,
    )
    with stage("load prices, take returns"):
        loaded = load_prices(firm_events, design, model.requires, source, calendars=True)
    with stage("place firm-events"):
        spec = Specification.of(firm_events, loaded.matrix, model, design)
    with stage("fit, forecast, placebo"):
        estimates = estimate(spec)
    with stage("judge the claims"):
        claims = study.judged_claims(inputs, loaded, source)
    with stage("check the prices"):
        findings = price_findings(inputs, loaded)
    with stage("test groups, build the tables"):
        tables = assemble(spec, estimates, series=loaded.series, findings=findings, claims=claims)
    with tempfile.TemporaryDirectory() as folder, stage("write the result folder"):
        result = study_result.EventStudyResult(tables, study.manifest_of(inputs, loaded, None))
        result.to_parquet(Path(folder) / "results")


if __name__ == "__main__":
    main()
