"""From what the user wrote for ``prices`` to a price source, and the folders that go with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from eventstudy.errors import UsageError
from eventstudy.prices.source import PriceSource
from eventstudy.uris import is_uri

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.prices.cache.fetching import Provider
    from eventstudy.prices.cache.source import Progress

SPECS = ("auto", "yahoo")
ENVIRONMENT = "EVENTSTUDY_CACHE_DIR"


def open_source(
    spec: str | Path | pd.DataFrame | PriceSource,
    *,
    cache_dir: Path,
    snapshot_dir: Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    exchanges: Mapping[str, str] = MappingProxyType({}),
    progress: Progress | None = None,
) -> PriceSource:
    """Return the price source that ``spec`` names.

    Parameters
    ----------
    spec
        ``"auto"``: the cache, else the snapshot, else Yahoo. ``"yahoo"``: the same without the snapshot. A
        folder or file of prices, a URI of one such as ``s3://bucket/prices``, a DataFrame of prices, or any
        object with ``load``.
    cache_dir, snapshot_dir
        Where stored series lie; the second is only read.
    offline
        Fetch nothing.
    refresh
        Fetch even what is stored.
    exchanges
        Exchanges by ticker, where the ticker's suffix does not tell.
    progress
        Called with a ticker, how many are fetched and how many there are to fetch.

    Raises
    ------
    UsageError
        None of these, or refreshing offline.
    """
    if offline and refresh:
        raise UsageError("refresh fetches and offline forbids it; drop one of them")
    if isinstance(spec, str) and spec in SPECS:
        from eventstudy.prices.cache.source import AutoSource

        provider = None if offline else _yahoo()
        pinned = snapshot_dir if spec == "auto" else None
        return AutoSource(cache_dir, pinned, provider, refresh, exchanges, progress)
    if isinstance(spec, str | Path):
        return _directory(spec)
    if type(spec).__name__ == "DataFrame" and type(spec).__module__.startswith("pandas"):
        from eventstudy.prices.files.frame import FrameSource

        return FrameSource(cast("pd.DataFrame", spec))
    if callable(getattr(spec, "load", None)):
        return cast(PriceSource, spec)
    raise UsageError(f"prices cannot come from a {type(spec).__name__}; give {_allowed()}, or a PriceSource")


def cache_directory(option: str | Path | None = None, study_file: str | Path | None = None) -> Path:
    """Return where fetched prices go: the option, else the environment, else beside the study file.

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


def _yahoo() -> Provider:
    from eventstudy.prices.yahoo.source import YahooSource

    return YahooSource()


def _directory(spec: str | Path) -> PriceSource:
    from eventstudy.prices.files.source import DirectorySource

    if isinstance(spec, str) and is_uri(spec):
        return DirectorySource(spec)
    path = Path(spec).expanduser()
    if isinstance(spec, str) and not path.exists():
        raise UsageError(f"no price source {spec!r}: give {_allowed()}")
    return DirectorySource(path)


def _allowed() -> str:
    return f"{', '.join(SPECS)}, a folder or file of prices that exists, its URI, or a DataFrame"
