"""What `eventstudy simulate` prints: size, then power, a row for each test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, table_lines, wrapped
from eventstudy.design import LOOK_AHEAD, Design, Window
from eventstudy.simulation import SimulationResult, Situation
from eventstudy.words.formatting import MISSING, car_label, count, counted, listed, percent, ratio

Row = Mapping[str, Any]

POWER_LEVEL = 0.05  #: at which power is shown
EDGE = 1e-9  #: a level that lies on the edge of its band is in it


def simulation_text(result: SimulationResult, width: int) -> Iterator[Line]:
    """Yield the rejection rates over the first window: without an effect at every level, with each at 5 %."""
    first = result.design.car_windows[0]
    rows = [row for row in result.table.to_pylist() if (row["start"], row["end"]) == first]
    yield from (Line(line, "bold") for line in wrapped(_subject(result), width))
    yield from dim(_measured(result.design, first), width, "")
    powers = [effect for effect in result.situation.effects if effect]
    if 0.0 in result.situation.effects:
        yield from _size(rows)
    if powers:
        yield from _power(rows, powers)
    if len(result.design.car_windows) > 1:
        yield from dim("the other windows are in --json and --out", width)


def _subject(result: SimulationResult) -> str:
    situation = result.situation
    panel = listed(result.panel) if result.panel else _synthetic(situation)
    dates = {None: "random dates", 1: "one date"}.get(situation.dates, f"{situation.dates} dates")
    extra = [f"day-0 variance x {situation.variance:g}"] * (situation.variance != 1)
    extra += [f"{situation.missing:.0%} of returns missing"] * (situation.missing > 0)
    return "; ".join(
        [
            f"{counted(situation.replications, 'replication')} of "
            f"{counted(situation.firm_events, 'firm-event')} on {dates}: {panel}",
            *extra,
        ]
    )


def _synthetic(situation: Situation) -> str:
    correlated = f", correlation {situation.correlation:g}" if situation.correlation else ""
    factor = situation.factor_variance
    louder = f", the shared factor's day-0 variance x {factor:g}" if factor != 1 else ""
    return f"synthetic markets, {situation.distribution} residuals{correlated}{louder}"


def _measured(design: Design, first: Window) -> str:
    ahead = f" ({LOOK_AHEAD})" if design.looks_ahead else ""
    return f"{car_label(first)}, model {design.model}, estimation {design.estimation}{ahead}"


def _size(rows: Sequence[Row]) -> Iterator[Line]:
    sized = [row for row in rows if row["effect"] == 0]
    levels = list(dict.fromkeys(row["level"] for row in sized))
    yield Line("")
    table = [["rejects without an effect", *(f"{level:.0%}  " for level in levels), "n"]]
    for name, own in _by_test(sized).items():
        table.append([name, *(_rate(row) for row in own), count(own[0]["n"])])
    yield from table_lines("l" + "r" * (len(table[0]) - 1), table)
    yield Line("  > above, < below the 99 % binomial band around the nominal size", "dim")


def _power(rows: Sequence[Row], effects: Sequence[float]) -> Iterator[Line]:
    shown = [row for row in rows if row["effect"] in effects and row["level"] == POWER_LEVEL]
    yield Line("")
    table = [[f"rejects at {POWER_LEVEL:.0%}, effect", *(percent(effect, 1) for effect in effects)]]
    for name, own in _by_test(shown).items():
        table.append([name, *(_percent(row["rate"]) for row in own)])
    yield from table_lines("l" + "r" * (len(table[0]) - 1), table)


def _by_test(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Gather the rows of each test, unit and measure under the name that is printed."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        name = row["test"] + (", date means" if row["unit"] == "date" else "")
        name += " of BHAR" if row["measure"] == "BHAR" and not row["test"].startswith("bhar") else ""
        found.setdefault(name, []).append(row)
    return found


def _rate(row: Row) -> str:
    """Write a size in percent, marked where the nominal one is not in its band."""
    if row["rate"] is None:
        return MISSING
    above, below = row["low"] > row["level"] + EDGE, row["high"] < row["level"] - EDGE
    return f"{_percent(row['rate'])} {'>' if above else '<' if below else ' '}"


def _percent(rate: float | None) -> str:
    return ratio(None if rate is None else 100 * rate, 1)
