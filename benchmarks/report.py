"""How large the report is, and how long it takes to write it and to open it in the system's browser.

`parsed`, `first chart` and `all charts` are seconds from the start of the navigation.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browsing import started
from panels import bundled, random_returns, study

from eventstudy.report import report

TICKERS = 5
RUNS = 3


def seeded(firm_events: int) -> Any:
    """Return a result of random returns with so many firm-events."""
    events = firm_events // TICKERS
    tickers = [f"T{number}" for number in range(TICKERS)]
    days = np.linspace(280, 280 + max(120, 3 * events), events).astype(int)
    table = random_returns(np.random.default_rng(1), tickers, n=int(days[-1]) + 60)
    return study(table, [(f"event-{place}", name, day) for place, day in enumerate(days) for name in tickers])


def loaded(browser: Any, file: Path) -> tuple[float, float | None, float]:
    """Return seconds until the page is parsed, has its first chart (None without any), and has all."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    tab = context.new_page()
    start = perf_counter()
    tab.goto(file.as_uri())
    parsed = perf_counter() - start
    first = None
    if tab.locator("[data-chart]").count():
        tab.locator(".chart svg").first.wait_for(state="attached")
        first = perf_counter() - start
    tab.evaluate("drawAll()")
    whole = perf_counter() - start
    context.close()
    return parsed, first, whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("firm_events", type=int, nargs="*", default=[100, 250, 500, 2000])
    asked = parser.parse_args().firm_events
    print(f"{'study':>10} {'size':>9} {'written':>9} {'parsed':>8} {'first chart':>12} {'all charts':>11}")
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        for number in [0, *asked]:
            result = seeded(number) if number else bundled()
            start = perf_counter()
            text = report(result)
            written = perf_counter() - start
            file = Path(folder) / "report.html"
            file.write_text(text, encoding="utf-8")
            runs = [loaded(browser, file) for _ in range(RUNS)]
            parsed, whole = median(run[0] for run in runs), median(run[2] for run in runs)
            firsts = [run[1] for run in runs if run[1] is not None]
            first = f"{median(firsts):.2f} s" if firsts else "no chart"
            print(
                f"{number or 'bundled':>10} {len(text.encode()) / 1e6:6.2f} MB {written:7.2f} s "
                f"{parsed:6.2f} s {first:>12} {whole:9.2f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
