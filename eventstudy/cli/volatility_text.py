"""The line of the output of `run` about volatility that clusters, and the model for it."""

from __future__ import annotations

from collections.abc import Iterator

from eventstudy.cli.call import Line
from eventstudy.cli.columns import wrapped
from eventstudy.results.row_groups import SMALL, is_small
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count, counted, share

MANY = 2  #: times what chance gives, from which the line is printed


def volatility_text(view: ResultView, width: int) -> Iterator[Line]:
    """Yield a line where many firm-events of a model of constant variance have residuals that cluster."""
    if view.design["model"] == "garch" or view.measure != "returns":
        return
    pvalues = [row["pvalue"] for row in view.rows("diagnostics") if row["check"] == "arch_lm"]
    known = [pvalue for pvalue in pvalues if pvalue is not None]
    found, expected = sum(map(is_small, known)), SMALL * len(known)
    if found > MANY * expected:
        text = (
            f"Volatility clusters in {count(found)} of {counted(len(known), 'firm-event')} (ARCH test, p "
            f"below {share(SMALL)}; {expected:.1f} expected by chance). In a loud spell t rejects too often: "
            "--model garch follows the variance to day 0."
        )
        yield from map(Line, wrapped(text, width, hanging="  "))
        yield Line("")
