"""Whether a run reproduces an earlier one: the differences of two manifests, and their exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Part = Literal["events", "design", "prices", "factors", "tables", "versions"]

#: exit code of the command line where a part differs; other versions alone are no difference
EXIT_CODES: Mapping[Part, int] = {
    "events": 3,
    "design": 3,
    "prices": 4,
    "factors": 4,
    "tables": 6,
    "versions": 0,
}


@dataclass(frozen=True)
class Difference:
    """One difference between two runs.

    Attributes
    ----------
    part
        Of the manifest: ``events``, ``design``, ``prices``, ``factors``, ``tables`` or ``versions``.
    name
        The design field, ticker, table or library.
    before, now
        The value of either run as text; ``""`` where it has none.
    """

    part: Part
    name: str
    before: str
    now: str


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between the manifests of two runs, causes before effects.

    Parameters
    ----------
    before, now
        Manifests (see `eventstudy.results.build_manifest`). The command and the names of files are not
        compared, only their contents.
    """
    found = [
        *_fields("events", _study(before), _study(now), _text),
        *_fields("design", before.get("design"), now.get("design"), _text),
        *_fields("prices", before.get("prices"), now.get("prices"), _series),
        *_fields("factors", {"factors": before.get("factors")}, {"factors": now.get("factors")}, _factors),
        *_fields("tables", before.get("tables"), now.get("tables"), _table),
        *_fields("versions", _versions(before), _versions(now), _text),
    ]
    return sorted(found, key=lambda difference: get_args(Part).index(difference.part))


def exit_code(found: list[Difference]) -> int:
    """Return the exit code of the command line: 0, or that of the first cause."""
    return next((code for difference in found if (code := EXIT_CODES[difference.part])), 0)


def _study(manifest: Mapping[str, Any]) -> dict[str, Any]:
    sha256 = (manifest.get("study") or {}).get("sha256")
    return {"file": sha256 and f"sha256 {sha256}", "tickers": manifest.get("tickers")}


def _fields(part: Part, before: Any, now: Any, shown: Callable[[Any], str]) -> Iterator[Difference]:
    old, new = dict(before or {}), dict(now or {})
    for name in dict.fromkeys([*old, *new]):
        was, is_now = shown(old.get(name)), shown(new.get(name))
        if was != is_now:
            yield Difference(part, name, was, is_now)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    return "" if value is None else str(value)


def _series(entry: Mapping[str, Any] | None) -> str:
    """Describe a price series; its source is not compared."""
    if not entry:
        return ""
    return f"{entry.get('rows')} sessions, {entry.get('first')} to {entry.get('last')}, {_sum(entry)}"


def _factors(entry: Mapping[str, Any] | None) -> str:
    return f"vintage {entry.get('vintage') or 'unknown'}, {_sum(entry)}" if entry else ""


def _table(entry: Mapping[str, Any] | None) -> str:
    return f"{entry.get('rows')} rows, {_sum(entry)}" if entry else ""


def _sum(entry: Mapping[str, Any]) -> str:
    return f"sha256 {entry.get('sha256')}"


def _versions(manifest: Mapping[str, Any]) -> dict[str, Any]:
    own = {"eventstudy": manifest.get("version"), "python": manifest.get("python")}
    return {**own, **(manifest.get("libraries") or {})}
