"""A large study on synthetic returns: time per stage and peak memory through `es.run(returns=...)`.

Run with the project's interpreter: `.venv/bin/python benchmarks/synthetic.py [FIRM_EVENTS ...]`; the default
is 25,000, 50,000 and 100,000, each in a process of its own, so that growth can be seen: nothing may grow
faster than linearly. Estimation window 250 sessions, event window 21, market model, tables in memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

TICKERS, SESSIONS, SEED = 500, 2_900, 20_240_101


def make(firm_events: int) -> tuple[Any, Any]:
    """Return a seeded event list and a table of returns with one market and many securities."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(SEED)
    market = rng.normal(0.0, 0.01, SESSIONS)
    noise = rng.normal(0.0, 0.02, (SESSIONS, TICKERS))
    securities = market[:, None] * rng.uniform(0.5, 1.5, TICKERS) + noise
    names = [f"T{place:03d}" for place in range(TICKERS)]
    dates = pd.bdate_range("2014-01-01", periods=SESSIONS)
    returns = pd.DataFrame(np.column_stack([market, securities]), index=dates, columns=["MKT", *names])
    events = pd.DataFrame(
        {
            "event_id": [f"e{place}" for place in range(firm_events)],
            "ticker": np.array(names)[rng.integers(0, TICKERS, firm_events)],
            "session": dates[rng.integers(280, SESSIONS - 20, firm_events)],
        }
    )
    return events, returns


def timed(module: Any, name: str, spent: dict[str, float]) -> None:
    """Replace a function by one that adds its wall time to ``spent``."""
    original: Callable[..., Any] = getattr(module, name)

    def wrapper(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return original(*arguments, **options)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start

    setattr(module, name, wrapper)


def run(firm_events: int) -> None:
    """Run one study and print its stages."""
    import eventstudy as es
    from eventstudy import preparation as placing
    from eventstudy import study
    from eventstudy.assembly import assemble as assembly
    from eventstudy.assembly import building as tables

    events, returns = make(firm_events)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent: dict[str, float] = {}
    for module, names in (
        (study, ("read_inputs",)),
        (placing, ("_specification",)),
        (study, ("estimate",)),
        (
            assembly,
            (
                "find_confounding",
                "level_tests",
                "one_date_tests",
                "group_averages",
                "across_events",
                "diagnose",
            ),
        ),
        (tables, ("abnormal_returns_table", "cars_table", "residuals_table", "coefficients_table")),
    ):
        for name in names:
            timed(module, name, spent)
    start = time.perf_counter()
    result = es.run(events, returns=returns, design=es.Design(benchmark="MKT", window=(-10, 10)))
    total = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{firm_events:8,d} firm-events  {total:7.1f} s  {total / firm_events * 1e6:6.0f} us each  "
        f"peak {peak:6.0f} MiB ({before:.0f} before)"
    )
    for name, seconds in spent.items():
        print(f"    {name:28s} {seconds:7.2f} s")
    print(f"    rows: {', '.join(f'{name} {len(table):,}' for name, table in result.tables.items())}")


def main(arguments: list[str]) -> None:
    """Run each size in a process of its own, so that its peak memory is its own."""
    if len(arguments) == 1:
        run(int(arguments[0]))
        return
    for size in arguments or ["25000", "50000", "100000"]:
        subprocess.run([sys.executable, __file__, size], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
