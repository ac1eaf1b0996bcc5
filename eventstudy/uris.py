"""URIs: telling one from a path, and what may be shown of it."""

from __future__ import annotations

import re

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_IN_TEXT = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]+:/([^\s'\"<>]+)")  # a path made of it has lost a slash


def is_uri(text: str) -> bool:
    """Whether a text is a URI such as ``s3://bucket/folder``, rather than a path."""
    return _URI.match(text) is not None


def nameable(uri: str) -> str:
    """Return a URI without what must not be shown: user, password, options.

    Examples
    --------
    >>> nameable("s3://key:secret@bucket/folder/?endpoint_override=host")
    's3://bucket/folder'
    """
    scheme, _, rest = uri.partition(":")
    # by the last @, since a password may hold /, ? and #
    place = re.split("[?#]", rest.rpartition("@")[2])[0].removeprefix("//")
    return f"{scheme}://{place}".rstrip("/")


def without_secrets(text: str) -> str:
    """Return a text in which every URI with a user, a password or options is replaced by `nameable`."""
    return _IN_TEXT.sub(lambda found: nameable(found[0]) if re.search("[@?]", found[1]) else found[0], text)
