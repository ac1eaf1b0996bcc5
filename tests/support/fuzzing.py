"""Hostile variants of every kind of file that the tool reads, and what must hold for each.

As a program, ``python fuzzing.py KIND SEED CASES`` tries that many variants and prints what came of them as
JSON: it dies of an alarm where one variant takes too long, so that a hang cannot pass for slowness.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy.errors import EventStudyError

LONGEST = 30  #: seconds after which a file that is still being read ends the process
MEMORY = 1 << 30  #: bytes that reading any of them may take
ADDRESSES = 8 << 30  #: bytes of address space, far above what libraries reserve and far below a bomb
EVER = (date(1900, 1, 1), date(2100, 1, 1))
TOKENS = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n\n",
    b"\x1b[2J",
    b"\t",
    b'"',
    b"'",
    b",",
    b";",
    b"|",
    b":",
    b"- ",
    b"NaN",
    b"inf",
    b"-inf",
    b"1e309",
    b"-1e308",
    b"1e-320",
    b"-0",
    b"0",
    b"00",
    b"-1",
    b"0x10",
    b"1_000",
    b"1,5",
    b"9" * 30,
    b"9" * 5000,
    b"2147483648",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"0001-01-01",
    b"9999-12-31",
    b"99999999",
    b"20240230",
    b"2024-13-01",
    b"1582-10-10",
    b"2024-01-02T00:00",
    b"[",
    b"]",
    b"{",
    b"}",
    b"*a",
    b"&a ",
    b"!!python/object:os.system ",
    b"<<: ",
    b"? ",
    b"...",
    b"---",
    b"../../etc/passwd",
    b"..",
    b"/dev/zero",
    b"=1+1",
    b"@x",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    "\u0661\u0662".encode(),
    "\uff11".encode(),
    b"null",
    b"true",
    b"~",
    b"PAR1",
    b"PK\x03\x04",
    b"A" * 300,
    b"ticker",
    b"date",
    b"close",
    b"session",
)
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


def mutate(raw: bytes, rng: random.Random) -> bytes:
    """Return a variant of a file, one to four changes away from it."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        raw = rng.choice(MUTATIONS)(raw, rng)
    return raw


def _slice(raw: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(raw) + 1)
    return start, min(len(raw), start + rng.choice((1, 2, 4, 8, 40, 400)))


def _flip(raw: bytes, rng: random.Random) -> bytes:
    if not raw:
        return raw
    at = rng.randrange(len(raw)) if rng.random() < 0.5 else max(0, len(raw) - 1 - rng.randrange(2500))
    return raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8))]) + raw[at + 1 :]


def _overwrite(raw: bytes, rng: random.Random) -> bytes:
    start, end = _slice(raw, rng)
    return raw[:start] + rng.randbytes(end - start) + raw[end:]


def _delete(raw: bytes, rng: random.Random) -> bytes:
    start, end = _slice(raw, rng)
    return raw[:start] + raw[end:]


def _repeat(raw: bytes, rng: random.Random) -> bytes:
    start, end = _slice(raw, rng)
    return raw[:end] + raw[start:end] * rng.choice((1, 1, 3, 50)) + raw[end:]


def _cut(raw: bytes, rng: random.Random) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _insert(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice(TOKENS) + raw[at:]


def _number(raw: bytes, rng: random.Random) -> bytes:
    """Replace a number by another: a hostile one, one of another size, or one of the file's own."""
    found = list(NUMBER.finditer(raw))
    if not found:
        return raw
    place = rng.choice(found)
    other = rng.choice((rng.choice(TOKENS), rng.choice(found)[0], place[0] + b"00", b"-" + place[0]))
    return raw[: place.start()] + other + raw[place.end() :]


def _lines(raw: bytes, rng: random.Random) -> bytes:
    lines = raw.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], rng.choice((lines[one], lines[other], b""))
    return b"\n".join(lines)


def _cells(raw: bytes, rng: random.Random) -> bytes:
    cells = re.split(rb"([,:\n ])", raw)
    cells[rng.randrange(len(cells))] = rng.choice((*TOKENS, rng.choice(cells)))
    return b"".join(cells)


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _flip,
    _overwrite,
    _delete,
    _repeat,
    _cut,
    _insert,
    _number,
    _number,
    _lines,
    _cells,
    _cells,
)


@cache
def sessions(count: int = 60) -> list[date]:
    """Return sessions of the New York exchange from 2024-01-02 on."""
    closed = {date(2024, 1, 15), date(2024, 2, 19), date(2024, 3, 29)}
    days = (date(2024, 1, 2) + timedelta(days=n) for n in range(count * 2))
    return [day for day in days if day.weekday() < 5 and day not in closed][:count]


@cache
def figures() -> dict[str, Any]:
    """Return clean prices of one security."""
    rng = np.random.default_rng(7)
    close = 100 * np.cumprod(1 + rng.normal(0, 0.01, 60))
    spread = 1 + np.abs(rng.normal(0, 0.005, (2, 60)))
    opened = close * (1 + rng.normal(0, 0.001, 60))
    top, bottom = np.maximum(close, opened), np.minimum(close, opened)
    volume = rng.integers(10**6, 10**7, 60).astype(float)
    return {
        "open": opened, "high": top * spread[0], "low": bottom / spread[1], "close": close, "volume": volume
    }  # fmt: skip


@cache
def closes() -> dict[str, Any]:
    """Return closes of two securities and a benchmark."""
    rng = np.random.default_rng(11)
    market = rng.normal(0, 0.01, 60)
    moves = {"SPY": market, "NVDA": market + rng.normal(0, 0.02, 60), "AMD": rng.normal(0, 0.02, 60)}
    return {name: 100 * np.cumprod(1 + move) for name, move in moves.items()}


def _csv(columns: dict[str, Any], day: str = "%Y-%m-%d", **before: str) -> bytes:
    header = [*(name for name in before), "Date", *columns]
    rows = zip(sessions(), *columns.values(), strict=True)
    body = (
        [*before.values(), session.strftime(day), *(f"{cell:.6g}" for cell in cells)]
        for session, *cells in rows
    )
    return "\n".join(",".join(row) for row in (header, *body, [])).encode()


def _parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def stored() -> bytes:
    """Return a file of the cache."""
    from eventstudy.prices.cache.folder import SeriesFolder

    with tempfile.TemporaryDirectory() as folder:
        return SeriesFolder(Path(folder)).write(stored_series()).read_bytes()


@cache
def stored_series() -> Any:
    """Return the series of that file."""
    from dataclasses import replace

    from eventstudy.prices.series import series_of

    days = np.array(sessions(), dtype="datetime64[D]")
    series = series_of("NVDA", days, figures(), "yahoo", dividend=np.zeros(60))
    told = {"asked_from": "1990-01-01", "asked_to": "2024-12-31", "fetched_at": "2025-01-01T00:00:00+00:00"}
    return replace(series, origin={**series.origin, **told, "currency": "USD", "zone": "America/New_York"})


FRENCH = (
    "This file was created by CMPT_ME_BEME_RETS_DAILY using the 202610 CRSP database.\r\n\r\n"
    ",Mkt-RF,SMB,HML,RF\r\n"
    + "".join(
        f"{day:%Y%m%d},  {(-1) ** n}.{n:02d},  -0.18,    0.15,    0.02\r\n"
        for n, day in enumerate(sessions())
    )
    + "\r\nCopyright 2026 Eugene F. Fama and Kenneth R. French\r\n"
).encode()
STUDY = b"""\
benchmark: SPY
tickers: [NVDA, AMD]
exchanges: {NVDA: XNYS}
design:
  model: market
  estimation: [-30, -6]
  window: -2:2
  car_windows: [[0, 0], "-1:1"]
  min_estimation: 0.6
  seed: 3
events:
  - id: first
    title: "Something happened"
    when: 2024-03-05 21:00 America/New_York
    kind: product
    expect: {NVDA: up}
    confounders: {AMD: {date: 2024-03-06, reason: results}}
  - id: second
    title: Another thing
    when: 2024-03-12T08:00-04:00
    tickers: [NVDA]
    timing: pre
    benchmark: {ticker: SPY, exclude_self: {NVDA: 0.066}}
  - id: third
    title: A date
    session: 2024-03-18
"""
EVENT_TABLE = (
    b"event_id,ticker,when,benchmark,kind,timing,size,note\n"
    b'e1,NVDA,2024-03-05 21:00 America/New_York,SPY,a,,1.5,"two, words"\n'
    b"e1,AMD,2024-03-05 21:00 America/New_York,SPY,a,,2,\n"
    b"e2,NVDA,2024-03-12,SPY,b,post,,=1+1\n"
    b"e3,AMD,2024-03-18T08:00-04:00,,b,,3e2,x\n"
)


def zipped(raw: bytes) -> bytes:
    """Return a zip of one CSV."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("F-F_Research_Data_Factors_daily.CSV", raw)
    return sink.getvalue()


def _price_csv() -> Iterator[tuple[str, bytes]]:
    close = {"NVDA": figures()["close"], "AMD": figures()["close"] * 2}
    yield "NVDA.csv", _csv(figures())
    yield "prices.csv", _csv(close)
    yield "prices.csv", _csv(figures(), Ticker="NVDA")
    stooq = {f"<{name.upper()}>": values for name, values in figures().items()}
    bulk = _csv(stooq, day="%Y%m%d", **{"<TICKER>": "NVDA.US", "<PER>": "D"}).replace(b"Date", b"<DATE>", 1)
    yield "nvda.us.txt", bulk.replace(b"<VOLUME>", b"<VOL>", 1)
    yield "NVDA.csv", _csv(figures() | {"Adj Close": figures()["close"] * 0.99}, day="%Y%m%d")


def _price_parquet() -> Iterator[tuple[str, bytes]]:
    yield "NVDA.parquet", _parquet({"date": sessions(), **figures()})
    yield "prices.parquet", _parquet({"date": sessions(), "NVDA": figures()["close"]})


def _factor_files() -> Iterator[tuple[str, bytes]]:
    yield "ff.csv", FRENCH
    yield "ff.zip", zipped(FRENCH)
    yield "tidy.csv", _csv({"Mkt-RF": figures()["close"] / 100, "RF": figures()["close"] * 0})
    yield "tidy.parquet", _parquet({"date": sessions(), "Mom": figures()["close"] / 100})


def _event_lists() -> Iterator[tuple[str, bytes]]:
    table: dict[str, Any] = {
        "event_id": ["a", "b"],
        "ticker": ["NVDA", "AMD"],
        "when": ["2024-03-05"] * 2,
        "x": [1.0, 2.0],
    }
    yield "events.yaml", STUDY
    yield "events.csv", EVENT_TABLE
    yield "events.parquet", _parquet(table)


def read_stored(path: Path) -> str:
    """Read a file of the cache: it is refused, or it is what was stored."""
    from eventstudy.prices.cache.folder import SeriesFolder
    from eventstudy.prices.series import fingerprint

    series = SeriesFolder(path.parent).read("NVDA")
    assert series is not None
    assert fingerprint(series) == fingerprint(stored_series()), "other figures than were stored"
    return "same"


def read_prices(path: Path) -> str:
    """Read prices: refused, or a figure that a rule could doubt has a finding."""
    from eventstudy.prices.files.source import DirectorySource

    source = DirectorySource(path if path.stem == "prices" else path.parent)
    batch = source.load(["NVDA"], *EVER)
    for series in batch.series.values():
        refuse_silence(series)
    assert batch.failures.keys() | batch.series.keys() == {"NVDA"}
    return "refused" if batch.failures else "read"


def refuse_silence(series: Any) -> None:
    """Raise where a series holds what cannot be true and no finding says so."""
    from eventstudy.soundness import findings

    close = series.close[~np.isnan(series.close)]
    days = series.sessions[~np.isnan(series.close)]
    assert (np.diff(series.sessions).astype(int) > 0).all(), "sessions out of order"
    assert (close > 0).all() and np.isfinite(close).all(), "a close that is no price"
    told = {(finding.session, finding.rule) for finding in findings(series)}
    said = {day for day, _ in told}
    with np.errstate(over="ignore"):
        steps = close[1:] / close[:-1]
    for at in np.flatnonzero((steps > 95) | (steps < 1 / 95)):
        assert {days[at + 1].item(), days[at].item(), None} & said, f"a jump on {days[at + 1]} and no finding"
    for at in np.flatnonzero(series.high < series.low * (1 - 1e-5)):
        assert {series.sessions[at].item(), None} & said, "high below low and no finding"
    beyond = (series.close > series.high * (1 + 1e-5)) | (series.close < series.low * (1 - 1e-5))
    for at in np.flatnonzero(beyond):
        assert {series.sessions[at].item(), None} & said, "a close outside its range and no finding"
    for day in series.sessions:
        if not np.is_busday(day):
            assert {day.item(), None} & said, f"{day} is no weekday and there is no finding"


def read_factor_file(path: Path) -> str:
    """Read factors: refused, or moves that a factor can make."""
    from eventstudy.prices.factors.table import read_factors

    table = read_factors(path)
    assert (np.diff(table.sessions).astype(int) > 0).all()
    assert not np.isinf(table.values).any(), "an infinite factor return"
    known = [name in ("Mkt-RF", "SMB", "HML", "RF", "Mom") for name in table.names]
    assert not (np.abs(table.values[:, known]) > 0.5).any(), "a factor that moved by more than half in a day"
    return "read"


def read_events(path: Path) -> str:
    """Read an event list as far as its firm-events, from which a run would go on."""
    from eventstudy.events.inputs import read_inputs
    from eventstudy.events.names import check_ticker

    firm_events = read_inputs(path).firm_events()
    for ticker in firm_events.price_tickers:
        check_ticker(ticker)
    return "read"


def run_study(path: Path) -> str:
    """Run a whole study on clean prices."""
    import eventstudy as es

    prices = path.parent / "p.csv"
    if not prices.exists():
        prices.write_bytes(_csv(closes()))
    es.run(path, prices=prices, offline=True)
    return "run"


@cache
def _result() -> Path:
    import eventstudy as es

    folder = Path(tempfile.mkdtemp(prefix="eventstudy-fuzz-"))
    (folder / "events.yaml").write_bytes(STUDY)
    (folder / "p.csv").write_bytes(_csv(closes()))
    es.run(folder / "events.yaml", prices=folder / "p.csv", offline=True).to_parquet(folder / "results")
    return folder / "results"


def _result_files() -> Iterator[tuple[str, bytes]]:
    for name in ("manifest.json", "cars.parquet", "manifest.json", "tests.parquet"):
        yield name, (_result() / name).read_bytes()


def read_result(path: Path) -> str:
    """Load a result folder of which one file is a variant: refused, or the same tables."""
    import eventstudy as es

    folder = path.parent / "results"
    if not folder.exists():
        shutil.copytree(_result(), folder)
    kept = (folder / path.name).read_bytes()
    (folder / path.name).write_bytes(path.read_bytes())
    try:
        es.load(folder)
    finally:
        (folder / path.name).write_bytes(kept)
    return "read"


@dataclass(frozen=True)
class Kind:
    """A kind of file: clean ones to start from, and what reads a variant."""

    seeds: Callable[[], Iterator[tuple[str, bytes]]]
    read: Callable[[Path], str]
    cases: int  #: of the hundred thousand


KINDS = {
    "cache": Kind(lambda: iter([("NVDA.parquet", stored())]), read_stored, 25_000),
    "price-csv": Kind(_price_csv, read_prices, 25_000),
    "price-parquet": Kind(_price_parquet, read_prices, 10_000),
    "factors": Kind(_factor_files, read_factor_file, 20_000),
    "events": Kind(_event_lists, read_events, 16_000),
    "study": Kind(lambda: iter([("events.yaml", STUDY)]), run_study, 2_000),
    "results": Kind(_result_files, read_result, 2_000),
}


@dataclass
class Outcome:
    """What came of the variants of a kind."""

    kind: str
    outcomes: dict[str, int] = field(default_factory=dict)
    growth: int = 0
    faults: list[str] = field(default_factory=list)


def attempt(kind: str, seed: int, cases: int, keep: Path | None = None) -> Outcome:
    """Try variants of a kind of file and return what came of them; what raised another error is kept."""
    rng = random.Random(f"{kind} {seed}")
    seeds = list(KINDS[kind].seeds())
    outcome = Outcome(kind)
    with tempfile.TemporaryDirectory() as folder:
        for case in range(cases):
            name, clean = seeds[case % len(seeds)]
            path = Path(folder, f"{case % len(seeds)}", name)
            path.parent.mkdir(exist_ok=True)
            variant = mutate(clean, rng)
            path.write_bytes(variant)
            signal.alarm(LONGEST)
            try:
                came = KINDS[kind].read(path)
            except EventStudyError as error:
                came = "refused"
                if "\n" in str(error):
                    outcome.faults.append(f"case {case}: {type(error).__name__} of several lines")
            except BaseException as error:
                came = "fault"
                where = "".join(traceback.format_exception(error)[-2:]).strip().replace("\n", " ")
                outcome.faults.append(f"case {case} ({name}): {where}"[-600:])
                if keep is not None:
                    (keep / f"{kind}-{seed}-{case}-{name}").write_bytes(variant)
            signal.alarm(0)
            outcome.outcomes[came] = outcome.outcomes.get(came, 0) + 1
    return outcome


def main(kind: str, seed: int, cases: int, keep: Path | None = None) -> None:
    """Try variants under limits and print what came of them."""
    warnings.simplefilter("error")
    for kind_of_warning in (DeprecationWarning, FutureWarning, PendingDeprecationWarning):
        warnings.simplefilter("ignore", kind_of_warning)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    attempt(kind, 0, 1)  # the libraries are there now
    outcome = attempt(kind, seed, cases, keep)
    outcome.growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sys.stdout.write(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *map(Path, sys.argv[4:5]))
