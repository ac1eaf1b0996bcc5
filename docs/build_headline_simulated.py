"""Write docs/headline_sizes.csv, what studies name: `python docs/build_headline_simulated.py [CASE ...]`.

A job of a release, about ten minutes on one core. Named cases alone are simulated anew, the others stay as
they are; the file is written after each. One row per case; shares are of studies or of names, as in
`eventstudy.simulation.HeadlineRates`.
"""

from __future__ import annotations

import csv
import dataclasses
import math
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eventstudy.events.inputs import read_inputs
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare
from eventstudy.simulation import HEADLINE_DESIGN, HeadlineRates, StudyCalendar, simulate_headline

ROOT = Path(__file__).resolve().parents[1]
SIMULATED = ROOT / "docs" / "headline_sizes.csv"
STUDIES = 1_000
SEED = 20_250_127
PLANTED = 12  #: firm-days with an effect, of the 110 of the bundled study
LONG = 500  #: sessions over which the events of many firms are spread


class Case(NamedTuple):
    """One row: a calendar, a noise, and what is planted (in residual standard deviations)."""

    calendar: str
    noise: str
    effect: float = 0.0

    @property
    def name(self) -> str:
        """What chooses it on the command line, and finds it in the file."""
        return f"{self.calendar}/{self.noise}/{self.effect:g}"


CASES = (
    *(
        Case("bundled", noise)
        for noise in ("normal", "t4-common-scale", "t4-copula", "unlike-tails", "garch")
    ),
    Case("one-event", "t4-common-scale"),
    Case("300-firms", "t4-common-scale"),
    *(Case("bundled", noise, effect) for effect in (6.0, 4.0) for noise in ("t4-common-scale", "t4-copula")),
)
RATES = tuple(field.name for field in dataclasses.fields(HeadlineRates))
COLUMNS = ("calendar", "noise", "effect", *RATES)


def calendar_of(name: str) -> StudyCalendar:
    """Return the firm-days of a case: of the bundled study, of one event, or of 300 firms with one each."""
    if name == "one-event":
        return StudyCalendar.crossed(np.zeros(1, dtype=np.int64), 5)
    if name == "300-firms":
        sessions = np.random.default_rng(SEED).integers(0, LONG, 300)
        return StudyCalendar(np.arange(300), sessions)
    inputs = read_inputs(ROOT / "events.yaml")
    panel = prepare(inputs, DataRequest(offline=True)).spec.panel
    return StudyCalendar.crossed(panel.day0, len(panel.firm_events.tickers))


def simulated(case: Case, studies: int = STUDIES) -> HeadlineRates:
    """Simulate a case."""
    return simulate_headline(
        calendar_of(case.calendar),
        case.noise,
        studies=studies,
        planted=PLANTED if case.effect else 0,
        effect=case.effect,
        design=HEADLINE_DESIGN.replace(seed=SEED),
    )


def stored() -> dict[str, HeadlineRates]:
    """Return what is stored, by the name of the case."""
    if not SIMULATED.exists():
        return {}
    kinds = {field.name: int if field.type == "int" else float for field in dataclasses.fields(HeadlineRates)}
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return {
            Case(row["calendar"], row["noise"], float(row["effect"])).name: HeadlineRates(
                **{name: kind(row[name] or "nan") for name, kind in kinds.items()}
            )
            for row in csv.DictReader(file)
        }


def store(rates: dict[str, HeadlineRates]) -> None:
    """Write all rows in the order of the cases; the file is replaced as a whole."""
    partial = SIMULATED.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for case in CASES:
            if case.name in rates:
                own = dataclasses.astuple(rates[case.name])
                writer.writerow([case.calendar, case.noise, f"{case.effect:g}", *map(_number, own)])
    partial.replace(SIMULATED)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else "" if math.isnan(value) else f"{value:.4f}"


#: Words of the tables of the page on size and power.
CALENDARS = {
    "bundled": "22 sessions x 5 tickers",
    "one-event": "1 session x 5 tickers",
    "300-firms": "300 tickers, an event each",
}
NOISES = {
    "normal": "normal",
    "t4-common-scale": "t(4), one scale a day",
    "t4-copula": "t(4), joined by a normal copula",
    "unlike-tails": "tickers of unlike tails",
    "garch": "GARCH(1, 1), persistence 0.98",
}


def sizes() -> str:
    """Return the shares of studies without effects that name something, in per cent."""
    rates = stored()
    head = (
        "| study | residuals | studies | t, Holm in each event | named | beyond doubt | count below 5 % |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    )
    rows = (
        f"| {CALENDARS[case.calendar]} | {NOISES[case.noise]} | {rates[case.name].studies:,} | "
        + " | ".join(_percent(getattr(rates[case.name], name)) for name in SIZES)
        + " |"
        for case in CASES
        if not case.effect and case.name in rates
    )
    return "\n".join((*head, *rows))


SIZES = ("within_event", "named", "beyond_doubt", "count")
POWERS = ("found", "false_discovery_rate", "false", "found_beyond_doubt", "false_beyond_doubt")


def power() -> str:
    """Return the shares of planted effects that are found, and of names that are false, in per cent."""
    rates = stored()
    head = (
        "| effect | residuals | named | false discovery rate | false | beyond doubt | of these false |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    )
    rows = (
        f"| {case.effect:g} sd | {NOISES[case.noise]} | "
        + " | ".join(_percent(getattr(rates[case.name], name)) for name in POWERS)
        + " |"
        for case in sorted(CASES, key=lambda case: case.effect)
        if case.effect and case.name in rates
    )
    return "\n".join((*head, *rows))


#: Rules by which a study could name firm-days: words, share of studies without effects, share of false names.
RULES = (
    ("t, adjusted by Holm over the tickers of each event", "within_event", ""),
    ("named", "named", "false"),
    ("beyond doubt", "beyond_doubt", "false_beyond_doubt"),
)


def shares() -> str:
    """Return how often each rule names something without effects, and its false names, in per cent."""
    rates, noises = stored(), ("t4-common-scale", "t4-copula")
    null, real = ([rates[f"bundled/{noise}/{effect}"] for noise in noises] for effect in (0, 6))
    heads = [f"{what}, {NOISES[noise]}" for what in ("names something", "false at 6 sd") for noise in noises]

    def cells(name: str) -> str:
        return " | ".join(_percent(getattr(each, name)) if name else "-" for each in real)

    lines = [
        f"| rule | {' | '.join(heads)} |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for rule, named, false in RULES:
        found = " | ".join(_percent(getattr(each, named)) for each in null)
        lines.append(f"| {rule} | {found} | {cells(false)} |")
    return "\n".join(lines)


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"


def main(requested: list[str]) -> None:
    """Simulate the cases requested, or all, and store them with the others."""
    for case in CASES:
        if not requested or case.name in requested:
            start = time.perf_counter()
            store({**stored(), case.name: simulated(case)})
            sys.stderr.write(f"{case.name}: {time.perf_counter() - start:.0f} s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
