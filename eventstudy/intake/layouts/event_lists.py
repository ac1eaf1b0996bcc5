"""Event lists that differ from the roles of their columns, by names that only their source writes."""

from __future__ import annotations

import re

import pyarrow as pa

from eventstudy.errors import FileContentError
from eventstudy.intake.event_columns import EventReading
from eventstudy.intake.layouts.event_generic import ListRules, read_by_roles
from eventstudy.intake.layouts.event_moments import ClockRules
from eventstudy.intake.layouts.event_roles import named_columns
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

EASTERN = "America/New_York"
NOT_UTC = "ends in Z, yet for many filers it is New York time"
#: of the SEC's header of a filing: date and time in one number, Eastern
_SGML = re.compile(r"\d{14}", re.ASCII)
_PARTY = re.compile(r"(target|acquir[oe]r|bidder).*(ticker|symbol|cusip|sedol|isin)")


def _chosen(table: Table, **roles: tuple[str, ...]) -> dict[str, int]:
    """Return, per role, the first of its names that the table has."""
    found = {
        role: next((place for name in names if (place := table.place(name)) is not None), None)
        for role, names in roles.items()
    }
    return {role: place for role, place in found.items() if place is not None}


def is_ibes(table: Table) -> bool:
    """Whether a list is of I/B/E/S: ``anndats`` with ``anntims`` or another of its columns."""
    others = ("anntims", "fpedats", "actdats", "analys", "measure", "oftic", "pends")
    return table.place("anndats") is not None and table.place(*others) is not None


def read_ibes(table: Table, options: ReadingOptions) -> EventReading:
    """Read I/B/E/S: announced on anndats at anntims, Eastern; its own tickers are no exchange's."""
    chosen = _chosen(
        table,
        when=("anndats",),
        time=("anntims",),
        ticker=("permno", "lpermno", "cusip", "ncusip", "oftic"),
    )
    if "ticker" not in chosen and "ticker" not in named_columns(table, options):
        own = table.titles[place] if (place := table.place("ticker")) is not None else "HEADER"
        raise FileContentError(
            table.name,
            f"{own} is the ticker of I/B/E/S, not the exchange's, and no permno, cusip or oftic is there",
            f"add one of them, or say --event-column ticker={own} where they are the same"
            f" (events_file: {{columns: {{ticker: {own}}}}})",
        )
    eastern = ("anntims is Eastern",) if "time" in chosen else ()
    clocks = ClockRules(zone=EASTERN, seconds=True)
    return read_by_roles(table, options, ListRules("ibes", "I/B/E/S", chosen, clocks, eastern))


def is_fundq(table: Table) -> bool:
    """Whether a list is of Compustat's quarters: ``gvkey`` and ``rdq``."""
    return table.place("gvkey") is not None and table.place("rdq") is not None


def read_fundq(table: Table, options: ReadingOptions) -> EventReading:
    """Read Compustat's quarters: announced on rdq, without a time; datadate is the end of the quarter."""
    chosen = _chosen(table, when=("rdq",))
    if table.place("permno", "lpermno") is None:
        chosen |= _chosen(table, ticker=("gvkey",))
    remarks = ("rdq has no time of day",)
    return read_by_roles(
        table, options, ListRules("compustat-fundq", "Compustat quarterly", chosen, remarks=remarks)
    )


def is_ravenpack(table: Table) -> bool:
    """Whether a list is of RavenPack: ``timestamp_utc``."""
    return table.place("timestamp_utc") is not None


def read_ravenpack(table: Table, options: ReadingOptions) -> EventReading:
    """Read RavenPack: time stamps of UTC."""
    chosen = _chosen(table, when=("timestamp_utc",), ticker=("ticker",))
    clocks = ClockRules(zone="UTC")
    return read_by_roles(table, options, ListRules("ravenpack", "RavenPack", chosen, clocks))


def is_capital_iq(table: Table) -> bool:
    """Whether a list is of Capital IQ's key developments: ``mostImportantDateUTC``."""
    return table.place("mostImportantDateUTC") is not None


def read_capital_iq(table: Table, options: ReadingOptions) -> EventReading:
    """Read key developments: UTC, but a stamp at 00:00:00 is a date without a time."""
    chosen = _chosen(table, when=("mostImportantDateUTC",))
    clocks = ClockRules(zone="UTC")
    return read_by_roles(
        table, options, ListRules("capital-iq", "Capital IQ key developments", chosen, clocks)
    )


def is_edgar(table: Table) -> bool:
    """Whether a list is of EDGAR: a time of acceptance, or an accession number and a filing date."""
    accepted = table.place("acceptanceDateTime", "secatime") is not None
    return accepted or (table.place("accessionNumber") is not None and table.place("filingDate") is not None)


def read_edgar(table: Table, options: ReadingOptions) -> EventReading:
    """Read filings: accepted at a time whose zone the JSON misstates; the SEC's header is Eastern."""
    chosen = _chosen(table, when=("acceptanceDateTime",))
    clocks = ClockRules(zone=EASTERN)
    if "when" in chosen:
        cells = table.columns[chosen["when"]]
        sgml = all(_SGML.fullmatch(str(cell)) for cell in cells.drop_null().to_pylist())
        sgml = sgml and not pa.types.is_timestamp(cells.type)
        clocks = clocks if sgml else ClockRules(asks=NOT_UTC)
    else:
        chosen = _chosen(table, when=("secadate", "filingDate", "fdate", "secdate"), time=("secatime",))
    return read_by_roles(table, options, ListRules("edgar", "EDGAR filings", chosen, clocks))


def is_sdc(table: Table) -> bool:
    """Whether a list is of deals: ``Date Announced``, and columns of target and acquiror."""
    return table.place("Date Announced") is not None and bool(_parties(table))


def _parties(table: Table) -> list[str]:
    return [title for title in table.titles if _PARTY.search(plain(title))]


def read_sdc(table: Table, options: ReadingOptions) -> EventReading:
    """Read deals: announced, not effective; whether target or acquiror is the firm must be said."""
    parties = _parties(table)
    if "ticker" not in named_columns(table, options):
        shown = " or ".join(f"{title!r} ({_first(table, title)})" for title in parties)
        options_of = " or ".join(f"--event-column 'ticker={title}'" for title in parties)
        raise FileContentError(
            table.name,
            f"the security of an event is {shown}",
            f"say {options_of} (events_file: {{columns: {{ticker: {parties[0]}}}}})",
        )
    chosen = _chosen(table, when=("Date Announced",))
    return read_by_roles(table, options, ListRules("sdc", "SDC deals", chosen))


def _first(table: Table, title: str) -> str:
    cells = table.columns[table.titles.index(title)].drop_null().slice(0, 1).to_pylist()
    return str(cells[0]) if cells else "empty"
