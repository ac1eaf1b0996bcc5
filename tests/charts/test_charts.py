"""Charts: what they draw equals the tables, every mark is there, no label breaks or injects anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from panels import bundled

from eventstudy.charts import CHARTS, chart
from eventstudy.charts.chart import PHONE, ROOM, Chart
from eventstudy.charts.library import library
from eventstudy.charts.print_charts import file_stem, save, save_figures
from eventstudy.charts.source import Source
from eventstudy.charts.theme import CELL_INK, DIVERGING, INK, PALETTE, PAPER, QUIET, config
from eventstudy.errors import OutputError, UnknownNameError, UsageError
from eventstudy.study_result import EventStudyResult
from eventstudy.words import words

vl_convert = pytest.importorskip(
    "vl_convert", reason="charts are drawn by vl-convert, which is not installed"
)
alt = pytest.importorskip("altair", reason="charts are made with altair, which is not installed")

EVENT, TICKER = "deepseek-selloff", "NVDA"
NEEDED: dict[str, dict[str, str]] = {
    "car_paths": {"event": EVENT},
    "forest": {"event": EVENT},
    "residuals": {"event": EVENT, "ticker": TICKER},
}
#: Marks of each chart by what they are called in the drawing, and the rows that each must be one of.
MARKS: dict[str, dict[str, tuple[str, ...]]] = {
    "strongest": {"point": ("rows",), "rule mark": ("rows",), "text mark": ("rows",)},
    "timeline": {"bar": ("bars",), "tick": ("bars",)},
    "car_paths": {"point": ("path",)},
    "forest": {"point": ("rows",), "rule mark": ("rows",), "text mark": ("rows",)},
    "comparison": {"point": ("rows",), "rule mark": ("rows",), "text mark": ("differences", "heading")},
    "averages": {"point": ("averages",), "bar": ("averages",)},
    "residuals": {"point": ("residuals",)},
    "power": {"point": ("points",)},
}
ABSURD = (
    "<script>alert(1)</script>",
    "' + alert(1) + '",
    '"]); throw 1; ("',
    "back\\slash \\' \\\" \\u0027 ${x} {{y}}",
    "datum['value'] === null ? 1 : 0",
    "‮right to left‬",
)
LONG = "L" * 1_000
SAME = 1e-12  #: the chart computes what the table holds in another order of operations


@pytest.fixture(scope="module")
def result() -> EventStudyResult:
    return bundled()


def source_of(result: EventStudyResult, **changed: Any) -> Source:
    tables = {**result.tables, **changed.pop("tables", {})}
    return Source.of(tables, {**result.manifest, **changed}, words("en"))


@pytest.fixture(scope="module")
def source(result: EventStudyResult) -> Source:
    return source_of(result)


def charted(source: Source, name: str) -> Chart:
    return chart(source, name, **NEEDED.get(name, {}))


def drawn(made: Chart, room: int = ROOM) -> str:
    svg: str = vl_convert.vegalite_to_svg(json.dumps({**made.document(room), "config": config("light")}))
    return svg


def marks(svg: str) -> Counter[str]:
    return Counter(re.findall(r'aria-roledescription="([^"]*)"', svg))


def renamed(result: EventStudyResult, names: Mapping[str, str]) -> dict[str, pa.Table]:
    """Return the tables with other names wherever a key stands."""
    tables = {}
    for name, table in result.tables.items():
        for column in {"event_id", "ticker", "key", "a", "b"} & set(table.column_names):
            texts = [names.get(text, text) for text in table[column].to_pylist()]
            place = table.column_names.index(column)
            table = table.set_column(place, column, pa.array(texts, pa.string()).dictionary_encode())
        tables[name] = table
    return tables


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_valid_and_every_row_is_a_mark(source: Source, name: str) -> None:
    made = charted(source, name)
    few = {key: rows[:3] for key, rows in made.datasets.items()}  # the rows have no schema to be held against
    whole = Chart(made.draw, few, made.description).altair()
    assert whole.to_dict(validate=True)["datasets"].items() >= few.items()
    assert made.description.strip() and not made.empty
    counted = marks(drawn(made))
    for mark, datasets in MARKS.get(name, {}).items():
        assert counted[mark] == sum(len(made.datasets[key]) for key in datasets), mark


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_tooltips_and_fits_a_telephone(source: Source, name: str) -> None:
    made = charted(source, name)
    assert '"tooltip"' in json.dumps(made.draw(ROOM).spec)
    found = re.search(r'width="([\d.]+)"', drawn(made, PHONE))
    assert found and float(found[1]) <= PHONE + 8, "the page has a margin of 8 pixels to spare"


def test_one_drawing_serves_all_charts_of_a_kind(source: Source) -> None:
    for name, key in (("car_paths", "event"), ("forest", "event")):
        one, other = (chart(source, name, **{key: event}) for event in source.event_ids[:2])
        assert one.draw(ROOM).spec is other.draw(ROOM).spec
        assert one.datasets != other.datasets
    pairs = [chart(source, "comparison", a=a, b=b) for a, b in combinations(source.tickers, 2)]
    assert len({id(pair.draw(ROOM).spec) for pair in pairs}) == 1
    groups = [chart(source, "averages", level="ticker", key=ticker) for ticker in source.tickers]
    assert len({id(group.draw(ROOM).spec) for group in groups}) == 1


def test_the_heat_map_has_a_cell_per_firm_event_and_frames_and_hatches_where_they_belong(
    source: Source, result: EventStudyResult
) -> None:
    made = chart(source, "heat_map", window="CAR[-1,+1]")
    counted = marks(drawn(made))
    cells = [row for row in made.datasets["cells"] if row["window"] == "CAR[-1,+1]"]
    framed = sum(row["holm"] < 0.05 for row in cells)
    assert counted["text mark"] == len(cells) == len(result.tables["events"])
    assert counted["rect mark"] == len(cells) + framed
    assert counted["point"] == sum(row["hatched"] for row in cells) > 0
    cars = result.tables["cars"].to_pylist()
    assert [row["value"] for row in made.datasets["cells"]] == [row["car"] for row in cars]
    assert [(row["low"], row["high"]) for row in made.datasets["cells"]] == [
        (row["ci_low"], row["ci_high"]) for row in cars
    ]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_band_of_paths_is_that_of_the_forecast_at_the_confidence_of_the_design(
    result: EventStudyResult, confidence: float
) -> None:
    from scipy.stats import t

    design = {**result.manifest["design"], "confidence": confidence}
    made = chart(source_of(result, design=design), "car_paths", event=EVENT)
    freedom = {(row["event_id"], row["ticker"]): row["df"] for row in result.tables["events"].to_pylist()}
    table = [row for row in result.tables["abnormal_returns"].to_pylist() if row["event_id"] == EVENT]
    assert len(made.datasets["path"]) == len(table)
    for row, told in zip(made.datasets["path"], table, strict=True):
        half = t.ppf((1 + confidence) / 2, freedom[EVENT, told["ticker"]]) * told["car_se"]
        assert (row["ticker"], row["tau"], row["car"]) == (told["ticker"], told["tau"], told["car"])
        assert row["low"] == pytest.approx(told["car"] - half, abs=SAME)
        assert row["high"] == pytest.approx(told["car"] + half, abs=SAME)
    assert f"{100 * confidence:g} %" in made.description


def test_panels_stand_in_the_order_of_the_result(source: Source) -> None:
    svg = drawn(chart(source, "car_paths", event=EVENT))
    headings = re.findall(r">(NVDA|ORCL|AMD|GOOGL|MSFT)</text>", svg)
    assert headings == source.tickers != sorted(source.tickers)


def test_the_last_row_of_a_forest_is_what_its_rows_have_in_common(
    source: Source, result: EventStudyResult
) -> None:
    *rows, portfolio = chart(source, "forest", event=EVENT).datasets["rows"]
    told = [
        row
        for row in result.tables["averages"].to_pylist()
        if (row["level"], row["key"], row["tau"]) == ("event", EVENT, 0)
    ]
    half = 1.9696 * told[0]["aar_se"]  # t quantile of 248 degrees of freedom
    assert portfolio["pooled"] and not any(row["pooled"] for row in rows)
    assert portfolio["value"] == pytest.approx(told[0]["aar"], abs=SAME)
    assert portfolio["high"] - portfolio["value"] == pytest.approx(half, rel=1e-4)  # of the quantile above

    *rows, mean = chart(source, "forest", ticker=TICKER).datasets["rows"]
    dates: dict[str, list[float]] = {}
    for row in rows:
        dates.setdefault(row["day0"], []).append(row["value"])
    means = np.array([np.mean(values) for values in dates.values()])
    half = 2.0796 * means.std(ddof=1) / np.sqrt(len(means))  # t quantile of 21 degrees of freedom
    assert len(means) == 22 < len(rows)
    assert mean["value"] == pytest.approx(means.mean(), abs=SAME)
    assert mean["high"] - mean["value"] == pytest.approx(half, rel=1e-4)


def test_residuals_comparison_averages_and_power_are_the_tables(
    source: Source, result: EventStudyResult
) -> None:
    residuals = charted(source, "residuals").datasets
    told = [
        row["residual"]
        for row in result.tables["residuals"].to_pylist()
        if (row["event_id"], row["ticker"]) == (EVENT, TICKER)
    ]
    assert [row["residual"] for row in residuals["residuals"]] == told
    half = residuals["band"][0]["high"]
    assert [row["outside"] for row in residuals["residuals"]] == [abs(value) > half for value in told]

    differences = {
        row["key"]: row["difference"]
        for row in result.tables["comparisons"].to_pylist()
        if (row["level"], row["a"], row["b"], row["start"], row["end"]) == ("event", "NVDA", "AMD", 0, 0)
    }
    for sign, pair in ((1, ("NVDA", "AMD")), (-1, ("AMD", "NVDA"))):
        made = chart(source, "comparison", a=pair[0], b=pair[1]).datasets["rows"]
        for one, other in zip(made[::2], made[1::2], strict=True):
            difference = one["value"] - other["value"]
            assert difference == pytest.approx(sign * differences[one["event"]], abs=SAME)

    averages = chart(source, "averages", level="event", key=EVENT)
    rows = [row for row in result.tables["averages"].to_pylist() if row["key"] == EVENT]
    for field in ("aar", "caar", "ci_low", "ci_high"):
        assert [row[field] for row in averages.datasets["averages"]] == [row[field] for row in rows]
    assert "one date" in averages.description and "cross-section" not in averages.description
    assert "cross-section of dates" in charted(source, "averages").description

    cars = [row for row in result.tables["cars"].to_pylist() if row["start"] == row["end"] == 0]
    points = charted(source, "power").datasets["points"]
    assert [(row["mde"], row["size"]) for row in points] == [(row["mde"], abs(row["car"])) for row in cars]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("timeline", "forest", "heat_map") else pytest.mark.more)
        for name in CHARTS
    ],
)
def test_no_label_breaks_or_injects_anything(result: EventStudyResult, name: str) -> None:
    events = list(dict.fromkeys(result.tables["events"]["event_id"].to_pylist()))
    names = {
        **dict(zip([EVENT, *(event for event in events if event != EVENT)], ABSURD, strict=False)),
        **dict(zip(("NVDA", "ORCL", "AMD", "GOOGL", "MSFT"), (f"{text}." for text in ABSURD), strict=False)),
    }
    absurd = source_of(result, tables=renamed(result, names))
    selection = {key: names[value] for key, value in NEEDED.get(name, {}).items()}
    made, plain = chart(absurd, name, **selection), charted(source_of(result), name)
    assert marks(drawn(made)) == marks(drawn(plain))
    vega = vl_convert.vegalite_to_vega(json.dumps(made.document()))
    for text in _expressions(vega):
        assert "alert(1)" not in text and "throw 1" not in text, text


def test_endless_names_are_cut_where_they_are_drawn(result: EventStudyResult) -> None:
    odd = source_of(result, tables=renamed(result, {TICKER: LONG}))
    found = re.search(r'width="([\d.]+)"', drawn(chart(odd, "forest", event=EVENT)))
    assert found and float(found[1]) < ROOM + 8


def _expressions(node: Any, key: str = "") -> list[str]:
    """Return what Vega would evaluate: signals, expressions, tests, updates that stand as texts."""
    if isinstance(node, dict):
        return [
            text for name, value in node.items() if name != "values" for text in _expressions(value, name)
        ]
    if isinstance(node, list):
        return [text for value in node for text in _expressions(value, key)]
    return [node] if isinstance(node, str) and key in {"signal", "expr", "test", "update", "init"} else []


def test_what_is_not_there_is_named(source: Source) -> None:
    for name, selection in (
        ("heat_map", {"window": "CAR[-9,+9]"}),
        ("car_paths", {"event": "deepsek-selloff"}),
        ("forest", {"ticker": "NVDIA"}),
        ("comparison", {"a": "NVDA", "b": "X"}),
        ("averages", {"level": "planet"}),
        ("averages", {"level": "ticker", "key": "X"}),
        ("car_paths", {"evnt": EVENT}),
        ("pie", {}),
    ):
        with pytest.raises(UnknownNameError):
            chart(source, name, **selection)
    for name, selection in (
        ("forest", {}),
        ("forest", {"event": EVENT, "ticker": TICKER}),
        ("car_paths", {}),
        ("comparison", {"a": "NVDA", "b": "NVDA"}),
    ):
        with pytest.raises(UsageError) as caught:
            chart(source, name, **selection)
        assert "\n" not in str(caught.value)


def test_a_study_without_figures_has_empty_charts_and_no_files(
    result: EventStudyResult, tmp_path: Path
) -> None:
    none = {name: table.slice(0, 0) for name, table in result.tables.items()}
    source = source_of(result, tables=none)
    assert chart(source, "timeline").empty
    with pytest.raises(UnknownNameError):
        chart(source, "heat_map")
    assert save_figures(source, tmp_path / "figures") == []
    assert "0 events" in EventStudyResult(none, result.manifest)._repr_html_()


MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<svg ", "pdf": b"%PDF-"}


@pytest.mark.parametrize("form", MAGIC)
def test_files_are_what_they_say_and_as_wide_as_the_column(source: Source, tmp_path: Path, form: str) -> None:
    path = save(charted(source, "forest"), tmp_path / f"forest.{form}", column="single")
    content = path.read_bytes()
    assert content.startswith(MAGIC[form])
    if form == "svg":
        assert b'width="89mm"' in content and b"prefers" not in content
    elif form == "pdf":
        box = re.search(rb"MediaBox \[0 0 ([\d.]+)", content)
        assert box and float(box[1]) == pytest.approx(89 / 25.4 * 72, abs=0.1)
    else:
        assert int.from_bytes(content[16:20], "big") == pytest.approx(2 * 89 / 25.4 * 96, abs=2)
    save(charted(source, "forest"), tmp_path / f"again.{form}", column="single")
    assert form == "pdf" or (tmp_path / f"again.{form}").read_bytes() == content


def test_all_figures_of_a_study_are_written_under_safe_names(
    result: EventStudyResult, tmp_path: Path
) -> None:
    import pyarrow.compute as pc

    names = {EVENT: "../../etc/" + ABSURD[0]}
    tables = renamed(result, names)
    for name in ("events", "cars", "abnormal_returns"):
        table = tables[name]
        tables[name] = table.filter(pc.equal(table["event_id"].cast("string"), names[EVENT]))
    written = save_figures(source_of(result, tables=tables), tmp_path / "figures", "svg")
    files = sorted((tmp_path / "figures").iterdir())
    assert sorted(Path(name).name for name in written) == [file.name for file in files]
    assert all(re.fullmatch(r"[A-Za-z0-9_.+-]+\.svg", file.name) for file in files)
    kinds = Counter(re.match(r"[a-z-]+?(?=-[A-Z_]|-etc|\.|-all)", file.name)[0] for file in files)  # type: ignore[index]
    assert kinds["heat-map"] == 5 and kinds["forest-ticker"] == 5
    with pytest.raises(UnknownNameError):
        save_figures(source_of(result), tmp_path, "jpeg")
    with pytest.raises(UnknownNameError):
        save(charted(source_of(result), "power"), tmp_path / "power.jpeg")


def test_a_figure_that_cannot_be_written_leaves_what_was_there(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OutputError):
        save(charted(source, "power"), tmp_path / "file" / "power.svg")
    assert (tmp_path / "file").read_text() == "kept"


def test_names_of_files_are_deterministic_and_keep_apart() -> None:
    assert file_stem("forest", "amd-openai-deal") == "forest-amd-openai-deal"
    stems = [
        file_stem("forest", text)
        for text in (*ABSURD, LONG, "a/b", "a\\b", "a b", "a_b", "", ".", "..", "한국")
    ]
    assert len(set(stems)) == len(stems)
    assert all(re.fullmatch(r"forest[A-Za-z0-9_.+-]*", stem) and len(stem) < 100 for stem in stems)


def test_notebooks_show_results_and_charts(result: EventStudyResult) -> None:
    page = result._repr_html_()
    assert page.startswith("<table><caption>Event study: 23 events, 5 tickers")
    assert "+35.38%" in page and "oracle-300b-report" in page
    odd = EventStudyResult(renamed(result, {"oracle-300b-report": ABSURD[0]}), result.manifest)
    assert "<script" not in odd._repr_html_() and "&lt;script&gt;" in odd._repr_html_()
    shown = result.chart("forest", event=EVENT)
    assert isinstance(shown, alt.TopLevelMixin)
    assert shown.to_dict()["datasets"]["rows"][0]["ticker"] == TICKER


def test_the_library_is_kept_and_made_again_where_it_is_damaged(own_cache: Path) -> None:
    library.cache_clear()
    first = library()
    (file,) = (own_cache / "eventstudy" / "vega").iterdir()
    library.cache_clear()
    assert library() == first
    file.write_text(file.read_text(encoding="utf-8")[:-5], encoding="utf-8")
    library.cache_clear()
    assert library() == first and "vegaEmbed" in first


def _linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear: np.ndarray = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it."""
    light = sorted(float(_linear(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_stand_out(mode: str) -> None:
    paper = PAPER[mode]
    assert min(contrast(colour, paper) for colour in PALETTE[mode]) >= 3  # graphics
    assert min(contrast(ink, paper) for ink in (INK[mode], QUIET[mode])) >= 4.5  # text
    assert min(contrast(CELL_INK[mode], shade) for shade in DIVERGING[mode]) >= 4.5


#: What a dichromat sees of linear RGB. Machado, Oliveira & Fernandes 2009, IEEE TVCG 15(6),
#: doi:10.1109/TVCG.2009.113, severity 1.0.
DICHROMATS = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
APART = 9.0  #: CIE 1976 difference; 2.3 is just noticeable


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.clip(to_xyz @ linear, 0, None) / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("sight", DICHROMATS)
def test_the_first_colours_differ_for_the_colour_blind(mode: str, sight: str) -> None:
    seen = [_lab(np.array(DICHROMATS[sight]) @ _linear(colour)) for colour in PALETTE[mode][:5]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > APART
    below, _, above = (_lab(np.array(DICHROMATS[sight]) @ _linear(colour)) for colour in DIVERGING[mode])
    assert float(np.linalg.norm(below - above)) > 5 * APART
