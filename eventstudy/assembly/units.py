"""`in_units_of`: result tables whose columns have the units of a measure."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from eventstudy._typing import Measured
from eventstudy.schema import arrow_schema


def in_units_of(tables: Mapping[str, pa.Table], measure: Measured) -> dict[str, pa.Table]:
    """Return result tables whose metadata have the units of a measure."""
    return {
        name: pa.Table.from_arrays(table.columns, schema=arrow_schema(name, measure))
        for name, table in tables.items()
    }
