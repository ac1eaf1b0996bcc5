"""The line of the output of `run` about peers and donors that the design names and no firm-event uses."""

from __future__ import annotations

from collections.abc import Iterator

from eventstudy.cli.call import Line
from eventstudy.cli.columns import wrapped
from eventstudy.results.unused_pool import unused_pool
from eventstudy.results.view import ResultView

MOST = 3  #: securities whose reason is given


def pool_text(view: ResultView, width: int) -> Iterator[Line]:
    """Yield a line where a named peer or donor is left out everywhere, with its first reason."""
    unused = unused_pool(view)
    if unused:
        first = "; ".join(f"{security} ({reason})" for security, reason in list(unused.items())[:MOST])
        more = f"; and {len(unused) - MOST} more, in the table weights" if len(unused) > MOST else ""
        yield from map(
            Line, wrapped(f"Peers or donors that no firm-event uses: {first}{more}.", width, hanging="  ")
        )
        yield Line("")
