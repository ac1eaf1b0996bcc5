"""`eventstudy long-run`: monthly returns after events against those of control firms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy._typing import Alternative, Values
from eventstudy.cli.call import Call, Line

if TYPE_CHECKING:
    from eventstudy.preparation.long_run import LongRun

Events = Annotated[
    str,
    typer.Argument(
        metavar="EVENTS", help="The event list: ticker, day and control firm.", show_default=False
    ),
]
Returns = Annotated[
    str, typer.Option(metavar="FILE", help="Monthly simple returns: a column of dates and one per series.")
]
Control = Annotated[
    str,
    typer.Option(
        metavar="COLUMN|SERIES", help="Column of the list with the control firm, or one series for all."
    ),
]
Months = Annotated[
    int, typer.Option(metavar="N", help="Months of the holding period, which begins after the event's month.")
]
Held = Annotated[Values | None, typer.Option(help="What the file of returns holds.  [default: decimals]")]
Side = Annotated[Alternative, typer.Option(help="Alternative hypothesis of the p-values.")]


def long_run(
    call: Call,
    events: Events,
    returns: Returns,
    control: Control = "control",
    months: Months = 36,
    values: Held = None,
    alternative: Side = "two-sided",
) -> None:
    """Test monthly returns after events against control firms: standardised, buy-and-hold, calendar time."""
    from eventstudy.preparation import long_run as measuring

    result = measuring.long_run(
        events, returns, control=control, months=months, values=values, alternative=alternative
    )
    frames = {name: getattr(result, name) for name in ("tests", "events", "firm_months")}
    call.document({"months": months} | {name: _rows(frame) for name, frame in frames.items()})
    call.say(_text(result, months, call.width))


def _rows(frame: Any) -> list[dict[str, Any]]:
    """Return a frame as JSON can write it."""
    return [
        {str(name): value.item() if hasattr(value, "item") else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _clusters(cluster: str) -> str:
    return f"by {cluster}" if cluster in ("month", "firm") else cluster


def _text(result: LongRun, months: int, width: int) -> Iterator[Line]:
    from eventstudy.cli.columns import dim, table_lines
    from eventstudy.words.formatting import counted, pvalue, ratio

    measured = int((result.events["status"] == "ok").sum())
    held = counted(len(result.firm_months), "firm-month")
    yield Line(f"{counted(measured, 'firm-event')}, {months} months after the event, {held}", "bold")
    header = ["mean", "t", "d.o.f.", "p", "months", "firms", "test"]
    table = [header]
    for row in result.tests.to_dict("records"):
        known = {name: None if value != value else value for name, value in row.items()}
        label = " ".join(filter(None, (row["test"], _clusters(row["cluster"]))))
        label += f": {row['note']}" if row["note"] else ""
        mean = "-" if known["mean"] is None else f"{known['mean']:.4f}"
        df = "-" if known["df"] is None else f"{known['df']:.0f}"
        counts = [str(row["n_months"]), str(row["n_firms"])]
        table.append([mean, ratio(known["statistic"]), df, pvalue(known["pvalue"]), *counts, label])
    yield from table_lines("rrrrrrl", table, width)
    for row in result.events[result.events["status"] == "skipped"].to_dict("records"):
        yield from dim(f"skipped: {row['event_id']} {row['ticker']}: {row['reason']}", width)
