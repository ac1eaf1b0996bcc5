"""Cells to figures: decimal marks, thousands, size letters, money, percent signs and missing codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventstudy._typing import FloatArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake import marks
from eventstudy.intake.options import Decimal, ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.numerics.arrow import from_arrow, values_of

LARGEST = 1e30  #: no price, volume or return is larger; beyond it sums of squares overflow
#: whole cells, in lower case, that stand for a missing value wherever they are; SAS and Stata have a letter
MISSING = (
    "", ".", "-", "--", "—", "na", "n/a", "n.a.", "k.a.", "nan", "<na>", "null", "none", "#n/a", "#n/a n/a",
    "#n/a field not applicable", "#n/a invalid security", "@na", "nm", "#value!", "#ref!",
    *(f".{letter}" for letter in "_abcdefghijklmnopqrstuvwxyz"),
)  # fmt: skip
UNFINISHED = r"(?i)^#(?:n/a\s+requesting|getting_data)"  #: the terminal had not sent it yet
SIZES = {"k": "e3", "m": "e6", "b": "e9", "t": "e12"}
#: decimal mark of files whose figures prove none
SEPARATORS: Mapping[str, Decimal] = {";": "comma", "\t": "comma", ",": "point"}
IMPLAUSIBLE = 0.995  #: a fall of 99.5 % wherever a number gets a digit more is a thousands mark misread


class Figures(NamedTuple):
    """Figures of a column: shape (T,), NaN where missing; whether each had a percent sign (then divided)."""

    values: FloatArray
    percent: bool


def figures_of(
    table: Table, place: int, options: ReadingOptions, *, missing: tuple[str, ...] = ()
) -> Figures:
    """Return the figures of a column.

    Parameters
    ----------
    table, place
        The column. The decimal mark is decided over all rows: by the column, else by the other columns, else
        by the separator of the file.
    missing
        Codes of the layout that stand for a missing value, beside those that always do; whole cells.

    Raises
    ------
    FileContentError
        A cell that is neither a number nor a known missing code, with its line; marks that can be read in two
        ways with different figures, with the option; a number beyond 1e30; a column of truth values.
    """
    column, title = table.columns[place], title_of(table, place)
    if not marks.is_text(column.type):
        return Figures(_bounded(table, title, _typed(table, title, column, missing)), percent=False)
    codes = pa.array([*MISSING, *(code.lower() for code in missing)])
    if (values := _of_distinct(table, column, options, codes)) is not None:
        return Figures(_finite(table, title, values), percent=False)
    texts = column.cast(pa.string())
    if _is_plain(table, texts, options, codes):
        return Figures(_finite(table, title, from_arrow(texts.cast(pa.float64()))), percent=False)
    texts = pc.utf8_trim_whitespace(texts).combine_chunks()
    _refuse_unfinished(table, title, texts)
    cells = pc.if_else(pc.is_in(pc.utf8_lower(texts), codes), pa.scalar(None, pa.string()), texts)
    if _is_plain(table, cells, options, codes[:0]):  # but for its codes
        return Figures(_finite(table, title, from_arrow(cells.cast(pa.float64()))), percent=False)
    parts = marks.bodies_of(cells)
    _refuse_text(table, title, cells, pc.struct_field(parts, "body"))
    decimal = _decimal(table, title, cells, pc.struct_field(parts, "body"), options)
    written = _rewritten(parts, decimal)
    _refuse_text(table, title, cells, written)
    values = _finite(table, title, from_arrow(written.cast(pa.float64())))
    percent = _has_percent(table, title, parts, values)
    return Figures(values / 100 if percent else values, percent)


def _of_distinct(
    table: Table, column: pa.ChunkedArray, options: ReadingOptions, codes: pa.Array
) -> FloatArray | None:
    """Return the figures of texts that are stored once each, None where some are neither plain nor codes."""
    if not pa.types.is_dictionary(column.type):
        return None
    coded = encoded(column)
    texts = pc.utf8_trim_whitespace(coded.dictionary.cast(pa.string()))
    cells = pc.if_else(pc.is_in(pc.utf8_lower(texts), codes), pa.scalar(None, pa.string()), texts)
    if not _is_plain(table, cells, options, codes):
        return None
    numbers = np.append(from_arrow(cells.cast(pa.float64())), np.nan)
    return np.asarray(numbers[places_in(coded)])


def title_of(table: Table, place: int) -> str:
    """Return the title of a column in messages, or which one it is."""
    title = table.titles[place] if place < len(table.titles) else ""
    return short(title) if title else f"column {place + 1}"


def short(text: str) -> str:
    """Return a text as it is shown in a message: at most 40 characters."""
    return text if len(text) <= 40 else f"{text[:36]}..."


def _typed(table: Table, title: str, column: pa.ChunkedArray, missing: tuple[str, ...]) -> FloatArray:
    """Return the numbers of a typed column; codes that are numbers become NaN."""
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        what = "truth values" if pa.types.is_boolean(kind) else kind
        raise FileContentError(table.name, f"{title} must hold numbers, not {what}")
    values: FloatArray = from_arrow(column.cast(pa.float64(), safe=False))
    numbers = [float(code) for code in missing if re.fullmatch(r"-?\d+(\.\d+)?", code)]
    return np.where(np.isin(values, numbers), np.nan, values) if numbers else values


def _is_plain(table: Table, texts: pa.ChunkedArray, options: ReadingOptions, codes: pa.Array) -> bool:
    """Whether all texts are numbers with a decimal point beyond doubt, and none a code."""
    plain = pc.all(pc.match_substring_regex(texts, marks.PLAIN), min_count=0).as_py()
    if not plain or options.decimal == "comma":
        return False
    if len(codes) > len(MISSING) and pc.any(pc.is_in(texts, codes), min_count=0).as_py():
        return False
    doubtful = pc.match_substring_regex(texts, marks.EITHER)
    if options.decimal == "point" or not pc.any(doubtful, min_count=0).as_py():
        return True
    certain = pc.and_(pc.match_substring(texts, "."), pc.invert(doubtful))
    return bool(pc.any(certain, min_count=0).as_py()) or table.evidence.mark == "point"


def _decimal(table: Table, title: str, cells: pa.Array, body: pa.Array, options: ReadingOptions) -> Decimal:
    """Return the decimal mark of a column: as stated, proved by it or by the table, or by the separator."""
    own = marks.proved(cells, body)
    proof: dict[Decimal, str] = {"point": own.point, "comma": own.comma}
    if own.point and own.comma:
        lines = [table.line(pc.index(cells, text).as_py()) for text in own]
        problem = f"{title} has a decimal point in {own.point!r} (line {lines[0]}) and a decimal comma in"
        raise FileContentError(table.name, f"{problem} {own.comma!r} (line {lines[1]})", "write one of them")
    if stated := options.decimal:
        other: Decimal = "comma" if stated == "point" else "point"
        if proof[other]:
            line = table.line(pc.index(cells, proof[other]).as_py())
            problem = f"{title} is {proof[other]!r}, whose decimal mark is not a {stated}"
            raise FileContentError(table.name, problem, f"say --decimal {other}", line=line)
        return stated
    either = pc.match_substring_regex(body, marks.EITHER)
    if own.mark or not pc.any(either, min_count=0).as_py():
        return own.mark or "point"
    return table.evidence.mark or _by_figures(table, title, cells, body, pc.fill_null(either, False))


def _by_figures(
    table: Table, title: str, cells: pa.Array, body: pa.Array, either: pa.BooleanArray
) -> Decimal:
    """Return the decimal mark where every marked cell has three digits after it.

    If all cells are marked alike, both readings give the same returns. Else a fall of nearly everything
    wherever a number gets a digit more is impossible, and the reading without it is right. Where neither
    has one the separator decides.
    """
    usual = SEPARATORS.get(table.separator)
    row = pc.index(either, True).as_py()
    mark: Decimal = "point" if "." in body[row].as_py() else "comma"
    other: Decimal = "comma" if mark == "point" else "point"
    if pc.all(either).as_py():
        return usual or mark
    falls = {}
    for reading in (mark, other):
        values = from_arrow(marks.plain_digits(body, reading).cast(pa.float64()))
        values = values[values > 0]
        falls[reading] = bool((np.abs(np.diff(np.log(values))) > -np.log(1 - IMPLAUSIBLE)).any())
    if falls[mark] != falls[other]:
        return other if falls[mark] else mark
    if usual:
        return usual
    text = cells[row].as_py()
    readings = " or ".join(
        f"{float(marks.plain_digits(body[row : row + 1], reading)[0].as_py()):g} (decimal {reading})"
        for reading in (mark, other)
    )
    raise FileContentError(
        table.name,
        f"{title}: {text!r} is {readings}, and no row settles it",
        f"say --decimal point or comma (data: {{decimal: {mark}}})",
        line=table.line(row),
    )


def _rewritten(parts: pa.StructArray, decimal: Decimal) -> pa.Array:
    """Return written numbers as a machine writes them; null where they are none."""
    part = {
        name: pc.struct_field(parts, name) for name in ("open", "sign", "inner", "power", "size", "close")
    }
    digits = marks.plain_digits(pc.struct_field(parts, "body"), decimal)
    signs = pc.binary_join_element_wise(part["open"], part["sign"], part["inner"], "")
    minus = pc.if_else(pc.match_substring_regex(signs, "[(\u2212-]"), "-", "")
    power = pc.replace_substring(pc.binary_join_element_wise(part["power"], "", ""), "\u2212", "-")
    size = pc.utf8_lower(part["size"])
    for letter, exponent in SIZES.items():
        size = pc.replace_substring(size, letter, exponent)
    whole = pc.equal(pc.equal(part["open"], ""), pc.equal(part["close"], ""))  # both parentheses or none
    written = pc.binary_join_element_wise(minus, digits, power, size, "")
    return pc.if_else(whole, written, pa.scalar(None, pa.string()))


def _has_percent(table: Table, title: str, parts: pa.StructArray, values: FloatArray) -> bool:
    """Whether the figures have a percent sign; a FileContentError where only some have."""
    signed = np.asarray(pc.fill_null(pc.equal(pc.struct_field(parts, "after"), "%"), False))
    if not signed.any():
        return False
    without = np.flatnonzero(~signed & ~np.isnan(values) & (values != 0))
    if len(without):
        problem = f"{title} is {values[without[0]]:g} without a percent sign, and other rows have one"
        raise FileContentError(
            table.name, problem, "write all with it, or none", line=table.line(int(without[0]))
        )
    return True


def _refuse_unfinished(table: Table, title: str, texts: pa.Array) -> None:
    row = pc.index(pc.fill_null(pc.match_substring_regex(texts, UNFINISHED), False), True).as_py()
    if row >= 0:
        problem = f"{title} is {short(texts[row].as_py())!r}: the export was not finished"
        raise FileContentError(
            table.name, problem, "let the workbook load and save it again", line=table.line(row)
        )


def _refuse_text(table: Table, title: str, cells: pa.Array, read: pa.Array) -> None:
    row = pc.index(pc.and_(pc.is_valid(cells), pc.is_null(read)), True).as_py()
    if row >= 0:
        problem = f"{title} is {short(cells[row].as_py())!r}, not a number"
        raise FileContentError(table.name, problem, "correct or empty it", line=table.line(row))


def _finite(table: Table, title: str, values: FloatArray) -> FloatArray:
    """Refuse a text that is a number too large to hold."""
    rows = np.flatnonzero(np.isinf(values))
    if len(rows):
        problem = f"{title} is larger than any number that can be held"
        raise FileContentError(table.name, problem, "correct or empty it", line=table.line(int(rows[0])))
    return _bounded(table, title, values)


def _bounded(table: Table, title: str, values: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(((values > LARGEST) | (values < -LARGEST)) & np.isfinite(values))
    if len(rows):
        problem = f"{title} is {values[rows[0]]:g}, more than any price or volume"
        raise FileContentError(table.name, problem, "correct or empty it", line=table.line(int(rows[0])))
    return values


class Texts(NamedTuple):
    """A column of names: a code per row (-1 where empty), and the text of each code."""

    codes: IntArray
    names: list[str]


def texts_of(table: Table, place: int) -> Texts:
    """Return the texts of a column without blanks at the ends; a whole number without a point.

    ``""`` and NaN are empty.
    """
    coded = encoded(table.columns[place])
    names = coded.dictionary
    if pa.types.is_floating(names.type):
        numbers = pc.if_else(pc.is_nan(names), pa.scalar(None, names.type), names)
        whole = pc.all(pc.equal(numbers, pc.floor(numbers)), min_count=0).as_py()
        names = numbers.cast(pa.int64()) if whole else numbers
    texts = pc.utf8_trim_whitespace(names.cast(pa.string()))
    once = encoded(pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts))
    codes = np.append(places_in(once), -1)[places_in(coded)]
    return Texts(codes, [str(name) for name in once.dictionary.to_pylist()])


def encoded(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    """Return a column as one array in which each value is stored once."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    return column


def places_in(coded: pa.DictionaryArray) -> IntArray:
    """Return the place of each value among the distinct ones, -1 where missing; shape (T,)."""
    return np.asarray(values_of(pc.fill_null(coded.indices, -1)), dtype=np.int64)
