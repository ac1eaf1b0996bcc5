"""Colours and type of all charts: safe for the colour-blind, readable in grey, light and dark."""

from __future__ import annotations

from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans KR', sans-serif"
#: Okabe & Ito's palette, in an order whose greys differ; shapes and dashes repeat what colour says.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#000000")
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 1), (1, 3), (10, 4), (3, 5))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "stroke")
BELOW, NEUTRAL, ABOVE = "#C2570C", "#E8E8E4", "#1F6FB2"  #: ends and middle of every diverging scale
FAR = 4.0  #: standard errors at which a diverging scale is saturated
INK = {"light": "#1C2024", "dark": "#E6E6E3"}
FAINT = {"light": "#C9CCD0", "dark": "#4A4F55"}


def config(mode: str = "light") -> dict[str, Any]:
    """Return the Vega-Lite configuration of a mode, ``light`` or ``dark``; backgrounds are transparent."""
    ink, faint = INK[mode], FAINT[mode]
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": ink,
            "titleColor": ink,
            "titleFontWeight": "normal",
            "domainColor": faint,
            "tickColor": faint,
            "gridColor": faint,
            "gridOpacity": 0.5,
            "labelFontSize": 12,
            "titleFontSize": 12,
        },
        "legend": {"labelColor": ink, "titleColor": ink, "titleFontWeight": "normal", "labelFontSize": 12},
        "header": {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "labelFontWeight": "bold"},
        "title": {"color": ink, "subtitleColor": ink, "anchor": "start", "fontSize": 14},
        "range": {"category": list(PALETTE)},
        "rule": {"color": ink},
        "text": {"color": ink},
    }
