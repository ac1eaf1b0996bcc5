"""What the output of `run` begins with: the headline of the study and its named firm-days."""

from __future__ import annotations

from collections.abc import Iterator

from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, table_lines, wrapped
from eventstudy.results.firm_day import ENDS
from eventstudy.results.first_screen import MOST_NAMED, named_firm_days, none_named
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import Figures, car_label, count, pvalue

INTERVAL, DAY0 = 78, 92  #: columns from which the table has room for intervals, and for day 0 too


def headline(view: ResultView, width: int) -> Iterator[Line]:
    """Yield the sentences of the headline, and the named firm-days."""
    first, *others = view.headline["sentences"]
    yield from (Line(line, "bold") for line in wrapped(first, width))
    yield from map(Line, wrapped(" ".join(others), width) if others else ())
    rows = named_firm_days(view)
    if rows:
        first = {"ticker": "", "session": "day 0", "car": car_label(view.first), "interval": "interval"}
        header = first | {"p": "study p", "mark": "", "event": ""}
        table = [header, *(_cells(view.figures, row) for row in rows[:MOST_NAMED])]
        left_out = {"interval"} if width < INTERVAL else set()
        left_out |= {"session"} if width < DAY0 else set()
        spec = "".join(
            "l" if name in ("ticker", "session", "mark", "event") else "r"
            for name in header
            if name not in left_out
        )
        shown = [[text for name, text in row.items() if name not in left_out] for row in table]
        yield from table_lines(spec, shown, width)
        rest = len(rows) - MOST_NAMED
        more = (
            f"; {count(rest)} more have a pvalue_study_bh of at most 5 % in cars.parquet" if rest > 0 else ""
        )
        yield from dim(f"* named, ** named and beyond doubt{more}", width)
    elif none := none_named(view):
        yield from map(Line, wrapped(view.words.say(none[0], **none[1]), width))
    yield Line("")


def _cells(figures: Figures, row: Row) -> dict[str, str]:
    return {
        "ticker": row["ticker"],
        "session": str(row["session"]),
        "car": figures.effect(row["car"]),
        "interval": figures.first_interval(*(row[end] for end in ENDS)),
        "p": pvalue(row["pvalue_study_bh"]),
        "mark": row["mark"],
        "event": row["event"],
    }
