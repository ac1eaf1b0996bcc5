"""Returns in a long table: a security, a date and a return in each row."""

from __future__ import annotations

from eventstudy._typing import FloatArray
from eventstudy.errors import FileContentError
from eventstudy.intake.dates import days_of
from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.aliases import aliases_of
from eventstudy.intake.layouts.columns import titles_shown
from eventstudy.intake.layouts.kinds import simple_returns
from eventstudy.intake.layouts.long import long_rows
from eventstudy.intake.layouts.market_columns import market_series
from eventstudy.intake.layouts.telling import understood_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.series import PriceReading, SeriesColumns
from eventstudy.intake.table import Table

NAME, TITLE = "returns-long", "returns, long"
IDS = (
    "permno", "lpermno", "ticker", "symbol", "tic", "id", "firm", "firmid", "firm_id", "company",
    "company_id", "stock", "stock_id", "security", "security_id", "asset", "gvkey", "cusip", "isin", "sedol",
    "ric", "code", "secid", "name",
)  # fmt: skip
DATES = ("date", "day", "trading_date", "trade_date", "datadate", "caldt")
RETURNS = (
    "ret", "return", "returns", "rtn", "stock_return", "daily_return", "total_return", "simple_return",
    "ret_d", "logret", "log_ret", "logreturn", "log_return", "logreturns", "lnret", "ln_ret", "lnreturn",
    "ret_log", "ret_pct", "return_pct", "ret_percent", "return_percent", "pct_return", "log_ret_pct",
)  # fmt: skip
MARKET = (
    "mkt", "mktret", "mkt_ret", "market", "market_return", "marketreturn", "market_ret", "rm", "vwretd",
    "vwretx", "ewretd", "ewretx", "sprtrn",
)  # fmt: skip


def fits(table: Table) -> bool:
    """Tell whether there are a column of ids, one of dates and one of returns, by names."""
    return bool(table.places(*DATES) and table.places(*IDS) and table.places(*RETURNS))


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the returns of each security, and those of the market, where they are a column.

    A title with ``log`` or ``ln`` says log returns, one with ``%`` or ``pct`` percent.

    Raises
    ------
    FileContentError
        Two columns of one role, or a unit that nothing tells, with the option.
    """
    id_place = _one(table, options.id_column, IDS, "--id-column", "id")
    date_place = _one(table, options.date_column, DATES, "--date-column", "date")
    value_place = _one(table, options.value_column, RETURNS, "--value-column", "value")
    days = days_of(table, date_place, options)
    returns, unit = _returns(table, value_place, options)
    indices = {
        table.titles[place]: market_series(table, place, days, _returns(table, place, options)[0])
        for place in table.places(*MARKET)
        if place != value_place
    }
    rows = long_rows(table, texts_of(table, id_place), days.days, {"return": returns})
    series = {
        name: SeriesColumns(
            rows.days[block],
            {"return": rows.figures["return"][block]},
            stamps=days.at(rows.rows_of(block)).stamps,
        )
        for name, block in rows.blocks()
    }
    columns = {"id": id_place, "date": date_place, "return": value_place}
    understood = understood_of(
        table, (NAME, TITLE), series, {role: table.titles[place] for role, place in columns.items()},
        role="returns", unit=unit, dates=days.form,
        remarks=(f"{unit} returns", f"market {', '.join(indices)}" if indices else ""),
    )  # fmt: skip
    others = aliases_of(table, rows, tuple(name for name in IDS if id_place not in table.places(name)))
    return PriceReading(indices | series, understood, others.ids, others.days)


def _one(table: Table, stated: str | None, names: tuple[str, ...], option: str, role: str) -> int:
    """Return the one column of a role; two of the first name that has any, or of several, are asked about."""
    found = tuple(at for at, title in enumerate(table.titles) if stated and plain(title) == plain(stated))
    if stated and not found:
        raise FileContentError(
            table.name, f"has no column {stated!r}", f"its columns are {titles_shown(table)}"
        )
    found = found or table.places(*names)
    if role == "id" and not stated:  # a name beside a key is no doubt: the key comes first in the list
        found = next(places for name in names if (places := table.places(name)))
    if len(found) > 1:
        titles = [table.titles[place] for place in found]
        cells = [str(table.columns[place][0].as_py()) for place in found]
        both = " or ".join(f"{title} ({cell})" for title, cell in zip(titles, cells, strict=True))
        raise FileContentError(
            table.name, f"the {role} may be {both}",
            f"say {option} {titles[0]} (data: {{columns: {{{role}: {titles[0]}}}}})", line=table.line(0),
        )  # fmt: skip
    return found[0]


def _returns(table: Table, place: int, options: ReadingOptions) -> tuple[FloatArray, str]:
    return simple_returns(table, [place], [figures_of(table, place, options)], options)


RETURNS_LONG = Layout(
    NAME,
    TITLE,
    "a column of ids (`permno`, `ticker`, `id`), `date` and `ret`, `return` or `logret`",
    fits,
    read,
)
