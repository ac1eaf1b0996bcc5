"""Charts of the bundled study for the tests: made, drawn and counted."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import vl_convert
from panels import bundled_unmasked

from eventstudy.charts import chart
from eventstudy.charts.chart import ROOM, Chart
from eventstudy.charts.theme import config
from eventstudy.results.view import ResultView

EVENT, TICKER = "deepseek-selloff", "NVDA"
#: What a chart is asked for in the tests, where it cannot be drawn without a choice.
NEEDED: dict[str, dict[str, str]] = {
    "price_paths": {"event": EVENT},
    "car_paths": {"event": EVENT},
    "forest": {"event": EVENT},
    "residuals": {"event": EVENT, "ticker": TICKER},
}
ABSURD = (
    "<script>alert(1)</script>",
    "' + alert(1) + '",
    '"]); throw 1; ("',
    "back\\slash \\' \\\" \\u0027 ${x} {{y}}",
    "datum['value'] === null ? 1 : 0",
    "\u202eright to left\u202c",
)


def view_of(**changed: Any) -> ResultView:
    """Return a view of the unmasked study with other tables, another language, or another manifest."""
    tables = {**bundled_unmasked().tables, **changed.pop("tables", {})}
    lang = changed.pop("lang", "en")
    return ResultView(tables, {**bundled_unmasked().manifest, **changed}, lang)


def charted(view: ResultView, name: str) -> Chart:
    """Return a chart with what it needs."""
    return chart(view, name, **NEEDED.get(name, {}))


def drawn(made: Chart, room: int = ROOM) -> str:
    """Return a chart as SVG."""
    svg: str = vl_convert.vegalite_to_svg(json.dumps({**made.document(room), "config": config("light")}))
    return svg


def marks(svg: str) -> Counter[str]:
    """Count the marks of a drawing by what they are called in it."""
    return Counter(re.findall(r'aria-roledescription="([^"]*)"', svg))


def renamed(names: Mapping[str, str]) -> dict[str, pa.Table]:
    """Return the tables of the unmasked bundled result with other names wherever a key stands."""
    tables = {}
    for name, table in bundled_unmasked().tables.items():
        for column in {"event_id", "ticker", "key", "a", "b"} & set(table.column_names):
            texts = [names.get(text, text) for text in table[column].to_pylist()]
            place = table.column_names.index(column)
            table = table.set_column(place, column, pa.array(texts, pa.string()).dictionary_encode())
        tables[name] = table
    return tables
