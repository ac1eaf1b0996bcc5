"""What happened to stored prices on the way: said on stderr, since no figure shows it."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.cli.call import Call
from eventstudy.prices.source import Finding

ABOUT_FILES = ("damaged-file", "ends-early", "not-stored", "rebased", "refused-fetch", "revised")


def remark_on_files(call: Call, findings: Iterable[Finding]) -> None:
    """Say which files were damaged, refused, revised, not written or too short, a line each."""
    for found in findings:
        if found.rule in ABOUT_FILES and found.session is None and found.severity != "info":
            call.remark(f"{found.ticker}: {found.detail}")
