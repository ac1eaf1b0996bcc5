"""Windows that a list gives its events: text, or pairs of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from eventstudy._typing import FloatArray, TextArray
from eventstudy.errors import FileContentError
from eventstudy.intake.figures import figures_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PARTS = ("start", "end", "length")
_PAIR = re.compile(
    r"[(\[{]?\s*([+-]?\d+)\s*(?::|,|;|\.\.\.?|\bto\b|bis|/|\||\s)\s*([+-]?\d+)\s*[)\]}]?", re.ASCII
)


def window_columns(
    table: Table, roles: Mapping[str, int], options: ReadingOptions, problems: dict[int, str]
) -> dict[str, TextArray]:
    """Return the windows of each row: object arrays of shape (T,), whole sessions or None.

    What is wrong with single rows goes into ``problems``: a cell that is no window, a window with one end, a
    start after its end.

    Raises
    ------
    FileContentError
        A window given twice, or by one of start, end and length alone.
    """
    columns: dict[str, TextArray] = {}
    for name in ("window", "estimation"):
        parts = {part: roles[key] for part in PARTS if (key := f"{name}_{part}") in roles}
        if name in roles and parts:
            titles = ", ".join(table.titles[place] for place in (roles[name], *parts.values()))
            raise FileContentError(table.name, f"{titles} give the {name} twice", "keep one of them")
        if name in roles:
            start, end = _of_texts(table, roles[name], problems)
        elif parts:
            start, end = _of_parts(table, parts, name, options, problems)
        else:
            continue
        _check(name, start, end, problems)
        columns |= {f"{name}_start": _whole(start), f"{name}_end": _whole(end)}
    return columns


def _of_texts(table: Table, place: int, problems: dict[int, str]) -> tuple[FloatArray, FloatArray]:
    read = lru_cache(maxsize=None)(_pair)
    start, end = np.full(table.n_rows, np.nan), np.full(table.n_rows, np.nan)
    for row, cell in enumerate(table.columns[place].to_pylist()):
        text = "" if cell is None else str(cell).strip()
        if text in ("", ".", "-", "--", "NA", "nan"):
            continue
        found = read(text)
        if found is None:
            problem = f"{table.titles[place]}: {text!r} is no window of sessions"
            problems.setdefault(row, f"{problem}; write two sessions, as -1:1")
        else:
            start[row], end[row] = found
    return start, end


def _pair(text: str) -> tuple[int, int] | None:
    found = _PAIR.fullmatch(text.replace("\u2212", "-"))
    return (int(found[1]), int(found[2])) if found else None


def _of_parts(
    table: Table, parts: Mapping[str, int], name: str, options: ReadingOptions, problems: dict[int, str]
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
        title = table.titles[parts[part]] or f"{name} {part}"
        for row in np.flatnonzero(np.isfinite(values) & (values != np.round(values))).tolist():
            problem = f"{title}: {values[row]:g} is no whole number of sessions; write -1 or 120"
            problems.setdefault(row, problem)
    if "length" not in figures:
        return figures["start"], figures["end"]
    if "end" in figures:
        return figures["end"] - figures["length"] + 1, figures["end"]
    return figures["start"], figures["start"] + figures["length"] - 1


def _check(name: str, start: FloatArray, end: FloatArray, problems: dict[int, str]) -> None:
    """Note windows with one end, or that end before they start; they are none any more."""
    half, turned = np.isfinite(start) != np.isfinite(end), start > end
    for wrong, problem in ((half, "has one end only"), (turned, "ends before it starts")):
        for row in np.flatnonzero(wrong).tolist():
            shown = ", ".join("" if np.isnan(value) else f"{value:g}" for value in (start[row], end[row]))
            problems.setdefault(row, f"the {name} window ({shown}) {problem}; write two sessions")
    start[half | turned] = end[half | turned] = np.nan


def _whole(values: FloatArray) -> TextArray:
    return np.array(
        [int(value) if value == value and value.is_integer() else None for value in values.tolist()],
        dtype=object,
    )


def weights_of(table: Table, place: int, options: ReadingOptions, problems: dict[int, str]) -> TextArray:
    """Return the weights of each row, None where empty; those below 0 are problems."""
    values = figures_of(table, place, options).values
    for row in np.flatnonzero(values < 0).tolist():
        problems.setdefault(row, f"{table.titles[place]}: a weight of {values[row]:g} is below 0; correct it")
    return np.array([None if value != value else value for value in values.tolist()], dtype=object)
