"""The table of abnormal returns for print: events down, tickers across, or one firm-event to a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from eventstudy.results.formats.print_table import PaperStyle, PrintTable, plain
from eventstudy.results.naming import benchmark_name, model_name
from eventstudy.words.formatting import MISSING, count, pvalue

if TYPE_CHECKING:
    from eventstudy.results.row_groups import Row
    from eventstudy.results.view import ResultView

FILLED = 0.5  #: share of filled cells below which firm-events are listed instead
ACROSS = 5  #: tickers beside each other; one less where figures have stars
MOST_TICKERS = 15  #: tickers that still make a table of events by tickers
SHORT = 10  #: letters of a ticker that heads a column
TITLE = 30  #: letters of titles that stand in the place of ids
NAME = "cars_by_event"


def cars_by_event(view: ResultView, style: PaperStyle) -> list[PrintTable]:
    """Return the abnormal returns of the first window with t or standard errors in brackets.

    Of many firm-events (`view.MOST_LISTED`) those with the largest t are shown, and the notes say so.
    """
    rows = view.listed
    if not _is_matrix(view, rows):
        return [_list(view, rows, style)]
    tickers = list(dict.fromkeys(row["ticker"] for row in rows))
    parts = -(-len(tickers) // (ACROSS - style.stars))
    size = -(-len(tickers) // parts)
    panels = [tickers[at : at + size] for at in range(0, len(tickers), size)]
    return [
        _matrix(view, rows, panel, style, number if len(panels) > 1 else 0)
        for number, panel in enumerate(panels, start=1)
    ]


def event_name(view: ResultView, row: Row) -> str:
    """Return the title of an event where all titles are short, else its id."""
    titles = [each["title"] for each in view.listed]
    short = all(title and len(title) <= TITLE for title in titles)
    return str(row["title"] if short else row["event_id"])


def _is_matrix(view: ResultView, rows: Sequence[Row]) -> bool:
    events, tickers = ({row[name] for row in rows} for name in ("event_id", "ticker"))
    return (
        view.lists_all
        and 1 < len(tickers) <= MOST_TICKERS
        and len(events) > 1
        and len(rows) >= FILLED * len(events) * len(tickers)
        and max(map(len, tickers)) <= SHORT
    )


def _matrix(
    view: ResultView, rows: Sequence[Row], tickers: Sequence[str], style: PaperStyle, number: int
) -> PrintTable:
    cells = {(row["event_id"], row["ticker"]): row for row in rows}
    body: list[tuple[str, ...]] = []
    for event in view.event_ids:
        own = [cells.get((event, ticker)) for ticker in tickers]
        of_event = next(row for (name, _), row in cells.items() if name == event)
        figures = [_figures(view, row, style) for row in own]
        body.append((event_name(view, of_event), *(first for first, _ in figures)))
        body.append((_day(of_event), *(second for _, second in figures)))
    say = view.words.say
    part = say("print.part", number=number) if number else ""
    return PrintTable(
        name=f"{NAME}_{number}" if number else NAME,
        caption=_caption(view) + part,
        head=(say("label.event"), *tickers),
        rows=tuple(body),
        numbers=(False, *(True for _ in tickers)),
        notes=_notes(view, rows, style, "print.below"),
    )


def _list(view: ResultView, rows: Sequence[Row], style: PaperStyle) -> PrintTable:
    say = view.words.say
    body = []
    for row in rows:
        car, bracket = _figures(view, row, style)
        own = row["cars"][view.first]
        studied = pvalue(own["pvalue_study_bh"]) if row["status"] == "ok" else MISSING
        body.append((event_name(view, row), row["ticker"], _day(row), car, bracket, studied))
    heads = (say("label.event"), say("label.ticker"), say("label.day0"), view.first_label)
    return PrintTable(
        name=NAME,
        caption=_caption(view),
        head=(*heads, f"({say(f'print.brackets_{style.brackets}')})", say("label.study")),
        rows=tuple(body),
        numbers=(False, False, False, True, True, True),
        notes=_notes(view, rows, style, "print.beside"),
    )


def _figures(view: ResultView, row: Row | None, style: PaperStyle) -> tuple[str, str]:
    if row is None:
        return "", ""
    own = row["cars"][view.first]
    if row["status"] != "ok" or own["car"] is None:
        return MISSING, ""
    car = style.starred(plain(view.figures, own["car"]), own["pvalue"])
    return car, style.bracketed(view.figures, own["statistic"], own["car_se"])


def _day(row: Row) -> str:
    return str(row["session"] or MISSING)


def _caption(view: ResultView) -> str:
    return view.words.say("print.cars", window=view.first_label, unit=unit(view))


def unit(view: ResultView) -> str:
    """Name the unit of the abnormal figures."""
    return view.words.say("print.log" if view.figures.log else "print.percent")


def _notes(view: ResultView, rows: Sequence[Row], style: PaperStyle, where: str) -> str:
    return " ".join(_sentences(view, rows, style, where))


def _sentences(view: ResultView, rows: Sequence[Row], style: PaperStyle, where: str) -> Iterator[str]:
    say = view.words.say
    yield say(where, what=say(f"print.brackets_{style.brackets}"))
    yield estimated(view)
    if style.stars:
        yield say("print.stars", what="t")
    if any(row["status"] != "ok" for row in rows):
        yield say("print.skipped")
    if not view.lists_all:
        shown, total = count(len(view.listed)), count(len(view.tables["events"]))
        yield say("print.largest", shown=shown, total=total)


def estimated(view: ResultView) -> str:
    """Say by which model, benchmark and estimation window figures are abnormal."""
    windows = ", ".join(map(str, view.estimation))
    model, benchmark = model_name(view, view.design["model"]), benchmark_name(view, view.benchmark or "")
    values = {"model": model, "benchmark": benchmark, "windows": windows}
    say = view.words.say
    text = say("print.model" if view.benchmark else "print.model_alone", **values)
    return f"{text} {say('print.estimation' if windows else 'print.no_estimation', **values)}"
