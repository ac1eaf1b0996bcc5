"""Damaged inputs give the same figures, a finding or a skip that names it, a question, or a typed error.

Seeded damages, alone, in pairs and in threes, of prices, returns, factors and event lists, in CSV, Parquet
and frames. What one input alone cannot tell is listed with its reason (``UNDECIDABLE``, ``HIDES``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import damage
import damaged_events
import damaged_tables
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.events.inputs import read_inputs
from eventstudy.models.estimation import estimate
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare

SEED = 20260102
DEFAULT, MANY, SLICES = 240, 10_000, 20  #: combinations by default and in the slow suite, and its slices
TOLERANCE = 1e-9  #: decimal: rounding of sums in another order
MOST_WAYS = 3  #: damages at once
MARKET = es.Design(benchmark="SPY", max_loss=1.0, estimation=(-200, -11), mask_events=False)
FF3 = MARKET.replace(model="ff3", benchmark=None)
OWN_BENCHMARK = MARKET.replace(benchmark="BBB")  #: an event list names SPY
FULL = MARKET.estimation_window.length
SAID = ("adjusted-closes", "kind-of-series")  #: what a finding says of a whole series without doubting it

KINDS = {
    "prices": ("frame", "csv", "parquet"),
    "returns": ("frame", "csv", "parquet"),
    "factors": ("csv", "parquet"),
    "events": ("frame", "csv", "parquet"),
}
NAMES = {"prices": damage.TICKERS, "returns": damage.TICKERS, "factors": damage.THREE, "events": ("",)}
WAYS: dict[str, Mapping[str, Any]] = {
    "prices": {**damage.PRICES, **damaged_tables.PRICES},
    "returns": {**damage.RETURNS, **damaged_tables.RETURNS},
    "factors": {**damage.FACTORS, **damaged_tables.FACTORS},
    "events": damaged_events.EVENTS,
}
#: Of prices, damages of which the second hides what tells the first.
HIDES = {
    "dividends twice": "adjusted closes besides",  # made of the closes, they agree with what these hold
    "another ticker's": "another ticker",  # the series whose figures these are is not loaded
}
CONTRADICTION = "a timing against the clock"  #: no contradiction where a later damage drops the clock
ENDS = damaged_tables.ENDS | {*damage.NO_NUMBERS, "dates as a column"}


class Outcome(NamedTuple):
    """Abnormal returns of every firm-event, why it was skipped, and how much was found about it.

    ``start`` is the session of the first column of ``ar``: a list may give windows of its own. ``number`` is
    the place of a firm-event in the sound list, ``left_out`` how many rows of the list are said to be none.
    """

    start: int
    ar: Any
    reason: list[str]
    told: list[int]
    number: list[int]
    left_out: int


class Case(NamedTuple):
    """What is damaged, in which ways and where, and how it is handed over."""

    source: str
    ways: tuple[str, ...]
    names: tuple[str, ...]
    kind: str
    seed: int


def listed(case: Case) -> pd.DataFrame:
    """Return the events by the session that is day 0, or by the date that a calendar finds it from."""
    rows = [(name, at, damage.SESSIONS[row]) for name, row in damage.DAY0.items() for at in ("AAA", "BBB")]
    frame = pd.DataFrame(rows, columns=["event_id", "ticker", "session"]).assign(number=range(len(rows)))
    return frame if case.seed % 2 else frame.rename(columns={"session": "when"}).assign(timing="pre")


@cache
def sound() -> damage.Sound:
    return damage.sound()


def measured(events: Any, design: es.Design, **data: Any) -> Outcome:
    inputs = read_inputs(events, design)
    prepared = prepare(inputs, DataRequest(**data))
    estimates, firm_events = estimate(prepared.spec), prepared.spec.panel.firm_events
    said = {(found.ticker, found.rule) for found in prepared.findings if found.rule in SAID}
    told = [
        int(n)
        + int(FULL - m)
        + sum(ticker in (own, "SPY") for ticker, _ in said)
        + (timing == "unknown")
        + abs(int(shift))
        for n, m, own, timing, shift in zip(
            prepared.spec.panel.n_findings,
            estimates.abnormal.n,  # the number of returns is in every row of the result
            firm_events.ticker,
            firm_events.timing,
            firm_events.shift * (firm_events.timing == "pre"),  # a date without a session
            strict=True,
        )
    ]
    number = firm_events.labels("number").astype(int)
    order = np.argsort(number, kind="stable")
    ar = np.where(estimates.ok[:, None], estimates.abnormal.ar, np.nan)[order]
    return Outcome(
        prepared.spec.design.window.start,
        ar,
        [estimates.reason[at] for at in order],
        [told[at] for at in order],
        number[order].tolist(),
        sum(each.rows for each in inputs.left_out),
    )


def written(frame: pd.DataFrame, kind: str, folder: Path, name: str) -> Any:
    if kind == "frame":
        return frame
    if kind == "csv" or not frame.columns.is_unique:  # a Parquet file has a column once
        frame.to_csv(path := folder / f"{name}.csv", index=False)
    else:
        frame.to_parquet(path := folder / f"{name}.parquet", index=False)
    return path


def outcome(case: Case, frame: pd.DataFrame, folder: Path) -> Outcome:
    if case.source == "events":
        return measured(written(frame, case.kind, folder, "events"), OWN_BENCHMARK, prices=sound().prices)
    given = frame
    if case.kind != "frame" and case.source != "prices" and "date" not in frame:
        given = frame.rename_axis("date").reset_index()
    data = written(given, case.kind, folder, case.source)
    if case.source == "factors":
        return measured(listed(case), FF3, prices=sound().prices, factors=data)
    return measured(listed(case), MARKET, **{case.source: data})


def cases(n: int) -> Iterator[Case]:
    """Yield every damage alone once, then seeded ones, pairs and threes."""
    rng = np.random.default_rng(SEED)
    every = [(source, (way,)) for source, ways in WAYS.items() for way in ways]
    while len(every) < n:
        source = str(rng.choice(list(WAYS)))
        several = rng.choice(list(WAYS[source]), rng.integers(1, MOST_WAYS + 1))
        every.append((source, tuple(str(way) for way in several)))
    for source, ways in every[:n]:
        ways = in_order(source, ways)
        where = tuple(str(rng.choice(NAMES[source])) for _ in ways)
        if source == "factors":  # see UNDECIDABLE
            where = tuple(
                "Mkt-RF" if way in damage.MOVES else at for way, at in zip(ways, where, strict=True)
            )
        yield Case(source, ways, where, str(rng.choice(KINDS[source])), int(rng.integers(2**31)))


def in_order(source: str, ways: tuple[str, ...]) -> tuple[str, ...]:
    """Put last what other damages cannot follow, and leave out what undoes another."""
    if source == "events":
        return tuple(sorted(dict.fromkeys(ways), key=lambda way: way == CONTRADICTION))
    if source == "factors" and len(moves := [way for way in ways if way in damage.MOVES]) > 1:
        ways = tuple(way for way in ways if way not in moves[1:])
    ways = tuple(way for way in ways if way not in {HIDES.get(other) for other in ways})
    ends = [way for way in ways if way in ENDS]
    rest = [way for way in ways if way not in ENDS]
    return (*sorted(rest, key=lambda way: way in damage.LAST), *ends[:1])


def damaged(case: Case) -> pd.DataFrame:
    rng = np.random.default_rng(case.seed)
    if case.source == "events":
        frame = damaged_events.sound()
        for way in case.ways:
            if damaged_events.applies(frame):
                frame = damaged_events.EVENTS[way](frame, rng)
        return frame
    frame = getattr(sound(), case.source)
    with np.errstate(over="ignore"):  # huge figures, cumulated
        for way, name in zip(case.ways, case.names, strict=True):
            frame = WAYS[case.source][way](frame, name, rng)
    return frame


def silent(case: Case, frame: pd.DataFrame, folder: Path) -> str:
    """Return what differs silently, "" where nothing does."""
    before = clean(case.source, folder)
    try:
        after = outcome(case, frame, folder)
    except EventStudyError:
        return ""
    where = f"{case.source} in {case.kind}, {case.ways} of {case.names} (seed {case.seed})"
    if len(after.ar) + after.left_out != len(before.ar):
        return f"{where}: {len(after.ar)} firm-events"
    own = slice(after.start - before.start, after.start - before.start + after.ar.shape[1])
    for event, reason in enumerate(after.reason):
        place = before.number.index(after.number[event])
        off = np.abs(after.ar[event] - before.ar[place, own])  # NaN where a return is missing, and said to be
        same = np.isfinite(off[-after.start]) and not (off > TOLERANCE).any()
        if not same and not reason and after.told[event] <= before.told[place]:
            return f"{where}: firm-event {event} by {np.nanmax(off):.3g}"
    return ""


@cache
def clean(source: str, folder: Path) -> Outcome:
    frame = damaged_events.sound() if source == "events" else getattr(sound(), source)
    every = [Case(source, (), (), kind, seed) for kind in KINDS[source] for seed in (0, 1)]
    found = [outcome(case, frame, folder) for case in every]
    for before in found:
        assert np.isfinite(before.ar).all() and not any(before.told) and not any(before.reason)
        np.testing.assert_allclose(before.ar, found[0].ar, rtol=0, atol=TOLERANCE)
    return found[0]


def all_silent(some: Iterator[Case], folder: Path) -> list[str]:
    return [text for case in some if (text := silent(case, damaged(case), folder))]


def test_nothing_differs_silently(tmp_path: Path) -> None:
    assert all_silent(cases(DEFAULT), tmp_path) == []


@pytest.mark.parametrize("way", damaged_events.UNDECIDABLE)
def test_what_a_list_alone_cannot_tell(way: str, tmp_path: Path) -> None:
    """Else it belongs among the damages."""
    change, reason = damaged_events.UNDECIDABLE[way]
    frame = change(damaged_events.sound(), np.random.default_rng(SEED))
    assert reason and silent(Case("events", (way,), ("",), "frame", 0), frame, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_nothing_differs_silently_in_many(tmp_path: Path, part: int) -> None:
    some = (case for number, case in enumerate(cases(MANY)) if number % SLICES == part)
    assert all_silent(some, tmp_path) == []


def test_without_rules_much_differs_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite can fail: it does where nothing is found."""
    monkeypatch.setattr("eventstudy.preparation.preparing.return_findings", lambda *_, **__: [])
    monkeypatch.setattr("eventstudy.preparation.preparing.findings", lambda *_, **__: [])
    some = [case for case in cases(DEFAULT) if case.source in ("prices", "returns")][:60]
    with np.errstate(all="ignore"):
        assert len(all_silent(iter(some), tmp_path)) > 10
