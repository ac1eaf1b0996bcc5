"""Charts: what each of them draws equals the tables, and figures for print."""

from __future__ import annotations

import base64
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from panels import bundled_unmasked

from eventstudy.charts import chart, print_charts
from eventstudy.charts.cells import largest_firm_days
from eventstudy.charts.chart import PHONE, ROOM
from eventstudy.charts.library import library
from eventstudy.charts.paths import price_rows
from eventstudy.charts.print_charts import MILLIMETRES, file_stem, save, save_figures
from eventstudy.charts.theme import CELL_INK, DIVERGING, INK, PALETTE, PAPER, QUIET
from eventstudy.design import Window
from eventstudy.errors import OutputError, UnknownNameError
from eventstudy.results.firm_day import first_interval
from eventstudy.results.view import ResultView
from eventstudy.study_result import EventStudyResult
from eventstudy.words.formatting import share

pytest.importorskip("vl_convert", reason="vl-convert, which draws charts, is not installed")
alt = pytest.importorskip("altair", reason="altair, which charts are made with, is not installed")

from drawn import ABSURD, EVENT, TICKER, charted, drawn, marks, renamed, view_of  # noqa: E402

LONG = "L" * 10_000
SAME_DF = 1e-3  #: the degrees of freedom of firm-events differ by a few
SAME = 1e-12  #: the chart computes what the table holds in another order of operations


@pytest.fixture(scope="module")
def result() -> EventStudyResult:
    """Every session is in every estimation window, so that tickers of an event share their sessions."""
    return bundled_unmasked()


@pytest.fixture(scope="module")
def view(result: EventStudyResult) -> ResultView:
    return result.view()


def test_one_drawing_serves_all_charts_of_a_kind(view: ResultView) -> None:
    for name, key in (("car_paths", "event"), ("forest", "event")):
        one, other = (chart(view, name, **{key: event}) for event in view.event_ids[:2])
        assert one.draw(ROOM).spec is other.draw(ROOM).spec
        assert one.datasets != other.datasets
    pairs = [chart(view, "comparison", a=a, b=b) for a, b in combinations(view.tickers, 2)]
    assert len({id(pair.draw(ROOM).spec) for pair in pairs}) == 1
    groups = [chart(view, "averages", level="ticker", key=ticker) for ticker in view.tickers]
    assert len({id(group.draw(ROOM).spec) for group in groups}) == 1


def test_the_heat_map_has_a_cell_per_firm_event_and_frames_and_hatches_where_they_belong(
    view: ResultView, result: EventStudyResult
) -> None:
    made = chart(view, "heat_map", window="CAR[-1,+1]")
    counted = marks(drawn(made))
    cells = [row for row in made.datasets["cells"] if row["window"] == "CAR[-1,+1]"]
    first = {(row["event"], row["ticker"]) for row in cells if row["mark"]}
    framed = len(first)
    named = {(row["event_ids"][0], row["ticker"]) for row in result.headline()["named_firm_days"]}
    assert named <= first and framed > 0
    assert counted["text mark"] == len(cells) == len(result.tables["events"])
    assert counted["rect mark"] == len(cells) + framed
    overlapping, hatched = (sum(row[name] for row in cells) for name in ("overlaps", "hatched"))
    assert counted["point"] == overlapping + hatched
    assert 0 < hatched < sum(bool(row["confounded"]) for row in view.firm_events)  # overlaps are a mark alone
    cars = result.tables["cars"].to_pylist()
    assert [row["value"] for row in made.datasets["cells"]] == [row["car"] for row in cars]
    assert [(row["low"], row["high"]) for row in made.datasets["cells"]] == [
        first_interval(row) for row in cars
    ]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_band_of_paths_is_that_of_the_forecast_at_the_confidence_of_the_design(
    result: EventStudyResult, confidence: float
) -> None:
    from scipy.stats import t

    design = {**result.manifest["design"], "confidence": confidence}
    made = chart(view_of(design=design), "car_paths", event=EVENT)
    freedom = {(row["event_id"], row["ticker"]): row["df"] for row in result.tables["events"].to_pylist()}
    table = [row for row in result.tables["abnormal_returns"].to_pylist() if row["event_id"] == EVENT]
    assert len(made.datasets["path"]) == len(table)
    for row, told in zip(made.datasets["path"], table, strict=True):
        assert (row["ticker"], row["tau"]) == (told["ticker"], told["tau"])
        if told["tau"] < 0:
            assert row["low"] is row["high"] is None or (row["low"], row["high"], row["tau"]) == (0, 0, -1)
            continue
        half = t.ppf((1 + confidence) / 2, freedom[EVENT, told["ticker"]]) * told["car0_se"]
        assert row["level"] == told["car0"]
        assert row["low"] == pytest.approx(told["car0"] - half, abs=SAME)
        assert row["high"] == pytest.approx(told["car0"] + half, abs=SAME)
    assert share(confidence) in made.description


def test_a_missing_return_ends_a_path_and_the_price_before_the_news_is_100(view: ResultView) -> None:
    import pyarrow as pa

    rows = view.tables["abnormal_returns"].to_pylist()
    for row in rows:
        if (row["event_id"], row["ticker"], row["tau"]) in ((EVENT, "NVDA", 2), (EVENT, "NVDA", -3)):
            row["ret"] = None
    changed = pa.Table.from_pylist(rows, view.tables["abnormal_returns"].schema)
    paths = price_rows(view_of(tables={"abnormal_returns": changed}), EVENT)
    levels = {row["tau"]: row["level"] for row in paths if row["ticker"] == "NVDA"}
    assert levels[-1] == 100
    assert [tau for tau, level in levels.items() if level is None] == [-5, -4, 2, 3, 4, 5]


def test_the_expected_counts_of_t_add_up(view: ResultView) -> None:
    rows = chart(view, "spread").datasets["spread"]
    known = [row for row in view.cars(view.first) if row["statistic"] is not None]
    assert sum(row["n"] for row in rows) == len(known)
    assert sum(row["expected"] for row in rows) == pytest.approx(len(known), abs=SAME)
    middle = [row["expected"] for row in rows if abs(row["middle"]) < 1]
    from scipy.stats import t

    assert sum(middle) / len(known) == pytest.approx(2 * t.cdf(1, known[0]["df"]) - 1, abs=SAME_DF)


def test_panels_stand_in_the_order_of_the_result(view: ResultView) -> None:
    svg = drawn(chart(view, "car_paths", event=EVENT))
    headings = re.findall(r">(NVDA|ORCL|AMD|GOOGL|MSFT)</text>", svg)
    assert headings == view.tickers != sorted(view.tickers)


def test_the_last_row_of_a_forest_is_what_its_rows_have_in_common(
    view: ResultView, result: EventStudyResult
) -> None:
    *rows, portfolio = chart(view, "forest", event=EVENT).datasets["rows"]
    told = [
        row
        for row in result.tables["averages"].to_pylist()
        if (row["level"], row["key"], row["tau"]) == ("event", EVENT, 0)
    ]
    half = 1.9696 * told[0]["aar_se"]  # t quantile of 248 degrees of freedom
    assert portfolio["pooled"] and not any(row["pooled"] for row in rows)
    assert portfolio["value"] == pytest.approx(told[0]["aar"], abs=SAME)
    assert portfolio["high"] - portfolio["value"] == pytest.approx(half, rel=1e-4)  # of the quantile above

    *rows, mean = chart(view, "forest", ticker=TICKER).datasets["rows"]
    dates: dict[str, list[float]] = {}
    for row in rows:
        dates.setdefault(row["day0"], []).append(row["value"])
    means = np.array([np.mean(values) for values in dates.values()])
    half = 2.0796 * means.std(ddof=1) / np.sqrt(len(means))  # t quantile of 21 degrees of freedom
    assert len(means) == 22 < len(rows)
    assert mean["value"] == pytest.approx(means.mean(), abs=SAME)
    assert mean["high"] - mean["value"] == pytest.approx(half, rel=1e-4)


def test_residuals_comparison_averages_and_power_are_the_tables(
    view: ResultView, result: EventStudyResult
) -> None:
    residuals = charted(view, "residuals").datasets
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
        made = chart(view, "comparison", a=pair[0], b=pair[1]).datasets["rows"]
        for one, other in zip(made[::2], made[1::2], strict=True):
            difference = one["value"] - other["value"]
            assert difference == pytest.approx(sign * differences[one["event"]], abs=SAME)

    averages = chart(view, "averages", level="event", key=EVENT)
    rows = [row for row in result.tables["averages"].to_pylist() if row["key"] == EVENT]
    for field in ("aar", "caar", "ci_low", "ci_high"):
        assert [row[field] for row in averages.datasets["averages"]] == [row[field] for row in rows]
    assert "one date" in averages.description and "cross-section" not in averages.description
    assert "cross-section of dates" in charted(view, "averages").description

    cars = [row for row in result.tables["cars"].to_pylist() if row["start"] == row["end"] == 0]
    points = charted(view, "power").datasets["points"]
    assert [(row["mde"], row["size"]) for row in points] == [(row["mde"], abs(row["car"])) for row in cars]


@pytest.mark.more
def test_endless_names_are_cut_where_they_are_drawn(result: EventStudyResult) -> None:
    odd = view_of(tables=renamed({TICKER: LONG}))
    found = re.search(r'width="([\d.]+)"', drawn(chart(odd, "forest", event=EVENT)))
    assert found and float(found[1]) < ROOM + 8


def test_a_study_without_figures_has_no_files(result: EventStudyResult, tmp_path: Path) -> None:
    none = {name: table.slice(0, 0) for name, table in result.tables.items()}
    assert save_figures(view_of(tables=none), tmp_path / "figures") == []
    assert "0 events" in EventStudyResult(none, result.manifest)._repr_html_()


MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<svg ", "pdf": b"%PDF-"}


@pytest.mark.parametrize("form", MAGIC)
def test_files_are_what_they_say_and_as_wide_as_the_column(
    view: ResultView, tmp_path: Path, form: str
) -> None:
    path = save(charted(view, "forest"), tmp_path / f"forest.{form}", column="single")
    content = path.read_bytes()
    assert content.startswith(MAGIC[form])
    if form == "svg":
        assert b'width="89mm"' in content and b"prefers" not in content
    elif form == "pdf":
        box = re.search(rb"MediaBox \[0 0 ([\d.]+)", content)
        assert box and float(box[1]) == pytest.approx(89 / 25.4 * 72, abs=0.1)
    else:
        assert int.from_bytes(content[16:20], "big") == pytest.approx(2 * 89 / 25.4 * 96, abs=2)
    save(charted(view, "forest"), tmp_path / f"again.{form}", column="single")
    assert form == "pdf" or (tmp_path / f"again.{form}").read_bytes() == content


@pytest.mark.more
def test_all_figures_of_a_study_are_written_under_safe_names(
    result: EventStudyResult, tmp_path: Path
) -> None:
    import pyarrow.compute as pc

    names = {EVENT: "../../etc/" + ABSURD[0]}
    tables = renamed(names)
    for name in ("events", "cars", "abnormal_returns", "specifications", "specification_curves"):
        table = tables[name]
        tables[name] = table.filter(pc.equal(table["event_id"].cast("string"), names[EVENT]))
    written = save_figures(view_of(tables=tables), tmp_path / "figures", "svg")
    files = sorted((tmp_path / "figures").iterdir())
    assert sorted(Path(name).name for name in written) == [file.name for file in files]
    assert all(re.fullmatch(r"[A-Za-z0-9_.+-]+\.svg", file.name) for file in files)
    kinds = Counter(re.match(r"[a-z-]+?(?=-[A-Z_]|-etc|\.|-all)", file.name)[0] for file in files)  # type: ignore[index]
    assert kinds["heat-map"] == 5 and kinds["forest-ticker"] == 5
    with pytest.raises(UnknownNameError):
        save_figures(view_of(), tmp_path, "jpeg")
    with pytest.raises(UnknownNameError):
        save(charted(view_of(), "power"), tmp_path / "power.jpeg")


def test_a_figure_that_cannot_be_written_leaves_what_was_there(view: ResultView, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OutputError):
        save(charted(view, "power"), tmp_path / "file" / "power.svg")
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
    assert page.startswith(f"<div><p>{result.headline()['sentences'][0]}</p>")
    assert "Event study: 23 events, 5 tickers" in page
    assert "+35.38%" in page and "oracle-300b-report" in page
    odd = EventStudyResult(renamed({"oracle-300b-report": ABSURD[0]}), result.manifest)
    (drawing,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert base64.b64decode(drawing).startswith(b"<svg") and "http" not in page.replace(drawing, "")
    assert "<script" not in odd._repr_html_() and "&lt;script&gt;" in odd._repr_html_()
    shown = result.chart("forest", event=EVENT)
    assert isinstance(shown, alt.TopLevelMixin)
    assert shown.to_dict()["datasets"]["rows"][0]["ticker"] == TICKER


def test_a_chart_in_a_notebook_has_a_drawing_and_needs_no_network(result: EventStudyResult) -> None:
    shown = result.chart("forest", event=EVENT)
    bundle = shown._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"application/vnd.vegalite.v6+json", "image/svg+xml", "text/plain"}
    assert bundle["application/vnd.vegalite.v6+json"]["datasets"]["rows"][0]["ticker"] == TICKER
    assert bundle["image/svg+xml"].startswith("<svg") and "<script" not in bundle["image/svg+xml"]
    names = marks(bundle["image/svg+xml"])
    assert names["point"] == len(shown.to_dict()["datasets"]["rows"])
    with alt.renderers.enable("mimetype"):  # what the user has chosen stands
        assert "image/svg+xml" not in result.chart("forest", event=EVENT)._repr_mimebundle_()
    assert shown.properties(width=200).to_dict()["width"] == 200  # it stays an altair chart


def test_the_largest_firm_days_stand_against_every_benchmark_of_the_table(
    view: ResultView, result: EventStudyResult
) -> None:
    rows = chart(view, "benchmarks").datasets["rows"]
    first = result.benchmarks.query("start == 0 and end == 0")
    labels = list(dict.fromkeys(row["label"] for row in rows))
    assert labels == [row["label"] for row in chart(view, "strongest").datasets["rows"]] and len(labels) == 12
    for label in labels:
        ticker, event = label.split(" · ")
        own = first[(first["event_id"] == event) & (first["ticker"] == ticker)]
        shown = {row["benchmark"]: row["value"] for row in rows if row["label"] == label}
        assert sorted(shown.values()) == sorted(own["car"].dropna()) and len(shown) > 1
    alone = {**result.tables, "benchmarks": result.tables["benchmarks"].slice(0, 0)}
    assert chart(view_of(tables=alone), "benchmarks").empty


def test_a_study_of_many_events_has_figures_of_the_largest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_charts, "MOST_EVENTS", 2)
    names = [each.name for each in print_charts._study(bundled_unmasked().view())]
    largest = [row["event"] for row in largest_firm_days(bundled_unmasked().view(), Window(0, 0))]
    first, second = list(dict.fromkeys(largest))[:2]
    paths = [name for name in names if name.startswith("price-paths-")]
    assert paths == [f"price-paths-{first}", f"price-paths-{second}"]
    assert not any(name.startswith("heat-map") for name in names)
    assert {"strongest", "timeline", "averages-all", "spread", "benchmarks", "power"} <= set(names)


def test_a_narrow_drawing_keeps_the_size_of_its_letters(view: ResultView) -> None:
    spec = chart(view, "spread").document(PHONE)
    svg = print_charts.rendered(spec, "svg", "double").decode()
    widths = [float(found) for found in re.findall(r'<svg[^>]*? width="([\d.]+)', svg)]
    assert widths[0] == MILLIMETRES["double"] and widths[1] <= PHONE + 8
    (box,) = re.findall(r'width="183mm"[^>]*viewBox="0 0 ([\d.]+)', svg)
    assert float(box) == pytest.approx(183 / 25.4 * 96, abs=0.01)


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
