"""The report as a document: Word, Markdown or PDF, with the content of the page in its order."""

from __future__ import annotations

from eventstudy.report.documents.saving import DOCUMENTS, document_format, save_report

__all__ = ["DOCUMENTS", "document_format", "save_report"]
