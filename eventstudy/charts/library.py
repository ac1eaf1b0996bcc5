"""Vega, Vega-Lite and vega-embed as one script for a page, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from eventstudy.atomic import replace_file


@cache
def library() -> str:
    """Return the script that draws charts in a page; it defines ``vegaEmbed`` and makes no network requests.

    vl-convert carries it and takes seconds to put it together, so the text is kept by its version, below the
    digest that proves it whole. A cache that cannot be read or written is no cache.
    """
    file = _folder() / f"vl-convert-{version('vl-convert-python')}.js"
    with suppress(OSError, UnicodeDecodeError):
        digest, _, script = file.read_text(encoding="utf-8").partition("\n")
        if digest == _digest(script):
            return script
    import vl_convert

    # A newline of another kind would come back as "\n" and the digest would not hold.
    made: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub asks for a snippet
    made = made.replace("\r\n", "\n").replace("\r", "\n")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, f"{_digest(made)}\n{made}".encode())
    return made


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("eventstudy") / "vega"


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()
