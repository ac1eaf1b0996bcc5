"""Remarks on stored prices, which no figure shows."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.cli.call import Call
from eventstudy.prices.source import Finding

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
    """Print a line for each file that was damaged, refused, revised, not written or too short."""
    for found in findings:
        if found.rule in ABOUT_FILES and found.session is None and found.severity != "info":
            call.remark(f"{found.ticker}: {found.detail}")
