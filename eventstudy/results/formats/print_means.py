"""Tables of mean CARs for print: by window, and by sub-sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from eventstudy.results.formats.print_cars import estimated, unit
from eventstudy.results.formats.print_table import PaperStyle, PrintTable, plain
from eventstudy.results.naming import group_name
from eventstudy.words.formatting import MISSING, car_label, count, pvalue, ratio

if TYPE_CHECKING:
    from eventstudy.design import Window
    from eventstudy.results.row_groups import Row
    from eventstudy.results.view import ResultView

MOST_GROUPS = 60  #: groups of a level that have a line each
SHOWN = (("cross_section_t", "date"), ("bmp_adj_t", "firm-event"))  #: tests beside each mean
NUMBERS = (False, *(True for _ in range(7)))


def caars(view: ResultView, style: PaperStyle) -> list[PrintTable]:
    """Return the mean CAR of each window with the t of the date means and the adjusted BMP, and their p.

    A second panel has the means in the expected direction, where the study expects ups and downs.
    """
    rows: list[tuple[str, ...]] = []
    groups = dict.fromkeys((("all", "all"), view.mean_group))
    for level, key in groups:
        if len(groups) > 1:
            rows.append((view.words.say(f"print.group.{level}"),))
        for window in view.windows:
            cells = _cells(view, level, key, window, style) or _untested(view, level, key, window)
            rows.append((car_label(window), *cells))
    return [_table(view, style, "caars", view.words.say("label.window"), rows)]


def caars_by_group(view: ResultView, style: PaperStyle) -> list[PrintTable]:
    """Return the mean CARs of all firm-days and of sub-samples, a panel per window."""
    rows: list[tuple[str, ...]] = []
    for window in view.windows:
        own = [
            (group_name(view, level, key), *cells)
            for level, key in _groups(view)
            if (cells := _cells(view, level, key, window, style)) is not None
        ]
        if own:
            rows += [(car_label(window),), *own]
    return [_table(view, style, "caars_by_group", view.words.say("print.sample"), rows)]


def _table(
    view: ResultView, style: PaperStyle, name: str, first: str, rows: list[tuple[str, ...]]
) -> PrintTable:
    say = view.words.say
    notes = [say("print.tests"), estimated(view), *([say("print.stars", what="t")] if style.stars else [])]
    if any(row[1:] and row[4] == MISSING and row[6] == MISSING for row in rows):
        notes.insert(1, say("print.untested"))
    head = (first, "N", say("print.dates"), f"CAAR ({unit(view)})", "t", "p", say("print.adjusted"), "p")
    return PrintTable(
        name=name,
        caption=say(f"print.{name}", unit=unit(view)),
        head=head,
        rows=tuple(rows),
        numbers=NUMBERS,
        notes=" ".join(notes),
    )


def _groups(view: ResultView) -> Iterator[tuple[str, str]]:
    """Yield all firm-days, those with an expected direction, and the kinds and columns of the design."""
    from eventstudy.results.view import EXPECTED

    yield "all", "all"
    yield EXPECTED
    for level in (level for level in view.labels if level not in ("event", "ticker")):
        keys = [key for key in dict.fromkeys(view.labels[level]) if key]
        yield from ((level, key) for key in keys[:MOST_GROUPS])


def _cells(
    view: ResultView, level: str, key: str, window: Window, style: PaperStyle
) -> tuple[str, ...] | None:
    tests = view.tests(level, key, window)
    mean = view.mean_car(level, key, window)
    shown = [tests.get(of) for of in SHOWN]
    first = next(filter(None, shown), None)
    if mean is None or first is None:
        return None
    (t, p_t), (z, p_z) = (_tested(test) for test in shown)
    value = style.starred(plain(view.figures, mean), _pvalue(shown[0]))
    n = max(test["n"] for test in shown if test)
    return count(n), count(first["n_dates"]), value, t, p_t, z, p_z


def _untested(view: ResultView, level: str, key: str, window: Window) -> tuple[str, ...]:
    """Return the cells of a mean without a test."""
    mean = plain(view.figures, view.mean_car(level, key, window))
    counts = (MISSING, MISSING)
    if level == "all":
        complete = {(row["event_id"], row["ticker"]) for row in view.cars(window) if row["car"] is not None}
        days = {
            (row["ticker"], row["session"])
            for row in view.measured
            if (row["event_id"], row["ticker"]) in complete
        }
        counts = (count(len(days)), count(len({session for _, session in days})))
    return *counts, mean, *(MISSING for _ in range(4))


def _pvalue(test: Row | None) -> float | None:
    return test["pvalue"] if test and test["headline"] else None


def _tested(test: Row | None) -> tuple[str, str]:
    if test is None or _pvalue(test) is None:
        return MISSING, MISSING
    return ratio(test["statistic"]), pvalue(test["pvalue"])
