"""`eventstudy compare`: tickers, events or kinds of a saved result against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy.cli.call import Call, Line
from eventstudy.cli.option_values import names, window
from eventstudy.cli.options import ResultFolder
from eventstudy.design import Window

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.study_result import EventStudyResult
    from eventstudy.words.formatting import Figures

ADJUSTED = {"holm": "Holm", "bh": "BH", "rw": "RW"}
MOST_PAIRS = 40  #: pairs of a window that are printed; JSON and the table hold all

EventId = Annotated[str | None, typer.Option(metavar="ID", help="Compare the tickers of this event.")]
Ticker = Annotated[str | None, typer.Option(metavar="T", help="Compare the events of this ticker.")]
Kind = Annotated[str | None, typer.Option(metavar="K", help="Compare this kind of event with the others.")]
By = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="Compare the groups of this column, of a run with --by.")
]
Between = Annotated[
    Any, typer.Option("--between", parser=names, metavar="A,B", help="Only pairs among these members.")
]
CarWindow = Annotated[
    Any,
    typer.Option(
        "--car", parser=window, metavar="A:B", help="Window, as 0:1.  [default: the results' first]"
    ),
]
Adjust = Annotated[
    str,
    typer.Option(
        metavar="holm|bh|rw",
        help="Adjustment of the p-values: Holm or Benjamini-Hochberg over the pairs that are shown, "
        "Romano-Wolf over all pairs of the group as the run drew them.",
    ),
]


def compare(
    call: Call,
    results: ResultFolder = "results",
    event: EventId = None,
    ticker: Ticker = None,
    kind: Kind = None,
    by: By = None,
    between: Between = None,
    car: CarWindow = None,
    adjust: Adjust = "holm",
) -> None:
    """Compare what a run has saved: tickers of an event, events of a ticker, kinds of event, or groups."""
    from eventstudy import compare_results as comparing
    from eventstudy.errors import UsageError
    from eventstudy.results.view import ResultView

    if [event, ticker, kind, by].count(None) != 3:
        raise UsageError("compare needs one of --event ID, --ticker T, --kind K and --by COLUMN")
    result = _opened(results)
    shown = car or Window(*result.manifest["design"]["car_windows"][0])
    pairs = comparing.compare(
        result, event=event, ticker=ticker, kind=kind, by=by, window=shown, between=between, adjust=adjust
    )
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in pairs.to_dict("records")]
    call.document({"results": results, "window": list(shown), "adjust": adjust, "pairs": rows})
    figures = ResultView(result.tables, result.manifest).figures
    call.say(_text(pairs, figures, _subject(event, ticker, kind, by), shown, adjust, call.width))


def _opened(results: str) -> EventStudyResult:
    """Read the two tables that a comparison needs."""
    from eventstudy import results as store
    from eventstudy.study_result import EventStudyResult

    saved = store.load(results)
    return EventStudyResult({name: saved.table(name) for name in ("comparisons", "events")}, saved.manifest)


def _plain(value: Any) -> Any:
    """Return a cell as JSON can write it: missing text is a NaN in a data frame."""
    return value.item() if hasattr(value, "item") else value


def _subject(event: str | None, ticker: str | None, kind: str | None, by: str | None) -> str:
    if by:
        return f"{by}: its groups, means over firm-days, clustered by session"
    if event:
        return f"{event}: its tickers"
    return f"{ticker}: its events" if ticker else f"Kinds of event: {kind} and the others, means over dates"


def _text(
    pairs: pd.DataFrame, figures: Figures, subject: str, shown: Window, adjust: str, width: int
) -> Iterator[Line]:
    from eventstudy.cli.columns import dim, table_lines
    from eventstudy.words.formatting import car_label, counted

    yield Line(f"{subject}, {car_label(shown)}, difference a - b", "bold")
    header = ["difference", "s.e.", "t", "p", f"{ADJUSTED[adjust]} p", "a - b"]
    listed = pairs.head(MOST_PAIRS).to_dict("records")
    table = [header, *(_cells(figures, row, f"pvalue_{adjust}") for row in listed)]
    yield from table_lines("rrrrrl", table, width)
    if len(pairs) > MOST_PAIRS:
        rest = f"the {MOST_PAIRS} largest |t| of {counted(len(pairs), 'pair')}; --json gives all"
        yield from dim(rest, width)


def _cells(figures: Figures, row: Mapping[Any, Any], adjusted: str) -> list[str]:
    from eventstudy.words.formatting import pvalue, ratio

    known = {name: None if value != value else value for name, value in row.items()}
    note = f" ({known['note']})" if known["note"] else ""
    return [
        figures.effect(known["difference"]),
        figures.size(known["se"]),
        ratio(known["statistic"]),
        pvalue(known["pvalue"]),
        pvalue(known[adjusted]),
        f"{row['a']} - {row['b']}{note}",
    ]
