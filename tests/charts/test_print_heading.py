"""Figures for print say what they show, how it was measured, and from what."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from panels import bundled

from eventstudy.charts import print_charts
from eventstudy.charts.print_heading import (
    EDGE,
    TITLE,
    WIDE,
    PrintHeading,
    framed,
    heading,
    wrapped,
)
from eventstudy.words import LANGUAGES
from eventstudy.words.formatting import letters

DRAWING = '<svg class="marks" width="200" height="100" viewBox="0 0 200 100"><g id="chart"/></svg>'
TEXTS = PrintHeading("A long title & " + "more words " * 8, "How it was measured", "Source: x.")


def texts(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text [^>]*font-size[^>]*>([^<]*)</text>", svg)]


def test_the_texts_stand_around_the_drawing_and_wrap_at_its_width() -> None:
    svg = framed(DRAWING, TEXTS, "Arial")
    assert " ".join(texts(svg)) == f"{TEXTS.title.strip()} {TEXTS.subtitle} {TEXTS.source}"
    assert max(len(text) for text in texts(svg)) <= (200 - 2 * EDGE) / (WIDE * TITLE) * 1.5
    height = float(re.findall(r'height="([\d.]+)"', svg)[0])
    places = [float(y) for y in re.findall(r'<text x="\d+" y="([\d.]+)"', svg)]
    (shift,) = re.findall(r'translate\(0,([\d.]+)\)"><svg class="marks"', svg)
    assert places == sorted(places) and places[-2] < float(shift) < places[-1] - 100 < height - 100


def test_letters_of_east_asia_count_twice() -> None:
    assert (
        letters("가a") == 3
        and wrapped("가나 다라", 5) == ["가나", "다라"]
        and wrapped("ab cd", 5) == ["ab cd"]
    )


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="without a size"):
        framed("<p>", TEXTS, "Arial")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_has_them_in_every_language(lang: str) -> None:
    view = bundled().view(lang)
    for figure in print_charts._study(view):
        assert figure.texts.title and "SPY" in figure.texts.subtitle
        assert str(view.manifest["version"]) in figure.texts.source and "snapshot" in figure.texts.source
    event = heading(view, "forest", name="x < y", window="AR[0]")
    assert escape(event.title) in framed(DRAWING, event, "Arial")


def test_the_files_have_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first: Any = next(iter(print_charts._study(bundled().view())))
    monkeypatch.setattr(print_charts, "_study", lambda _: [first])
    for form in print_charts.FORMATS:
        (file,) = bundled().save_figures(tmp_path, format=form)
        assert Path(file).stat().st_size > 1000
    shown = texts((tmp_path / f"{first.name}.svg").read_text("utf-8"))
    assert (
        shown[0] == first.texts.title == "The largest firm-days, AR[0] (* named, ** beyond doubt)"
        and first.texts.source in shown
    )


@pytest.mark.parametrize(
    ("title", "font"), [("Returns", print_charts.FONT), ("수익률", print_charts.KOREAN_FONT)]
)
def test_korean_letters_take_a_font_that_has_them(title: str, font: str) -> None:
    spec = {"data": {"values": [{"a": 1}]}, "mark": "point", "title": title}
    svg = unescape(print_charts.rendered(spec, "svg", "single").decode())
    assert font.split(",")[0].strip("'") in svg and title in svg
