"""The bundled study with chosen study p-values: what is shown where firm-days are named, or none is."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from panels import bundled

from eventstudy.study_result import EventStudyResult

Pair = tuple[str, str]  # of an event and a ticker
NONE = 0.9  #: p-value of the firm-days that are not named


def with_named(bh: Mapping[Pair, float], holm: Mapping[Pair, float] | None = None) -> EventStudyResult:
    """Return the bundled result with these adjusted p-values in the first window, `NONE` elsewhere."""
    cars = bundled().tables["cars"]
    rows = cars.select(["event_id", "ticker", "start", "end"]).to_pylist()
    columns: dict[str, list[float]] = {}
    for name, chosen in (("pvalue_study_bh", bh), ("pvalue_study_holm", holm or {})):
        columns[name] = [
            chosen.get((row["event_id"], row["ticker"]), NONE) if row["start"] == row["end"] == 0 else NONE
            for row in rows
        ]
    columns["pvalue_study"] = columns["pvalue_study_bh"]
    for name, values in columns.items():
        cars = cars.set_column(cars.column_names.index(name), cars.schema.field(name), pa.array(values))
    return EventStudyResult({**bundled().tables, "cars": cars}, bundled().manifest)
