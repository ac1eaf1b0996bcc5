"""The page: every section of a result put into one self-contained HTML file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from eventstudy.charts.library import library
from eventstudy.charts.theme import config
from eventstudy.report.packing import compressed
from eventstudy.report.section import ChosenTable, DataTable, Figure, Section
from eventstudy.report.sections import SECTIONS, SPECIFICATION_SECTIONS
from eventstudy.results.view import ResultView

if TYPE_CHECKING:
    from eventstudy.study_result import EventStudyResult

FILES = files("eventstudy.report") / "templates"


def report(result: EventStudyResult, lang: str = "en") -> str:
    """Return the report of a result as one HTML page that makes no network requests.

    Parameters
    ----------
    result
        Of `eventstudy.run` or `eventstudy.load`.
    lang
        Language of every text: ``en`` or ``ko``.

    Raises
    ------
    UnknownNameError
        A language that there are no words for.
    """
    view = result.view(lang)
    made = sections(view)
    page: str = _environment().get_template("page.html.j2").render(
        say=view.words.say,
        lang=lang,
        title=page_title(view),
        version=result.manifest.get("version") or "",
        sections=made,
        style=_template("report.css"),
        script=_template("report.js"),
        widest=max(len(block.headings) for block in _blocks(made) if isinstance(block, DataTable)),
        library=_library(),
        data=compressed(
            json.dumps(_data(made), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        ),
    )  # fmt: skip
    return page


def sections(view: ResultView) -> list[Section]:
    """Return every section that is not empty, in the order of the page."""
    listed = SPECIFICATION_SECTIONS if view.of_specifications else SECTIONS
    return [section for make in listed if (section := make(view)) is not None]


def page_title(view: ResultView) -> str:
    """Return the title of a report: the study's, or else how many events and tickers it has."""
    if view.title:
        return view.title
    events = view.words.counted("event", len(view.event_ids))
    tickers = view.words.counted("ticker", len(view.tickers))
    return view.words.say("page.title_of", events=events, tickers=tickers)


def _data(made: list[Section]) -> dict[str, Any]:
    """Return the data of the page's script: drawings, the rows of each chart, the downloads."""
    drawings: dict[int, int] = {}  # by the identity of a specification that charts of a kind share
    specs: list[Any] = []
    charts: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    pools: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = {}  # rows that several tables list, once
    for block in _blocks(made):
        if isinstance(block, DataTable):
            pool = pools.setdefault(block.header, {})
            at = [pool.setdefault(row, len(pool)) for row in block.values]
            tables[block.id] = {"name": f"{block.id}.csv", "pool": list(pools).index(block.header), "at": at}
        elif isinstance(block, ChosenTable):
            chosen = {"figure": block.figure, "dataset": block.dataset, "header": block.header}
            tables[block.id] = {"name": f"{block.id}.csv", **chosen}
        elif isinstance(block, Figure):
            rooms = {}
            for room, spec in block.drawings.items():
                if id(spec) not in drawings:
                    drawings[id(spec)] = len(specs)
                    specs.append(spec)
                rooms[room] = drawings[id(spec)]
            charts[block.id] = {"drawings": rooms, "datasets": block.datasets, "choices": block.choices}
    return {
        "specs": specs,
        "pools": [{"header": header, "rows": list(rows)} for header, rows in pools.items()],
        "charts": charts,
        "tables": tables,
        "config": {mode: config(mode) for mode in ("light", "dark")},
    }


def _blocks(made: list[Section] | tuple[Section, ...]) -> Iterator[Any]:
    for section in made:
        yield from section.blocks
        yield from _blocks(section.sections)


@cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment


@cache
def _library() -> str:
    return compressed(library())


@cache
def _template(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")
