"""`DataRequest`: where a study gets its prices, returns and factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from eventstudy.prices.opening import cache_directory, open_source, snapshot_directory

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.prices.cache.source import Progress
    from eventstudy.prices.source import PriceSource


@dataclass(frozen=True)
class DataRequest:
    """Where a study gets its data; the parameters of `run` of the same names.

    Attributes
    ----------
    prices
        What `open_source` accepts.
    returns
        Returns in decimals that replace the prices.
    factors
        Factor files, or a folder of them.
    cache
        Where fetched series are kept.
    offline, refresh
        Fetch nothing; fetch even what is stored.
    progress
        Called with the step, how far it is, and of how much.
    """

    prices: Any = "auto"
    returns: pd.DataFrame | None = None
    factors: Any = None
    cache: str | Path | None = None
    offline: bool = False
    refresh: bool = False
    progress: Progress | None = None

    def source(self, study: Path | None, exchanges: Mapping[str, str] = MappingProxyType({})) -> PriceSource:
        """Open the price source; ``study`` is the file next to which prices are kept."""
        return open_source(
            self.prices,
            cache_dir=cache_directory(self.cache, study),
            snapshot_dir=snapshot_directory(study),
            offline=self.offline,
            refresh=self.refresh,
            exchanges=exchanges,
            progress=self.progress,
        )
