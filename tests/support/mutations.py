"""A table written in the ways in which people and programs write tables, with what each then means.

`mutated(rows, "semicolon+decimal-comma+dmy", rng)` takes rows as a plain CSV would hold them (a header, ISO
dates, a decimal point, "" where nothing is known) and returns the bytes of a file that says the same, and the
rows that a reader must find in it. Only `duplicated-column` and `cut-off` make files that are to be refused.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

Rows = tuple[tuple[str, ...], ...]
Change = Callable[["Written", np.random.Generator], "Written"]

ISO = re.compile(r"\d{4}-\d\d-\d\d")
FIGURE = re.compile(r"-?\d+\.?\d*")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CODES = (
    "",
    ".",
    "-",
    "--",
    "NA",
    "N/A",
    "n/a",
    "n.a.",
    "NaN",
    "null",
    "NULL",
    "None",
    "#N/A",
    "#N/A N/A",
    "NM",
)
TITLES = ("Prices of the study", "Source: our terminal", "All prices as at the close", "USD")
FOOTERS = ("Source: our terminal", "Total return not included.", "(c) The vendor. All rights reserved")


@dataclass(frozen=True)
class Written:
    """A table in a file: what is meant, and how it is written.

    Attributes
    ----------
    rows
        What a reader must find: header and rows, ISO dates, a decimal point, "" where missing.
    shown
        The cells as written, None for a row that is empty.
    above, below
        Lines before and after the table.
    raw
        The bytes; `name` ends as such a file does.
    """

    rows: Rows
    shown: tuple[tuple[str, ...] | None, ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    separator: str = ","
    newline: str = "\n"
    encoding: str = "utf-8"
    quoted: bool = False
    cut: int = 0
    suffix: str = ".csv"
    pack: Callable[[bytes], bytes] = bytes

    @property
    def name(self) -> str:
        """A name for the file."""
        return f"table{self.suffix}"

    @property
    def text(self) -> str:
        """The text of the file."""
        lines = [self.separator.join(map(self._cell, row)) if row is not None else "" for row in self.shown]
        return "".join(f"{line}{self.newline}" for line in (*self.above, *lines, *self.below))

    @property
    def raw(self) -> bytes:
        """The bytes of the file."""
        raw = self.text.encode(self.encoding)
        return self.pack(raw[: len(raw) - self.cut])

    def _cell(self, cell: str) -> str:
        special = self.quoted or self.separator in cell or '"' in cell or "\n" in cell
        return '"' + cell.replace('"', '""') + '"' if special else cell

    def with_cells(self, change: Callable[[str], str]) -> Written:
        """Return it with every cell below the header written otherwise."""
        head, *body = self.shown
        changed = (None if row is None else tuple(map(change, row)) for row in body)
        return replace(self, shown=(head, *changed))


def mutated(rows_or_text: Sequence[Sequence[str]] | str, kind: str, rng: np.random.Generator) -> Written:
    """Return a table in another form.

    Parameters
    ----------
    rows_or_text
        Rows of cells, the header first; or the text of a CSV without quotes.
    kind
        Names of `MUTATIONS`, joined by ``+``, made in this order (``thousands-point`` after
        ``decimal-comma``); ``plain`` is none of them.
    rng
        Where titles, codes and places are drawn from.
    """
    rows = (
        tuple(tuple(line.split(",")) for line in rows_or_text.splitlines())
        if isinstance(rows_or_text, str)
        else tuple(tuple(row) for row in rows_or_text)
    )
    written = Written(rows, rows)
    for name in kind.split("+") if kind != "plain" else ():
        written = MUTATIONS[name](written, rng)
    return written


def _separated(separator: str, suffix: str = ".csv") -> Change:
    return lambda written, rng: replace(written, separator=separator, suffix=suffix)


def _figures(change: Callable[[str], str]) -> Change:
    return lambda written, rng: written.with_cells(
        lambda cell: change(cell) if FIGURE.fullmatch(cell) else cell
    )


def _dates(change: Callable[[date], str]) -> Change:
    return lambda written, rng: written.with_cells(
        lambda cell: change(date.fromisoformat(cell)) if ISO.fullmatch(cell) else cell
    )


def _thousands(mark: str) -> Change:
    def grouped(cell: str) -> str:
        whole, point, rest = cell.replace(",", ".").partition(".") if "," in cell else cell.partition(".")
        decimal = "," if "," in cell else point
        return f"{int(whole):,}".replace(",", mark) + (decimal + rest if point else "")

    number = re.compile(r"-?\d{4,}([.,]\d+)?")
    return lambda written, rng: written.with_cells(
        lambda cell: (
            grouped(cell) if number.fullmatch(cell) and not re.fullmatch(r"(19|20)\d{6}", cell) else cell
        )
    )


def _encoded(encoding: str, ahead: str = "") -> Change:
    def change(written: Written, rng: np.random.Generator) -> Written:
        above = (ahead, *written.above) if ahead else written.above
        return replace(written, encoding=encoding, above=above)

    return change


def _packed(pack: Callable[[bytes], bytes], suffix: str) -> Change:
    return lambda written, rng: replace(written, pack=pack, suffix=f"{written.suffix}{suffix}")


def _zipped(raw: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.csv", raw)
    return packed.getvalue()


def _zstd(raw: bytes) -> bytes:
    import pyarrow as pa

    stream = pa.BufferOutputStream()
    with pa.CompressedOutputStream(stream, "zstd") as packed:
        packed.write(raw)
    return bytes(stream.getvalue())


def _titles(written: Written, rng: np.random.Generator) -> Written:
    lines = [*rng.choice(TITLES, size=int(rng.integers(1, 4)), replace=False)]
    lines += [""] * int(rng.integers(0, 3))
    return replace(written, above=(*written.above, *map(str, lines)))


def _footer(written: Written, rng: np.random.Generator) -> Written:
    lines = [""] * int(rng.integers(0, 2)) + [
        *rng.choice(FOOTERS, size=int(rng.integers(1, 3)), replace=False)
    ]
    return replace(written, below=(*written.below, *map(str, lines)))


def _missing(written: Written, rng: np.random.Generator) -> Written:
    """Empty one figure in twenty, and write a code in its place."""
    rows, shown = [list(row) for row in written.rows], [list(row or ()) for row in written.shown]
    for row in range(1, len(rows)):
        for place, cell in enumerate(rows[row]):
            if FIGURE.fullmatch(cell) and rng.random() < 0.05:
                rows[row][place], shown[row][place] = "", str(rng.choice(CODES))
    return replace(written, rows=tuple(map(tuple, rows)), shown=tuple(map(tuple, shown)))


def _blank_rows(written: Written, rng: np.random.Generator) -> Written:
    """Put in rows without a line of cells, and rows of empty cells."""
    shown: list[tuple[str, ...] | None] = []
    for row in written.shown:
        shown.append(row)
        if rng.random() < 0.1:
            shown.append(None if rng.random() < 0.5 else ("",) * len(written.shown[0] or ()))
    return replace(written, shown=tuple(shown))


def _blank_columns(written: Written, rng: np.random.Generator) -> Written:
    place = int(rng.integers(0, len(written.rows[0]) + 1))
    shown = tuple(row and (*row[:place], "", *row[place:]) for row in written.shown)
    return replace(written, shown=shown)


def _duplicated_column(written: Written, rng: np.random.Generator) -> Written:
    place = int(rng.integers(0, len(written.rows[0])))
    return replace(written, shown=tuple(row and (*row, row[place]) for row in written.shown))


def _swapped_columns(written: Written, rng: np.random.Generator) -> Written:
    order = rng.permutation(len(written.rows[0]))
    swap = lambda row: row and tuple(row[place] for place in order)  # noqa: E731
    return replace(written, rows=tuple(map(swap, written.rows)), shown=tuple(map(swap, written.shown)))


def _newest_first(written: Written, rng: np.random.Generator) -> Written:
    turned = lambda rows: (rows[0], *rows[:0:-1])  # noqa: E731
    return replace(written, rows=turned(written.rows), shown=turned(written.shown))


def _padded(written: Written, rng: np.random.Generator) -> Written:
    pad = lambda cell: " " * int(rng.integers(0, 4)) + cell + " " * int(rng.integers(0, 2))  # noqa: E731
    return replace(written, shown=tuple(row and tuple(map(pad, row)) for row in written.shown))


def _cut_off(written: Written, rng: np.random.Generator) -> Written:
    return replace(written, cut=int(rng.integers(8, 14)))


MUTATIONS: dict[str, Change] = {
    "semicolon": _separated(";"),
    "tab": _separated("\t", ".txt"),
    "pipe": _separated("|"),
    "decimal-comma": _figures(lambda cell: cell.replace(".", ",")),
    "thousands-comma": _thousands(","),
    "thousands-point": _thousands("."),
    "thousands-blank": _thousands("\N{NO-BREAK SPACE}"),
    "plus-exponent": _figures(lambda cell: f"{float(cell):+.12E}"),
    "dmy": _dates(lambda day: f"{day:%d/%m/%Y}"),
    "dmy-points": _dates(lambda day: f"{day:%d.%m.%Y}"),
    "mdy": _dates(lambda day: f"{day:%m/%d/%Y}"),
    "ymd-points": _dates(lambda day: f"{day:%Y.%m.%d}"),
    "compact": _dates(lambda day: f"{day:%Y%m%d}"),
    "month-words": _dates(lambda day: f"{MONTHS[day.month - 1]} {day.day:02}, {day.year}"),
    "sas-words": _dates(lambda day: f"{day.day:02}{MONTHS[day.month - 1].upper()}{day.year}"),
    "midnight": _dates(lambda day: f"{day} 00:00:00"),
    "zulu": _dates(lambda day: f"{day}T00:00:00.000Z"),
    "korean-dates": _dates(lambda day: f"{day.year}년 {day.month}월 {day.day}일"),
    "bom": _encoded("utf-8-sig"),
    "utf-16": _encoded("utf-16"),
    "utf-16-le": _encoded("utf-16-le"),
    "cp1252": _encoded("cp1252", "© Größe der Börse"),
    "cp949": _encoded("cp949", "종목 가격"),
    "titles": _titles,
    "footer": _footer,
    "missing": _missing,
    "blank-rows": _blank_rows,
    "blank-columns": _blank_columns,
    "duplicated-column": _duplicated_column,
    "swapped-columns": _swapped_columns,
    "newest-first": _newest_first,
    "padded": _padded,
    "quoted": lambda written, rng: replace(written, quoted=True),
    "crlf": lambda written, rng: replace(written, newline="\r\n"),
    "cr": lambda written, rng: replace(written, newline="\r"),
    "gzip": _packed(gzip.compress, ".gz"),
    "bzip2": _packed(bz2.compress, ".bz2"),
    "xz": _packed(lzma.compress, ".xz"),
    "zip": _packed(_zipped, ".zip"),
    "zstd": _packed(_zstd, ".zst"),
    "cut-off": _cut_off,
}
