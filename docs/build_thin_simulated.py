"""Write docs/thin_trading.csv, size with sessions without trade: `python docs/build_thin_simulated.py`.

A job of a release, some minutes on one core. One row per way of treating gaps, window and test; the rate is
the share of the replications that reject at 5 % although nothing happened.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from eventstudy.design import Design, Window
from eventstudy.simulation import Situation, simulate
from eventstudy.words.formatting import car_label

SIMULATED = Path(__file__).resolve().parent / "thin_trading.csv"
REPLICATIONS = 1_000
FIRM_EVENTS = 20
LEVEL = 0.05
WITHOUT_TRADE = 0.2  #: share of the sessions
GAPS = ("lump", "trade-to-trade")
WINDOWS = (Window(0, 0), Window(-1, 1))
#: Tests of one firm-event, then those over the twenty.
TESTS = ("car_t", "placebo", "conformal", "patell_z", "bmp_t", "cross_section_t", "corrado_rank", "grank_t")
COLUMNS = ("gaps", "start", "end", "test", "rate", "n")


def rows(gaps: str, replications: int = REPLICATIONS) -> Iterator[dict[str, str]]:
    """Simulate one way of treating gaps and yield what is stored of it, a row per window and test."""
    design = Design(
        gaps=gaps,  # type: ignore[arg-type]
        tests=TESTS,
        car_windows=WINDOWS,
        window=(-1, 1),
        estimation=(-260, -11),
        min_estimation=100,
        mask_events=False,
        placebo_history="estimation",
    )
    situation = Situation(
        firm_events=FIRM_EVENTS, effects=(0.0,), missing=WITHOUT_TRADE, replications=replications
    )
    for row in simulate(situation, design=design).table.to_pylist():
        if row["level"] == LEVEL and row["unit"] != "date" and row["measure"] in ("CAR", "AR"):
            yield {
                "gaps": gaps,
                **{name: str(row[name]) for name in ("start", "end", "test")},
                "rate": f"{row['rate']:.4f}",
                "n": str(row["n"]),
            }


def stored() -> dict[tuple[str, Window, str], tuple[float, int]]:
    """Return the stored rates and replications by gaps, window and test."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            (row["gaps"], Window(int(row["start"]), int(row["end"])), row["test"]): (
                float(row["rate"]),
                int(row["n"]),
            )
            for row in csv.DictReader(file)
        }


def table() -> str:
    """Return the stored rates in per cent, by test, way of treating gaps and window."""
    rates, situations = stored(), [(gaps, window) for window in WINDOWS for gaps in GAPS]
    heads = " | ".join(f"`{gaps}`, {car_label(window)}" for gaps, window in situations)
    lines = [f"| test | {heads} |", f"| --- |{' ---: |' * len(situations)}"]
    for test in TESTS:
        found = [rates.get((*situation, test)) for situation in situations]
        shown = (f"{100 * each[0]:.1f}" if each else "-" for each in found)
        lines.append(f"| `{test}` | {' | '.join(shown)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    found = [row for gaps in GAPS for row in rows(gaps)]
    with SIMULATED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
