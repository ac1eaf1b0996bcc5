"""Windows that a list gives its events: text, or pairs of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pyarrow as pa

from eventstudy._typing import FloatArray, TextArray
from eventstudy.errors import FileContentError
from eventstudy.intake.figures import figures_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PARTS = ("start", "end", "length")
_PAIR = re.compile(
    r"[(\[{]?\s*([+-]?\d+)\s*(?::|,|;|\.\.\.?|\bto\b|bis|/|\||\s)\s*([+-]?\d+)\s*[)\]}]?", re.ASCII
)


def window_columns(table: Table, roles: Mapping[str, int], options: ReadingOptions) -> dict[str, TextArray]:
    """Return the windows of each row: object arrays of shape (T,), whole sessions or None.

    Raises
    ------
    FileContentError
        A cell that is no window; a window with one end; a start after its end; a window given twice.
    """
    columns: dict[str, TextArray] = {}
    for name in ("window", "estimation"):
        parts = {part: roles[key] for part in PARTS if (key := f"{name}_{part}") in roles}
        if name in roles and parts:
            titles = ", ".join(table.titles[place] for place in (roles[name], *parts.values()))
            raise FileContentError(table.name, f"{titles} give the {name} twice", "keep one of them")
        if name in roles:
            start, end = _of_texts(table, roles[name], name)
        elif parts:
            start, end = _of_parts(table, parts, name, options)
        else:
            continue
        _check(table, name, start, end)
        columns |= {f"{name}_start": _whole(start), f"{name}_end": _whole(end)}
    return columns


def _of_texts(table: Table, place: int, name: str) -> tuple[FloatArray, FloatArray]:
    read = lru_cache(maxsize=None)(_pair)
    start, end = np.full(table.n_rows, np.nan), np.full(table.n_rows, np.nan)
    for row, cell in enumerate(table.columns[place].to_pylist()):
        text = "" if cell is None else str(cell).strip()
        if text in ("", ".", "-", "--", "NA", "nan"):
            continue
        found = read(text)
        if found is None:
            problem = f"{table.titles[place]}: {text!r} is no window of sessions"
            raise FileContentError(table.name, problem, "write two sessions, as -1:1", line=table.line(row))
        start[row], end[row] = found
    return start, end


def _pair(text: str) -> tuple[int, int] | None:
    found = _PAIR.fullmatch(text.replace("\u2212", "-"))
    return (int(found[1]), int(found[2])) if found else None


def _of_parts(
    table: Table, parts: Mapping[str, int], name: str, options: ReadingOptions
) -> tuple[FloatArray, FloatArray]:
    if len(parts) != 2:
        titles = ", ".join(table.titles[place] for place in parts.values())
        raise FileContentError(
            table.name,
            f"{titles}: a window is given by two of start, end and length",
            f"name the others {name}_start, {name}_end or {name}_length",
        )
    figures = {part: figures_of(table, place, options).values for part, place in parts.items()}
    for part, values in figures.items():
        odd = np.flatnonzero(np.isfinite(values) & (values != np.round(values)))
        if odd.size:
            title = table.titles[parts[part]] or f"{name} {part}"
            problem = f"{title}: {values[odd[0]]:g} is no whole number of sessions"
            raise FileContentError(table.name, problem, "write -1 or 120", line=table.line(int(odd[0])))
    if "length" not in figures:
        return figures["start"], figures["end"]
    if "end" in figures:
        return figures["end"] - figures["length"] + 1, figures["end"]
    return figures["start"], figures["start"] + figures["length"] - 1


def _check(table: Table, name: str, start: FloatArray, end: FloatArray) -> None:
    half = np.flatnonzero(np.isfinite(start) != np.isfinite(end))
    turned = np.flatnonzero(start > end)
    for rows, problem in ((half, "has one end only"), (turned, "ends before it starts")):
        if rows.size:
            row = int(rows[0])
            shown = ", ".join("" if np.isnan(value) else f"{value:g}" for value in (start[row], end[row]))
            raise FileContentError(
                table.name,
                f"the {name} window ({shown}) {problem}",
                "write two sessions",
                line=table.line(row),
            )


def _whole(values: FloatArray) -> TextArray:
    return np.array([None if value != value else int(value) for value in values.tolist()], dtype=object)


def weights_of(table: Table, place: int, options: ReadingOptions) -> TextArray:
    """Return the weights of each row, None where empty; an error names one below 0."""
    values = figures_of(table, place, options).values
    below = np.flatnonzero(values < 0)
    if below.size:
        problem = f"{table.titles[place]}: a weight of {values[below[0]]:g} is below 0"
        raise FileContentError(table.name, problem, "correct it", line=table.line(int(below[0])))
    return np.array([None if value != value else value for value in values.tolist()], dtype=object)


def is_figure(kind: pa.DataType) -> bool:
    """Whether a column holds numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
