"""Titles of columns without what people write differently."""

from __future__ import annotations

import re
import unicodedata


def plain(title: str) -> str:
    """Return a title in lower case without blanks, underscores and marks, accents composed, to compare it.

    Examples
    --------
    >>> plain("Adj Close"), plain("adj_close"), plain("<CLOSE>"), plain("종가")
    ('adjclose', 'adjclose', 'close', '종가')
    """
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", title).casefold())
