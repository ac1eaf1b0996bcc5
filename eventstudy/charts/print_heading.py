"""Title, subtitle and source of a figure for print, set around its drawing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from eventstudy.charts.theme import INK, PAPER, QUIET
from eventstudy.results.formats.print_cars import estimated
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import letters

EDGE = 5  #: pixels left of the text, as Vega leaves around a drawing
LINE = 1.35  #: height of a line in sizes of its letters
WIDE = 0.56  #: mean width of a letter in sizes; those of East Asia are twice as wide
TITLE, SUBTITLE, SOURCE = 14, 11, 10  #: sizes of letters in pixels
MOST_SOURCES = 3
_SVG = re.compile(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"[^>]*>')


@dataclass(frozen=True)
class PrintHeading:
    """The texts around a figure."""

    title: str
    subtitle: str
    source: str


def heading(view: ResultView, chart: str, **values: Any) -> PrintHeading:
    """Return the texts around a chart; the subtitle says how was measured, the source from what."""
    return PrintHeading(view.words.say(f"figure.{chart}", **values), estimated(view), _source(view))


def _source(view: ResultView) -> str:
    prices: Mapping[str, Any] = view.manifest.get("prices") or {}
    names = list(dict.fromkeys(str(each["source"]) for each in prices.values()))[:MOST_SOURCES]
    values = {"version": view.manifest.get("version") or "", "prices": ", ".join(names)}
    return view.words.say("figure.source" if names else "figure.source_alone", **values)


def framed(svg: str, texts: PrintHeading | None, font: str, least: float = 0.0) -> str:
    """Return a drawing as SVG with title and subtitle above and the source below, wrapped at its width.

    Without texts it is the drawing; ``least`` is the width in pixels to which white fills a narrow one.

    Raises
    ------
    ValueError
        It is no drawing with a size.
    """
    found = _SVG.search(svg)
    if found is None:
        raise ValueError("an SVG without a size")
    width, height = max(float(found[1]), least), float(found[2])
    if texts is None:
        return _on_paper(svg[found.start() :], width, height)
    room = width - 2 * EDGE
    above, top = _lines(texts.title, TITLE, room, EDGE, INK["light"], 'font-weight="bold"')
    more, top = _lines(texts.subtitle, SUBTITLE, room, top, QUIET["light"])
    top += EDGE
    below, bottom = _lines(texts.source, SOURCE, room, top + height, QUIET["light"])
    drawn = f'<g transform="translate(0,{top:.2f})">{svg[found.start() :]}</g>'
    text = f'<g font-family="{escape(font)}">{above}{more}{below}</g>'
    return _on_paper(text + drawn, width, bottom + EDGE)


def _on_paper(drawn: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width:g}" height="{height:.2f}" viewBox="0 0 {width:g} {height:.2f}">'
        f'<rect width="{width:g}" height="{height:.2f}" fill="{PAPER["light"]}"/>{drawn}</svg>'
    )


def _lines(text: str, size: int, room: float, top: float, colour: str, more: str = "") -> tuple[str, float]:
    """Return a text as lines of SVG below a height, and the height that is reached."""
    drawn = []
    for line in wrapped(text, room / (WIDE * size)):
        top += LINE * size
        at = f'x="{EDGE}" y="{top:.2f}" font-size="{size}" fill="{colour}"'
        drawn.append(f"<text {at} {more}>{escape(line)}</text>")
    return "".join(drawn), top


def wrapped(text: str, room: float) -> list[str]:
    """Break a text into lines of at most ``room`` letters, unless a word is longer."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
