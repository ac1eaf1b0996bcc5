"""Write docs/simulated.csv, size and power: `docs/build_simulated.py [SITUATION ...] [--test NAME ...]`.

A job of a release (`make simulated`): about an hour on one core. Named situations alone are simulated anew,
and of named tests alone the rows are replaced; the others stay as they are. Draws do not depend on which
tests are simulated, so a test that did not change has the same rows again. A new test of significance does
not need it: until then the methods page lists it as not simulated yet, and the slow suite simulates its size.

One row per situation, number of firm-events, test, unit, measure, window, effect and level. Effects are in
decimals, rates are shares; ``n`` counts the replications in which the test could be computed.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eventstudy.significance import TESTS
from eventstudy.simulation import SYNTHETIC_DESIGN, Situation, simulate

SIMULATED = Path(__file__).resolve().parent / "simulated.csv"
REPLICATIONS = 5_000
SIZES = (5, 10, 24, 50, 100)
EFFECTS = (0.0, 0.005, 0.01, 0.02)
POWER_LEVEL = 0.05  #: with an effect, rejections are stored at this level alone
SEED = 20_110_953

#: What differs from independent normal returns on random dates, and the effects.
SITUATIONS: dict[str, tuple[dict[str, Any], tuple[float, ...]]] = {
    "independent": ({}, EFFECTS),
    "variance-doubled": ({"variance": 2.0}, EFFECTS),
    "one-date": ({"dates": 1, "correlation": 0.3}, EFFECTS),
    "one-date-variance-doubled": ({"dates": 1, "correlation": 0.3, "variance": 2.0}, (0.0,)),
    "one-date-t4": ({"dates": 1, "correlation": 0.3, "distribution": "t4"}, (0.0,)),
    "t3": ({"distribution": "t3"}, EFFECTS),
    "skewed": ({"distribution": "skewed"}, (0.0,)),
    "missing": ({"missing": 0.1}, (0.0,)),
    "eleven-sessions": ({}, (0.0,)),
}
WINDOWS = {"eleven-sessions": (-5, 5)}  #: day 0 alone in all others
#: Firm-events on several dates that five firms share; the windows of the dates overlap in part.
STAGGERED = {"dates": 22, "securities": 5, "correlation": 0.3}
KEYS = ("situation", "firm_events", "test", "unit", "measure", "start", "end", "effect", "level")
COLUMNS = (*KEYS, "rate", "n")


def situations() -> Iterator[tuple[str, Situation]]:
    """Yield every situation with its name."""
    for name, (changes, effects) in SITUATIONS.items():
        for size in SIZES:
            yield name, Situation(firm_events=size, effects=effects, replications=REPLICATIONS, **changes)
    yield (
        "staggered",
        Situation(firm_events=110, effects=(0.0,), replications=REPLICATIONS, **STAGGERED),
    )


def rows_of(name: str, situation: Situation, tests: Sequence[str] = tuple(TESTS)) -> Iterator[dict[str, str]]:
    """Simulate some tests in a situation and yield what is stored of them."""
    window = WINDOWS.get(name, (0, 0))
    design = SYNTHETIC_DESIGN.replace(seed=SEED, tests=tuple(tests), car_windows=(window,))
    result = simulate(situation, design=design)
    for row in result.table.to_pylist():
        if row["n"] and (row["effect"] == 0 or row["level"] == POWER_LEVEL):
            yield {
                "situation": name,
                "firm_events": str(situation.firm_events),
                "test": row["test"],
                "unit": row["unit"],
                "measure": row["measure"],
                "start": str(row["start"]),
                "end": str(row["end"]),
                "effect": f"{row['effect']:g}",
                "level": f"{row['level']:g}",
                "rate": f"{row['rate']:.4f}",
                "n": str(row["n"]),
            }


def renewed(
    kept: Sequence[dict[str, str]], fresh: Sequence[dict[str, str]], tests: Sequence[str]
) -> list[dict[str, str]]:
    """Return the rows of a situation with those of some tests replaced, each in its place, new ones last."""
    found = {tuple(row[key] for key in KEYS): row for row in fresh}
    rows = [found.pop(tuple(row[key] for key in KEYS), None if row["test"] in tests else row) for row in kept]
    return [row for row in rows if row is not None] + list(found.values())


def main(arguments: Sequence[str]) -> None:
    """Simulate the situations and tests that are named, or all, and store them with the others."""
    parser = argparse.ArgumentParser(description="Simulate size and power anew.")
    parser.add_argument("situations", nargs="*", metavar="SITUATION")
    parser.add_argument("--test", action="append", choices=list(TESTS), metavar="NAME")
    asked = parser.parse_args(arguments)
    tests = asked.test or list(TESTS)
    kept: dict[tuple[str, str], list[dict[str, str]]] = {}
    if SIMULATED.exists():
        with SIMULATED.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                kept.setdefault((row["situation"], row["firm_events"]), []).append(row)
    for name, situation in situations():
        if not asked.situations or name in asked.situations:
            start, place = time.perf_counter(), (name, str(situation.firm_events))
            kept[place] = renewed(kept.get(place, []), list(rows_of(name, situation, tests)), tests)
            took = f"{time.perf_counter() - start:.0f} s"
            sys.stderr.write(f"{name}, {situation.firm_events} firm-events: {took}\n")
            store(kept)


def store(kept: dict[tuple[str, str], list[dict[str, str]]]) -> None:
    """Write all rows, situation by situation."""
    with SIMULATED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name, situation in situations():
            writer.writerows(kept.get((name, str(situation.firm_events)), []))


if __name__ == "__main__":
    main(sys.argv[1:])
