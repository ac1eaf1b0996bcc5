"""How each kind of damage to prices, returns, factors and event lists is met, planted into real series.

Run with the project's interpreter: `PYTHONPATH=. .venv/bin/python benchmarks/kinds.py [EACH]`. The damages
are those of the tests (tests/support/damage*.py), each planted EACH times into two securities and their
market, drawn from ../shared/prices beside the repository, over two years each; the factors are Ken French's.
Then the findings of the clean series, by every rule; what is found in them does not count as found.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
sys.path += [str(REPOSITORY / "tests" / "support")]

import damage  # noqa: E402
import damaged_events  # noqa: E402
import damaged_tables  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import eventstudy as es  # noqa: E402
from eventstudy.errors import EventStudyError  # noqa: E402
from eventstudy.events.inputs import read_inputs  # noqa: E402
from eventstudy.models.estimation import estimate  # noqa: E402
from eventstudy.panel.return_table import ReturnTable  # noqa: E402
from eventstudy.panel.returns import returns_from_prices, union_axis  # noqa: E402
from eventstudy.preparation.data_request import DataRequest  # noqa: E402
from eventstudy.preparation.preparing import prepare  # noqa: E402
from eventstudy.prices.factors.table import read_factors  # noqa: E402
from eventstudy.prices.files.source import DirectorySource  # noqa: E402
from eventstudy.prices.source import PriceSeries  # noqa: E402
from eventstudy.soundness import findings, return_findings  # noqa: E402
from eventstudy.soundness.units import ask_unit  # noqa: E402

SEED, EACH = 20260103, 10
SESSIONS = len(damage.SESSIONS)
TOLERANCE = 1e-9
MARKET = es.Design(benchmark="SPY", max_loss=1.0, estimation=(-200, -11), mask_events=False)
FF3 = MARKET.replace(model="ff3", benchmark=None)
WAYS = {
    "prices": {**damage.PRICES, **damaged_tables.PRICES},
    "returns": {**damage.RETURNS, **damaged_tables.RETURNS},
    "factors": {**damage.FACTORS, **damaged_tables.FACTORS},
    "events": damaged_events.EVENTS,
}
FACTORS = SHARED / "factors"


@dataclass(frozen=True)
class Real:
    """Two securities and SPY over two years: prices, their returns, factors in percent, and the events."""

    prices: pd.DataFrame
    returns: pd.DataFrame
    factors: pd.DataFrame
    days: pd.DataFrame
    events: pd.DataFrame


@dataclass(frozen=True)
class Met:
    """What came of one study: abnormal returns, reasons, findings, or the error that stopped it."""

    ar: np.ndarray | None = None
    reasons: tuple[str, ...] = ()
    found: frozenset[tuple[str, str, str]] = frozenset()
    error: str = ""


def all_series() -> dict[str, PriceSeries]:
    source = DirectorySource(SHARED / "prices")
    return {name: source.whole(name) for name in source.tickers()}


def drawn(series: dict[str, PriceSeries], factors: pd.DataFrame, rng: np.random.Generator) -> Real:
    """Draw two securities and two years of them."""
    market = series["SPY"]
    start = int(rng.integers(0, len(market.sessions) - SESSIONS))
    days = market.sessions[start : start + SESSIONS]
    whole = [name for name, own in series.items() if np.isin(days, own.sessions).all() and name[0] != "^"]
    chosen = rng.choice([name for name in whole if name not in ("SPY", "ASML")], 2, replace=False)
    frames, returns = [], {}
    for name, ticker in [*zip(chosen, ("AAA", "BBB"), strict=True), ("SPY", "SPY")]:
        own = series[str(name)]
        rows = np.searchsorted(own.sessions, days)
        columns = {each: getattr(own, each)[rows] for each in ("open", "high", "low", "close", "volume")}
        dividend = np.where(own.dividend[rows] > 1e-4 * own.close[rows], own.dividend[rows], 0.0)
        frame = pd.DataFrame({"date": pd.DatetimeIndex(days), "ticker": ticker, **columns})
        frames.append(frame.assign(dividend=dividend, split=0.0))
        close = frame["close"].to_numpy()
        returns[ticker] = np.append(np.nan, (close[1:] + dividend[1:]) / close[:-1] - 1)
    index = pd.DatetimeIndex(days)
    rows_of = [(name, at, days[row]) for name, row in damage.DAY0.items() for at in ("AAA", "BBB")]
    events = pd.DataFrame(rows_of, columns=["event_id", "ticker", "session"]).assign(number=range(4))
    listed = damaged_events.sound()
    before = {str(damage.SESSIONS[row - 1]): str(days[row - 1]) for row in damage.DAY0.values()}
    listed["when"] = [before[text[:10]] + text[10:] for text in listed["when"]]
    return Real(
        pd.concat(frames, ignore_index=True),
        pd.DataFrame(returns, index=index),
        factors.reindex(index).rename_axis("date"),
        events,
        listed,
    )


def met(events: pd.DataFrame, design: es.Design, **data: object) -> Met:
    """Measure a study as far as its abnormal returns."""
    try:
        prepared = prepare(read_inputs(events, design), DataRequest(**data))
        done = estimate(prepared.spec)
    except EventStudyError as error:
        return Met(error=f"{type(error).__name__}")
    found = {(each.ticker, each.rule, each.severity) for each in prepared.findings}
    unsure = {
        ("", "timing unknown", "stated")
        for text in prepared.spec.panel.firm_events.timing
        if text == "unknown"
    }
    order = np.argsort(prepared.spec.panel.firm_events.labels("number").astype(int), kind="stable")
    reasons = tuple(done.reason[at] for at in order)
    first = prepared.spec.design.window.start - MARKET.window.start  # a list may state windows of its own
    ar = np.full((len(order), MARKET.window.length), np.nan)
    ar[:, first : first + done.abnormal.ar.shape[1]] = done.abnormal.ar[order]
    return Met(ar, reasons, frozenset(found | unsure))


def study(source: str, real: Real, frame: pd.DataFrame, folder: Path) -> Met:
    if source == "events":
        return met(frame, MARKET.replace(benchmark="BBB"), prices=real.prices)
    if source == "prices":
        return met(real.days, MARKET, prices=frame)
    if source == "returns":
        return met(real.days, MARKET, returns=frame)
    path = folder / "factors.csv"
    (frame if "date" in frame else frame.rename_axis("date").reset_index()).to_csv(path, index=False)
    return met(real.days, FF3, prices=real.prices, factors=path)


def outcome(before: Met, after: Met) -> tuple[str, list[str]]:
    """Return how a damage was met, and by which rules."""
    if after.error:
        return "error or question", [after.error]
    new = sorted({f"{rule} ({severity})" for _, rule, severity in after.found - before.found})
    if any(reason and reason != was for reason, was in zip(after.reasons, before.reasons, strict=False)):
        return "skipped", new or ["reason"]
    if new:
        return "found", new
    assert before.ar is not None and after.ar is not None
    day0 = -MARKET.window.start
    same = after.ar.shape == before.ar.shape and np.isfinite(after.ar[:, day0]).all()
    same = same and not (np.abs(after.ar - before.ar) > TOLERANCE).any()
    return ("same figures" if same else "not found"), []


def planted(each: int) -> Iterator[tuple[str, str, Counter[str], Counter[str]]]:
    """Yield, by source and way, how often it was met in which way, and the rules that met it."""
    import tempfile

    series = all_series()
    path = FACTORS / "ff3_daily.csv"
    table = read_factors(path)
    factors = 100 * pd.DataFrame(table.values, pd.DatetimeIndex(table.sessions), list(table.names))
    factors = factors[[*damage.THREE, "RF"]]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rng = np.random.default_rng(SEED)
        reals = [drawn(series, factors, rng) for _ in range(each)]
        clean = {
            source: [study(source, real, getattr(real, source), folder) for real in reals] for source in WAYS
        }
        for source, ways in WAYS.items():
            for way, change in ways.items():
                how, rules = Counter[str](), Counter[str]()
                for real, before in zip(reals, clean[source], strict=True):
                    name = str(rng.choice(damage.TICKERS)) if source != "factors" else "Mkt-RF"
                    given = getattr(real, source)
                    frame = (
                        change(given.copy(), rng) if source == "events" else change(given.copy(), name, rng)
                    )
                    told, by = outcome(before, study(source, real, frame, folder))
                    how[told] += 1
                    rules.update(by)
                yield source, way, how, rules


def clean_findings() -> Iterator[tuple[str, float, list[str]]]:
    """Yield what every rule finds in the clean series: as prices, and as a table of returns."""
    series = all_series()
    years = sum(len(own.sessions) for own in series.values()) / 252
    told = [each for own in series.values() for each in findings(own, market=series["SPY"])]
    yield "as prices", years, [f"{f.ticker} {f.rule} ({f.severity})" for f in told if f.severity != "info"]
    matrix = returns_from_prices(series, {"": union_axis(list(series.values()))}, "simple")
    ask_unit(list(matrix.columns), matrix.values)  # raises where it would ask
    table = ReturnTable(
        tuple(matrix.columns),
        matrix.dates,
        matrix.values,
        benchmark="SPY",
        used=np.ones(len(matrix.dates), dtype=bool),
    )
    for title, given in (("as returns of prices", ()), ("as a frame of returns", table.names)):
        found = return_findings(table, given)
        yield title, years, [f"{f.ticker} {f.rule} ({f.severity})" for f in found if f.severity != "info"]


def main() -> None:
    """Print how each damage was met, and what is said of the clean series."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else EACH
    print(
        "| input | damage | planted | error or question | skipped | found | same figures | not found | by |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for source, way, how, rules in planted(each):
        counts = (
            how[name] for name in ("error or question", "skipped", "found", "same figures", "not found")
        )
        by = ", ".join(name for name, _ in rules.most_common(3))
        print(f"| {source} | {way} | {each} | {' | '.join(str(n) for n in counts)} | {by} |", flush=True)
    for title, years, found in clean_findings():
        print(f"\n{title}, {years:.0f} series-years: {len(found)} warnings and errors")
        for text, n in Counter(found).items():
            print(f"  {n} x {text}")


if __name__ == "__main__":
    main()
