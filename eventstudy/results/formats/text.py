"""Export to CSV and JSON: UTF-8 text with all digits."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.atomic import PART
from eventstudy.results.formats.parts import NamedParts

if TYPE_CHECKING:
    import pyarrow as pa

#: A spreadsheet takes a text cell that begins so for a formula; the apostrophe is here to make the escape
#: reversible, the wide forms because some spreadsheets fold them.
_FORMULA = "^['=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"


def write_csv(tables: NamedParts, folder: Path) -> None:
    r"""Write one CSV file per table: UTF-8, comma, header, ``\n``; floats with all their digits.

    Notes
    -----
    Text is quoted, a missing value is an empty cell without quotes, a date is ISO 8601. A *text* cell (or
    column name) that begins with ``=``, ``+``, ``-``, ``@``, tab, carriage return, line feed, the wide form
    of one of these, or an apostrophe gets an apostrophe before it, so that no spreadsheet runs it as a
    formula; to read it back, drop one leading apostrophe of a text. Numbers are untouched.
    """
    from pyarrow import csv

    for name, parts in tables:
        harmless = map(_harmless, parts)
        first = next(harmless)
        with csv.CSVWriter(folder / f"{name}.csv{PART}", first.schema) as writer:
            writer.write_table(first)
            for table in harmless:
                writer.write_table(table)


def write_json(tables: NamedParts, folder: Path) -> None:
    """Write one JSON document per table: an array of records, one to a line; floats with all their digits.

    Missing numbers, and the infinite ones that JSON does not know, are ``null``; dates are ISO 8601.
    """
    for name, parts in tables:
        with (folder / f"{name}.json{PART}").open("w", encoding="utf-8", newline="\n") as file:
            separator = "[\n"
            for batch in (each for part in parts for each in part.to_batches(max_chunksize=10_000)):
                for record in _finite(batch).to_pylist():
                    file.write(separator + json.dumps(record, ensure_ascii=False, default=date.isoformat))
                    separator = ",\n"
            file.write("[]\n" if separator == "[\n" else "\n]\n")


def _harmless(table: pa.Table) -> pa.Table:
    """Return a table with its text decoded and kept from being taken for a formula."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def escape(text: Any) -> Any:
        begins_badly = pc.match_substring_regex(text, _FORMULA)
        return pc.if_else(begins_badly, pc.binary_join_element_wise("'", text, ""), text)

    is_text = [pa.types.is_dictionary(t) or pa.types.is_string(t) for t in table.schema.types]
    columns = [escape(c.cast(pa.string())) if t else c for c, t in zip(table.columns, is_text, strict=True)]
    return pa.table(columns, names=escape(pa.array(table.column_names, pa.string())).to_pylist())


def _finite(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [
        pc.if_else(pc.is_finite(c), c, pa.nulls(1, c.type)[0]) if pa.types.is_floating(c.type) else c
        for c in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
