"""Sentences of the page: templates filled with figures and names, escaped, names isolated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from eventstudy.report.section import Paragraph
from eventstudy.words import Words
from eventstudy.words.formatting import count, spaced

LONG = 240  #: letters of a name in a sentence; the tables have it whole
MOST = 8  #: names in a row


def quoted(text: Any) -> Any:
    """Return a text of the user for a paragraph: whole, escaped, isolated."""
    import markupsafe

    return markupsafe.Markup("<bdi>{}</bdi>").format(text)


def name(text: Any) -> Any:
    """Return a name of the user for a sentence: as `quoted`, and cut if it is long."""
    text = str(text)
    return quoted(text if len(text) <= LONG else f"{text[:LONG]}…")


def sentence(words: Words, key: str, **values: Any) -> Any:
    """Return a text of the words with its placeholders filled; whatever is not a `name` is escaped."""
    import markupsafe

    return markupsafe.Markup(spaced(_template(words, key).format_map(values)))


@cache
def _template(words: Words, key: str) -> Any:
    import markupsafe

    return markupsafe.Markup(markupsafe.escape(words.texts[key]))


def paragraph(words: Words, key: str, tone: str = "", **values: Any) -> Paragraph:
    """Return a sentence as a paragraph of its own."""
    return Paragraph(sentence(words, key, **values), tone)


def joined(words: Words, parts: Sequence[Any], most: int = MOST) -> Any:
    """Return names or sentences in a row, the first few where they are many."""
    import markupsafe

    comma = markupsafe.Markup(", ")
    row = comma.join(parts[:most])
    return row if len(parts) <= most else sentence(words, "list.more", names=row, n=count(len(parts) - most))


def blank(*parts: Any) -> Any:
    """Return sentences one after the other."""
    import markupsafe

    return markupsafe.Markup(" ").join(part for part in parts if part)
