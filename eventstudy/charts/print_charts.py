"""Charts for print as PNG, SVG or PDF, at the width of a journal's column."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from eventstudy.charts import chart as charted
from eventstudy.charts.chart import Chart
from eventstudy.charts.theme import PAPER, config
from eventstudy.results.destination import write_all
from eventstudy.results.view import ResultView, one_of
from eventstudy.words.formatting import car_label

Column = Literal["single", "double"]

FORMATS = ("png", "svg", "pdf")
MILLIMETRES: dict[Column, float] = {"single": 89.0, "double": 183.0}  #: widths that most journals set
INCH = 25.4  #: in millimetres
PIXELS = 96  #: in an inch, as CSS counts them: a letter of 12 pixels is one of 9 points
PNG_SCALE = 2
FONT = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans KR', sans-serif"
_SIZE = re.compile(r'<svg([^>]*?) width="([\d.]+)" height="([\d.]+)"')


def save(chart: Chart, path: str | os.PathLike[str], *, column: Column = "double") -> Path:
    """Write one chart as PNG, SVG or PDF, by the ending of the path; what was there is replaced as a whole.

    Raises
    ------
    UnknownNameError
        The ending is none of the three.
    OutputError
        It could not be written.
    """
    path = Path(path)
    form = _form(path.suffix[1:].lower())
    content = _rendered(chart, form, column)
    write_files(path.parent, [(path.name, content)])
    return path


def save_figures(view: ResultView, folder: str | os.PathLike[str], form: str = "svg") -> list[str]:
    """Write every chart of a study to a folder, all of them or none, and return the names of the files.

    The strongest firm-events, the timeline, the heat map of each window, paths and forest plot of each event,
    the forest plot of each ticker, the averages of all and the minimum detectable effects; empty charts
    are left out.

    Parameters
    ----------
    folder
        Made where there is none, or a URI that Arrow can write to; files of other names stay.
    form
        ``png`` (twice the pixels), ``svg`` or ``pdf``.

    Raises
    ------
    UnknownNameError
        There is no such format.
    OutputError
        The figures could not be written.
    """
    chosen = _form(form)
    drawn = ((name, column, chart) for name, column, chart in _study(view) if not chart.empty)
    files = ((f"{name}.{chosen}", _rendered(chart, chosen, column)) for name, column, chart in drawn)
    return write_files(folder, files)


def file_stem(*parts: str) -> str:
    """Return parts of a name as a file's name: the same for the same parts, safe for any text.

    Letters other than ASCII and characters that a system may refuse become ``_``; a digest then keeps names
    distinct.
    """
    plain = [re.sub(r"[^A-Za-z0-9.+-]+", "_", part)[:60].strip("_") for part in parts]
    stem = "-".join(part for part in plain if part)
    if plain == list(parts):
        return stem
    return f"{stem}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"


def _study(view: ResultView) -> Iterator[tuple[str, Column, Chart]]:
    """Yield every figure of a study: its file's name, its width, and the chart."""
    if not view.first_cars:
        return
    yield "strongest", "double", charted(view, "strongest")
    yield "timeline", "double", charted(view, "timeline")
    for window in map(car_label, view.windows):
        label = re.sub(r"[^A-Z0-9+-]+", "_", window).strip("_")
        yield f"heat-map-{label}", "double", charted(view, "heat_map", window=window)
    for event in view.event_ids:
        yield file_stem("car-paths", event), "double", charted(view, "car_paths", event=event)
        yield file_stem("forest", event), "single", charted(view, "forest", event=event)
    for ticker in view.tickers:
        yield file_stem("forest-ticker", ticker), "double", charted(view, "forest", ticker=ticker)
    yield "averages-all", "single", charted(view, "averages")
    yield "power", "double", charted(view, "power")


def _form(name: str) -> str:
    return one_of("figure format", name, FORMATS)


def _rendered(chart: Chart, form: str, column: Column) -> bytes:
    """Return a chart as the content of a file: light, on white, as wide as the column."""
    import vl_convert

    width = MILLIMETRES[column]
    spec = chart.document(round(width / INCH * PIXELS))
    look = {**config("light"), "font": FONT, "background": PAPER["light"]}
    svg = vl_convert.vegalite_to_svg(json.dumps({**spec, "config": look}))
    if form == "pdf":  # a PDF has no pixels: what stands without a unit are points
        pdf: bytes = vl_convert.svg_to_pdf(_as_wide_as(svg, width / INCH * 72))
        return pdf
    sized = _as_wide_as(svg, width, "mm")
    if form == "svg":
        return sized.encode()
    png: bytes = vl_convert.svg_to_png(sized, scale=PNG_SCALE)
    return png


def _as_wide_as(svg: str, width: float, unit: str = "") -> str:
    """Return a drawing with another width, and its height in proportion."""

    def sized(found: re.Match[str]) -> str:
        height = width * float(found[3]) / float(found[2])
        return f'<svg{found[1]} width="{width:g}{unit}" height="{height:.2f}{unit}"'

    return _SIZE.sub(sized, svg, count=1)


def write_files(folder: str | os.PathLike[str], files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Write files to a folder, all of them or none, and return their names."""

    def write(stage: Path) -> None:
        for name, content in files:
            (stage / name).write_bytes(content)

    return write_all(folder, write)
