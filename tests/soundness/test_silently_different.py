"""Damaged inputs give the same figures, a finding or a skip that names it, a question, or a typed error.

Seeded damages, alone and in pairs, of prices, returns and factors, in CSV, Parquet and frames. What one
series cannot tell is not among them: a regular dividend that is missing without rhythm, a wrong close inside
its range, one factor other than the market's a session off.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import damage
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.events.inputs import read_inputs
from eventstudy.models.estimation import estimate
from eventstudy.preparation import DataRequest, prepare

SEED = 20260102
DEFAULT, MANY = 150, 10_000  #: combinations by default, and in the slow suite
TOLERANCE = 1e-9  #: decimal: rounding of sums in another order
MARKET = es.Design(benchmark="SPY", max_loss=1.0, estimation=(-200, -11))
FF3 = MARKET.replace(model="ff3", benchmark=None)


class Outcome(NamedTuple):
    """Abnormal returns of every firm-event, why it was skipped, and what was found about it."""

    ar: Any
    reason: list[str]
    told: list[int]


def events(index: pd.DatetimeIndex) -> pd.DataFrame:
    rows = [(name, ticker, index[at]) for name, at in damage.DAY0.items() for ticker in ("AAA", "BBB")]
    return pd.DataFrame(rows, columns=["event_id", "ticker", "session"])


DAYS = events(pd.DatetimeIndex(damage.SESSIONS))


def measured(design: es.Design, **data: Any) -> Outcome:
    prepared = prepare(read_inputs(DAYS, design), DataRequest(**data))
    estimates = estimate(prepared.spec)
    held = {found.ticker for found in prepared.findings if found.rule == "adjusted-closes"}
    tickers = prepared.spec.panel.firm_events.ticker
    told = [
        int(n) + len(held & {str(ticker), "SPY"})
        for n, ticker in zip(prepared.spec.panel.n_findings, tickers, strict=True)
    ]
    return Outcome(
        np.where(estimates.ok[:, None], estimates.abnormal.ar, np.nan), list(estimates.reason), told
    )


def written(frame: pd.DataFrame, kind: str, folder: Path, name: str) -> Any:
    if kind == "frame":
        return frame
    path = folder / f"{name}.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path, index=False)
    return path


class Case(NamedTuple):
    """What is damaged, in which ways and where, and how it is handed over."""

    source: str
    ways: tuple[str, ...]
    names: tuple[str, ...]
    kind: str
    seed: int


def cases(n: int) -> Iterator[Case]:
    """Yield every damage alone once, then seeded ones and pairs."""
    rng = np.random.default_rng(SEED)
    kinds = {"prices": ("frame", "csv", "parquet"), "returns": ("frame",), "factors": ("csv", "parquet")}
    names = {"prices": damage.TICKERS, "returns": damage.TICKERS, "factors": damage.THREE}
    known = {"prices": damage.PRICES, "returns": damage.RETURNS, "factors": damage.FACTORS}
    every = [(source, (way,)) for source, ways in known.items() for way in ways]
    while len(every) < n:
        source = str(rng.choice(list(known)))
        every.append((source, tuple(str(way) for way in rng.choice(list(known[source]), rng.integers(1, 3)))))
    for source, ways in every[:n]:
        ways = next(((way,) for way in ways if way in damage.NO_NUMBERS), ways)
        if source == "factors" and set(ways) <= set(damage.MOVES):
            ways = ways[:1]
        ways = tuple(sorted(ways, key=lambda way: way in damage.LAST))
        where = tuple(str(rng.choice(names[source])) for _ in ways)
        if source == "factors":  # of a single other factor nothing tells that it is late
            where = tuple(
                "Mkt-RF" if way in ("a column late", "a column early") else at
                for way, at in zip(ways, where, strict=True)
            )
        yield Case(source, ways, where, str(rng.choice(kinds[source])), int(rng.integers(2**31)))


def damaged(case: Case, sound: damage.Sound) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(sound, case.source)
    ways = {"prices": damage.PRICES, "returns": damage.RETURNS, "factors": damage.FACTORS}[case.source]
    rng = np.random.default_rng(case.seed)
    for way, name in zip(case.ways, case.names, strict=True):
        frame = ways[way](frame, name, rng)
    return frame


def outcome(case: Case, frame: pd.DataFrame, sound: damage.Sound, folder: Path) -> Outcome:
    if case.source == "prices":
        return measured(MARKET, prices=written(frame, case.kind, folder, "prices"))
    if case.source == "returns":
        return measured(MARKET, returns=frame)
    factors = written(frame.reset_index(), case.kind, folder, "factors")
    return measured(FF3, prices=sound.prices, factors=factors)


def silent(case: Case, before: Outcome, sound: damage.Sound, folder: Path) -> str:
    """Return what differs silently, "" where nothing does."""
    try:
        after = outcome(case, damaged(case, sound), sound, folder)
    except EventStudyError:
        return ""
    for event, reason in enumerate(after.reason):
        same = np.allclose(after.ar[event], before.ar[event], rtol=0, atol=TOLERANCE, equal_nan=True)
        if not same and not reason and after.told[event] <= before.told[event]:
            off = np.nanmax(np.abs(after.ar[event] - before.ar[event]))
            return (
                f"{case.source} in {case.kind}, {case.ways} of {case.names}: firm-event {event} by {off:.3g}"
            )
    return ""


def all_silent(n: int, folder: Path) -> list[str]:
    sound = damage.sound()
    clean = {
        source: outcome(Case(source, (), (), kind, 0), getattr(sound, source), sound, folder)
        for source, kind in (("prices", "csv"), ("returns", "frame"), ("factors", "csv"))
    }
    for before in clean.values():
        assert np.isfinite(before.ar).all() and not any(before.told) and not any(before.reason)
    return [text for case in cases(n) if (text := silent(case, clean[case.source], sound, folder))]


def test_nothing_differs_silently(tmp_path: Path) -> None:
    assert all_silent(DEFAULT, tmp_path) == []


@pytest.mark.slow
def test_nothing_differs_silently_in_many(tmp_path: Path) -> None:
    assert all_silent(MANY, tmp_path) == []


def test_without_rules_much_differs_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite can fail: it does where nothing is found."""
    monkeypatch.setattr("eventstudy.preparation.return_findings", lambda *_, **__: [])
    monkeypatch.setattr("eventstudy.preparation.findings", lambda *_, **__: [])
    assert len(all_silent(60, tmp_path)) > 10
