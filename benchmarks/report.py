"""How large the report is, how long it takes to write and to open in the system's browser, and how it fits.

`first` and `visible` are seconds from the start of the navigation until a chart, and every chart in view, is
drawn; `screens` the height of the page, closed, in screens of 1440 by 900; `search` and `sort` seconds that
the list of events takes; `answer` whether a telephone's first screen has the finding and a figure.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browsing import started
from once import RUN
from panels import bundled
from report_studies import confounded, shaped

from eventstudy.report import report

os.environ.setdefault(RUN, tempfile.mkdtemp())  # where the bundled result is kept meanwhile
RUNS = 3
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
#: By name; the studies that are asked for are made when their turn comes.
STUDIES: dict[str, Any] = {
    "bundled": bundled,
    "1x1": partial(shaped, 1),
    "300x1": partial(shaped, 300, each=True),
    "1x60": partial(shaped, 1, 60),
    "60x11": partial(shaped, 60, 11),
    "5000x1": partial(shaped, 5_000, each=True),
    "confounded": lambda: confounded(Path(tempfile.mkdtemp())),
}
#: Notes when the first chart in view is drawn, and when all are.
WATCH = """(() => {
  const seen = window.seen = {};
  const look = () => {
    const places = [...document.querySelectorAll(".chart, .path")].filter((each) => {
      const { top, bottom } = each.getBoundingClientRect();
      return each.checkVisibility() && bottom > 0 && top < innerHeight;
    });
    const drawn = places.filter((each) => each.querySelector("svg"));
    if (drawn.length) seen.first ??= performance.now() / 1000;
    const whole = document.readyState === "complete" && drawn.length === places.length;
    if (whole) seen.visible ??= performance.now() / 1000;
    if (!("visible" in seen)) requestAnimationFrame(look);
  };
  look();
})()"""
#: Seconds that a search and a sort of the list take, drawn included; null without a list.
LISTED = """() => {
  const box = document.querySelector("[data-list]");
  if (!box) return [null, null];
  const timed = (work) => {
    const start = performance.now();
    work();
    document.body.getBoundingClientRect();
    return (performance.now() - start) / 1000;
  };
  const input = box.querySelector("input");
  const searchFor = (text) => {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const search = timed(() => searchFor("patents"));
  searchFor("");
  return [search, timed(() => box.querySelector("th[data-by='car'] button").click())];
}"""
#: Whether the finding, and the first row of the ranked figures, end above the edge of the screen.
ANSWERED = """() => ["h1", ".ranked tbody tr"].every(
  (name) => document.querySelector(name).getBoundingClientRect().bottom <= innerHeight)"""


def opened(browser: Any, file: Path) -> dict[str, Any]:
    """Return what is measured of one opening of a page."""
    tab = browser.new_context(
        viewport=DESK, offline=True, bypass_csp=True
    ).new_page()  # a function that is waited for is text
    tab.add_init_script(WATCH)
    tab.goto(file.as_uri())
    tab.wait_for_function("'visible' in window.seen")
    found = dict(tab.evaluate("window.seen"))
    found["screens"] = tab.evaluate("document.documentElement.scrollHeight") / DESK["height"]
    found["search"], found["sort"] = tab.evaluate(LISTED)
    tab.context.close()
    return found


def answered(browser: Any, file: Path) -> bool:
    """Tell whether the first screen of a telephone has the finding and a figure."""
    tab = browser.new_context(viewport=PHONE, offline=True).new_page()
    tab.goto(file.as_uri())
    found = bool(tab.evaluate(ANSWERED))
    tab.context.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", default=list(STUDIES), help=", ".join(STUDIES))
    measures = ("first", "visible", "screens", "search", "sort")
    print(
        f"{'study':>10} {'MB':>6} {'written':>8} " + " ".join(f"{name:>8}" for name in (*measures, "answer"))
    )
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        for name in parser.parse_args().studies:
            result = STUDIES[name]()
            start = process_time()
            text = report(result)
            written = process_time() - start
            file = Path(folder) / "report.html"
            file.write_text(text, encoding="utf-8")
            runs = [opened(browser, file) for _ in range(RUNS)]
            known = {each: [run[each] for run in runs if run.get(each) is not None] for each in measures}
            figures = " ".join(
                f"{median(values):8.2f}" if values else f"{'-':>8}" for values in known.values()
            )
            answer = "yes" if answered(browser, file) else "no"
            size = len(text.encode()) / 1e6
            print(f"{name:>10} {size:6.2f} {written:8.2f} {figures} {answer:>8}", flush=True)


if __name__ == "__main__":
    main()
