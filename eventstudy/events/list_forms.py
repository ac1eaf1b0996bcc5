"""The form of what a study file may keep in a file of its own: known news, and an event list."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from eventstudy._typing import Timing as ReactionTiming
from eventstudy.events.event import KnownNews
from eventstudy.events.names import EVERY
from eventstudy.events.values import AnyText, Form, Text, Ticker, When, blank_is, shape
from eventstudy.intake.options import DateOrder, Decimal, ReadingOptions


class KnownForm(Form):
    """A piece of public news besides the events."""

    ticker: Annotated[
        Annotated[Text, Tag("(text)")] | Annotated[tuple[Ticker, ...], Tag("(list)")], Discriminator(shape)
    ]
    """The security it is about, a list of them, or "*" for all."""
    date: When
    """As when of an event: the exchange's local date, or a time with its zone."""
    timing: ReactionTiming | None = None
    """When in the day a bare date's news came."""
    kind: Text
    """A label, such as results; mask_dates may name it."""
    what: AnyText
    """The news in words, or in the words of each language."""

    @model_validator(mode="after")
    def _is_news(self) -> Self:
        self.news()
        return self

    def news(self) -> KnownNews:
        """Return the `KnownNews`."""
        named = (self.ticker,) if isinstance(self.ticker, str) else self.ticker
        tickers = () if named == (EVERY,) else named
        return KnownNews(tickers, self.date, self.kind, self.what, self.timing)


class EventsFileForm(Form):
    """An event list in a file of its own, and what is stated of it where it can be read in two ways."""

    path: Text
    """Path of the list, relative to this file: CSV, workbook, Stata, SAS, Parquet."""
    date_order: DateOrder | None = None
    """How a date such as 04/03/2022 or 45418 is read."""
    timezone: Text | None = None
    """Zone of clocks without one: America/New_York, UTC, or exchange."""
    columns: Annotated[dict[Text, Text], blank_is({})] = Field(default_factory=dict)
    """The header of a role: ticker, when, time, session, benchmark, weight, group, window, estimation."""
    decimal: Decimal | None = None
    """The decimal mark."""
    sheet: Text | None = None
    """Name or number of the sheet."""
    encoding: Text | None = None
    """Of a text file, such as cp949."""
    layout: Text | None = None
    """The layout that the list must have; another form is refused."""

    def reading(self) -> ReadingOptions:
        """Return the `ReadingOptions`."""
        return ReadingOptions(
            date_order=self.date_order,
            timezone=self.timezone,
            event_columns=self.columns,
            decimal=self.decimal,
            sheet=int(self.sheet) if self.sheet and self.sheet.isdecimal() else self.sheet,
            encoding=self.encoding,
            layout=self.layout,
        )


Known = Annotated[
    Annotated[Text, Tag("(text)")] | Annotated[tuple[KnownForm, ...], Tag("(list)")], Discriminator(shape)
]
