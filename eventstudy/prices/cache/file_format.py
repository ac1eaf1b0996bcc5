"""The Parquet file of a stored series, with a checksum that detects any change.

The checksum ("seal") is a sha256 over the figures and the metadata: requested range, provider, currency,
findings. Format 1 had one over the figures alone.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eventstudy._typing import FloatArray
from eventstudy.errors import PriceDataError, first_line
from eventstudy.numerics.arrow import from_arrow
from eventstudy.prices.series import FIGURES, fingerprint
from eventstudy.prices.source import Finding, PriceSeries

FORMAT = 2  #: of the files of prices that are written; 1 is read
FORMAT_OF_RETURNS = 3  #: of those that hold returns too
SCHEMA = pa.schema([("session", pa.date32()), *((name, pa.float64()) for name in (*FIGURES, "split"))])
WITH_RETURNS = SCHEMA.append(pa.field("returns", pa.float64()))
PREFIX = "eventstudy_"  #: of the keys in a file's metadata
PINNED = "snapshot"  #: provider of files that are never written to or removed
ASKED = {"asked_from", "asked_to"}  #: what every file says
FETCH = "drop --offline to fetch it anew, or remove it with `eventstudy prices clear`"


@dataclass(frozen=True)
class Unusable:
    """Why a file cannot be used, and what to do.

    ``damaged``: it is, or may have been, a stored series. ``foreign``: another Parquet file, or one that must
    not be read. ``newer``: a later version of this package wrote it. Only a damaged file may be replaced.
    """

    kind: Literal["damaged", "foreign", "newer"]
    problem: str
    remedy: str

    def error(self, ticker: str) -> PriceDataError:
        """Return it as an error."""
        return PriceDataError(ticker, self.problem, self.remedy)


def to_bytes(series: PriceSeries) -> bytes:
    """Return a series as a Parquet file in today's format."""
    split = np.full(len(series.sessions), np.nan) if series.split is None else series.split
    columns = [series.sessions, *(getattr(series, name) for name in FIGURES), split]
    schema, version = SCHEMA, FORMAT
    if series.returns is not None:
        schema, version, columns = WITH_RETURNS, FORMAT_OF_RETURNS, [*columns, series.returns]
    found = [(f.session and f.session.isoformat(), f.rule, f.severity, f.detail) for f in series.findings]
    origin = {
        **{key: value for key, value in series.origin.items() if key != "seal"},
        "findings": json.dumps(found),
        "format": f"{version}",
        "symbol": series.ticker,
        "provider": series.source,
        "adjusted_only": "yes" if series.adjusted_only else "no",
        "price_index": "yes" if series.price_index else "no",
        "sha256": fingerprint(series),
    }
    table = pa.table([pa.array(values, from_pandas=True) for values in columns], schema=schema)
    origin["seal"] = _seal(table, origin)
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink,
        schema,
        compression="zstd",
        use_dictionary=False,
        write_statistics=False,  # they are not used, and no checksum covers them
        write_page_checksum=True,
        store_schema=False,  # it would repeat the metadata
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({f"{PREFIX}{key}": origin[key] for key in sorted(origin)})
    return sink.getvalue()


def from_bytes(content: bytes, ticker: str, path: Any) -> PriceSeries | Unusable:
    """Return the series that a file at ``path`` holds of a ticker, or why it cannot be used."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
        origin = _origin(file.schema_arrow.metadata)
        if not origin and file.schema_arrow.names not in (SCHEMA.names, WITH_RETURNS.names):
            return Unusable("foreign", f"{path} is not a stored price series", "choose another --cache")
        if _is_newer(origin):
            problem = f"{path} was written by a later version of eventstudy (format {origin['format']})"
            return Unusable("newer", problem, "upgrade eventstudy, or choose another --cache")
        table = file.read(use_threads=False)
        problem = _fault(table, origin, ticker)
        if not problem:
            return _series(path.name, ticker, table, origin)
    except Exception as error:  # parsers of damaged bytes raise errors of any type
        problem = f"cannot be read: {first_line(error)}"
    return Unusable("damaged", f"{path} is damaged ({problem})", FETCH)


def is_pinned(content: bytes) -> bool:
    """Whether a file, damaged or not, is marked as pinned."""
    try:
        metadata = pq.read_schema(pa.BufferReader(content)).metadata or {}
    except (pa.ArrowException, OSError, ValueError):
        return False
    return bool(metadata.get(f"{PREFIX}provider".encode()) == PINNED.encode())


def _fault(table: pa.Table, origin: Mapping[str, str], ticker: str) -> str:
    """Return what is wrong with a file that could be read as Parquet, "" where nothing is."""
    if not any(map(table.schema.equals, (SCHEMA, WITH_RETURNS))) or not ASKED | {"sha256"} <= origin.keys():
        return "it lacks a column or a key"
    if origin.get("symbol") != ticker:
        return f"it is of {origin.get('symbol')}"
    if origin.get("format") == "1" and "seal" not in origin:
        sealed = fingerprint(_series("", ticker, table, origin)) == origin["sha256"]
    else:
        sealed = _seal(table, origin) == origin.get("seal")
    return "" if sealed else "it does not hold what was stored, its checksum differs"


def _is_newer(origin: Mapping[str, str]) -> bool:
    """Whether the format and the seal, which names it too, agree on a version after this one."""
    version, of_seal = origin.get("format", ""), origin.get("seal", "").partition(":")[0]
    return version == of_seal and version.isdecimal() and int(version) > FORMAT_OF_RETURNS


def _seal(table: pa.Table, origin: Mapping[str, str]) -> str:
    """Return the format and a sha256 over metadata and figures, the same on every machine."""
    said = {key: value for key, value in origin.items() if key != "seal"}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    digest.update(from_arrow(table.column("session")).astype("<i8").tobytes())
    for name in table.column_names[1:]:
        values = from_arrow(table.column(name)) + 0.0  # no minus zero
        digest.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())  # one NaN
    version = FORMAT if table.column_names == SCHEMA.names else FORMAT_OF_RETURNS
    return f"{version}:{digest.hexdigest()}"


def _origin(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    decoded = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    return {key.removeprefix(PREFIX): value for key, value in decoded.items() if key.startswith(PREFIX)}


def _series(file: str, ticker: str, table: pa.Table, origin: Mapping[str, str]) -> PriceSeries:
    figures: dict[str, FloatArray] = {name: from_arrow(table.column(name)) for name in table.column_names[1:]}
    split, returns = figures.pop("split"), figures.pop("returns", None)
    kept = json.loads(origin.get("findings", "[]"))
    return PriceSeries(
        ticker=ticker,
        sessions=from_arrow(table.column("session")),
        **figures,
        source=origin.get("provider", ""),
        adjusted_only=origin.get("adjusted_only") == "yes",
        price_index=origin.get("price_index") == "yes",
        origin={**origin, "file": file},
        split=None if np.isnan(split).all() else split,
        findings=tuple(Finding(ticker, day and date.fromisoformat(day), *rest) for day, *rest in kept),
        returns=returns,
    )
