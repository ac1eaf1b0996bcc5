"""Processor time of a study of 2,000 firm-events beside a busy process, with one thread of BLAS and with all.

Run with the project's interpreter: `.venv/bin/python benchmarks/threads.py [FIRM_EVENTS] [PAIRS]`. Each run
is a process of its own, in turns; a further process keeps a core busy all the time.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

FIRM_EVENTS, PAIRS = 2_000, 3
BUSY = "while True: pass"


def run(firm_events: int, limited: bool) -> None:
    """Run one study in this process and print its time on the processor and on the wall."""
    from synthetic import make

    import eventstudy as es
    from eventstudy.numerics.threads import VARIABLES

    if not limited:  # what the limit looks at to see that there is nothing to do; too late for the library
        os.environ |= dict.fromkeys(VARIABLES, "1")
    events, returns = make(firm_events)
    spent, wall = _processor(), time.perf_counter()
    es.run(events, returns=returns, design=es.Design(benchmark="MKT"))
    print(_processor() - spent, time.perf_counter() - wall)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(firm_events: int, pairs: int) -> None:
    """Run the pairs beside a busy process and print the medians."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    found: dict[str, list[tuple[float, float]]] = {"one": [], "all": []}
    try:
        for _ in range(pairs):
            for which, seconds in found.items():
                command = [sys.executable, str(Path(__file__)), which, str(firm_events)]
                done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
                processor, wall = map(float, done.stdout.split())
                seconds.append((processor, wall))
    finally:
        busy.kill()
        busy.wait()
    for which, seconds in found.items():
        processor, wall = (statistics.median(each) for each in zip(*seconds, strict=True))
        print(f"{which:4s} threads   processor {processor:7.2f} s   wall {wall:7.2f} s")


if __name__ == "__main__":
    if sys.argv[1:2] in (["one"], ["all"]):
        run(int(sys.argv[2]), sys.argv[1] == "one")
    else:
        main(*(int(word) for word in sys.argv[1:3] or (FIRM_EVENTS,)), *(() if sys.argv[2:] else (PAIRS,)))
