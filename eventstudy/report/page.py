"""The page: every section of a result put into one self-contained HTML file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from eventstudy.charts.theme import config
from eventstudy.report.section import Section
from eventstudy.report.sections import SECTIONS
from eventstudy.words import words

if TYPE_CHECKING:
    from eventstudy.results import EventStudyResult

FILES = files("eventstudy.report") / "templates"


def report(result: EventStudyResult, lang: str = "en") -> str:
    """Return the report of a result as one HTML page that asks nothing of any network.

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
    import jinja2

    spoken = words(lang)
    sections = [section for make in SECTIONS if (section := make(result, spoken)) is not None]
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["script"] = _script
    page: str = environment.get_template("page.html.j2").render(
        say=spoken.say,
        lang=spoken.lang,
        sections=sections,
        style=_template("report.css"),
        script=_template("report.js"),
        library=_library(),
        config={mode: config(mode) for mode in ("light", "dark")},
        data=_data(sections),
    )
    return page


def _data(sections: list[Section]) -> dict[str, Any]:
    """Return everything the page's script needs: a specification per chart, and the downloads."""
    charts: dict[str, Mapping[str, Any]] = {}
    tables: dict[str, Any] = {}

    def gather(section: Section) -> None:
        charts.update({figure.id: figure.spec for figure in section.figures})
        tables.update({table.id: table.download for table in section.tables})
        for part in section.sections:
            gather(part)

    for section in sections:
        gather(section)
    return {"charts": charts, "tables": tables}


def _script(value: Any) -> Any:
    """Return JSON that cannot end the script element it stands in."""
    import markupsafe

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return markupsafe.Markup("".join(escapes.get(letter, letter) for letter in text))


def _template(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


@cache
def _library() -> str:
    """Return Vega, Vega-Lite and their embedding as one script, such as may stand in a page."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle()
    return bundle.replace("</script", "<\\/script")
