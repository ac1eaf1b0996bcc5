"""The options that several commands have, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.prices.opening import source_forms, source_help

Pair = tuple[int, int]


def _note(field: str) -> Callable[[typer.Context, bool], bool]:
    """Return a callback that notes a flag in the `Call`, whether it stands before or after the command."""

    def note(context: typer.Context, given: bool) -> bool:
        if given and isinstance(context.obj, Call):
            setattr(context.obj, field, True)
        return given

    return note


def _flag(name: str, help_text: str) -> Any:
    return typer.Option(f"--{name}", callback=_note(name), is_eager=True, help=help_text)


Json = Annotated[bool, _flag("json", "Print one JSON document, also when something fails.")]
Quiet = Annotated[bool, _flag("quiet", "Print nothing but errors.")]
Offline = Annotated[bool, _flag("offline", "Fetch nothing; use stored prices only.")]
Debug = Annotated[bool, _flag("debug", "Show the trace of an error.")]


def show_help_when_bare(context: typer.Context) -> None:
    """Print the help of a group of commands that was called without one of them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def window(text: str) -> Pair:
    """Read a window of event time written as ``-5:5``."""
    start, colon, end = text.partition(":")
    try:
        if colon:
            return int(start), int(end)
    except ValueError:
        pass
    raise typer.BadParameter(f"{text!r} is not a window; write two sessions, as -5:5")


def names(text: str) -> list[str]:
    """Read names separated by commas."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise typer.BadParameter(f"{text!r} is not a list of names; write A,B,C")
    return found


def benchmark(text: str) -> str | list[str]:
    """Read a benchmark: a ticker, or an equal-weighted basket as ``A+B+C`` or ``A,B,C``."""
    members = names(text.replace("+", ","))
    return members if len(members) > 1 else members[0]


def count_or_share(text: str) -> float:
    """Read a number of sessions (150) or a share of them (0.6)."""
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a number of sessions (150) nor a share (0.6)"
        ) from None


EventsFile = Annotated[
    str, typer.Argument(metavar="EVENTS", help="The study file, or an event list as CSV or Parquet.")
]
ResultFolder = Annotated[
    str, typer.Argument(metavar="RESULTS", help="A result folder that `eventstudy run` has written.")
]
Prices = Annotated[
    str,
    typer.Option(
        metavar=source_forms(),
        help=f"Where prices come from: {source_help()}.",
    ),
]
Study = Annotated[
    str,
    typer.Option(
        metavar="EVENTS", help="The study beside which prices are kept, and whose tickers are meant."
    ),
]
Tickers = Annotated[
    list[str] | None, typer.Argument(metavar="TICKER", help="Only these.  [default: all]", show_default=False)
]
Cache = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Where fetched prices are kept.  [default: cache/prices beside EVENTS]"),
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fetch prices anew even where they are stored.")]
