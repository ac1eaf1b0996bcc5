"""The formats results can be exported in, and the `FORMATS` registry.

A format is a function that takes named tables one after the other and writes files into a folder, where
nothing else lies; their names end in `atomic.PART`, which they lose when `export` moves them to where the
user wants them. What tells that a file is of a format is in `outputs.ownership`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.results.formats.latex import write_latex
from eventstudy.results.formats.parquet import write_parquet
from eventstudy.results.formats.text import write_csv, write_json
from eventstudy.results.formats.word import write_docx
from eventstudy.results.formats.workbook import write_xlsx

if TYPE_CHECKING:
    import pyarrow as pa

Format = Callable[[Iterable[tuple[str, "pa.Table"]], Path], None]

FORMATS: dict[str, Format] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "latex": write_latex,
    "json": write_json,
    "docx": write_docx,
}
