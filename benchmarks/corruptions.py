"""How many seeded corruptions of real price series the quality rules find, and what they say of clean ones.

Run with the project's interpreter: `.venv/bin/python benchmarks/corruptions.py [PER_VARIANT]`. The series are
read from ../shared/prices beside the repository. A corruption counts as found when a rule that is meant for
it tells something new within five days of its sessions, for a dividend that is missing within 21 days.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstudy._typing import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.series import series_of
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.soundness import findings

PRICES = Path(__file__).resolve().parents[2] / "shared" / "prices"
SEED = 20260101
PER_VARIANT = 20  #: corruptions of each variant: a thousand and some in all
BARS = ("open", "high", "low", "close")
LEVELS = (*BARS, "adj_close")
MARKET = "SPY"
LEAST_PAID = 12  #: dividends that make a regular payer

Rng = np.random.Generator
Columns = dict[str, FloatArray]


@dataclass(frozen=True)
class Rows:
    """A file as it would be read: dates in any order, figures by name."""

    sessions: DateArray
    columns: Columns

    def having(self, **changes: FloatArray) -> Rows:
        """Return the same rows with some columns changed."""
        return Rows(self.sessions, {**self.columns, **changes})

    def taken(self, rows: object) -> Rows:
        """Return some rows, or all of them in another order."""
        picked = np.asarray(rows)
        return Rows(self.sessions[picked], {name: values[picked] for name, values in self.columns.items()})

    def scaled(self, at: BoolArray, factor: float, names: tuple[str, ...] = LEVELS) -> Rows:
        """Return rows with some figures multiplied."""
        given = {name: np.where(at, self.columns[name] * factor, self.columns[name]) for name in names}
        return self.having(**given)


@dataclass(frozen=True)
class Corrupted:
    """Corrupted rows, the first and last session that show it, and how many days beside them count."""

    rows: Rows
    first: np.datetime64
    last: np.datetime64
    near: int = 5


@dataclass(frozen=True)
class Variant:
    """A way to corrupt a series, and the rules that are meant to find it."""

    kind: str
    name: str
    rules: tuple[str, ...]
    corrupt: Callable[[Rows, int, Rng], Corrupted]
    payers: bool = False


def main() -> None:
    """Print detection by kind and variant, and the findings of the clean series."""
    per_variant = int(sys.argv[1]) if len(sys.argv) > 1 else PER_VARIANT
    clean = clean_rows()
    market = read(MARKET, clean[MARKET])
    years = sum(len(rows.sessions) for rows in clean.values()) / 252
    known = {name: judged(name, rows, market) for name, rows in clean.items()}
    told = [found for each in known.values() for found in each]
    print(f"{len(clean)} clean series, {years:.0f} series-years: {len(told)} warnings and errors")
    for found in told:
        print(f"  {found.ticker:6s} {found.session} {found.rule} ({found.severity})")
    print(f"\n{'kind':22s} {'variant':34s} {'found':>9s} {'as error':>9s} {'elsewhere':>10s}")
    total = hits = 0
    for variant, outcomes in detection(clean, known, market, per_variant):
        right = sum(outcome.found for outcome in outcomes)
        errors, elsewhere = sum(o.error for o in outcomes), sum(o.elsewhere for o in outcomes)
        total, hits = total + len(outcomes), hits + right
        share = f"{right}/{len(outcomes)}"
        print(f"{variant.kind:22s} {variant.name:34s} {share:>9s} {errors:9d} {elsewhere:10d}")
    print(f"\n{hits} of {total} found")


@dataclass(frozen=True)
class Outcome:
    """Whether a corruption was found, as an error, and how many new findings lie elsewhere."""

    found: bool
    error: bool
    elsewhere: int


def detection(
    clean: Mapping[str, Rows], known: Mapping[str, list[Finding]], market: PriceSeries, per_variant: int
) -> list[tuple[Variant, list[Outcome]]]:
    """Corrupt series at seeded places in every way and judge each."""
    rng = np.random.default_rng(SEED)
    names = [name for name in clean if name[0] != "^" and name != "ASML" and len(clean[name].sessions) > 600]
    payers = [name for name in names if len(dividends(clean[name])) >= LEAST_PAID]
    outcomes = []
    for variant in VARIANTS:
        listed = payers if variant.payers else names
        told = []
        for _ in range(per_variant):
            name = str(rng.choice(listed))
            rows = clean[name]
            made = variant.corrupt(rows, int(rng.integers(150, len(rows.sessions) - 300)), rng)
            told.append(outcome(variant, made, judged(name, made.rows, market), known[name]))
        outcomes.append((variant, told))
    return outcomes


def outcome(variant: Variant, made: Corrupted, after: list[Finding], before: list[Finding]) -> Outcome:
    """Hold the findings after a corruption against those before it."""
    known = {(found.rule, found.session) for found in before}
    new = [found for found in after if (found.rule, found.session) not in known]
    days = np.timedelta64(made.near, "D")
    near = [
        f
        for f in new
        if f.session is None or made.first - days <= np.datetime64(f.session) <= made.last + days
    ]
    meant = [found for found in near if found.rule in variant.rules]
    return Outcome(bool(meant), any(f.severity == "error" for f in near), len(new) - len(near))


def judged(name: str, rows: Rows, market: PriceSeries) -> list[Finding]:
    """Return the warnings and errors of a series."""
    return [found for found in findings(read(name, rows), market=market) if found.severity != "info"]


def read(name: str, rows: Rows) -> PriceSeries:
    """Make a series of rows as a file of them is read."""
    return series_of(name, rows.sessions, rows.columns, "file")


def dividends(rows: Rows) -> IntArray:
    """Return the rows that pay more than rounding."""
    series = read("AAA", rows)
    return np.flatnonzero(series.dividend > 1e-4 * series.close)


def clean_rows(folder: Path = PRICES) -> dict[str, Rows]:
    """Read the files as they stand."""
    source = DirectorySource(folder)
    rows = {}
    for name in source.tickers():
        series = source.whole(name)
        adjusted = adjusted_closes(series)
        columns = {key: getattr(series, key) for key in (*BARS, "volume")} | {"adj_close": adjusted}
        rows[name] = Rows(series.sessions, columns)
    return rows


def adjusted_closes(series: PriceSeries) -> FloatArray:
    """Return closes adjusted for the dividends of a series, as vendors do; none for a price index."""
    if series.price_index:
        return np.full(len(series.close), np.nan)
    before = np.concatenate([series.close[:1], series.close[:-1]])
    factors = 1 - np.where(np.arange(len(before)) > 0, series.dividend, 0.0) / before
    later = np.concatenate([np.cumprod(factors[::-1])[::-1][1:], [1.0]])
    adjusted: FloatArray = series.close * later
    return adjusted


def one_row(corrupt: Callable[[Rows, BoolArray, Rng], Rows]) -> Callable[[Rows, int, Rng], Corrupted]:
    """Corrupt the figures of one session."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        here = np.arange(len(rows.sessions)) == at
        return Corrupted(corrupt(rows, here, rng), rows.sessions[at], rows.sessions[at])

    return made


def value(figure: float) -> Callable[[Rows, int, Rng], Corrupted]:
    """Put a figure in place of a close."""
    return one_row(lambda rows, here, rng: rows.having(close=np.where(here, figure, rows.columns["close"])))


def for_a_session(factor: float) -> Callable[[Rows, int, Rng], Corrupted]:
    """Multiply the whole bar of a session."""
    return one_row(lambda rows, here, rng: rows.scaled(here, factor))


def drop(rows: Rows, at: int, rng: Rng) -> Corrupted:
    """Leave a session out."""
    day = rows.sessions[at]
    return Corrupted(rows.taken(np.delete(np.arange(len(rows.sessions)), at)), day, day)


def add(rows: Rows, at: int, rng: Rng) -> Corrupted:
    """Add a row on the next day that is no session, close by at a little noise."""
    days = rows.sessions[at] + np.arange(1, 8)
    day = days[~np.isin(days, rows.sessions)][0]
    more = rows.taken(np.insert(np.arange(len(rows.sessions)), at + 1, at))
    sessions = more.sessions.copy()
    sessions[at + 1] = day
    noisy = more.columns["close"].copy()
    noisy[at + 1] *= 1 + rng.normal(0, 0.01)
    return Corrupted(Rows(np.sort(sessions), {**more.columns, "close": noisy}), day, day)


def twice(factor: float) -> Callable[[Rows, int, Rng], Corrupted]:
    """Repeat a row, its close multiplied."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        again = rows.taken(np.insert(np.arange(len(rows.sessions)), at, at))
        here = np.arange(len(again.sessions)) == at
        return Corrupted(again.scaled(here, factor, ("close",)), rows.sessions[at], rows.sessions[at])

    return made


def swap(rows: Rows, at: int, rng: Rng) -> Corrupted:
    """Exchange two neighbouring rows."""
    order = np.arange(len(rows.sessions))
    order[[at, at + 1]] = order[[at + 1, at]]
    return Corrupted(rows.taken(order), rows.sessions[at], rows.sessions[at + 1])


def stale(length: int, volume: float | None) -> Callable[[Rows, int, Rng], Corrupted]:
    """Carry a bar forward: with this volume, or with its own."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        here = slice(at, at + length)
        columns = {name: values.copy() for name, values in rows.columns.items()}
        for name in (*LEVELS, "volume"):
            columns[name][here] = columns[name][at - 1]
        if volume is not None:
            columns["volume"][here] = volume
        if volume is not None and np.isnan(volume):
            columns["volume"][:] = volume
        return Corrupted(Rows(rows.sessions, columns), rows.sessions[at], rows.sessions[at + length - 1])

    return made


def before(factor: float, *, volume: bool = True) -> Callable[[Rows, int, Rng], Corrupted]:
    """Multiply all prices before a session, and divide the volumes: an adjustment not made."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        earlier: BoolArray = np.arange(len(rows.sessions)) < at
        changed = rows.scaled(earlier, factor)
        if volume:
            changed = changed.scaled(earlier, 1 / factor, ("volume",))
        return Corrupted(changed, rows.sessions[at], rows.sessions[at])

    return made


def closes_before(factor: float) -> Callable[[Rows, int, Rng], Corrupted]:
    """The same where the file has nothing but closes."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        done = before(factor)(rows, at, rng)
        alone = Rows(done.rows.sessions, {"close": done.rows.columns["close"]})
        return Corrupted(alone, done.first, done.last)

    return made


def no_dividend(rows: Rows, at: int, rng: Rng) -> Corrupted:
    """Forget a dividend in the adjusted closes, one of those that lie well inside."""
    chosen = int(rng.choice(dividends(rows)[2:-2]))
    factor = rows.columns["adj_close"] / rows.columns["close"]
    earlier: BoolArray = np.arange(len(factor)) < chosen
    changed = rows.scaled(earlier, float(factor[chosen] / factor[chosen - 1]), ("adj_close",))
    return Corrupted(changed, rows.sessions[chosen], rows.sessions[chosen], near=21)


def upside_down(rows: Rows, at: int, rng: Rng) -> Corrupted:
    """Exchange high and low."""
    here = np.arange(len(rows.sessions)) == at
    high, low = rows.columns["high"], rows.columns["low"]
    changed = rows.having(high=np.where(here, low, high), low=np.where(here, high, low))
    return Corrupted(changed, rows.sessions[at], rows.sessions[at])


def outside(by: float) -> Callable[[Rows, int, Rng], Corrupted]:
    """Put the close above the high by a share."""
    return one_row(
        lambda rows, here, rng: rows.having(
            close=np.where(here, rows.columns["high"] * (1 + by), rows.columns["close"])
        )
    )


def later_by_a_session(length: int | None) -> Callable[[Rows, int, Rng], Corrupted]:
    """Date a stretch, or all, a session late; the row that is overwritten is lost."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        n = len(rows.sessions)
        start, end = (1, n) if length is None else (at, at + length)
        source = np.arange(n)
        source[start:end] -= 1
        columns = {name: values[source] for name, values in rows.columns.items()}
        keep = np.delete(np.arange(n), start - 1)  # the first day of the stretch has no row of its own
        moved = Rows(rows.sessions, columns).taken(keep)
        return Corrupted(moved, rows.sessions[start - 1], rows.sessions[end - 1])

    return made


def later_by_a_day(whole: bool) -> Callable[[Rows, int, Rng], Corrupted]:
    """Date rows a calendar day late, from a session on or all."""

    def made(rows: Rows, at: int, rng: Rng) -> Corrupted:
        first = 0 if whole else at
        late = rows.sessions + np.where(np.arange(len(rows.sessions)) >= first, 1, 0)
        return Corrupted(Rows(late, rows.columns), rows.sessions[first], rows.sessions[-1])

    return made


def volume_for_close(rows: Rows, at: int, rng: Rng) -> Corrupted:
    """Put the volumes in place of the closes; what is found is about the whole series."""
    alone = Rows(rows.sessions, {"close": rows.columns["volume"]})
    return Corrupted(alone, rows.sessions[0], rows.sessions[-1])


HOLE, PRICE = ("missing-session",), ("nonpositive-price", "missing-session")
SPLIT, UNIT = ("unapplied-split",), ("unit-jump",)
PAYOUT = ("missing-dividend", "unapplied-dividend", "unapplied-split")
SHIFT = ("date-shift", "missing-session", "extra-session")
VARIANTS = (
    Variant("session missing", "one", HOLE, drop),
    Variant("session too many", "one", ("extra-session",), add),
    Variant("duplicate", "same row", ("duplicate-session",), twice(1.0)),
    Variant("duplicate", "another close", ("duplicate-session",), twice(1.01)),
    Variant("order", "two rows exchanged", ("unsorted",), swap),
    Variant("no price", "zero", PRICE, value(0.0)),
    Variant("no price", "negative", PRICE, value(-12.5)),
    Variant("no price", "NaN", PRICE, value(np.nan)),
    Variant("no price", "infinite", PRICE, value(np.inf)),
    Variant("no price", "volumes", ("no-prices",), volume_for_close),
    *(Variant("stale run", f"for {n}, no volume", ("stale-run",), stale(n, 0.0)) for n in (1, 5)),
    *(Variant("stale run", f"for {n}, volume too", ("stale-run",), stale(n, None)) for n in (1, 5)),
    *(
        Variant("stale run", f"for {n}, volume unknown", ("stale-run",), stale(n, np.nan))
        for n in (3, 5, 8)
    ),
    *(Variant("unit", f"x{factor:g} from there back", UNIT, before(factor)) for factor in (100, 0.01)),
    *(
        Variant("unit", f"x{factor:g} for a session", UNIT, for_a_session(factor))
        for factor in (100, 0.01)
    ),
    *(
        Variant("split not applied", name, SPLIT, before(factor))
        for name, factor in {
            "5:4": 1.25, "4:3": 4 / 3, "3:2": 1.5, "2:1": 2.0, "3:1": 3.0, "4:1": 4.0, "10:1": 10.0,
            "20:1": 20.0, "1:2": 0.5, "1:10": 0.1, "1:20": 0.05,
        }.items()
    ),
    *(
        Variant("split not applied", f"{name}, volume adjusted", SPLIT, before(factor, volume=False))
        for name, factor in {"2:1": 2.0, "1:10": 0.1}.items()
    ),
    *(
        Variant("split not applied", f"{name}, closes alone", SPLIT, closes_before(factor))
        for name, factor in {"3:2": 1.5, "2:1": 2.0, "10:1": 10.0}.items()
    ),
    Variant("dividend not applied", "one of a regular payer", PAYOUT, no_dividend, payers=True),
    *(
        Variant(
            "dividend not applied", f"special of {share:.0%}", PAYOUT, before(1 / (1 - share), volume=False)
        )
        for share in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
    ),
    Variant("high below low", "exchanged", ("high-below-low",), upside_down),
    *(
        Variant("close out of range", f"by {by:.1%}", ("close-outside-range",), outside(by))
        for by in (0.001, 0.2)
    ),
    *(
        Variant("date shift", name, SHIFT, later_by_a_session(length))
        for name, length in {"a session, 125 of them": 125, "a session, 250 of them": 250}.items()
    ),
    Variant("date shift", "a session, whole series", ("date-shift",), later_by_a_session(None)),
    Variant("date shift", "a day, from there on", SHIFT, later_by_a_day(False)),
    Variant("date shift", "a day, whole series", SHIFT, later_by_a_day(True)),
)  # fmt: skip

if __name__ == "__main__":
    main()
