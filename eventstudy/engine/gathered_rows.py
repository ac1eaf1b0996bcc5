"""`GatheredRows`: the rows of all shards of a study, written to their places as they arrive."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from eventstudy.engine.grid_shards import LevelSums, ShardResult
from eventstudy.numerics.columns import Columns


@dataclass(frozen=True)
class GatheredRows:
    """Columns of the tables ``events`` and ``cars`` in the order of the firm-events.

    Each is one array from the first shard on, so that nothing is copied at the end.

    Attributes
    ----------
    size
        Firm-events, N.
    events, cars
        Columns of shapes (N,) and (N, C).
    """

    size: int
    events: Columns = field(default_factory=dict)
    cars: Columns = field(default_factory=dict)

    def keep(self, result: ShardResult) -> LevelSums:
        """Write the rows of a shard to their places, and return its sums."""
        rows = result.rows
        for into, columns in ((self.events, rows.events), (self.cars, rows.cars)):
            for name, values in columns.items():
                if name not in into:
                    into[name] = np.empty((self.size, *values.shape[1:]), dtype=values.dtype)
                into[name][rows.rows] = values
        return LevelSums(result.sums)
