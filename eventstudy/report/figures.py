"""Charts as figures of the page: drawings that many share, and rows packed by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.charts.charted import PHONE, ROOM, Charted
from eventstudy.report.section import Figure

DIGITS = 7  #: significant digits of what is drawn; the tables have them all
SHARED = 0.5  #: a column of texts is stored as codes where fewer than this share of them differ


def figure(id_: str, caption: str, chart: Charted, choices: Mapping[str, Charted] | None = None) -> Figure:
    """Return a chart as a figure; with choices, one drawing that shows the rows of the one that is chosen."""
    return Figure(
        id=id_,
        caption=caption,
        description=chart.description,
        drawings={room: chart.draw(room).spec for room in (ROOM, PHONE)},
        datasets=_packed(chart),
        choices={name: _packed(each) for name, each in (choices or {}).items()},
    )


def _packed(chart: Charted) -> dict[str, Any]:
    return {name: packed(rows) for name, rows in chart.datasets.items()}


def packed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows as columns: texts that repeat once with a code per row, figures to `DIGITS`."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {"n": len(rows), "columns": {name: _column([row.get(name) for row in rows]) for name in names}}


def _column(values: list[Any]) -> Any:
    if all(isinstance(value, str) for value in values):
        codes = {text: code for code, text in enumerate(dict.fromkeys(values))}
        if len(codes) < SHARED * len(values):
            return {"texts": list(codes), "codes": [codes[value] for value in values]}
    return [float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value for value in values]
