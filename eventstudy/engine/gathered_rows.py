"""`GatheredRows`: the rows of all shards of a study, written to their places as they arrive."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from eventstudy.engine.grid_shards import LevelSums, ShardResult
from eventstudy.numerics.columns import Columns
from eventstudy.numerics.memory import give_back

ONE_ROW = ("start", "end")  #: columns of `cars` that are the same for every firm-event
COPIES = {"scar": "statistic"}  #: columns that are another one


@dataclass(frozen=True)
class GatheredRows:
    """Columns of the tables ``events`` and ``cars`` in the order of the firm-events.

    Each is one array from the first shard on, so that nothing is copied at the end. Of ``ONE_ROW`` one row is
    held, and of ``COPIES`` nothing.

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
            for name, values in columns.items():
                if name in ONE_ROW and len(values):
                    into[name] = np.broadcast_to(values[:1], (self.size, *values.shape[1:]))
                elif name not in {*ONE_ROW, *COPIES}:
                    if name not in into:
                        into[name] = np.empty((self.size, *values.shape[1:]), dtype=values.dtype)
                    into[name][rows.rows] = values
            for name in COPIES.keys() & columns.keys():
                into[name] = into[COPIES[name]]
        give_back()
        return LevelSums(result.sums)
