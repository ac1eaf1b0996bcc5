"""`eventstudy report`: a saved result as one page that a browser shows without any network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.opened import open_result
from eventstudy.cli.options import Force, ResultFolder

if TYPE_CHECKING:
    from eventstudy.study_result import EventStudyResult

Out = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="File to write, replaced as a whole.  [default: report.html]"),
]
Lang = Annotated[str, typer.Option(metavar="en|ko", help="Language of the texts.")]
Figures = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Write the charts for print to this folder, too."),
]
Title = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Title above the finding; default: that of the study.")
]
Author = Annotated[str | None, typer.Option(metavar="TEXT", help="Author named at the head.")]
Sections = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Parts to show, such as answer,events,methods; default: all."),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="html|docx|pdf|md",
        help="Format of the report.  [default: by the suffix of --out, else html]",
    ),
]
FigureFormat = Annotated[str, typer.Option(metavar="svg|png|pdf", help="Format of the figures.")]


def report(
    call: Call,
    results: ResultFolder = "results",
    out: Out = None,
    lang: Lang = "en",
    title: Title = None,
    author: Author = None,
    sections: Sections = None,
    figures: Figures = None,
    format: Format = None,  # noqa: A002  (the option's name)
    figure_format: FigureFormat = "svg",
    force: Force = False,
) -> None:
    """Write a result as one self-contained HTML page or as a document, and its charts as figures.

    Of a large study the page has the averages, the tests and the firm-events with the largest t.
    """
    from pathlib import Path

    from eventstudy.report.documents import document_format, save_report
    from eventstudy.results.outputs.ownership import Overwrite, inputs_of

    result = _opened(results, figures)
    if figures is not None:
        from eventstudy.charts import print_charts

        print_charts.figure_format(figure_format)  # before anything is written
    form = document_format(format, out)
    out = out or f"report.{form}"
    parts = [each.strip() for each in (sections or "").split(",") if each.strip()]
    overwrite = Overwrite(force, inputs_of(result.manifest, Path(results)))
    asked: dict[str, Any] = {"title": title, "author": author, "sections": parts}
    written = save_report(result, out, form, lang, **asked, overwrite=overwrite)
    if figures is not None:
        written += result.save_figures(figures, format=figure_format, lang=lang, force=force)
    call.document({"files": written})
    call.say(written)
    if form == "html" and (page := Path(out)).is_file():
        size = page.stat().st_size / 1e6
        call.remark(f"{out} is {size:.1f} MB; open it in a browser, or send it as it is")


def _opened(results: str, figures: str | None) -> EventStudyResult:
    """Return the result of a folder, that of a large study summarised."""
    from eventstudy.errors import UsageError
    from eventstudy.results.folder import Saved

    found = open_result(results)
    if isinstance(found, Saved):
        from eventstudy.study_result import load

        return load(results)
    if figures is not None:
        raise UsageError("--figures: a large study has no charts of firm-events; leave the option out")
    from eventstudy.report.large_summary import summarised

    return summarised(found)
