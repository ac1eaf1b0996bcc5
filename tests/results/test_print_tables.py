"""Tables for a paper: every figure is that of the result, and the LaTeX compiles and fits the page."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panels import bundled, random_returns, study
from tools import tool

import eventstudy as es
from eventstudy import results as store
from eventstudy.errors import UnknownNameError
from eventstudy.results.formats.paper import PRINT_TABLES
from eventstudy.results.formats.print_cars import ACROSS, cars_by_event
from eventstudy.results.formats.print_means import caars, caars_by_group
from eventstudy.results.formats.print_regressions import regressions_for_print
from eventstudy.results.formats.print_table import PaperStyle, PrintTable
from eventstudy.results.formats.raw_tables import WIDEST, raw_tables
from eventstudy.results.formats.typeset import GAP, LETTERS, PACKAGES, PAGE, breakable, escaped, typeset
from eventstudy.results.formats.word import LINE, SIDES
from eventstudy.results.view import EXPECTED, LISTED_OF_MORE
from eventstudy.study_result import EventStudyResult
from eventstudy.words import LANGUAGES
from eventstudy.words.formatting import pvalue

STYLE = PaperStyle()
FOUR_DIGITS = 5.1e-4  #: half a unit of the fourth digit of a coefficient
ROUNDED = 0.005  #: half a unit of the second decimal, of percent or of t


def random_study(events: int, tickers: int, **design: Any) -> EventStudyResult:
    """Return a study of some events of each of some tickers."""
    rng = np.random.default_rng(events * 100 + tickers)
    names = [f"T{number}" for number in range(tickers)]
    days = rng.integers(300, 390, events)
    rows = [(f"event_{at}", name, int(day)) for at, day in enumerate(days) for name in names]
    return study(random_returns(rng, names), rows, **design)


def figures(row: Sequence[str]) -> list[float]:
    return [float(cell.strip("()").replace(",", "")) for cell in row[1:]]


@pytest.mark.parametrize("brackets", ["t", "se"])
def test_every_abnormal_return_is_that_of_the_result(brackets: Any) -> None:
    result = bundled()
    (table,) = cars_by_event(result.view(), PaperStyle(brackets))
    cars = result.cars[(result.cars["start"] == 0) & (result.cars["end"] == 0)]
    name, scale = ("statistic", 1.0) if brackets == "t" else ("car_se", 100.0)
    assert table.head[1:] == tuple(cars["ticker"].unique()) and len(table.rows) == 2 * 23
    for event, (above, below) in zip(
        result.view().event_ids, zip(table.rows[::2], table.rows[1::2], strict=True), strict=True
    ):
        own = cars[cars["event_id"] == event].set_index("ticker").loc[list(table.head[1:])]
        np.testing.assert_allclose(figures(above), 100 * own["car"], atol=ROUNDED)
        np.testing.assert_allclose(figures(below), scale * own[name], atol=ROUNDED)
        assert above[0] == event and re.fullmatch(r"\(-?\d+\.\d\d\)", below[1])


def test_means_and_their_tests_are_those_of_the_result() -> None:
    result = bundled()
    view, tests = result.view(), result.tests
    (table,) = caars(view, STYLE)
    halves = [table.rows[1:6], table.rows[7:]]
    for (level, key), rows in zip((("all", "all"), EXPECTED), halves, strict=True):
        for window, row in zip(view.windows, rows, strict=True):
            own = tests[(tests["level"] == level) & (tests["key"] == key) & (tests["measure"] == "CAR")]
            own = own[(own["start"] == window.start) & (own["end"] == window.end)]
            t = own[(own["test"] == "cross_section_t") & (own["unit"] == "date")].iloc[0]
            z = own[(own["test"] == "bmp_adj_t") & (own["unit"] == "firm-event")].iloc[0]
            assert float(row[3]) == pytest.approx(
                100 * float(view.mean_car(level, key, window) or 0), abs=ROUNDED
            )
            assert row[1:3] == (str(z["n"]), str(t["n_dates"]))
            shown = [t["statistic"], t["pvalue"], z["statistic"], z["pvalue"]]
            np.testing.assert_allclose([float(cell) for cell in row[4:]], shown, atol=ROUNDED)


def test_sub_samples_are_asked_for(tmp_path: Path) -> None:
    saved = store.load(bundled().to_parquet(tmp_path / "results"))
    files = store.export(saved, format="latex", out=str(tmp_path / "tex"))
    assert [Path(file).name for file in files] == ["caars.tex", "cars_by_event.tex"]
    wanted = ["caars_by_group", "attrition", "tests"]
    files = store.export(saved, format="latex", out=str(tmp_path / "more"), tables=wanted)
    assert {Path(file).stem for file in files} == set(wanted)
    kinds = set(bundled().events["kind"])
    (groups,) = caars_by_group(bundled().view(), STYLE)
    assert (
        {"all", "as expected"}
        < {row[0] for row in groups.rows if len(row) > 1}
        <= {*kinds, "all", "as expected"}
    )


def test_stars_are_off_by_default_and_follow_the_p_value() -> None:
    result = bundled()
    (bare,) = cars_by_event(result.view(), STYLE)
    starred, more = cars_by_event(result.view(), PaperStyle(stars=True))
    rows = (*starred.rows, *more.rows)
    assert "*" not in "".join(cell for row in bare.rows for cell in row)
    cars = result.cars[(result.cars["start"] == 0) & (result.cars["end"] == 0)]
    for level, stars in ((0.01, 3), (0.05, 2), (0.1, 1)):
        shown = sum(cell.count("*") >= stars for row in rows for cell in row)
        assert shown == (cars["pvalue"] <= level).sum() > 0
    assert "5 % (**)" in starred.notes and "Stars" not in bare.notes
    with pytest.raises(UnknownNameError, match=r"'p'.*allowed: t, se"):
        PaperStyle("p")  # type: ignore[arg-type]


def test_many_tickers_are_parts_of_equal_width_and_few_events_a_list() -> None:
    parts = cars_by_event(random_study(3, 11).view(), STYLE)
    assert [len(part.head) - 1 for part in parts] == [4, 4, 3] and max(
        len(part.head) for part in parts
    ) <= 1 + ACROSS
    assert [part.name for part in parts] == ["cars_by_event_1", "cars_by_event_2", "cars_by_event_3"]
    (listed,) = cars_by_event(random_study(1, 3).view(), STYLE)
    assert [row[1] for row in listed.rows] == ["T0", "T1", "T2"] and len(listed.head) == 6


def test_of_many_firm_events_the_largest_are_shown_and_it_is_said() -> None:
    view = random_study(310, 1).view()
    (table,) = cars_by_event(view, STYLE)
    assert len(table.rows) == LISTED_OF_MORE and "the 40 of 310 firm-events" in table.notes
    shown = [abs(float(row[4].strip("()"))) for row in table.rows]
    assert shown == sorted(shown, reverse=True)


def test_a_mean_of_one_date_has_no_test_and_skipped_ones_say_so() -> None:
    result = random_study(1, 1)
    (table,) = caars(result.view(), STYLE)
    car = result.cars.iloc[0]["car"]
    assert table.rows[0][1:] == ("1", "1", f"{100 * car:.2f}", "-", "-", "-", "-")
    early = study(random_returns(np.random.default_rng(1), ("A",)), [("early", "A", 10), ("late", "A", 350)])
    (listed,) = cars_by_event(early.view(), STYLE)
    assert listed.rows[0][3:] == ("-", "", "-") and "skipped" in listed.notes


def test_a_number_is_aligned_and_text_is_escaped() -> None:
    rows = (("a_b", "-1,234.50"), ("x", "(<0.001)**"), ("y", "-"), ("z", "<0.001"), ("w", "n/a & b"))
    text = typeset(PrintTable("one", "c", ("e", "n_1"), rows, (False, True), "50 %"))
    assert "table-format = -4.3" in text and "{n\\_1}" in text and "50 \\%" in text
    assert "a\\_b & -1234.50 \\\\" in text and "y & {--} \\\\" in text and "{n/a \\& b}" in text
    assert "z & {\\textless{}}0.001 \\\\" in text
    assert breakable("A" * 30).count("\\allowbreak{}") == 2 and breakable("short_name") == "short\\_name"
    assert escaped(r"\input{x}") == r"\textbackslash{}input\{x\}"


def test_a_long_name_wraps_and_the_columns_fit_the_line() -> None:
    rows = (("event " * 20, "T" * 60, "1.25"),) * (PAGE + 1)
    text = typeset(PrintTable("long", "c", ("e", "t", "x"), rows, (False, False, True)))
    widths = [int(found) for found in re.findall(r"p\{(\d+)pt\}", text)]
    assert len(widths) == 2 and sum(widths) <= LETTERS * 4.25 and "\\begin{longtable}" in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PRINT_TABLES)
def test_they_have_the_words_of_every_language(lang: str, name: str) -> None:
    for table in PRINT_TABLES[name](bundled().view(lang), PaperStyle(stars=True)):
        assert table.caption and table.notes and len(table.head) == len(table.numbers)


def test_a_wide_result_table_is_parts_that_fit_and_lose_nothing() -> None:
    table = bundled().tables["cars"].slice(0, 7)
    for room, gap in ((LETTERS, GAP), (LINE, SIDES)):
        parts = raw_tables("cars", table, room, gap)
        heads = [name for part in parts for name in part.head if name != "#"]
        assert heads == table.column_names and len(parts) > 2
        for part in parts:
            cells = zip(part.head, *part.rows, strict=True)
            widths = [max(len(own[0]), *(min(len(cell), WIDEST) for cell in own[1:])) for own in cells]
            assert sum(widths) + gap * len(widths) <= room and len(part.rows) == 7
            assert [row[0] for row in part.rows] == [str(number) for number in range(1, 8)]
    (narrow,) = raw_tables("cars", table.select(["event_id", "car"]), LETTERS, GAP)
    assert narrow.head == ("event_id", "car") and narrow.caption == "cars"


def test_numbers_that_end_alike_need_no_siunitx_and_have_a_minus() -> None:
    rows = (("a", "-1.25", "(0.5)"), ("b", "12.50", "1.25"))
    text = typeset(PrintTable("one", "c", ("e", "x", "y"), rows, (False, True, True), "of [-5,+5]"))
    assert "\\begin{tabular}{lrS[" in text and "a & $-$1.25 & " in text and "\\mbox{[-5,+5]}" in text


def test_regressions_stand_side_by_side_with_their_constant_last() -> None:
    characteristics = {"size": np.random.default_rng(3).normal(size=60)}
    rng = np.random.default_rng(60)
    events = [(f"e{at}", "T", int(day)) for at, day in enumerate(rng.integers(300, 390, 60))]
    formulas = ("car ~ 1", "car ~ size", "scar ~ size", "bhar ~ size", "scar ~ 1")
    returns = random_returns(rng, ("T",))
    result = study(returns, events, columns=characteristics, regress=formulas, car_windows=[(0, 1)])
    first, second = regressions_for_print(result.view(), PaperStyle())
    assert first.head == ("", "(1)", "(2)", "(3)", "(4)") and second.head == ("", "(5)")
    terms = [row[0] for row in first.rows[1:7] if row[0]]
    assert terms == ["size", "Intercept"]
    own = result.regressions.query("regression == 2 and term == 'size'").iloc[0]
    shown = [first.rows[at][2] for at in (1, 2, 3)]
    assert float(shown[0]) == pytest.approx(100 * own["estimate"], rel=FOUR_DIGITS)
    assert float(shown[1].strip("()")) == pytest.approx(100 * own["std_error"], rel=FOUR_DIGITS)
    assert shown[2] == f"[{pvalue(own['pvalue'])}]" and first.rows[1][1] == ""
    assert "(2) car ~ size: OLS, standard errors clustered by session." in first.notes


DOCUMENT = "\\documentclass{article}\n\\usepackage{PACKAGES}\n\\begin{document}\n%s\\end{document}\n"


def compiled(folder: Path, result: EventStudyResult) -> str:
    """Compile the default tables and those on request as one article; return what TeX said."""
    saved = store.load(result.to_parquet(folder / "results"))
    asked, raw = ["cars_by_event", "caars_by_group"], ["events", "coefficients", "findings", "attrition"]
    small = len(saved.table("events")) <= PAGE
    tables_of = {"plain": None, "asked": asked, "raw": raw + ["cars", "averages"] * small}
    for out, tables in tables_of.items():
        stars = out == "asked"
        store.export(saved, format="latex", out=str(folder / out), tables=tables, stars=stars)
    inputs = "".join(f"\\input{{{file.relative_to(folder)}}}\n" for file in sorted(folder.glob("*/*.tex")))
    (folder / "all.tex").write_text(
        DOCUMENT.replace("PACKAGES", f"{{{PACKAGES}}}") % inputs, encoding="utf-8"
    )
    words = [tool("LATEX", "pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    for _ in range(2):  # a table across pages knows its widths in the second pass
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


@pytest.mark.process
@pytest.mark.parametrize("form", ["bundled", "1 x 1", "60 x 11", "5,000 x 1"])
def test_it_compiles_and_fits_the_page(tmp_path: Path, form: str) -> None:
    if form == "bundled":
        result: es.EventStudyResult = bundled()
    else:
        events, tickers = (int(number.replace(",", "")) for number in form.split(" x "))
        result = random_study(events, tickers)
    assert "Overfull" not in compiled(tmp_path, result)
