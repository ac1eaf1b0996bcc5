"""`eventstudy report`: a saved result as one page that a browser shows without any network."""

from __future__ import annotations

from typing import Annotated

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.options import Force, ResultFolder

Out = Annotated[str, typer.Option(metavar="FILE", help="Page to write, replaced as a whole.")]
Lang = Annotated[str, typer.Option(metavar="en|ko", help="Language of the texts.")]
Figures = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Write the charts for print to this folder, too."),
]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="Title of the page; default: the finding.")]
Author = Annotated[str | None, typer.Option(metavar="TEXT", help="Author named at the head of the page.")]
Sections = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Parts to show, such as answer,events,methods; default: all."),
]
Format = Annotated[str, typer.Option("--format", metavar="svg|png|pdf", help="Format of the figures.")]


def report(
    call: Call,
    results: ResultFolder = "results",
    out: Out = "report.html",
    lang: Lang = "en",
    title: Title = None,
    author: Author = None,
    sections: Sections = None,
    figures: Figures = None,
    format: Format = "svg",  # noqa: A002  (the option's name)
    force: Force = False,
) -> None:
    """Write a result as one self-contained HTML page, and its charts as figures for print."""
    from pathlib import Path

    from eventstudy.report import report as page_of
    from eventstudy.results.outputs.destination import write_file
    from eventstudy.results.outputs.ownership import Overwrite, inputs_of
    from eventstudy.study_result import load

    result = load(results)
    if figures is not None:
        from eventstudy.charts.print_charts import figure_format

        figure_format(format)  # before anything is written
    parts = [each.strip() for each in (sections or "").split(",") if each.strip()]
    page = page_of(result, lang, title=title, author=author, sections=parts).encode()
    overwrite = Overwrite(force, inputs_of(result.manifest, Path(results)))
    write_file(out, lambda staged: staged.write_bytes(page), suffixes=[".html", ".htm"], overwrite=overwrite)
    drawn = [] if figures is None else result.save_figures(figures, format=format, lang=lang, force=force)
    written = [out, *drawn]
    call.document({"files": written})
    call.say(written)
    call.remark(f"{out} is {len(page) / 1e6:.1f} MB; open it in a browser, or send it as it is")
