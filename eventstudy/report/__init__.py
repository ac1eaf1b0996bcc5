"""One self-contained HTML page from a result."""

from __future__ import annotations

from eventstudy.report.page import report

__all__ = ["report"]
