"""Remarks on stored prices, which no figure shows."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.cli.call import Call
from eventstudy.prices.source import Finding

OF_INTEREST = ("ticker-case", "time-stamps")  #: whatever their severity: what was read as something else
MOST = 3  #: tickers that are named
ABOUT_FILES = (
    "damaged-file",
    "ends-early",
    "mask-dates",
    "not-stored",
    "rebased",
    "refused-fetch",
    "revised",
)


def remark_on_files(call: Call, findings: Iterable[Finding]) -> None:
    """Print a line for each file that was damaged, refused, revised, too short or read as another."""
    whole = [found for found in findings if found.session is None]
    for found in whole:
        if found.rule in ABOUT_FILES and found.severity != "info":
            call.remark(f"{found.ticker}: {found.detail}")
    for rule in OF_INTEREST:
        same = [found for found in whole if found.rule == rule]
        for found in same[:MOST]:
            call.remark(f"{found.ticker}: {found.detail}")
        if len(same) > MOST:
            call.remark(f"and {len(same) - MOST} further tickers: see `eventstudy prices verify`")
