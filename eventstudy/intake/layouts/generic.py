"""Prices or returns under common titles: of one security, or of several with a column of tickers."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.intake.figures import figures_of, texts_of
from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.columns import date_place, several
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.kinds import kind_of
from eventstudy.intake.layouts.naming import TICKER, stem_of
from eventstudy.intake.layouts.securities import layout_of, read_securities
from eventstudy.intake.layouts.wide import DATES
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.series import PriceReading
from eventstudy.intake.table import Table

IDS = (
    "ticker", "symbol", "tic", "permno", "gvkey", "isin", "cusip", "sedol", "ric", "종목코드", "証券コード",
)  # fmt: skip
WEAK_IDS = (
    "id",
    "code",
    "security",
    "firm",
    "company",
    "stock",
    "name",
)  #: a column of one value may be anything
#: titles of prices beside a column of ids, where they cannot be ids themselves
WEAK_CLOSES = (
    "price",
    "prc",
    "px",
    "last price",
    "adj price",
    "value",
    "nav",
    "level",
    "settle",
    "Kurs",
    "cours",
)
PRICES = ("close", "adj_close", "dividend")
FORM = Form(
    name="securities",
    title="prices by security",
    certain_by="a date and `close`, `adj_close` or `ret`; a column `ticker`, `symbol` or the file's name",
    needs=(),
    columns={
        "date": DATES,
        "ticker": (*IDS, *WEAK_IDS),
        "open": ("open", "open price", "시가", "始値", "Eröffnung", "Erster", "开盘", "開盤價"),
        "high": ("high", "high price", "고가", "高値", "Hoch"),
        "low": ("low", "low price", "저가", "安値", "Tief"),
        "close": (
            "close", "close/last", "last", "close price", "closing price", "price close", "px_last", "종가",
            "終値", "收盘", "收盘价", "收盤價", "Schlusskurs", "Schluss", "clôture", "cierre", "chiusura",
        ),
        "adj_close": ("adj close", "adjusted close", "close adj", "수정종가", "調整後終値"),
        "volume": ("volume", "vol", "거래량", "出来高", "Volumen"),
        "dividend": ("dividend", "dividends", "dividend amount", "divCash"),
        "gain": ("gain", "capital gains", "capital gain"),
        "stock_dividend": ("stock dividend", "stock dividends", "bonus", "bonus issue", "bonus shares"),
        "spin_off": ("spin off", "spin-off", "spin offs", "spin-offs", "spin off value", "spin-off value"),
        "rights": ("rights", "rights issue", "rights value"),
        "split": ("split", "stock splits", "splits", "split coefficient", "split factor"),
        "return": (
            "ret", "return", "returns", "logret", "log return", "log returns", "ret_pct", "return_pct",
        ),
    },
)  # fmt: skip
DIVIDENDS = layout_of(
    Form(
        name="dividends",
        title="dividends",
        certain_by="`ticker`, `ex_date`, `amount`",
        needs=("ticker", "ex_date", "amount"),
        columns={"date": ("ex_date",), "ticker": ("ticker",), "dividend": ("amount",)},
    )
)


def fits(table: Table) -> bool:
    """Whether a column has a title of prices, or of prices or returns in a wider sense beside an id."""
    if any(table.places(*FORM.titles_of(role)) for role in PRICES):
        return True
    is_long = bool(table.places(*FORM.titles_of("ticker")))
    if is_long and table.places(*WEAK_CLOSES):
        return True
    return bool(table.places(*FORM.titles_of("return"))) and (is_long or len(table.columns) <= 2)


def read(table: Table, options: ReadingOptions) -> PriceReading:
    """Return the series of each security; raises as `read_securities`.

    A column such as ``Name`` that has one value throughout a file named by a ticker is another name of it.
    A column such as ``value`` is prices or returns by its figures.
    """
    date = date_place(table, DATES, options)
    options = replace(options, date_column=table.titles[date] or None)
    columns = dict(FORM.columns)
    if any(table.places(*FORM.titles_of(role)) for role in PRICES[:2]):
        if options.values in (None, "prices"):
            columns["return"] = ()
    elif options.value_column is None and not table.places(*FORM.titles_of("return")):
        columns |= _by_figures(table, options)
    other = ""
    if options.id_column is None and not table.places(*IDS) and TICKER.fullmatch(stem_of(table.name)):
        names = [texts_of(table, place).names for place in table.places(*WEAK_IDS)[:1]]
        if names and len(names[0]) == 1:
            other = names[0][0]
            columns["ticker"] = ()
    reading = read_securities(table, replace(FORM, columns=columns), options)
    return replace(reading, aliases={other: tuple(reading.series)}) if other else reading


def _by_figures(table: Table, options: ReadingOptions) -> dict[str, tuple[str, ...]]:
    """Return the role of a column that is called ``value`` or the like, by its figures."""
    places = table.places(*WEAK_CLOSES)
    if len(places) > 1:
        raise several(table, "close", list(places))
    if not places:
        return {}
    kind = kind_of(table, places, [figures_of(table, places[0], options)], options)
    return {"close" if kind == "prices" else "return": (table.titles[places[0]],)}


SECURITIES = Layout(FORM.name, FORM.title, FORM.certain_by, fits, read)
