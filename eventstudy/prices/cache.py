"""Prices kept on disk: one Parquet file per ticker, replaced as a whole and never appended to.

Appending across a split or a dividend would glue two adjustment bases and fabricate a return. A file knows
the range that its provider was asked for, so that "asked, nothing there" differs from "never asked".
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy._typing import FloatArray
from eventstudy.arrow import from_arrow
from eventstudy.errors import OutputError, PriceDataError
from eventstudy.prices.series import FIGURES, fingerprint
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.prices.tickers import file_stem, ticker_of

FORMAT = "1"
SCHEMA = pa.schema([("session", pa.date32()), *((name, pa.float64()) for name in (*FIGURES, "split"))])
PREFIX = "eventstudy_"  #: of the keys in a file's metadata
PINNED = "snapshot"  #: provider of files that are never written to or removed
RENEW = "remove it with `eventstudy prices clear` and fetch again"


@dataclass(frozen=True)
class SeriesFolder:
    """A folder of stored series; nothing is read or written outside it."""

    folder: Path

    def file(self, ticker: str) -> Path:
        """Return the file of a ticker, whether it exists or not."""
        return self.folder / f"{file_stem(ticker)}.parquet"

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that have a file, in order."""
        return tuple(sorted(ticker_of(path.stem) for path in self.folder.glob("[!.]*.parquet")))

    def read(self, ticker: str) -> PriceSeries | None:
        """Return the stored series of a ticker with its provenance, None where there is no file.

        Raises
        ------
        PriceDataError
            The file is damaged, of another format or of another ticker.
        """
        path = self.file(ticker)
        try:
            table = pq.ParquetFile(pa.BufferReader(path.read_bytes())).read()
        except FileNotFoundError:
            return None
        except (pa.ArrowException, OSError) as error:
            raise PriceDataError(ticker, f"{path} is damaged ({_line(error)})", RENEW) from None
        origin = _origin(table)
        is_ours = origin.get("format") == FORMAT and origin.get("symbol") == ticker
        if not is_ours or table.schema != SCHEMA or not {"asked_from", "asked_to"} <= origin.keys():
            raise PriceDataError(
                ticker, f"{path} is not a stored series of {ticker} in format {FORMAT}", RENEW
            )
        series = _series(path, ticker, table, origin)
        if fingerprint(series) != origin.get("sha256"):
            raise PriceDataError(ticker, f"{path} does not hold what was stored (sha256 differs)", RENEW)
        return series

    def write(self, series: PriceSeries) -> Path:
        """Store a series in place of what was there; readers see the old file or the new one, never a part.

        Raises
        ------
        OutputError
            The folder cannot be written to, or the file is a pinned one.
        """
        import filelock

        path = self.file(series.ticker)
        refuse_pinned(path)
        try:
            locks = self.folder / ".locks"
            locks.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(locks / f"{path.stem}.lock"):
                _replace(path, _table(series))
        except (OSError, pa.ArrowException) as error:
            raise OutputError(
                path, f"cannot be written ({_line(error)})", "what was there is kept"
            ) from error
        return path

    def remove(self, ticker: str) -> bool:
        """Remove the file of a ticker; False where there was none.

        Raises
        ------
        OutputError
            The file is a pinned one, not ours, or cannot be removed.
        """
        path = self.file(ticker)
        try:
            refuse_pinned(path)
            path.unlink()
        except FileNotFoundError:
            return False
        except PermissionError as error:
            raise OutputError(path, f"cannot be removed ({_line(error)})") from None
        return True


def covers(series: PriceSeries, start: date, end: date) -> bool:
    """Tell whether the provider of a stored series was asked for all of ``start`` to ``end``."""
    asked_from, asked_to = series.origin.get("asked_from"), series.origin.get("asked_to")
    return (
        bool(asked_from and asked_to)
        and f"{asked_from}" <= start.isoformat()
        and end.isoformat() <= f"{asked_to}"
    )


def refuse_pinned(path: Path) -> None:
    """Raise an OutputError where a file is pinned, or is Parquet that is no stored series of ours."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, FileNotFoundError):
        return  # absent, or damaged and no use to anyone
    except OSError as error:
        raise OutputError(path, f"cannot be looked into ({_line(error)})", "give another --cache") from None
    if f"{PREFIX}symbol".encode() not in metadata:
        raise OutputError(path, "is not a stored price series", "choose another folder with --cache")
    if metadata.get(f"{PREFIX}provider".encode()) == PINNED.encode():
        raise OutputError(path, "is pinned and never changed", "choose another folder with --cache")


def _origin(table: pa.Table) -> dict[str, str]:
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return {key.removeprefix(PREFIX): value for key, value in metadata.items() if key.startswith(PREFIX)}


def _series(path: Path, ticker: str, table: pa.Table, origin: Mapping[str, str]) -> PriceSeries:
    def column(name: str) -> FloatArray:
        values: FloatArray = from_arrow(table.column(name))
        return values

    kept = json.loads(origin.get("findings", "[]"))
    return PriceSeries(
        ticker=ticker,
        sessions=from_arrow(table.column("session")),
        open=column("open"),
        high=column("high"),
        low=column("low"),
        close=column("close"),
        volume=column("volume"),
        dividend=column("dividend"),
        source=origin.get("provider", ""),
        adjusted_only=origin.get("adjusted_only") == "yes",
        price_index=origin.get("price_index") == "yes",
        origin={**origin, "file": path.name},
        split=None if np.isnan(column("split")).all() else column("split"),
        findings=tuple(Finding(ticker, day and date.fromisoformat(day), *rest) for day, *rest in kept),
    )


def _table(series: PriceSeries) -> pa.Table:
    split = np.full(len(series.sessions), np.nan) if series.split is None else series.split
    columns = [series.sessions, *(getattr(series, name) for name in FIGURES), split]
    found = [(f.session and f.session.isoformat(), f.rule, f.severity, f.detail) for f in series.findings]
    origin = {
        **series.origin,
        "findings": json.dumps(found),
        "format": FORMAT,
        "symbol": series.ticker,
        "provider": series.source,
        "adjusted_only": "yes" if series.adjusted_only else "no",
        "price_index": "yes" if series.price_index else "no",
        "sha256": fingerprint(series),
    }
    schema = SCHEMA.with_metadata({f"{PREFIX}{key}": value for key, value in sorted(origin.items())})
    return pa.table([pa.array(values, from_pandas=True) for values in columns], schema=schema)


def _replace(path: Path, table: pa.Table) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            pq.write_table(table, part, compression="zstd", use_dictionary=False)
            part.flush()
            os.fsync(part.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
