"""What a new output may replace: files that this package wrote, recognised by what is in them."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from eventstudy.errors import OutputError
from eventstudy.schema import TABLES
from eventstudy.uris import is_uri

AUTHOR = "eventstudy"  #: in the properties of a workbook or a Word file
CHART_MARK = "eventstudy chart"  #: in the last bytes of a figure
MARKDOWN_MARK = "<!-- eventstudy report -->"
GENERATOR = b'<meta name="generator" content="eventstudy '
_HEAD, _TAIL = 65_536, 256  #: bytes in which a mark is looked for
TABLE_KEY = b"eventstudy_table"  #: in the metadata of every Parquet file of a result table
_LATEX = re.compile(rb"% \w+: rounded to \d+ (?:decimals|digits); needs \\usepackage")


@dataclass(frozen=True)
class Overwrite:
    """What an output may replace: files of this package; with ``force`` all but the ``inputs`` of the study.

    An input is a file, or a folder of which no file of others may be replaced.
    """

    force: bool = False
    inputs: tuple[Path, ...] = ()

    def check(self, target: Path) -> None:
        """Raise an OutputError where a file that exists must stay."""
        if any(each.is_file() and target.samefile(each) for each in self.inputs):
            raise _is_input(target)
        with target.open("rb") as file:
            ours = is_ours(target.name, file)
        if not ours and any(each.is_dir() and target.parent.samefile(each) for each in self.inputs):
            raise _is_input(target)
        if not ours and not self.force:
            raise is_of_others(target)


def inputs_of(manifest: Mapping[str, Any], results: Path | None = None) -> tuple[Path, ...]:
    """Return the inputs of a study that exist, seen from here and from beside its results."""
    study = (manifest.get("study") or {}).get("file")
    of_large = (manifest.get("sources") or {}).values()
    named = [name for name in (study, *(manifest.get("inputs") or ()), *of_large) if name]
    beside = [Path(), *([results.parent] if results is not None else [])]
    return tuple(path for name in named for folder in beside if (path := folder / name).exists())


def named_inputs(*given: Any) -> list[str]:
    """Return the files and folders among some arguments, or lists of them, as the user named them."""
    each = [one for some in given for one in (some if isinstance(some, list | tuple) else [some])]
    named = [os.fspath(one) for one in each if isinstance(one, str | Path)]
    return [one for one in named if not is_uri(one) and Path(one).exists()]


def is_of_others(where: str | Path) -> OutputError:
    """Return the error of a file that this package did not write."""
    problem = "is already there and is not an output of eventstudy"
    return OutputError(where, problem, "name another, or replace it with --force")


def _is_input(target: Path) -> OutputError:
    return OutputError(target, "is an input of the study, which is never replaced", "name another")


def is_ours(name: str, file: IO[bytes]) -> bool:
    """Tell whether this package wrote a file of that name, or whether it is empty.

    Parquet files, workbooks, pages and figures say so themselves; a CSV or JSON file has every column of the
    result table that it is named after, in the order of its schema.
    """
    if not file.read(1):
        return True
    path = Path(name)
    recognise = _RECOGNISED.get(path.suffix.lower())
    file.seek(0)
    return recognise is not None and recognise(path.stem, file)


def _is_parquet(_: str, file: IO[bytes]) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return TABLE_KEY in (pq.read_schema(file).metadata or {})
    except (pa.ArrowException, OSError, ValueError):
        return False


def _is_workbook(_: str, file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as book:
            return f"<dc:creator>{AUTHOR}</dc:creator>".encode() in book.read("docProps/core.xml")
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        return False


def _is_csv(table: str, file: IO[bytes]) -> bool:
    header = ",".join(f'"{column.name}"' for column in TABLES.get(table, ()))
    return bool(header) and re.match(rf"{header}[,\n]".encode(), file.read(_HEAD)) is not None


def _is_json(table: str, file: IO[bytes]) -> bool:
    if table not in TABLES:
        return False
    head = file.read(_HEAD)
    at = [head.find(f'"{column.name}": '.encode()) for column in TABLES[table]]
    return head == b"[]\n" or (head.startswith(b"[\n{") and at[0] == 3 and at == sorted(at))


def _is_latex(_: str, file: IO[bytes]) -> bool:
    return _LATEX.match(file.read(_HEAD)) is not None


def _is_page(_: str, file: IO[bytes]) -> bool:
    return GENERATOR in file.read(_HEAD)


def _is_markdown(_: str, file: IO[bytes]) -> bool:
    return file.read(_HEAD).startswith(MARKDOWN_MARK.encode())


def _is_figure(_: str, file: IO[bytes]) -> bool:
    file.seek(max(file.seek(0, 2) - _TAIL, 0))
    return CHART_MARK.encode() in file.read(_TAIL)


_RECOGNISED: Mapping[str, Callable[[str, IO[bytes]], bool]] = {
    ".parquet": _is_parquet,
    ".csv": _is_csv,
    ".json": _is_json,
    ".xlsx": _is_workbook,
    ".docx": _is_workbook,
    ".md": _is_markdown,
    ".tex": _is_latex,
    ".html": _is_page,
    ".htm": _is_page,
    **dict.fromkeys((".svg", ".png", ".pdf"), _is_figure),
}
