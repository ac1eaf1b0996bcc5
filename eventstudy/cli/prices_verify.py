"""`eventstudy prices verify`: findings in prices, and where two sources disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.call import Call, Line
from eventstudy.cli.options import (
    Actions,
    Cache,
    Closes,
    Exchange,
    Reading,
    SeveralPrices,
    Study,
    Tickers,
    prices_given,
)

if TYPE_CHECKING:
    from eventstudy.prices.source import Finding, PriceSeries

Against = Annotated[
    str | None,
    typer.Option(
        metavar="yahoo|DIR",
        help="Compare with this source return by return: Yahoo fetched again, or your own folder or file.",
    ),
]
Tolerance = Annotated[
    float, typer.Option(metavar="DECIMAL", help="By how much returns of two sources may differ, as 0.0005.")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit code 4 if there is an error among the findings.")
]


def verify(
    call: Call,
    tickers: Tickers = None,
    *,
    events: Study = "events.yaml",
    prices: SeveralPrices = None,
    reading: Reading,
    against: Against = None,
    tolerance: Tolerance = 0.0005,
    cache: Cache = None,
    closes: Closes = None,
    actions: Actions = None,
    strict: Strict = False,
    exchange: Exchange = None,
) -> None:
    """Check prices by the rules that every run applies, or compare them with another source.

    Without tickers: all of a folder, else the study's, else all that are stored. Exit code 4 if a series
    cannot be read.
    """
    from eventstudy.cli.price_checks import compared, load_verified, rule_findings
    from eventstudy.errors import PriceDataError
    from eventstudy.prices.opening import open_source

    if not 0 < tolerance < 1:
        raise typer.BadParameter(f"{tolerance} must lie between 0 and 1, as 0.0005")
    if against is not None:
        open_source(against, cache_dir=Path())  # refuses a wrong one before anything is fetched
    given = prices_given(prices)
    loaded = load_verified(call, tickers or [], events, given, cache, reading, exchange, closes, actions)
    failures = dict(loaded.failures)
    if against is None:
        found = rule_findings(loaded)
    else:
        found, missing = compared(call, loaded, given, against, tolerance)
        failures |= missing
    call.document(_document(loaded.series, found, failures))
    call.say(_text(loaded.series, found, failures, against, call.width), paged=True)
    if failures:
        first, reason = next(iter(failures.items()))
        raise PriceDataError(first, reason, f"{len(failures)} series could not be verified")
    errors = [finding for finding in found if finding.severity == "error"]
    if strict and errors:
        worst = errors[0]
        text = f"{worst.rule} on {worst.session}: {worst.detail}"
        raise PriceDataError(worst.ticker, text, f"{len(errors)} of {len(found)} findings are errors")


def _document(
    series: Mapping[str, PriceSeries], found: Sequence[Finding], failures: Mapping[str, str]
) -> dict[str, object]:
    listed = [
        {
            "ticker": entry.ticker,
            "source": entry.source,
            "kind": entry.kind,
            "basis": entry.basis,
            "first": str(entry.sessions[0]),
            "last": str(entry.sessions[-1]),
            "rows": len(entry.sessions),
        }
        for entry in series.values()
    ]
    return {"series": listed, "findings": [asdict(finding) for finding in found], "failures": failures}


def _text(
    series: Mapping[str, PriceSeries],
    found: Sequence[Finding],
    failures: Mapping[str, str],
    against: str | None,
    width: int,
) -> Iterator[str | Line]:
    from eventstudy.cli.columns import aligned, table_lines
    from eventstudy.words.formatting import counted

    rows = [[f.ticker, str(f.session or ""), f.severity, f.rule, f.detail] for f in found]
    if rows:
        yield from table_lines("lllll", [["", "session", "", "rule", ""], *rows], width, "")
    for parts in aligned("ll", [[name, why.removeprefix(f"{name}: ")] for name, why in failures.items()]):
        yield from parts
    graded = ", ".join(
        counted(count, severity)
        for severity in ("error", "warning")
        if (count := sum(finding.severity == severity for finding in found))
    )
    what = f"compared with {against}" if against else "checked"
    yield f"{len(series)} series {what}: {counted(len(found), 'finding')}{f' ({graded})' if graded else ''}."
