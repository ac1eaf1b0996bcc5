"""The contract of every chart in the registry; a new one needs a line in `MARKS`."""

from __future__ import annotations

import inspect
import json
import re
from functools import cache
from typing import Any

import pytest

vl_convert = pytest.importorskip("vl_convert", reason="vl-convert, which draws charts, is not installed")
pytest.importorskip("altair", reason="altair, which charts are made with, is not installed")

from drawn import ABSURD, EVENT, NEEDED, charted, drawn, marks, renamed, view_of  # noqa: E402
from panels import bundled_unmasked  # noqa: E402

from eventstudy.charts import CHARTS, chart  # noqa: E402
from eventstudy.charts.chart import PHONE, ROOM, Chart  # noqa: E402
from eventstudy.errors import UnknownNameError, UsageError  # noqa: E402
from eventstudy.words import LANGUAGES, words  # noqa: E402

#: Marks of each chart by what they are called in the drawing, and the rows that each must be one of.
MARKS: dict[str, dict[str, tuple[str, ...]]] = {
    "strongest": {"point": ("rows",), "rule mark": ("rows",), "text mark": ("rows",)},
    "timeline": {"bar": ("bars",), "tick": ("bars",)},
    "heat_map": {"text mark": ("cells",)},
    "price_paths": {"point": ("path",)},
    "car_paths": {"point": ("path",)},
    "spread": {"bar": ("spread",)},
    "benchmarks": {"point": ("rows",)},
    "forest": {"point": ("rows",), "rule mark": ("rows",), "text mark": ("rows",)},
    "comparison": {"point": ("rows",), "rule mark": ("rows",), "text mark": ("differences", "heading")},
    "averages": {"point": ("averages",), "bar": ("averages",)},
    "residuals": {"point": ("residuals",)},
    "power": {"point": ("points",)},
    "specification_curve": {"point": ("points",), "tick": ("choices",)},
}
every_chart = pytest.mark.parametrize("name", CHARTS)
#: where each chart is drawn, which takes seconds: some by default, all in .ci/run
drawn_charts = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("timeline", "forest", "heat_map") else pytest.mark.more)
        for name in CHARTS
    ],
)


@cache
def bundled_drawing(name: str) -> str:
    return drawn(charted(bundled_unmasked().view(), name))


def _found(node: Any, keys: set[str], key: str = "") -> list[str]:
    """Return the texts that stand under certain keys of a document."""
    if isinstance(node, dict):
        return [
            text for name, value in node.items() if name != "values" for text in _found(value, keys, name)
        ]
    if isinstance(node, list):
        return [text for value in node for text in _found(value, keys, key)]
    return [node] if isinstance(node, str) and key in keys else []


@every_chart
def test_it_is_valid_and_every_row_is_a_mark(name: str) -> None:
    made = charted(bundled_unmasked().view(), name)
    few = {key: rows[:3] for key, rows in made.datasets.items()}  # the rows have no schema to be held against
    whole = Chart(made.draw, few, made.description).altair()
    assert whole.to_dict(validate=True)["datasets"].items() >= few.items()
    assert made.description.strip() and not made.empty
    counted, first = marks(bundled_drawing(name)), bundled_unmasked().view().first_label
    for mark, datasets in MARKS[name].items():  # of a chart with a chooser of windows, the first is drawn
        rows = [row for key in datasets for row in made.datasets[key] if row.get("window", first) == first]
        assert counted[mark] == len(rows) > 0, mark


@drawn_charts
def test_it_has_tooltips_and_fits_a_telephone(name: str) -> None:
    made = charted(bundled_unmasked().view(), name)
    assert '"tooltip"' in json.dumps(made.draw(ROOM).spec)
    found = re.search(r'width="([\d.]+)"', drawn(made, PHONE))
    assert found and float(found[1]) <= PHONE + 8, "the page has a margin of 8 pixels to spare"


@drawn_charts
def test_no_label_breaks_or_injects_anything(name: str) -> None:
    names = {
        **dict(
            zip(
                [EVENT, *(each for each in bundled_unmasked().view().event_ids if each != EVENT)],
                ABSURD,
                strict=False,
            )
        ),
        **dict(zip(("NVDA", "ORCL", "AMD", "GOOGL", "MSFT"), (f"{text}." for text in ABSURD), strict=False)),
    }
    selection = {key: names[value] for key, value in NEEDED.get(name, {}).items()}
    made = chart(view_of(tables=renamed(names)), name, **selection)
    assert marks(drawn(made)) == marks(bundled_drawing(name))
    vega = vl_convert.vegalite_to_vega(json.dumps(made.document()))
    for text in _found(vega, {"signal", "expr", "test", "update", "init"}):
        assert "alert(1)" not in text and "throw 1" not in text, text


@every_chart
def test_without_rows_it_is_empty_or_says_what_is_missing(name: str) -> None:
    none = view_of(tables={name: table.slice(0, 0) for name, table in bundled_unmasked().tables.items()})
    try:
        assert charted(none, name).empty
    except UnknownNameError as error:
        assert "\n" not in str(error)


@every_chart
def test_unknown_options_and_names_are_refused(name: str) -> None:
    view, needed = bundled_unmasked().view(), NEEDED.get(name, {})
    with pytest.raises(UnknownNameError):
        chart(view, name, **needed, evnt=EVENT)
    for option in list(inspect.signature(CHARTS[name]).parameters)[1:]:
        kept = {} if (name, option) == ("forest", "ticker") else needed  # of an event or of a ticker
        with pytest.raises(UnknownNameError):
            chart(view, name, **{**kept, option: "no such thing"})
    for option in needed:
        with pytest.raises(UsageError) as caught:
            chart(view, name, **{key: value for key, value in needed.items() if key != option})
        assert "\n" not in str(caught.value)


@every_chart
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_has_its_words_in_every_language(name: str, lang: str) -> None:
    made, known = charted(view_of(lang=lang), name), set(words(lang).texts.values())
    titles = {entry["title"] for entry in _tooltips(made.draw(ROOM).spec)}
    assert titles and titles <= known
    assert lang == "en" or made.description != charted(bundled_unmasked().view(), name).description


def _tooltips(node: Any) -> list[dict[str, str]]:
    if isinstance(node, list):
        return [entry for each in node for entry in _tooltips(each)]
    if not isinstance(node, dict):
        return []
    return [*node.get("tooltip", []), *(entry for each in node.values() for entry in _tooltips(each))]


@every_chart
def test_it_is_documented(name: str) -> None:
    told = inspect.getdoc(CHARTS[name]) or ""
    for option in list(inspect.signature(CHARTS[name]).parameters)[1:]:
        listed = rf"(?m)^(\w+, )*{option}(, \w+)*$"  # a line of the section Parameters
        assert re.search(listed, told), f"the docstring of {name} leaves out {option}"
    assert f"``{name}``" in (type(bundled_unmasked()).chart.__doc__ or ""), (
        "EventStudyResult.chart lists every chart"
    )


def test_what_is_no_chart_or_no_choice_is_refused() -> None:
    view = bundled_unmasked().view()
    with pytest.raises(UnknownNameError):
        chart(view, "pie")
    for name, selection in (
        ("forest", {"event": EVENT, "ticker": "NVDA"}),
        ("comparison", {"a": "NVDA", "b": "NVDA"}),
    ):
        with pytest.raises(UsageError):
            chart(view, name, **selection)
    with pytest.raises(UnknownNameError):
        chart(view, "averages", level="ticker", key="X")
