"""The Python package `eventstudy` of the package index on the same work: a market model and CARs.

Run with the project's interpreter: `.venv/bin/python benchmarks/peer.py PEER [FIRM_EVENTS]`, where PEER is
the interpreter of an environment that has `eventstudy==0.1a12`; by default it works on 2,000 firm-events.
Returns are those of `grid.py` without gaps, which it does not take. CARs of both must agree. Ours are 100,000
firm-events: estimates alone, and studies as in `battery.py` with one test and with all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

PEER_EVENTS, OWN_EVENTS, AGREE = 2_000, 100_000, 1e-12


def by_peer(folder: Path) -> None:
    """Take the CARs of stored firm-events by the other package; write them and print the processor time."""
    import eventstudy as peer

    stored = np.load(folder / "study.npz")
    date = np.datetime64("2010-01-01") + np.arange(stored["returns"].shape[1])
    series = {str(number): own for number, own in enumerate(stored["returns"])}
    peer.Single._save_parameter("returns", {"date": date, "market": stored["market"], **series})
    peer.Single._save_parameter("max_iteration", 4)
    start = time.process_time()
    events = [
        peer.Single.market_model(str(security), "market", date[day], (-10, 10), 250, 0)
        for security, day in zip(stored["security"], stored["day0"], strict=True)
    ]
    study = peer.Multiple(events)
    spent = time.process_time() - start
    np.save(folder / "car.npy", np.array(study.CAR))
    print(spent)


def main(interpreter: str, firm_events: int) -> None:
    """Print the time of each firm-event and the ratios to the other package."""
    from battery import run
    from grid import ROUNDS, TIME, make

    from eventstudy.engine.grid_estimation import Grid, estimate_on_grid

    grid, security, day0 = make(OWN_EVENTS)
    grid = Grid(np.nan_to_num(grid.returns), grid.regressors)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        some = slice(firm_events)
        np.savez(
            folder / "study.npz",
            **{"returns": grid.returns, "market": grid.regressors[0]},
            **{"security": security[some], "day0": day0[some]},
        )
        command = [interpreter, __file__, "--inside", name]
        alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=name, env=alone)
        peer = float(done.stdout) / firm_events
        car = np.load(folder / "car.npy")
    whole = TIME.windows.index(TIME.event)
    estimate_on_grid(grid, security[:1_000], day0[:1_000], TIME, compiled=True)
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = estimate_on_grid(grid, security, day0, TIME, compiled=True)
        rounds.append((time.process_time() - start) / OWN_EVENTS)
    times = {"estimates": float(np.median(rounds))}
    assert np.abs(found.car[some, whole] - car).max() < AGREE
    for label, tests in (("one test", ["cross_section_t"]), ("all tests", [])):
        run(20_000, 1, tests)
        start = time.process_time()
        run(OWN_EVENTS, 1, tests)
        times[label] = (time.process_time() - start) / OWN_EVENTS
    print(f"eventstudy 0.1a12: {peer * 1e6:.0f} us for each firm-event")
    for label, each in times.items():
        print(f"{label:10s} {each * 1e6:7.1f} us  the other package takes {peer / each:6.1f} times as long")


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        by_peer(Path(sys.argv[2]))
    else:
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else PEER_EVENTS)
