"""Reading a table of prices by security, whose columns are known by a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.errors import FileContentError
from eventstudy.intake.column import Days
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of, short, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.columns import columns_of
from eventstudy.intake.layouts.currencies import currencies_of
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.kinds import simple_returns
from eventstudy.intake.layouts.naming import from_stooq, id_of_file
from eventstudy.intake.layouts.zeros import Columns, without_zeros
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import FIGURES, PriceReading, SeriesColumns
from eventstudy.intake.table import Table
from eventstudy.intake.understood import Understood

NOT_NEEDED = ("open", "high", "low", "volume", "shares")  #: unreadable, they are left out
DAILY = ("", "D", "1D", "DAILY")  #: words for a day in a column of periods


def layout_of(form: Form, correct: Callable[[Columns], Columns] | None = None) -> Layout[PriceReading]:
    """Return the layout of a form; ``correct`` changes the figures of all rows before they are split."""

    def read(table: Table, options: ReadingOptions) -> PriceReading:
        return read_securities(table, form, options, correct)

    return Layout(form.name, form.title, form.certain_by, form.fits, read)


def read_securities(
    table: Table,
    form: Form,
    options: ReadingOptions,
    correct: Callable[[Columns], Columns] | None = None,
) -> PriceReading:
    """Return the series of a table: of each ticker in a column, or of the one that the file is named by.

    Raises
    ------
    FileContentError
        A table without rows, dates or closes; a cell that cannot be read; a row without a date or a ticker;
        bars that are not daily; a series whose currency changes.
    """
    places = columns_of(table, form, options)
    if not table.n_rows:
        raise FileContentError(table.name, "holds a header and no row", "give one row per session")
    _refuse_other_periods(table)
    codes, ids = _ids(table, places.get("ticker"))
    days = dates_of_rows(table, places["date"], options, form.zone or None)
    figures, remarks, unit = _figures(table, places, options)
    figures = correct(figures) if correct else figures
    if not {"close", "adj_close", "dividend", "return"} & set(figures):
        problem = "holds dates and no prices" if len(figures) == 0 else "has no close"
        raise FileContentError(table.name, problem, "name a column close, or by a ticker")
    closes = form.closes
    if "close" not in figures and "adj_close" in figures:
        figures["close"], closes = figures.pop("adj_close"), "adjusted"
    if unit != "price":
        remarks.append(f"{unit} returns")
    series, currencies = {}, currencies_of(table, places.get("currency"))
    for name, rows in _rows_by_id(codes, ids).items():
        held = days.at(rows)
        own, found = without_zeros(held.days, {key: values[rows] for key, values in figures.items()})
        currency = currencies.of(name, days.days, rows)
        series[name] = SeriesColumns(
            held.days, own, closes, currency, form.exchange, found, stamps=held.stamps
        )
    titles = {("id" if role == "ticker" else role): table.titles[place] for role, place in places.items()}
    taken = {role: title for role, title in titles.items() if role not in NOT_NEEDED}
    return PriceReading(
        series, understood_of(table, form, series, taken, days.form, unit, (*form.remarks, *remarks))
    )


def dates_of_rows(table: Table, place: int, options: ReadingOptions, zone: str | None = None) -> Days:
    """Return the date of every row; a FileContentError names a row that has none."""
    found = days_of(table, place, options, zone=zone)
    if np.isnat(found.days).any():
        row = int(np.argmax(np.isnat(found.days)))
        raise FileContentError(
            table.name, "the row has no date", "give one, or leave the row out", line=table.line(row)
        )
    return found


def understood_of(
    table: Table,
    form: Form,
    series: Mapping[str, SeriesColumns],
    columns: Mapping[str, str],
    dates: str,
    unit: str,
    remarks: Sequence[str],
) -> Understood:
    """Return what was understood of a table of series."""
    days = [each.sessions for each in series.values() if len(each.sessions)]
    return Understood(
        file=table.name,
        role="returns" if unit in ("decimal", "percent", "log") else "prices",
        layout=form.name,
        title=form.title,
        columns=columns,
        unit=unit,
        dates=dates,
        n_series=len(series),
        n_rows=table.n_rows,
        first=str(min(each.min() for each in days)) if days else "",
        last=str(max(each.max() for each in days)) if days else "",
        remarks=tuple(remarks),
    )


def _ids(table: Table, place: int | None) -> tuple[IntArray, list[str]]:
    if place is None:
        return np.zeros(table.n_rows, dtype=np.int64), [id_of_file(table)]
    codes, names = texts_of(table, place)
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        raise FileContentError(
            table.name, "the row has no ticker", "give one, or leave the row out", line=table.line(row)
        )
    return codes, [from_stooq(name) for name in names]


def _rows_by_id(codes: IntArray, ids: Sequence[str]) -> dict[str, IntArray]:
    """Return the rows of each id, in order; two names may be of one id."""
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(ids) + 1))
    rows: dict[str, list[IntArray]] = {}
    for name, first, last in zip(ids, bounds, bounds[1:], strict=False):
        if last > first:
            rows.setdefault(name, []).append(order[first:last])
    return {name: several[0] if len(several) == 1 else np.sort(np.concatenate(several))
            for name, several in rows.items()}  # fmt: skip


def _figures(
    table: Table, places: Mapping[str, int], options: ReadingOptions
) -> tuple[Columns, list[str], str]:
    """Return the figures of each role, what was left out, and the unit."""
    figures: dict[str, FloatArray] = {}
    remarks: list[str] = []
    unit = "price"
    if "return" not in places and options.values not in (None, "prices"):
        problem = f"holds prices in {short(table.titles[places.get('close', 0)])!r}, not {options.values}"
        raise FileContentError(table.name, problem, "leave out --values, or name the column of returns")
    for role in FIGURES:
        if role not in places:
            continue
        try:
            given = figures_of(table, places[role], options)
        except FileContentError as error:
            if role not in NOT_NEEDED:
                raise
            remarks.append(f"{short(table.titles[places[role]])} not read ({error.problem})")
            continue
        figures[role] = given.values
        if role == "return":
            figures[role], unit = simple_returns(table, [places[role]], [given], options)
    return figures, remarks, unit


def _refuse_other_periods(table: Table) -> None:
    """Refuse bars of hours or weeks, where a column of periods says so (Stooq's PER)."""
    place = table.place("per", "period", "frequency")
    if place is None:
        return
    others = [name for name in texts_of(table, place).names if name.upper() not in DAILY]
    if others:
        raise FileContentError(table.name, f"holds rows of the period {others[0]!r:.20}", "give daily prices")
