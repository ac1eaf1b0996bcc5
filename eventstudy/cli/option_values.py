"""How the values of options are read from their text."""

from __future__ import annotations

import typer

from eventstudy.design import Window, Windows
from eventstudy.design.window import NO_WINDOW
from eventstudy.errors import UsageError


def window(text: str) -> Window:
    """Read a window of event time written as ``-5:5``."""
    start, colon, end = text.partition(":")
    try:
        if colon:
            return Window(int(start), int(end))
    except ValueError:
        pass
    raise typer.BadParameter(f"{text!r} is not a window; write two sessions, as -5:5")


def estimation(text: str) -> Windows | str:
    """Read one or several windows of event time, separated by commas, or ``none``."""
    return text if text == NO_WINDOW else Windows(map(window, text.split(",")))


def names(text: str) -> list[str]:
    """Read names separated by commas; a name that holds one stands in double quotes."""
    from eventstudy.events.names import split_names

    found = split_names(text, ",")
    if not all(found):
        raise typer.BadParameter(f"{text!r} is not a list of names; write A,B,C")
    return found


def tickers(text: str) -> list[str]:
    """Read tickers separated by commas; what is not one, such as a path, is refused."""
    return _checked(names(text))


def _checked(found: list[str]) -> list[str]:
    from eventstudy.events.names import check_ticker

    try:
        return [check_ticker(name) for name in found]
    except UsageError as error:
        raise typer.BadParameter(str(error)) from None


def benchmark(text: str) -> str | list[str]:
    """Read a benchmark: a ticker, or an equal-weighted basket as ``A+B+C`` or ``A,B,C``."""
    from eventstudy.events.names import split_names

    members = _checked(split_names(text, "+,"))
    return members if len(members) > 1 else members[0]


def count_or_share(text: str) -> float:
    """Read a number of sessions (150) or a share of them (0.6)."""
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a number of sessions (150) nor a share (0.6)"
        ) from None
