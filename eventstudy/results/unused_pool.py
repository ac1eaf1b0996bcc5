"""Peers and donors that a design names and no firm-event uses."""

from __future__ import annotations

from eventstudy.results.view import ResultView


def unused_pool(view: ResultView) -> dict[str, str]:
    """Return the named peers or donors that are left out everywhere, each with its first reason."""
    table, named = view.tables["weights"], [*view.design["peers"], *view.design["donors"]]
    if not named or not len(table):
        return {}
    import pyarrow.compute as pc

    used = table.filter(pc.is_null(table["reason"]))["security"].unique().to_pylist()
    listed = table["security"].unique().to_pylist()
    return {
        security: table.filter(pc.equal(table["security"], security))["reason"][0].as_py()
        for security in named
        if security in listed and security not in used
    }
