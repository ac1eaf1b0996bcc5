"""Processor time of a study alone and beside a busy process, with one thread of linear algebra and with all.

Run with the project's interpreter: `.venv/bin/python benchmarks/threads.py [FIRM_EVENTS] [ROUNDS]`. Each run
is a process of its own, in turns, and is printed when it ends; for some of them a further process keeps a
core busy. The processor time beside it should be that of the study alone.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FIRM_EVENTS, ROUNDS = 2_000, 3
BUSY = "while True: pass"
KINDS = (("one", False), ("one", True), ("all", True))  #: threads, and whether a core is busy


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


@contextmanager
def _other_work(there: bool) -> Iterator[None]:
    """Keep a core busy inside, if asked to."""
    busy = subprocess.Popen([sys.executable, "-c", BUSY]) if there else None
    try:
        yield
    finally:
        if busy is not None:
            busy.kill()
            busy.wait()


def main(firm_events: int, rounds: int) -> None:
    """Run the kinds in turns and print the medians, over those of the study alone."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    found: dict[tuple[str, bool], list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for (threads, busy), seconds in found.items():
            command = [sys.executable, str(Path(__file__)), threads, str(firm_events)]
            with _other_work(busy):
                done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            processor, wall = map(float, done.stdout.split())
            seconds.append((processor, wall))
            print(f"    {_named(threads, busy)}   processor {processor:7.2f} s", flush=True)
    alone = statistics.median(processor for processor, _ in found[KINDS[0]])
    for (threads, busy), seconds in found.items():
        processor, wall = (statistics.median(each) for each in zip(*seconds, strict=True))
        ratio = processor / alone
        print(
            f"{_named(threads, busy)}   processor {processor:7.2f} s   wall {wall:7.2f} s   ratio {ratio:.2f}"
        )


def _named(threads: str, busy: bool) -> str:
    return f"{threads} thread{'s' * (threads == 'all')}, {'beside other work' if busy else 'alone':17s}"


if __name__ == "__main__":
    if sys.argv[1:2] in (["one"], ["all"]):
        run(int(sys.argv[2]), sys.argv[1] == "one")
    else:
        given = [*map(int, sys.argv[1:3])]
        main(*given, *(FIRM_EVENTS, ROUNDS)[len(given) :])
