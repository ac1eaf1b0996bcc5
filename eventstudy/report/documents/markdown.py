"""The report in Markdown, with its charts as SVG files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from eventstudy.atomic import PART
from eventstudy.charts.print_charts import file_stem, rendered
from eventstudy.report.documents.content import Code, Element, Grid, Items, Picture, Text, Title
from eventstudy.results.outputs.ownership import MARKDOWN_MARK

_SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_[]<>|#~"})


def write_markdown(title: str, elements: Iterable[Element], stage: Path, name: str) -> None:
    """Write the text, of that name, and its pictures to a staging folder."""
    lines = [MARKDOWN_MARK, f"# {escaped(title)}", ""]
    for element in elements:
        if isinstance(element, Picture):
            file = f"{file_stem(Path(name).stem, element.id)}.svg"
            (stage / f"{file}{PART}").write_bytes(rendered(element.document, "svg", "double"))
            lines += [f"![{escaped(element.description)}]({file})", "", escaped(element.caption)]
        else:
            lines += _written(element)
        lines.append("")
    (stage / f"{name}{PART}").write_text("\n".join(lines), encoding="utf-8", newline="\n")


def escaped(text: str) -> str:
    """Return a text in one line that Markdown shows as it is."""
    return " ".join(text.split()).translate(_SPECIAL)


def _written(element: Element) -> Iterator[str]:
    match element:
        case Title(level, text):
            yield f"{'#' * min(level + 1, 6)} {escaped(text)}"
        case Text(text, tone):
            yield f"**{escaped(text)}**" if tone == "lead" else escaped(text)
        case Items(texts):
            yield from (f"- {escaped(text)}" for text in texts)
        case Code(text):
            yield from ("```text", text, "```")
        case Grid():
            yield from (escaped(element.caption), "")
            yield _row(element.head)
            yield _row("---:" if right else "---" for right in element.right)
            yield from (_row(map(escaped, row)) for row in element.rows)
            yield from ("", escaped(element.more)) if element.more else ()


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
