"""`eventstudy prices`: what is stored, fetching it, importing it, clearing the cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.call import Call, Line
from eventstudy.cli.command import command, show_help_when_bare
from eventstudy.cli.options import Cache, Exchange, Reading, Refresh, Study, Tickers
from eventstudy.cli.prices_verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from eventstudy.prices.cache.status import PriceStatus
    from eventstudy.prices.source import PriceBatch

prices_app = typer.Typer(name="prices", rich_markup_mode=None)


FactorsOf = Annotated[
    str | None,
    typer.Option(
        "--factors",
        metavar="MODEL",
        help="Fetch Ken French's daily US factors for capm, ff3, carhart, ff5 or ff5+mom instead of prices;"
        " `run --model MODEL` finds them.",
    ),
]


SaveMapping = Annotated[
    str | None,
    typer.Option(metavar="EVENTS", help="Study file into which how the files are read is written."),
]


@prices_app.callback(invoke_without_command=True)
def _prices(context: typer.Context) -> None:
    """Look after prices: list what is stored, verify, fetch, import, clear the cache."""
    show_help_when_bare(context)


prices_app.command()(command(verify))


@prices_app.command()
@command
def status(call: Call, tickers: Tickers = None, events: Study = "events.yaml", cache: Cache = None) -> None:
    """List the stored series: where, from when to when, holes, age."""
    from dataclasses import asdict

    from eventstudy.prices.cache.status import price_status

    folder, pinned = _folders(events, cache)
    found = price_status(folder, pinned, tickers or None)
    call.document({"cache": str(folder), "series": [asdict(entry) for entry in found]})
    call.say(_status_text(found, folder, call.width))


@prices_app.command()
@command
def fetch(
    call: Call,
    tickers: Tickers = None,
    events: Study = "events.yaml",
    cache: Cache = None,
    refresh: Refresh = False,
    factors: FactorsOf = None,
    exchange: Exchange = None,
) -> None:
    """Fetch what the study needs, its claims included, into the cache; exit code 4 if anything is missing."""
    from eventstudy.cli.price_remarks import remark_on_files
    from eventstudy.cli.study_prices import fetch_prices, say_factors
    from eventstudy.errors import PriceDataError

    if factors is not None:
        say_factors(call, factors, _folders(events, cache)[0])
        return
    batch = fetch_prices(call, events, tickers or None, cache, refresh, exchange)
    call.document({"fetched": sorted(batch.series), "failures": batch.failures})
    call.say(_batch_text(batch))
    remark_on_files(call, (found for series in batch.series.values() for found in series.findings))
    if batch.failures:
        first, reason = next(iter(batch.failures.items()))
        more = f"{len(batch.failures)} of {len(batch.failures) + len(batch.series)} series are missing"
        raise PriceDataError(first, reason, more)


@prices_app.command("import")
@command
def import_(
    call: Call,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Files or folders of prices or returns.")
    ],
    *,
    events: Study = "events.yaml",
    cache: Cache = None,
    reading: Reading,
    save_mapping: SaveMapping = None,
) -> None:
    """Import price files of your own into the cache; exit code 4 if one cannot be read.

    With --save-mapping nothing is imported: how the files are read is written into a study file, by which
    next month's files of that form are read, and another form is refused.
    """
    from pathlib import Path

    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.errors import PriceDataError
    from eventstudy.prices.cache.importing import import_prices
    from eventstudy.prices.files.source import DirectorySource

    source = DirectorySource(tuple(map(Path, files)), options=reading)
    if save_mapping is not None:
        from eventstudy.events.saved_mapping import mapping_lines
        from eventstudy.events.saved_mapping import save_mapping as save

        source.tickers()
        remark_on_inputs(call, source.inputs)
        mapping = save(Path(save_mapping), [Path(each) for each in files], source.inputs, reading)
        call.document({"study": save_mapping, "data": mapping})
        call.say([f"{save_mapping}: how such files are read is now under data:", *mapping_lines(mapping)])
        return
    batch = import_prices(source, _folders(events, cache)[0])
    remark_on_inputs(call, source.inputs)
    call.document({"imported": sorted(batch.series), "failures": batch.failures})
    call.say(_batch_text(batch))
    if batch.failures:
        first, reason = next(iter(batch.failures.items()))
        raise PriceDataError(first, reason, "the others were imported")


@prices_app.command()
@command
def clear(call: Call, tickers: Tickers = None, events: Study = "events.yaml", cache: Cache = None) -> None:
    """Remove fetched series from the cache; pinned ones are never touched."""
    from eventstudy.prices.cache.status import clear as clear_cache

    folder, _ = _folders(events, cache)
    removed = clear_cache(folder, tickers or None)
    call.document({"cache": str(folder), "removed": removed})
    call.say(f"removed {ticker}" for ticker in removed)
    if not removed:
        call.remark(f"Nothing to remove in {folder}.")


def _folders(events: str, cache: str | None) -> tuple[Path, Path | None]:
    """Return the cache and the snapshot of a study, or the user's own cache where there is no study."""
    from pathlib import Path

    from eventstudy.prices.opening import cache_directory, snapshot_directory

    study = events if Path(events).is_file() else None
    return cache_directory(cache, study), snapshot_directory(study)


def _status_text(found: list[PriceStatus], folder: Path, width: int) -> Iterator[str | Line]:
    from eventstudy.cli.columns import table_lines

    if not found:
        yield f"No series in {folder}; `eventstudy prices fetch` fetches what the study needs."
        return
    header = ["", "where", "first", "last", "sessions", "holes", "age"]
    yield from table_lines("llllrrr", [header, *map(_status_cells, found)], width, "")


def _status_cells(entry: PriceStatus) -> list[str]:
    if entry.problem:
        return [entry.ticker, entry.source, entry.problem]
    age = "pinned" if entry.age_days is None else f"{entry.age_days:.0f} d"
    span = [str(entry.first), str(entry.last), f"{entry.rows:,}", str(entry.holes)]
    return [entry.ticker, entry.source, *span, age]


def _batch_text(batch: PriceBatch) -> Iterator[str]:
    from eventstudy.cli.columns import aligned

    rows: list[list[str]] = []
    for ticker, series in sorted(batch.series.items()):
        span, count = f"{series.sessions[0]} to {series.sessions[-1]}", f"{len(series.sessions):,} sessions"
        rows.append([ticker, span, count, series.source])
    rows += [[ticker, reason] for ticker, reason in batch.failures.items()]
    for lines in aligned("llrl", rows):
        yield from lines
