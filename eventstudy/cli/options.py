"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import typer

from eventstudy.cli.choices import model_names, test_names
from eventstudy.cli.command import OptionGroup
from eventstudy.cli.option_values import benchmark, count_or_share, estimation, tickers, window
from eventstudy.design import DESIGN_FIELDS, Benchmark, DesignField, MaskDates, Regression, Window, Windows
from eventstudy.intake.options import STATEMENTS, DateOrder, ReadingOptions, Statement, reading_options
from eventstudy.prices.opening import source_forms, source_help

if TYPE_CHECKING:
    from eventstudy.preparation.data_request import DataRequest


EventsFile = Annotated[
    str,
    typer.Argument(
        metavar="EVENTS", help="The study file (YAML), or an event list: CSV, workbook, Stata, SAS, Parquet."
    ),
]
ResultFolder = Annotated[
    str, typer.Argument(metavar="RESULTS", help="A result folder that `eventstudy run` has written.")
]
Prices = Annotated[
    str,
    typer.Option(
        metavar=source_forms(),
        help=f"Where prices come from: {source_help()}.",
    ),
]
SeveralPrices = Annotated[
    list[str] | None,
    typer.Option(
        "--prices",
        metavar=source_forms(),
        help=f"Where prices come from: {source_help()}. May be repeated: firms in one file, the market in"
        " another.  [default: auto]",
    ),
]
Study = Annotated[
    str,
    typer.Option(metavar="EVENTS", help="The study whose tickers are meant; its prices are kept next to it."),
]
Tickers = Annotated[
    list[str] | None, typer.Argument(metavar="TICKER", help="Only these.  [default: all]", show_default=False)
]
Only = Annotated[
    Any,
    typer.Option(
        "--tickers", parser=tickers, metavar="A,B", help="Measure these instead of the events' own."
    ),
]
Exchange = Annotated[
    str | None,
    typer.Option(metavar="MIC", help="Exchange of every ticker without a suffix.  [default: XNYS]"),
]
Cache = Annotated[
    str | None,
    typer.Option(
        metavar="DIR", help="Where fetched prices are kept.  [default: cache/prices next to EVENTS]"
    ),
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fetch prices again even where they are stored.")]
Force = Annotated[
    bool,
    typer.Option("--force", help="Replace files that eventstudy did not write, except inputs of the study."),
]
Factors = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="Factor returns, for models that need them; may be repeated."),
]


def prices_given(prices: list[str] | None) -> Any:
    """Return what ``--prices`` names: one source, or a list of files."""
    return "auto" if not prices else prices[0] if len(prices) == 1 else prices


def _data_request(
    call: Any,
    prices: list[str] | None = None,
    factors: list[str] | None = None,
    closes: list[str] | None = None,
    **given: Any,
) -> DataRequest:
    from eventstudy.preparation.data_request import DataRequest

    reading = reading_options(**{name: given.pop(name) for name in READING if name in given})
    prices = prices_given(prices)
    return DataRequest(
        prices,
        factors=factors or None,
        offline=call.offline,
        reading=reading,
        closes=closes or None,
        **given,
    )


def _reading_option(statement: Statement) -> tuple[Any, None]:
    option = typer.Option(
        statement.option,
        metavar=statement.metavar or "|".join(statement.choices),
        help=statement.meaning,
        autocompletion=(lambda: list(statement.choices)) if statement.choices else None,
    )
    return Annotated[str | None, option], None


#: what may be stated of files of prices, where they can be read in two ways
READING = {each.name: _reading_option(each) for each in STATEMENTS if each.is_option}


Closes = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[TICKER=]KIND",
        help="What the closes of own prices are, where it cannot be told: raw, split-adjusted, adjusted (for"
        " dividends too) or total-return-index. May be repeated.",
    ),
]
Actions = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Corporate actions that the prices lack: ticker, date, kind (split, stock-dividend, spin-off,"
        " rights, dividend, capital-gain), value.",
    ),
]


def _data_options(**more: tuple[Any, Any]) -> OptionGroup:
    own = {"prices": (SeveralPrices, None), "cache": (Cache, None), "refresh": (Refresh, False)}
    own |= {"closes": (Closes, None), "actions": (Actions, None)}
    return OptionGroup(own | more | READING, _data_request)


#: how the text of an option is read, by the type of the design's field; the others are read by Typer
READERS: dict[Any, Callable[[str], Any]] = {
    Window: window,
    Window | Windows | None: estimation,
    tuple[Window, ...]: window,
    Benchmark | None: benchmark,
    tuple[Benchmark, ...]: benchmark,
    MaskDates: str,
    tuple[Regression, ...]: str,
    float | None: count_or_share,
    int | str: str,
}
#: and of those whose type does not tell it; each text may name several
READERS_BY_NAME: dict[str, Callable[[str], Any]] = {"peers": tickers, "donors": tickers}
COMPLETIONS = {"model": model_names, "tests": test_names}


def design_options(*without: str) -> OptionGroup:
    """Return the options of all fields of `Design`, less those named; gathered as changes of the design."""
    return OptionGroup(
        {
            name: (_design_option(record), None)
            for name, record in DESIGN_FIELDS.items()
            if name not in without and not record.no_option
        },
        gather=_changes,
    )


def _changes(_: Any, **given: Any) -> dict[str, Any]:
    """Return the values that were given, None for the others; a list without members was not given."""
    several = {
        name: [each for one in given[name] or () for each in one] for name in READERS_BY_NAME if name in given
    }
    return {name: None if value in ([], ()) else value for name, value in {**given, **several}.items()}


def _design_option(record: DesignField[Any, Any]) -> Any:
    is_list, is_flag = get_origin(record.kind) is tuple, record.kind is bool
    read = READERS_BY_NAME.get(record.name, READERS.get(record.kind))
    one: Any = Any if read else str if is_list or record.choices else record.kind
    kind: Any = list[one] if is_list else one
    offered: Callable[[], list[str]] | None = (lambda: list(record.choices)) if record.choices else None
    default = (
        ""
        if is_flag or record.default in (None, (), MaskDates())
        else f"  [default: {as_text(record.default)}]"
    )
    option = typer.Option(
        f"{record.option}/--no-{record.option[2:]}" if is_flag else record.option,
        parser=read,
        autocompletion=COMPLETIONS.get(record.name, offered),
        metavar=None if is_flag else record.metavar or "|".join(record.choices),
        help=record.meaning + (" May be repeated." if is_list else "") + default,
    )
    return Annotated[kind if one is Any and not is_list else kind | None, option]


def as_text(value: Any) -> str:
    """Return the value of a field as an option takes it; the members of a list with commas between them."""
    if isinstance(value, Window):
        return f"{value.start}:{value.end}"
    return ", ".join(map(as_text, value)) if isinstance(value, tuple) else str(value)


def event_column(text: str) -> tuple[str, str]:
    """Read the header of a role, written as ``when=Announced``."""
    role, equals, header = text.partition("=")
    if not equals or not role.strip() or not header.strip():
        raise typer.BadParameter(f"{text!r} is not ROLE=HEADER; write when=Announced")
    return role.strip(), header.strip()


#: what is stated of an event list, where it can be read in two ways
LIST_OPTIONS = {
    "event_column": (
        Annotated[
            list[Any] | None,
            typer.Option(
                parser=event_column,
                metavar="ROLE=HEADER",
                help="Column of the event list for a role: ticker, when, time, session, benchmark, weight,"
                " group, window, estimation. May be repeated.",
            ),
        ],
        None,
    ),
    "event_date_order": (
        Annotated[
            str | None,
            typer.Option(
                metavar="|".join(get_args(DateOrder)),
                help="How dates of the event list such as 04/03/2022 are read.",
            ),
        ],
        None,
    ),
    "event_timezone": (
        Annotated[
            str | None,
            typer.Option(
                metavar="ZONE",
                help="Zone of clocks of the event list without one: an IANA name, UTC, or exchange.",
            ),
        ],
        None,
    ),
}


def _list_reading(
    _: Any, event_column: list[Any] | None, event_date_order: Any, event_timezone: str | None
) -> ReadingOptions:
    return reading_options(
        date_order=event_date_order, timezone=event_timezone, event_columns=dict(event_column or ())
    )


if TYPE_CHECKING:
    ListReading = ReadingOptions
    Data = DataRequest
    PriceData = DataRequest
    Reading = ReadingOptions
    DesignChanges = dict[str, Any]
else:
    ListReading = Annotated[Any, OptionGroup(LIST_OPTIONS, _list_reading)]
    PriceData = Annotated[Any, _data_options()]
    Reading = Annotated[Any, OptionGroup(READING, lambda _, **given: reading_options(**given))]
    Data = Annotated[Any, _data_options(factors=(Factors, None))]
    DesignChanges = Annotated[Any, design_options()]
