"""The whole family of cross-sectional tests on many firm-events: time and peak memory of each.

Run with the project's interpreter: `.venv/bin/python benchmarks/family.py [FIRM_EVENTS ...]`; the default
is 25,000 and 100,000. Synthetic returns as in `synthetic.py` (estimation 250 sessions, event window 21),
one group of all firm-events, the design's windows and every single session: 25 in all. Ranks that serve
several tests are computed once and stand in lines of their own, as does the mean correlation. Memory is
what a test holds at its peak beside its input, traced in a second run.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from synthetic import make

from eventstudy.significance.mean_correlation import mean_correlation


def shared_scores(sample: Any) -> dict[str, Callable[[], Any]]:
    """Return what several tests use, computed when the first asks."""
    history = sample.history
    return {
        "(ranks)": lambda: history.double_ranks,
        "(ranks of studentised residuals)": lambda: history.double_ranks_studentised,
        "(signs about the median)": lambda: history.signs,
        "(mean correlation)": lambda: mean_correlation(sample),
    }


def traced(function: Callable[[], Any]) -> float:
    """Return the peak of what a call holds, in MiB."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return peak


def main(sizes: list[int]) -> None:
    """Print a table for each number of firm-events."""
    import eventstudy as es
    from eventstudy.events.inputs import read_inputs
    from eventstudy.inference.groups import StudyInCalendarTime
    from eventstudy.models.estimation import estimate
    from eventstudy.preparation.data_request import DataRequest
    from eventstudy.preparation.preparing import prepare
    from eventstudy.significance import TESTS

    for size in sizes:
        events, returns = make(size)
        design = es.Design(benchmark="MKT", window=(-10, 10))
        spec = prepare(read_inputs(events, design), DataRequest(returns=returns)).spec
        calendar = StudyInCalendarTime.of(spec, estimate(spec))
        sample = calendar.cross_section(next(iter(calendar.levels())))
        print(f"{size:,} firm-events, {len(sample.windows)} windows")
        for resampled in (False, True):
            jobs: dict[str, Callable[[], Any]] = {} if resampled else shared_scores(sample)
            for name, test in TESTS.items():
                if test.scope == "cross-section" and test.resampled == resampled:
                    tested = sample.testing(sample.bhar) if test.measures == ("BHAR",) else sample
                    jobs[name] = lambda function=test.function, tested=tested: function(tested)
            print("  resampled" if resampled else "  computed")
            for name, job in jobs.items():
                start = time.perf_counter()
                job()
                seconds = time.perf_counter() - start
                memory = "" if name.startswith("(") else f"{traced(job):8.0f} MiB"
                print(f"    {name:34s}{1e3 * seconds:9.0f} ms{memory}", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [25_000, 100_000])
