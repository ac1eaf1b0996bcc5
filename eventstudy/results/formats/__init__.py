"""The formats results can be exported in, and the `FORMATS` registry.

A format is a function that takes named tables one after the other, each in parts, and writes files into a
folder, where nothing else lies; their names end in `atomic.PART`, which they lose when `export` moves them
to where the user wants them. What tells that a file is of a format is in `outputs.ownership`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eventstudy.results.formats.latex import write_latex
from eventstudy.results.formats.parquet import write_parquet
from eventstudy.results.formats.parts import NamedParts
from eventstudy.results.formats.text import write_csv, write_json
from eventstudy.results.formats.word import write_docx
from eventstudy.results.formats.workbook import write_xlsx

Format = Callable[[NamedParts, Path], None]

FORMATS: dict[str, Format] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "latex": write_latex,
    "json": write_json,
    "docx": write_docx,
}
IN_PARTS = ("parquet", "csv", "json")  #: formats that write a table a part at a time; others hold it whole
