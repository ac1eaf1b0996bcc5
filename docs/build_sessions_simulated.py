"""Write docs/sessions_simulated.csv: `python docs/build_sessions_simulated.py`.

Two mean correlations compared, a job of a release, four minutes on one core. Firm-events of one replication
share a factor and lie on one or more sessions; there is no event. The rate is the share of replications in
which a test rejects at 5 %: unadjusted, and with the mean correlation taken pair by pair or by session.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from eventstudy.design import Design
from eventstudy.engine.grid_estimation import Grid
from eventstudy.engine.grid_measured import measure
from eventstudy.engine.grid_study import GridShard, GridStudy
from eventstudy.numerics.threads import one_thread
from eventstudy.significance import TESTS
from eventstudy.significance.sample import CrossSection
from eventstudy.words.formatting import car_label

SIMULATED = Path(__file__).resolve().parent / "sessions_simulated.csv"
COLUMNS = ("correlation", "missing", "dates", "start", "end", "test", "correlated", "rate", "n")
LEVEL = 0.05
FIRM_EVENTS, REPLICATIONS, AT_ONCE, SEED = 40, 1_000, 100, 20_101_231
CORRELATIONS, MISSING, DATES = (0.0, 0.1, 0.3), (0.0, 0.02, 0.2), (1, 8)
APART = 2  #: sessions between neighbouring dates: the longer windows of two have sessions in common
DESIGN = Design(
    model="mean", estimation=(-103, -4), window=(-2, 2), car_windows=[(0, 0), (-2, 2)], mask_events=False
)
NOISE = 0.02
DAY0 = -DESIGN.estimation_window.start
PAIRS, SESSIONS, NONE = "pair by pair", "by session", "not"
#: Tests, and how they take the correlation in.
WAYS = (
    *((name, NONE) for name in ("patell_z", "bmp_t")),
    *((name, way) for name in ("patell_adj_z", "bmp_adj_t") for way in (PAIRS, SESSIONS)),
)


def drawn(rng: np.random.Generator, n: int, correlation: float, missing: float, dates: int) -> CrossSection:
    """Return n replications as the groups of a sample of firm-events without an abnormal return."""
    sessions = DAY0 + (dates - 1) * APART + DESIGN.window.end + 1
    common, own = rng.standard_normal((n, 1, sessions)), rng.standard_normal((n, FIRM_EVENTS, sessions))
    returns = NOISE * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
    returns[rng.random(returns.shape) < missing] = np.nan
    names = np.arange(n * FIRM_EVENTS).astype(str).astype(object)
    study = GridStudy.of(
        Grid(returns.reshape(-1, sessions), np.empty((0, sessions))),
        np.arange(n * FIRM_EVENTS),
        np.tile(DAY0 + APART * (np.arange(FIRM_EVENTS) % dates), n),
        DESIGN,
        tickers=names,
        groupings={"replication": np.repeat(names[:n], FIRM_EVENTS)},
        by_ticker=False,
        compiled=False,
    )
    return measure(GridShard.of(study, np.arange(n * FIRM_EVENTS), alone=True)).cross_sections()[1]


@one_thread()
def rows(correlation: float, missing: float, dates: int, n: int = REPLICATIONS) -> Iterator[dict[str, str]]:
    """Simulate a situation and yield what is stored of it, a row per window, test and way."""
    key = [SEED, round(1_000 * correlation), round(1_000 * missing), dates]
    rng, rejected = np.random.default_rng(key), {way: np.zeros((2, 2)) for way in WAYS}
    for start in range(0, n, AT_ONCE):
        sample = drawn(rng, min(AT_ONCE, n - start), correlation, missing, dates)
        for by_session in (False, True):
            own = replace(sample, by_session=by_session)
            for name, way in WAYS:
                if (way == SESSIONS) == by_session:
                    pvalue = TESTS[name].function(own).pvalue[:, :2]
                    rejected[name, way] += [(pvalue <= LEVEL).sum(axis=0), np.isfinite(pvalue).sum(axis=0)]
    for (name, way), (count, known) in rejected.items():
        for window, rate, of in zip(DESIGN.car_windows, count / known, known, strict=True):
            yield {
                **{"correlation": f"{correlation:g}", "missing": f"{missing:g}", "dates": str(dates)},
                **{"start": str(window.start), "end": str(window.end), "test": name, "correlated": way},
                **{"rate": f"{rate:.4f}", "n": f"{of:.0f}"},
            }


def stored() -> dict[tuple[float, float, int, int, str, str], tuple[float, int]]:
    """Return rate and number by correlation, share missing, dates, start of the window, test and way."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (
                *(float(row["correlation"]), float(row["missing"]), int(row["dates"]), int(row["start"])),
                *(row["test"], row["correlated"]),
            ): (float(row["rate"]), int(row["n"]))
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return rates in per cent, a row per situation: day 0 of one date, five sessions of eight."""
    found, shown = stored(), zip(DATES, DESIGN.car_windows, strict=True)
    titles = ("correlation", "missing", "dates", "window", *(_title(*way) for way in WAYS))
    lines = [f"| {' | '.join(titles)} |", "| ---: | ---: | ---: | --- |" + " ---: |" * len(WAYS)]
    for (dates, window), correlation, missing in product(shown, CORRELATIONS, MISSING):
        situation = (correlation, missing, dates, window.start)
        rates = " | ".join(f"{100 * found[*situation, *way][0]:.1f}" for way in WAYS)
        lines.append(f"| {correlation:g} | {missing:.0%} | {dates} | {car_label(window)} | {rates} |")
    return "\n".join(lines)


def _title(name: str, way: str) -> str:
    return f"`{name}`" if way == NONE else f"`{name}`, {way}"


if __name__ == "__main__":
    written = [row for each in product(CORRELATIONS, MISSING, DATES) for row in rows(*each)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(written)
