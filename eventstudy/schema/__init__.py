"""The columns of every result table: dtype, unit, meaning.

``TABLES`` is the one source of schemas, documentation and checks; ``decimal`` is a return per session.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from eventstudy.errors import UnknownNameError
from eventstudy.schema.columns import Column
from eventstudy.schema.evidence import EVIDENCE
from eventstudy.schema.firm_events import FIRM_EVENTS
from eventstudy.schema.groups import GROUPS
from eventstudy.schema.specifications import SPECIFICATIONS

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 1
MEASURE_KEY = "eventstudy_measure"  #: of a table's metadata, where it is not about returns

#: The tables in the order in which they are listed and saved.
ORDER = (
    "events", "coefficients", "abnormal_returns", "cars", "benchmarks",
    "weights", "residuals", "averages", "tests", "comparisons", "regressions", "claims",
    "diagnostics", "findings", "attrition", "inputs", "prices",
    "specifications", "specification_curves",
)  # fmt: skip
TABLES: dict[str, tuple[Column, ...]] = {
    name: (FIRM_EVENTS | GROUPS | EVIDENCE | SPECIFICATIONS)[name] for name in ORDER
}


def columns(table: str) -> tuple[Column, ...]:
    """Return the columns of a result table, or name the nearest table that exists."""
    if table not in TABLES:
        raise UnknownNameError("table", table, TABLES)
    return TABLES[table]


@cache
def arrow_schema(table: str, measure: str = "returns") -> pa.Schema:
    """Return the fixed Arrow schema of a result table; each field's metadata holds its unit and meaning.

    What is ``decimal`` of returns is in log units of any other measure, which the metadata of the table
    name; ``prices`` always holds returns.
    """
    import pyarrow as pa

    decimal = "decimal" if measure == "returns" or table == "prices" else "log units"

    types = {
        "key": pa.dictionary(pa.int32(), pa.string()), "text": pa.string(), "date": pa.date32(),
        "tau": pa.int32(), "count": pa.int64(), "number": pa.float64(), "flag": pa.bool_(),
    }  # fmt: skip
    about = {"eventstudy_table": table, "eventstudy_schema_version": str(SCHEMA_VERSION)}
    about |= {} if measure == "returns" else {MEASURE_KEY: measure}
    said = [
        (each, {"unit": each.unit.replace("decimal", decimal), "meaning": each.meaning})
        for each in columns(table)
    ]
    return pa.schema([pa.field(each.name, types[each.kind], metadata=own) for each, own in said], about)
