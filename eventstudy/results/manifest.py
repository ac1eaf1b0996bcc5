"""The manifest of a result folder: design, inputs, versions, and checksums of the tables.

It is the same for two runs of the same study on the same prices: no time, no machine.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import platform
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.design import LOOK_AHEAD, Design
from eventstudy.design.arguments import is_number, is_whole
from eventstudy.errors import OutputError
from eventstudy.results.table_files import conform, digest
from eventstudy.schema import SCHEMA_VERSION
from eventstudy.uris import without_secrets

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
STUDY = "study.json"  #: what a large study says of itself before it has a manifest
FORMAT = "eventstudy result"  #: identifies a manifest of this package
LARGE = "eventstudy large study"  #: and that of a large study, whose tables are many files
DISTRIBUTION = "eventstudy-impact"


def build_manifest(
    *,
    design: Design,
    tables: Mapping[str, pa.Table],
    model: Mapping[str, Any] | None = None,
    prices: Mapping[str, Mapping[str, Any]] | None = None,
    factors: Mapping[str, Any] | None = None,
    study_path_name: str | None = None,
    study_sha256: str | None = None,
    command: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the manifest of a study, ready for JSON and the same for the same study.

    Parameters
    ----------
    design
        In the study file's notation, so that ``Design(**manifest["design"])`` equals it.
    model
        Name, equation and source of the normal-return model, and whether it uses the benchmark.
    tables
        The result tables by name; their rows are counted and their contents summed.
    prices
        Source, span, rows and sha256 per ticker.
    factors
        Path, unit and sha256 of a file of factors.
    study_path_name, study_sha256
        The study file as the user named it, and the sum of its bytes; None where events came from Python.
    command
        Arguments of the command line.
    """
    document = {
        **versions(),
        "study": {"file": study_path_name, "sha256": study_sha256},
        "command": command,
        "design": design_document(design),
        **({"look_ahead": LOOK_AHEAD} if design.looks_ahead else {}),
        "model": model,
        "prices": dict(sorted((prices or {}).items())),
        "factors": factors,
        "tables": sums({name: conform(name, table) for name, table in tables.items()}),
    }
    return json_ready(document)


def sums(tables: Mapping[str, pa.Table]) -> dict[str, dict[str, Any]]:
    """Return rows and sha256 of the content of each conformed table (see `table_files.digest`)."""
    return {name: {"rows": len(table), "sha256": digest(table)} for name, table in sorted(tables.items())}


def complete(manifest: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Return the manifest as it is saved: with format, version and checksums of the tables."""
    marks = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "tables": sums(tables)}
    command = manifest.get("command")
    shown = {"command": [without_secrets(word) for word in command]} if command else {}
    return json_ready({**versions(), **manifest, **shown, **marks})


def as_text(manifest: Mapping[str, Any]) -> str:
    """Return the content of the manifest's file."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def about_file(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the metadata of every table's file has of its study."""
    return {key: manifest.get(key) for key in ("schema_version", "package", "version", "design")}


def is_result_folder(folder: Path) -> bool:
    """Tell whether a folder holds a manifest of this package."""
    try:
        read_manifest(folder, folder)
    except OutputError:
        return False
    return True


def is_large_study(folder: Path) -> bool:
    """Tell whether a folder holds a large study, complete or begun."""
    return any(_format_of(folder / name) == LARGE for name in (MANIFEST, STUDY))


def _format_of(path: Path) -> Any:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document.get("format") if isinstance(document, dict) else None


def read_manifest(folder: Path, named: Path) -> dict[str, Any]:
    """Read the manifest of a result folder; ``named`` is what the user calls it.

    Raises
    ------
    OutputError
        There is none, it is damaged, or a later version of the package wrote it.
    """
    remedy = "name a folder that `eventstudy run --out` has written"
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OutputError(named, f"is not a result folder: it has no {MANIFEST}", remedy) from None
    except OSError as error:
        raise OutputError(named, f"{MANIFEST} could not be read ({error.strerror})", remedy) from error
    except (ValueError, RecursionError) as error:
        raise OutputError(named / MANIFEST, f"is damaged: {error}", "run `eventstudy run` again") from error
    if isinstance(manifest, dict) and manifest.get("format") == LARGE:
        raise OutputError(named, "is the folder of a large study", "open it with eventstudy.load_large")
    version = manifest.get("schema_version") if isinstance(manifest, dict) else None
    if not isinstance(version, int) or manifest.get("format") != FORMAT:
        raise OutputError(named, f"is not a result folder: its {MANIFEST} is of another program", remedy)
    if version > SCHEMA_VERSION:
        problem = f"was written in schema version {version}; this version reads up to {SCHEMA_VERSION}"
        raise OutputError(named, problem, f"upgrade {DISTRIBUTION}, or run `eventstudy run` again")
    if problem := _damage(manifest):
        raise OutputError(named / MANIFEST, f"is damaged: {problem}", "run `eventstudy run` again")
    return dict(manifest)


def _damage(manifest: Mapping[str, Any]) -> str:
    """Return what the manifest lacks of what every reader needs, or has in another form; "" for nothing."""
    design, tables = manifest.get("design", {}), manifest.get("tables", {})
    if not isinstance(design, dict) or not isinstance(tables, dict):
        return "its design or its tables are no objects"
    if not all(isinstance(table, dict) for table in tables.values()):
        return "a table in it is no object"
    for name in ("window", "car_windows"):
        pairs = design.get(name, [])
        pairs = [pairs] if name == "window" and pairs else pairs
        if not isinstance(pairs, list) or not all(map(_is_pair, pairs)):
            return f"{name} of its design is no window"
    if not is_number(design.get("confidence", 0.95)):
        return "confidence of its design is no number"
    return ""


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_whole, value))


def versions() -> dict[str, Any]:
    """Return the format, and the versions of the package and of the libraries that it computes with."""
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "package": DISTRIBUTION,
        "version": _version(DISTRIBUTION),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in ("numpy", "pandas", "pyarrow")},
    }


@cache
def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def design_document(design: Design) -> dict[str, Any]:
    """Return a design in the notation of study files, so that ``Design(**document)`` equals it."""
    named = design.named()
    fields = {field.name: getattr(named, field.name) for field in dataclasses.fields(named)}
    own, others = named.benchmark, named.benchmarks
    return {
        **fields,
        "benchmark": None if own is None else own.notation(),
        "benchmarks": [each.notation() for each in others],
        "mask_dates": named.mask_dates.notation(),
        "regress": [each.notation() for each in named.regress],
    }


def json_ready(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document in JSON's own types; a number JSON does not know (NaN, infinity) becomes null."""
    plain: dict[str, Any] = json.loads(json.dumps(document, default=_plain), parse_constant=lambda _: None)
    return plain


def _plain(value: Any) -> Any:
    """Return what JSON can write of a value that it cannot."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"a manifest cannot hold {type(value).__name__} {value!r}")
