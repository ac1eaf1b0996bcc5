"""From what and with what it was computed, and the command that does it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading, Row
from eventstudy.report.section import Block, Formula, Section
from eventstudy.report.writing import paragraph

PRICES = ("ticker", "source", "first", "last", "rows:count:rows", "sha256")
FILES = ("file", "sha256")
PROGRAM = "eventstudy"


def provenance_section(reading: Reading) -> Section:
    """Return versions, checksums and the command, as the manifest has them."""
    words, manifest = reading.words, reading.result.manifest
    command = manifest.get("command")
    blocks: list[Block] = [paragraph(words, "provenance.reading")]
    if command:
        blocks += [paragraph(words, "provenance.command"), Formula(shlex.join([PROGRAM, *command]))]
    else:
        blocks.append(paragraph(words, "provenance.python"))
    versions = _versions(manifest)
    blocks.append(
        table(
            words,
            "versions",
            words.say("provenance.versions"),
            versions,
            ("what_of", "version"),
            folded=False,
        )
    )
    files = _files(manifest)
    if files:
        blocks.append(table(words, "files", words.say("provenance.files"), files, FILES, folded=False))
    prices = [{"ticker": ticker, **_known(row)} for ticker, row in (manifest.get("prices") or {}).items()]
    if prices:
        blocks.append(table(words, "sources", words.say("provenance.prices"), prices, PRICES))
    return Section("provenance", words.say("provenance.title"), tuple(blocks))


def _versions(manifest: Mapping[str, Any]) -> list[Row]:
    found = {manifest.get("package"): manifest.get("version"), "Python": manifest.get("python")}
    found |= manifest.get("libraries") or {}
    return [{"what_of": name, "version": version} for name, version in found.items() if version]


def _files(manifest: Mapping[str, Any]) -> list[Row]:
    """Return the study file and the factor table with their checksums, where there are any."""
    found = [manifest.get("study"), manifest.get("factors")]
    return [
        {"file": each.get("file") or each.get("path"), "sha256": each.get("sha256")}
        for each in found
        if isinstance(each, Mapping)
    ]


def _known(row: Mapping[str, Any]) -> Row:
    return {name: row.get(name) for name in ("source", "first", "last", "rows", "sha256")}
