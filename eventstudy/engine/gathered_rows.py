"""`GatheredRows`: the rows of all shards of a study, written to their places as they arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eventstudy.engine.grid_shards import LevelSums, ShardResult
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.memory import give_back


@dataclass(frozen=True)
class GatheredRows:
    """Columns of the tables ``events`` and ``cars`` in the order of the firm-events.

    Each is one array from the first shard on, so that nothing is copied at the end. A column that is the same
    in every row is one row, and columns that are the same are one array.

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
        """Write the rows of a shard to their places, and return its sums; it is forgotten then."""
        rows = result.rows
        for into, columns in ((self.events, rows.events), (self.cars, rows.cars)):
            names: dict[int, str] = {}
            for name, values in columns.items():
                first = names.setdefault(id(values), name)
                if name not in into:
                    into[name] = into[first] if first in into else self._room(values)
                if first == name and into[name].strides[0]:
                    into[name][rows.rows] = values
        give_back()
        return LevelSums(result.sums)

    def _room(self, values: Any) -> Any:
        """Return a column for the rows of all firm-events: filled where all of them are one row."""
        shape = (self.size, *values.shape[1:])
        alike = values.ndim > 1 and not values.strides[0]
        return np.broadcast_to(values[:1], shape) if alike else np.empty(shape, dtype=values.dtype)
