"""Write docs/specification_sizes.csv, null studies under 20 specifications.

`python docs/build_specifications_simulated.py`: a job of a release, some minutes on one core. One row per
noise and window; the rates are shares of firm-events without an effect whose p-value is at most 5 %.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from eventstudy.design import Benchmark, Design, Grid, Window
from eventstudy.events.firm_events import FirmEvents, from_frame
from eventstudy.models import NormalReturnModel, model_named
from eventstudy.models.estimation import Specification
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires
from eventstudy.panel.returns import ReturnMatrix, in_kind
from eventstudy.simulation.study_noise import STUDY_NOISE
from eventstudy.specification_curve.choices import Choice, choices_of
from eventstudy.specification_curve.covering import Placed
from eventstudy.specification_curve.measuring import measure
from eventstudy.words.formatting import car_label

SIMULATED = Path(__file__).resolve().parent / "specification_sizes.csv"
REPLICATIONS = 2_000
SEED = 20_250_127
LEVEL = 0.05
NOISES = {"normal": "normal", "t4-copula": "t(4)", "garch": "GARCH(1, 1), persistence 0.98"}
NAMES = ("A", "MKT", "DOW", "IND")  #: the security, an index, one of fewer stocks, one of its industry
INDUSTRY = NormalReturnModel(
    "market+industry", "", "", estimate_ols, Requires(benchmark=True, factors=("IND",))
)
DESIGN = Design(benchmark="MKT", window=(-1, 1), car_windows=((0, 0), (-1, 1)), mask_events=False, seed=SEED)
GRID = Grid.of(
    models=["mean", "market", INDUSTRY],
    estimations=[(-260, -11), (-130, -11)],
    benchmarks=["MKT", "DOW"],
    return_kinds=["simple", "log"],
)
SESSIONS = 262  #: from the first of the longer estimation window to the last of the event window


class Rates(NamedTuple):
    """Shares of firm-events without an effect with a p-value of at most 5 %."""

    some: float
    p_median: float
    p_max: float
    p_count: float


def rates(noise: str, replications: int = REPLICATIONS) -> dict[Window, Rates]:
    """Simulate firm-events, each on a market of its own, and return the rates by window."""
    matrix = markets(np.random.default_rng([SEED, len(noise)]), noise, replications)
    firm_events = events(replications)
    curves = measure([placed(choice, firm_events, matrix) for choice in choices_of(GRID, DESIGN)])
    return {
        window: Rates(
            float((curves.pvalue[:, :, at] < LEVEL).any(axis=1).mean()),
            *(float((getattr(joint, name) <= LEVEL).mean()) for name in Rates._fields[1:]),
        )
        for at, (window, joint) in enumerate(zip(DESIGN.car_windows, curves.joint, strict=True))
    }


def markets(rng: np.random.Generator, noise: str, replications: int) -> ReturnMatrix:
    """Return the markets of all replications, one below the other like exchanges; simple returns."""
    days = replications * SESSIONS
    index = 0.0004 + 0.01 * rng.standard_normal(days)
    dow = 0.9 * index + 0.004 * rng.standard_normal(days)
    industry = 0.01 * rng.standard_normal(days)
    residuals = STUDY_NOISE[noise](rng, replications, SESSIONS, 0.0).ravel()
    security = 1.1 * index + 0.8 * industry + 0.02 * residuals
    values = np.maximum(np.column_stack([security, index, dow, 1.2 * index + industry]), -0.9)
    dates = np.datetime64("2000-01-01", "D") + np.arange(SESSIONS).astype("timedelta64[D]")
    return ReturnMatrix(
        kind="simple",
        dates=np.tile(dates, replications),
        values=values,
        lumped=values,
        span=np.ones(values.shape, dtype=np.int64),
        columns={name: place for place, name in enumerate(NAMES)},
        blocks={str(at): (at * SESSIONS, (at + 1) * SESSIONS - 1) for at in range(replications)},
        factors={"IND": NAMES.index("IND")},
    )


def events(replications: int) -> FirmEvents:
    """Return a firm-event for each market, on the last session but one."""
    session = np.datetime64("2000-01-01", "D") + np.timedelta64(SESSIONS - 2, "D")
    names = [str(at) for at in range(replications)]
    frame = pd.DataFrame({"event_id": names, "ticker": "A", "session": session})
    listed = from_frame(frame, benchmark=Benchmark(("MKT",)), calendars=False)
    return replace(listed, exchange=np.array(names, dtype=object))


def placed(choice: Choice, firm_events: FirmEvents, matrix: ReturnMatrix) -> Placed:
    """Place the firm-events for a specification."""
    against = firm_events if choice.benchmark is None else firm_events.against(choice.benchmark)
    returns, model = in_kind(matrix, choice.design.returns), model_named(choice.design.model)
    return Placed(choice, Specification.of(against, returns, model, choice.design))


def rows() -> Iterator[dict[str, str]]:
    """Simulate everything and yield what is stored, a row per noise and window."""
    for noise in NOISES:
        for window, found in rates(noise).items():
            yield {
                "noise": noise,
                "start": str(window.start),
                "end": str(window.end),
                "replications": str(REPLICATIONS),
                **{name: f"{value:.4f}" for name, value in found._asdict().items()},
            }


def stored() -> dict[tuple[str, Window], Rates]:
    """Return the stored rates by noise and window."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (row["noise"], Window(int(row["start"]), int(row["end"]))): Rates(
                *(float(row[name]) for name in Rates._fields)
            )
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return the stored rates in per cent."""
    head = (
        "| residuals | window | some p below 5 % | `p_median` | `p_max` | `p_count` |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    )
    lines = (
        f"| {NOISES[noise]} | `{car_label(window)}` | {' | '.join(f'{100 * rate:.1f}' for rate in found)} |"
        for (noise, window), found in stored().items()
    )
    return "\n".join((*head, *lines))


def main() -> None:
    """Simulate and store; the file is replaced as a whole."""
    partial = SIMULATED.with_suffix(".partial")
    found = list(rows())
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    partial.replace(SIMULATED)


if __name__ == "__main__":
    main()
