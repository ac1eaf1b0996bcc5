"""Write docs/result-tables.md from the schema of the result tables: `python docs/build_tables.py`.

A test of the suite fails where the page is not what this writes.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

from eventstudy.schema import TABLES, arrow_schema
from eventstudy.simulation.result import SCHEMA as SIMULATION
from eventstudy.study_result import EventStudyResult

PAGE = Path(__file__).resolve().parent / "result-tables.md"

OPENING = """\
# Result tables

A run writes nineteen tables to `results/`, one Parquet file each, and `manifest.json`: what went in.
The tables are long and tidy: one row per thing measured, one column per property.
Every table is always there, also where it has no rows.

- Returns are decimals: 0.01 is 1 %.
- Nothing is rounded and there are no stars.
- A number that could not be computed is null, never zero or a substitute.
- `tau` is event time in trading sessions from day 0.
- A firm-event is one security and one event: `event_id` and `ticker` together.
- Units and meanings are also in the metadata of the Parquet columns.

`eventstudy export` writes the same tables as CSV, Excel, LaTeX or JSON.
In Python `result.cars` is the table `cars` as a data frame, and `result.tables["cars"]` the Arrow table.
"""

TYPES = {
    "dictionary<values=string, indices=int32, ordered=0>": "text",
    "string": "text",
    "date32[day]": "date",
    "int32": "integer",
    "int64": "integer",
    "double": "number",
    "bool": "true or false",
}

#: The checks of the table `diagnostics`, in its own order.
CHECKS = {
    "missing_sessions": "sessions of the estimation window without a usable return",
    "masked_sessions": "sessions left out around other listed events (`mask_events`)",
    "rsquared": "share of variance that the normal-return model explains",
    "no_trade_share": "share of sessions without a trade; above 10 % the note says thin",
    "zero_return_share": "share of returns that are zero; above 30 % the note says stale",
    "autocorrelation": "of the returns, first order; below -0.2 the note says bounce (between bid and ask)",
    "ljung_box": "autocorrelation of the residuals, Ljung and Box over 10 lags",
    "arch_lm": "volatility clustering, Engle's LM test over 5 lags; below 5 % the note names `garch`",
    "jarque_bera": "normality of the residuals, Jarque and Bera",
    "overlap_window": "other listed events of the ticker in the event window; the note names them",
    "overlap_estimation": "other listed events of the ticker in the estimation window",
    "day0_variance": "of the model `garch` alone: variance of day 0 over the mean of the estimation window;"
    " above 2 and below 0.5 with a remark",
    "market_rsquared": "of the model `synthetic` alone: R squared of the market model on the same sessions",
}


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (OPENING, "| table | holds |", "| --- | --- |")
    for name in TABLES:
        yield f"| [`{name}`](#{name}) | {_holds(name)} |"
    for name in TABLES:
        yield from ("", f"## {name}", "", _holds(name), "")
        yield from _columns(
            (
                field.name,
                str(field.type),
                field.metadata[b"unit"].decode(),
                field.metadata[b"meaning"].decode(),
            )
            for field in arrow_schema(name)
        )
        if name == "diagnostics":
            yield from ("", "| check | what it finds |", "| --- | --- |")
            yield from (f"| `{check}` | {finds} |" for check, finds in CHECKS.items())
    yield from ("", "## The table of a simulation", "")
    yield "What `eventstudy simulate --out` writes: a row per test, unit, measure, window, effect and level."
    yield ""
    yield from _columns(
        (field.name, str(field.type), field.metadata[b"unit"].decode(), field.metadata[b"meaning"].decode())
        for field in SIMULATION
    )


def _holds(name: str) -> str:
    """Say what a table holds, in the words of the property that gives it."""
    return inspect.getdoc(getattr(EventStudyResult, name)) or ""


def _columns(columns: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    yield from ("| column | type | unit | meaning |", "| --- | --- | --- | --- |")
    for name, kind, unit, meaning in columns:
        yield f"| `{name}` | {TYPES[kind]} | {unit} | {meaning.replace('|', '&#124;')} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
