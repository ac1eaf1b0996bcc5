"""The page: every section of a result put into one self-contained HTML file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from eventstudy.charts.library import library
from eventstudy.errors import UnknownNameError
from eventstudy.report.large_lines import is_large_study, large_name
from eventstudy.report.packing import compressed
from eventstudy.report.page_data import blocks_of, page_data
from eventstudy.report.section import DataTable, Section
from eventstudy.report.sections import LARGE_SECTIONS, SECTIONS, SPECIFICATION_SECTIONS
from eventstudy.report.sections.answer import finding, study_line
from eventstudy.results.view import ResultView

if TYPE_CHECKING:
    from eventstudy.study_result import EventStudyResult

FILES = files("eventstudy.report") / "templates"
SCRIPTS = ("page.js", "panels.js", "charts.js", "tables.js", "list.js", "links.js")  #: in this order


def report(
    result: EventStudyResult,
    lang: str = "en",
    *,
    title: str | None = None,
    author: str | None = None,
    sections: Sequence[str] = (),
) -> str:
    """Return the report of a result as one HTML page that makes no network requests.

    Parameters
    ----------
    result
        Of `eventstudy.run` or `eventstudy.load`, or of `large_summary.summarised`.
    lang
        Language of every text: ``en`` or ``ko``.
    title, author
        What stands above the finding, in the place of the study's own title.
    sections
        The parts to show, such as ``("answer", "events")``, in the order of the page; empty: all.

    Raises
    ------
    UnknownNameError
        A language that there are no words for, or a part that the page does not have.
    """
    view = page_view(result, lang)
    heading = title or view.title
    made = chosen(view, sections)
    say = view.words.say
    card = _environment().get_template("blocks.html.j2").module.card
    data = page_data(made, lambda block: str(card(block, say)))
    return _render(
        "page.html.j2",
        say=say,
        lang=lang,
        title=heading,
        author=author or "",
        name=heading or _name(view),
        finding=finding(view),
        study=study_line(view),
        version=result.manifest.get("version") or "",
        sections=made,
        style=_template("page.css") + _template("blocks.css") + _template("print.css"),
        script="".join(map(_template, SCRIPTS)),
        widest=max(
            (len(each.headings) for each in blocks_of(made) if isinstance(each, DataTable)), default=1
        ),
        library=_library(),
        data=compressed(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)),
    )


def page_view(result: EventStudyResult, lang: str) -> ResultView:
    """Return the view of a result with figures and texts as a page sets them."""
    return replace(result.view(lang), page=True)


def chosen(view: ResultView, names: Sequence[str] = ()) -> list[Section]:
    """Return the sections that are not empty, in the order of the page; with names these alone."""
    makers = SPECIFICATION_SECTIONS if view.of_specifications else SECTIONS
    makers = LARGE_SECTIONS if is_large_study(view) else makers
    for name in names:
        if name not in makers:
            raise UnknownNameError("section of the report", name, makers)
    made = (make(view) for name, make in makers.items() if not names or name in names)
    return [section for section in made if section is not None]


def _name(view: ResultView) -> str:
    """Return how many events and tickers, or firm-events, the study has."""
    if is_large_study(view):
        return large_name(view)
    events = view.words.counted("event", len(view.event_ids))
    tickers = view.words.counted("ticker", len(view.tickers))
    return view.words.say("page.title_of", events=events, tickers=tickers)


def _render(template: str, **values: Any) -> str:
    text: str = _environment().get_template(template).render(**values)
    return text


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _library() -> str:
    return compressed(library())


@cache
def _template(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")
