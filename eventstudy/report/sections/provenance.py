"""From which inputs and versions the result comes, and the command that reproduces it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from eventstudy.report.section import Block, Formula, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import paragraph
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words import Words

VERSIONS = ("what_of", "version")
PRICES = (
    *("ticker", "source", "series_kind", "series_basis:text:basis", "first", "last", "rows:count:rows"),
    "sha256",
)
FILES = ("file", "sha256")
PROGRAM = "eventstudy"


def provenance_section(view: ResultView) -> Section:
    """Return versions, checksums and the command, as the manifest has them."""
    words, manifest = view.words, view.manifest
    command = manifest.get("command")
    blocks: list[Block] = [paragraph(words, "provenance.reading")]
    if command:
        blocks += [paragraph(words, "provenance.command"), Formula(shlex.join([PROGRAM, *command]))]
    else:
        blocks.append(paragraph(words, "provenance.python"))
    prices = [
        {"ticker": ticker, **_about(words, row)} for ticker, row in (manifest.get("prices") or {}).items()
    ]
    for id_, key, rows, columns in (
        ("versions", "versions", versions_of(manifest), VERSIONS),
        ("files", "files", _files(manifest), FILES),
        ("sources", "prices", prices, PRICES),
    ):
        if rows:
            caption = words.say(f"provenance.{key}")
            blocks.append(table(words, id_, caption, rows, columns, folded=id_ == "sources"))
    return Section("provenance", words.say("provenance.title"), tuple(blocks), folded=True)


def _about(words: Words, row: Mapping[str, Any]) -> Row:
    """Return what is known of a price series, its kind and how that is known in words."""
    kind, basis = row.get("kind"), row.get("basis")
    return {
        **{name: row.get(name) for name in ("source", "first", "last", "rows", "sha256")},
        "series_kind": kind and words.say(f"provenance.kind.{kind}"),
        "basis": basis and words.say(f"provenance.basis.{basis}"),
    }


def versions_of(manifest: Mapping[str, Any]) -> list[Row]:
    """Return the package, Python and the libraries with their versions."""
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
