"""Colours and fonts of all charts: safe for the colour-blind, readable in grey, light and dark."""

from __future__ import annotations

from typing import Any, Literal

Mode = Literal["light", "dark"]

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans KR', sans-serif"
SIZE = 12  #: of letters in pixels; the least is 10
#: Okabe & Ito's palette, darkened or lightened to a contrast of at least 3 to 1 with the background.
PALETTE: dict[str, tuple[str, ...]] = {
    "light": ("#0072B2", "#D55E00", "#007F5F", "#B5568B", "#7A5200", "#2C7FB0", "#5F6368", "#000000"),
    "dark": ("#56B4E9", "#F0883A", "#2BC49B", "#E29AC4", "#E6C229", "#9DB2FF", "#B4B8BD", "#FFFFFF"),
}
#: Shapes and dashes show the same as colours.
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 1), (1, 3), (10, 4), (3, 5))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "stroke")
#: Below, at and above zero, such that text is readable on every shade between.
DIVERGING = {"light": ("#E58442", "#F1F1EE", "#62A8DC"), "dark": ("#AD4A06", "#2A2E33", "#1B639F")}
FAR = 4.0  #: standard errors at which a diverging scale is saturated
PAPER = {"light": "#FFFFFF", "dark": "#16181B"}
INK = {"light": "#1C2024", "dark": "#E6E6E3"}
CELL_INK = {"light": "#000000", "dark": "#FFFFFF"}
FAINT = {"light": "#C9CCD0", "dark": "#4A4F55"}
QUIET = {"light": "#5A626B", "dark": "#A4ABB3"}


def config(mode: Mode = "light") -> dict[str, Any]:
    """Return the Vega-Lite configuration of a mode, ``light`` or ``dark``; backgrounds are transparent.

    Charts name no colours of their own: marks have a ``style`` of those below, scales the ranges ``category``
    and ``diverging``, so that one drawing serves both modes.
    """
    ink, faint, quiet = INK[mode], FAINT[mode], QUIET[mode]
    first, second = PALETTE[mode][:2]
    plain = {"labelColor": ink, "titleColor": ink, "titleFontWeight": "normal", "labelFontSize": SIZE}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **plain,
            "domainColor": faint,
            "tickColor": faint,
            "gridColor": faint,
            "gridOpacity": 0.5,
            "titleFontSize": SIZE,
        },
        "legend": {**plain, "titleFontSize": SIZE, "labelLimit": 200},
        "header": {**plain, "labelFontWeight": "bold", "labelLimit": 220},
        "title": {"color": ink, "subtitleColor": ink, "anchor": "start", "fontSize": 14},
        "range": {"category": list(PALETTE[mode]), "diverging": list(DIVERGING[mode])},
        "rule": {"color": quiet},
        "text": {"color": ink},
        "style": {
            "first": {"color": first},
            "second": {"color": second},
            "quiet": {"color": quiet},
            "frame": {"stroke": CELL_INK[mode]},
            "hatch": {"stroke": CELL_INK[mode]},
            "flag": {"fill": CELL_INK[mode]},
            "cell-text": {"color": CELL_INK[mode]},
        },
    }
