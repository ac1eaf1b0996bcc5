"""Write docs/benchmarks_compared.csv, the bundled events by five normal returns.

``python docs/build_benchmarks_compared.py [PRICES]`` reads the folder of prices, by default `prices` of the
folder `shared` next to the clone: the study's tickers, SPY, and the peers and donors below. One row per
firm-event and normal return. `docs/build_blocks.py` writes the tables of docs/benchmarks-compared.md from it.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import eventstudy as es
from eventstudy.events.inputs import read_inputs

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "docs" / "benchmarks_compared.csv"
STUDY = ROOT / "events.yaml"
COLUMNS = ("event", "session", "ticker", "normal_return", "ar", "sigma", "t", "placebo", "conformal")
TESTS = ("t", "placebo", "conformal")
LEVEL = 0.05
#: Every single stock of the folder that is no ticker of the study.
OTHERS = ("AAPL", "AMZN", "ARM", "ASML", "AVGO", "CEG", "CRWV", "INTC",
          "META", "MRVL", "PLTR", "SMCI", "SMR", "TSLA", "TSM", "VRT")  # fmt: skip
#: The normal returns in the order of the tables, in words.
SHOWN = {
    "market": "`market`, SPY",
    "market-without": "`market`, SPY without the event's tickers",
    "basket": "`market`, basket of untreated firms",
    "peers": "`peers`",
    "synthetic": "`synthetic`",
}
#: Days that the page tells of, each by the ticker that its story is about.
CORE = {
    ("deepseek-selloff", "NVDA"): "DeepSeek (2025-01-27), NVDA",
    ("amd-openai-deal", "AMD"): "the deal of AMD and OpenAI (2025-10-06), AMD",
    ("code-red-memo", "GOOGL"): "the code red memo (2025-12-02), GOOGL",
}
Row = dict[str, str]


def designs() -> dict[str, dict[str, Any]]:
    """Return what each normal return changes in the study's own design."""
    without, basket = read_inputs(STUDY).design.benchmarks
    return {
        "market": {},
        "market-without": {"benchmark": without},
        "basket": {"benchmark": basket},
        "peers": {"model": "peers", "peers": OTHERS},
        "synthetic": {"model": "synthetic", "donors": OTHERS, "benchmark": None},
    }


def measured(name: str, prices: Path) -> Iterator[Row]:
    """Yield a row per firm-event of the bundled study, measured beside one normal return."""
    stated = read_inputs(STUDY).design.replace(benchmarks=(), placebo_history="estimation")
    design = stated.replace(**designs()[name], car_windows=[(0, 0)])
    result = es.run(STUDY, prices=prices, design=design, closes="split-adjusted")
    about = result.events.set_index(["event_id", "ticker"])
    for row in result.cars.to_dict("records"):
        event = about.loc[row["event_id"], row["ticker"]]
        figures = (row["car"], event["sigma"], row["pvalue"], row["placebo_pvalue"], row["conformal_pvalue"])
        told = (row["event_id"], str(event["session"])[:10], row["ticker"], name)
        yield dict(zip(COLUMNS, (*told, *(_stored(each) for each in figures)), strict=True))


def _stored(value: Any) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.6f}"


def stored() -> list[Row]:
    """Return the stored rows."""
    with STORED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def firm_days(rows: list[Row]) -> list[Row]:
    """Return the rows of each ticker and session once per normal return, the first as listed."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        first.setdefault((row["session"], row["ticker"], row["normal_return"]), row)
    return list(first.values())


def summary() -> str:
    """Return for each normal return its noise, and the number of firm-days below 5 % by each test."""
    lines = [
        "| normal return | firm-days | median s | by t | by placebo rank | by conformal rank |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, words in SHOWN.items():
        rows = [row for row in firm_days(stored()) if row["normal_return"] == name and row["ar"]]
        spread = median(float(row["sigma"]) for row in rows)
        below = (str(sum(significant(row, test) for row in rows)) for test in TESTS)
        lines.append(f"| {words} | {len(rows)} | {100 * spread:.2f} % | {' | '.join(below)} |")
    return "\n".join(lines)


def significant(row: Row, test: str) -> bool:
    """Tell whether the p-value of a test is there and at most 5 %."""
    return bool(row[test]) and float(row[test]) <= LEVEL


def core() -> str:
    """Return the three days that the page tells of, with every p-value."""
    found = {(row["event"], row["ticker"], row["normal_return"]): row for row in stored()}
    lines = [
        "| day | normal return | AR of day 0 | t | placebo | conformal |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for key, day in CORE.items():
        for place, (name, words) in enumerate(SHOWN.items()):
            row = found[(*key, name)]
            pvalues = " | ".join(_pvalue(row[test]) for test in TESTS)
            lines.append(f"| {'' if place else day} | {words} | {_percent(row['ar'])} % | {pvalues} |")
    return "\n".join(lines)


def all_events() -> str:
    """Return a row per firm-event: abnormal returns in per cent, and which tests are below 5 %."""
    found: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in stored():
        found.setdefault((row["event"], row["session"], row["ticker"]), {})[row["normal_return"]] = row
    lines = [
        "| event | ticker | SPY | SPY without | basket | peers | synthetic |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    before = ""
    for (event, session, ticker), each in found.items():
        title = "" if event == before else f"`{event}`, {session}"
        before = event
        cells = " | ".join(_cell(each[name]) for name in SHOWN)
        lines.append(f"| {title} | {ticker} | {cells} |")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    marks = "".join(test[0] for test in TESTS if significant(row, test))
    return "-" if not row["ar"] else f"{_percent(row['ar'])} {marks}".strip()


def _percent(text: str) -> str:
    value = round(100 * float(text), 1)
    return f"{value:+.1f}" if value else "0.0"


def _pvalue(text: str) -> str:
    if not text:
        return "-"
    return "< 0.001" if float(text) < 0.001 else f"{float(text):.3f}"


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "prices"
    found = [row for name in SHOWN for row in measured(name, folder)]
    with STORED.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
