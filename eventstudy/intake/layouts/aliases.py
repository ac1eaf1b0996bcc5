"""Further names of the securities of a long table, and when each security bore them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eventstudy.intake.figures import texts_of
from eventstudy.intake.layouts.long import LongRows
from eventstudy.intake.series import AliasDays
from eventstudy.intake.table import Table


class Aliases(NamedTuple):
    """The ids that bear a name, and the first and last day on which each bore it."""

    ids: dict[str, tuple[str, ...]]
    days: AliasDays


def aliases_of(table: Table, rows: LongRows, titles: tuple[str, ...]) -> Aliases:
    """Return the names in some columns of a long table, where the table has them.

    A name is written as it stands; one that is the id of a security of the table is no alias.
    """
    ids: dict[str, dict[str, None]] = {}
    spans: AliasDays = {}
    own = set(rows.ids)
    for place in (place for title in titles for place in table.places(title)):
        names = texts_of(table, place)
        codes = names.codes[rows.order]
        starts = np.flatnonzero((np.diff(codes, prepend=-2) != 0) | rows.firsts())
        ends = np.append(starts[1:], len(codes)) - 1
        owners = np.searchsorted(rows.starts, starts, side="right") - 1
        runs = zip(codes[starts].tolist(), owners.tolist(), rows.days[starts], rows.days[ends], strict=True)
        for code, owner, first, last in runs:
            if code < 0 or (name := names.names[code]) in own:
                continue
            bearer = rows.ids[owner]
            ids.setdefault(name, {})[bearer] = None
            known = spans.get((name, bearer), (first, last))
            spans[name, bearer] = (min(known[0], first), max(known[1], last))
    return Aliases({name: tuple(bearers) for name, bearers in ids.items()}, spans)
