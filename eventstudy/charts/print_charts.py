"""Charts for print as PNG, SVG or PDF, at the width of a journal's column."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from eventstudy.atomic import PART
from eventstudy.charts import CHARTS
from eventstudy.charts.cells import largest_firm_days
from eventstudy.charts.chart import Chart
from eventstudy.charts.print_heading import PrintHeading, framed, heading
from eventstudy.charts.spread import LEAST
from eventstudy.charts.theme import PAPER, config
from eventstudy.results.choosing import one_of
from eventstudy.results.naming import event_name
from eventstudy.results.outputs.destination import OWN_ONLY, write_all, write_file
from eventstudy.results.outputs.ownership import CHART_MARK, Overwrite
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import car_label

Column = Literal["single", "double"]

MOST_EVENTS, MOST_TICKERS = 24, 24  #: that have charts of their own
FORMATS = ("png", "svg", "pdf")
MILLIMETRES: dict[Column, float] = {"single": 89.0, "double": 183.0}  #: widths that most journals set
INCH = 25.4  #: in millimetres
PIXELS = 96  #: in an inch, as CSS counts them: a letter of 12 pixels is one of 9 points
PNG_SCALE = 2
_PNG_END = b"\x00\x00\x00\x00IEND"  #: length and type of the last chunk
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
#: Of texts with Korean letters: what is drawn takes the first font that is there for all of them.
KOREAN_FONT = "'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR', 'Noto Sans KR', sans-serif"
_KOREAN = re.compile("[\uac00-\ud7a3]")
_SIZE = re.compile(r'<svg([^>]*?) width="([\d.]+)" height="([\d.]+)"')


def save(
    chart: Chart,
    path: str | os.PathLike[str],
    *,
    column: Column = "double",
    overwrite: Overwrite = OWN_ONLY,
) -> Path:
    """Write one chart as PNG, SVG or PDF, by the ending of the path; an earlier one is replaced as a whole.

    Raises
    ------
    UnknownNameError
        The ending is none of the three.
    OutputError
        It could not be written, or a file of others is in the way.
    """
    path = Path(path)
    form = figure_format(path.suffix[1:].lower())
    content = _rendered(chart, form, column)
    write_file(path, lambda staged: staged.write_bytes(content), suffixes=[f".{form}"], overwrite=overwrite)
    return path


def save_figures(
    view: ResultView,
    folder: str | os.PathLike[str],
    form: str = "svg",
    *,
    overwrite: Overwrite = OWN_ONLY,
) -> list[str]:
    """Write every chart of a study to a folder, all of them or none, and return the names of the files.

    The largest firm-days, the timeline, the heat map of each window, paths and forest plot of each event, the
    forest plot of each ticker, the averages of all, the distribution of t, the largest firm-days against each
    benchmark and the minimum detectable effects; of `robustness` the specification curve of each firm-event.
    Of more than `MOST_EVENTS` events those with the largest firm-days have charts of their own; a heat map
    takes no more events and tickers. Empty charts are left out.

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
        The figures could not be written, or a file of others is in the way.
    """
    chosen = figure_format(form)
    drawn = (figure for figure in _study(view) if not figure.chart.empty)

    def write(stage: Path) -> None:
        for name, column, chart, texts in drawn:
            (stage / f"{name}.{chosen}{PART}").write_bytes(_rendered(chart, chosen, column, texts))

    return write_all(folder, write, overwrite=overwrite)


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


class _Drawn(NamedTuple):
    """A figure of a study: its file's name, its width, the chart, and the texts around it."""

    name: str
    column: Column
    chart: Chart
    texts: PrintHeading


def _study(view: ResultView) -> Iterator[_Drawn]:
    """Yield every figure of a study."""
    yield from _curves(view)
    if not view.first_cars:
        return
    first = view.first_label
    yield _drawn(view, "strongest", "double", {"window": first}, "strongest")
    yield _drawn(view, "timeline", "double", {}, "timeline")
    events = list(dict.fromkeys(row["event"] for row in largest_firm_days(view, view.first)))
    few = len(events) <= MOST_EVENTS and len(view.tickers) <= MOST_TICKERS
    for window in map(car_label, view.windows if few else ()):
        label = re.sub(r"[^A-Z0-9+-]+", "_", window).strip("_")
        texts = {"window": window}
        yield _drawn(view, "heat_map", "double", texts, f"heat-map-{label}", window=window)
    for event in view.event_ids if len(events) <= MOST_EVENTS else events[:MOST_EVENTS]:
        texts = {"name": _event(view, event), "window": first}
        if view.measure == "returns":
            yield _drawn(view, "price_paths", "double", texts, file_stem("price-paths", event), event=event)
        yield _drawn(view, "car_paths", "double", texts, file_stem("car-paths", event), event=event)
        yield _drawn(view, "forest", "single", texts, file_stem("forest", event), event=event)
    for ticker in view.tickers if len(view.tickers) <= MOST_TICKERS else ():
        texts = {"name": ticker, "window": first}
        yield _drawn(view, "forest", "double", texts, file_stem("forest-ticker", ticker), ticker=ticker)
    yield _drawn(view, "averages", "single", {}, "averages-all")
    if sum(row["statistic"] is not None for row in view.first_cars) >= LEAST:
        yield _drawn(view, "spread", "double", {"window": first}, "spread")
    yield _drawn(view, "benchmarks", "double", {"window": first}, "benchmarks")
    yield _drawn(view, "power", "double", {}, "power")


def _drawn(
    view: ResultView, chart: str, column: Column, texts: Mapping[str, str], stem: str, **selection: str
) -> _Drawn:
    return _Drawn(stem, column, CHARTS[chart](view, **selection), heading(view, chart, **texts))


def _event(view: ResultView, event: str) -> str:
    """Return the title of an event, its id where it has none."""
    return str(view.rows("events", event)[0]["title"] or event)


def _curves(view: ResultView) -> Iterator[_Drawn]:
    """Yield the specification curve of each firm-event, where the study has some."""
    for row in view.rows("specification_curves"):
        if view.is_first(row):
            event, ticker = row["event_id"], row["ticker"]
            stem = file_stem("specification-curve", event, ticker)
            texts = {"name": f"{ticker}, {event_name(view, event)}", "window": view.first_label}
            selection = {"event": event, "ticker": ticker}
            yield _drawn(view, "specification_curve", "double", texts, stem, **selection)


def figure_format(name: str) -> str:
    """Return the name of a format for figures, or name the nearest that exists."""
    return one_of("figure format", name, FORMATS)


def _rendered(chart: Chart, form: str, column: Column, texts: PrintHeading | None = None) -> bytes:
    return rendered(chart.document(round(MILLIMETRES[column] / INCH * PIXELS)), form, column, texts)


def rendered(spec: Mapping[str, Any], form: str, column: Column, texts: PrintHeading | None = None) -> bytes:
    """Return a Vega-Lite document as the content of a file: light, on white, as wide as the column.

    A narrow drawing has white beside it, so that its letters are as large as those of others.
    """
    import vl_convert

    width = MILLIMETRES[column]
    said = json.dumps([spec, texts and vars(texts)], ensure_ascii=False)
    font = KOREAN_FONT if _KOREAN.search(said) else FONT
    look = {**config("light"), "font": font, "background": PAPER["light"]}
    svg = vl_convert.vegalite_to_svg(json.dumps({**spec, "config": look}))
    svg = framed(svg, texts, font, width / INCH * PIXELS)
    if form == "pdf":  # a PDF has no pixels: what stands without a unit are points
        pdf: bytes = vl_convert.svg_to_pdf(_as_wide_as(svg, width / INCH * 72))
        return marked_pdf(pdf)
    sized = _as_wide_as(svg, width, "mm")
    if form == "svg":
        return f"{sized}<!-- {CHART_MARK} -->\n".encode()
    png: bytes = vl_convert.svg_to_png(sized, scale=PNG_SCALE)
    return _with_comment(png, _PNG_END, _png_text("Software", CHART_MARK))


def marked_pdf(pdf: bytes) -> bytes:
    """Return a PDF file with the mark of this package."""
    return _with_comment(pdf, b"startxref", f"% {CHART_MARK}\n".encode())


def _with_comment(content: bytes, before: bytes, comment: bytes) -> bytes:
    """Return a file with a comment before the part that ends it."""
    at = content.rindex(before)
    return content[:at] + comment + content[at:]


def _png_text(keyword: str, text: str) -> bytes:
    """Return a chunk of text of a PNG file: length, type, keyword, zero, text, checksum (RFC 2083, 4.2.7)."""
    body = b"tEXt" + keyword.encode("latin-1") + b"\0" + text.encode("latin-1")
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _as_wide_as(svg: str, width: float, unit: str = "") -> str:
    """Return a drawing with another width, and its height in proportion."""

    def sized(found: re.Match[str]) -> str:
        height = width * float(found[3]) / float(found[2])
        return f'<svg{found[1]} width="{width:g}{unit}" height="{height:.2f}{unit}"'

    return _SIZE.sub(sized, svg, count=1)
