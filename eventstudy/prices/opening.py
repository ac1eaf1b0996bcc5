"""The registry of price sources, and the folders of fetched and pinned prices.

To add a source, write one file that holds a `SourceKind` and add that to `SOURCES`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from eventstudy.errors import UsageError
from eventstudy.intake.options import UNSTATED, ReadingOptions
from eventstudy.prices.source import PriceSource, Progress, SourceKind, SourceRequest
from eventstudy.uris import is_uri

if TYPE_CHECKING:
    from eventstudy.events.price_statements import Statements
    from eventstudy.prices.cache.fetching import Provider

ENVIRONMENT = "EVENTSTUDY_CACHE_DIR"


def _from_cache(request: SourceRequest) -> PriceSource:
    from eventstudy.prices.cache.source import CachedSource

    return CachedSource(
        request.cache_dir,
        request.snapshot_dir if request.value == "auto" else None,
        None if request.offline else _yahoo(),
        request.refresh,
        request.exchanges,
        request.progress,
        **_stated(request),
    )


def _yahoo() -> Provider:
    from eventstudy.prices.yahoo.source import YahooSource

    return YahooSource()


def _from_files(request: SourceRequest) -> PriceSource:
    from eventstudy.prices.files.source import DirectorySource

    where = request.value
    several = isinstance(where, list | tuple)
    frames = not any(map(_is_place, where if several else [where]))
    return DirectorySource(
        tuple(where) if several else where,
        "frame" if frames else "directory",
        request.options,
        named_exchanges=request.exchanges,
        **_stated(request),
    )


def _from_object(request: SourceRequest) -> PriceSource:
    from eventstudy.prices.corporate_actions.restating import RestatedSource

    return request.value if request.stated is None else RestatedSource(request.value, request.stated)


def _stated(request: SourceRequest) -> dict[str, Any]:
    return {} if request.stated is None else {"stated": request.stated}


def _is_word(word: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value == word


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and is_uri(value)


def _is_place(value: Any) -> bool:
    is_there = isinstance(value, str) and Path(value).expanduser().exists()
    return is_there or _is_uri(value) or isinstance(value, Path)


def _is_frame(value: Any) -> bool:
    """Tell whether narwhals or Arrow can take it: pandas, polars, pyarrow, DuckDB and others."""
    is_stream = hasattr(value, "__arrow_c_stream__") or hasattr(value, "__dataframe__")
    return is_stream or type(value).__name__ in ("DataFrame", "LazyFrame", "DuckDBPyRelation")


def _is_several(value: Any) -> bool:
    return (
        isinstance(value, list | tuple) and bool(value) and all(_is_place(e) or _is_frame(e) for e in value)
    )


#: The first kind that accepts a value opens it.
SOURCES: tuple[SourceKind, ...] = (
    SourceKind("auto", "the cache, else the pinned snapshot, else Yahoo", _is_word("auto"), _from_cache),
    SourceKind("yahoo", "the cache, else Yahoo", _is_word("yahoo"), _from_cache),
    SourceKind(
        "FILE",
        "a file or folder of prices or returns that exists, or its URI",
        _is_place,
        _from_files,
        own_files=True,
    ),
    SourceKind("DataFrame", "a frame of any library", _is_frame, _from_files, is_text=False, own_files=True),
    SourceKind("list", "several files and frames", _is_several, _from_files, is_text=False, own_files=True),
    SourceKind(
        "PriceSource",
        "an object with the method load",
        lambda value: callable(getattr(value, "load", None)),
        _from_object,
        is_text=False,
    ),
)


def open_source(
    spec: Any,
    *,
    cache_dir: Path,
    snapshot_dir: Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    exchanges: Mapping[str, str] = MappingProxyType({}),
    progress: Progress | None = None,
    options: ReadingOptions = UNSTATED,
    stated: Statements | None = None,
) -> PriceSource:
    """Return the price source that ``spec`` names; `SourceRequest` documents the parameters.

    A UsageError says that no kind in `SOURCES` accepts ``spec``, that ``offline`` contradicts ``refresh``, or
    that it is known what the closes hold, whatever is stated.
    """
    if offline and refresh:
        raise UsageError("refresh fetches and offline forbids it; drop one of them")
    request = SourceRequest(
        spec, cache_dir, snapshot_dir, offline, refresh, dict(exchanges), progress, options, stated
    )
    kind = next((kind for kind in SOURCES if kind.accepts(spec)), None)
    if kind is None:
        if isinstance(spec, str):
            raise UsageError(f"prices: no price source {spec!r}, nor such a file; allowed: {source_help()}")
        problem = f"prices: no price source of type {type(spec).__name__}"
        raise UsageError(f"{problem}; allowed: {source_help(text_only=False)}")
    if stated is not None and stated.closes and not kind.own_files:
        raise UsageError(f"closes says what your own prices hold; {kind.form} knows what its closes are")
    return kind.open(request)


def are_own(spec: Any) -> bool:
    """Whether ``spec`` names the user's own prices."""
    return next((kind.own_files for kind in SOURCES if kind.accepts(spec)), False)


def source_forms() -> str:
    """Return what may be written for ``--prices``, such as ``auto|yahoo|DIR``."""
    return "|".join(kind.form for kind in SOURCES if kind.is_text)


def source_help(*, text_only: bool = True) -> str:
    """Return every kind of source with its meaning, or only those that a text can name."""
    return "; ".join(f"{kind.form} ({kind.help})" for kind in SOURCES if kind.is_text or not text_only)


def cache_directory(option: str | Path | None = None, study_file: str | Path | None = None) -> Path:
    """Return the folder of fetched prices: the option, else the environment's, else beside the study file.

    Without a study file it is the user's cache folder.
    """
    if chosen := option or os.environ.get(ENVIRONMENT):
        return Path(chosen).expanduser()
    if study_file is not None:
        return Path(study_file).parent / "cache" / "prices"
    import platformdirs

    return platformdirs.user_cache_path("eventstudy") / "prices"


def snapshot_directory(study_file: str | Path | None = None) -> Path | None:
    """Return the folder of pinned prices beside a study file, None where there is none."""
    folder = Path(study_file).parent / "cache" / "snapshot" if study_file is not None else None
    return folder if folder is not None and folder.is_dir() else None
