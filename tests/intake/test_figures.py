"""Cells to figures: every mark and code is read as it is meant, asked about, or an error with its place."""

from __future__ import annotations

import decimal
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from eventstudy.errors import FileContentError
from eventstudy.intake.figures import MISSING, Figures, figures_of, texts_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PLAIN = ReadingOptions()
NAN = float("nan")


def table_of(*columns: Any, separator: str = "") -> Table:
    arrays = [each if isinstance(each, pa.Array) else pa.array(each) for each in columns]
    titles = tuple(["x", "y", "z"][: len(arrays)])
    return Table("a.csv", tuple(pa.chunked_array([each]) for each in arrays), (titles,), separator=separator)


def read(cells: Any, separator: str = "", options: ReadingOptions = PLAIN, **more: Any) -> Figures:
    return figures_of(table_of(cells, separator=separator), 0, options, **more)


@pytest.mark.parametrize(
    ("cells", "separator", "figures"),
    [
        (["1", "2.5", ".5", "5.", "1e3", None], ",", [1, 2.5, 0.5, 5, 1000, NAN]),
        (["1,234.50", "980.00"], ",", [1234.5, 980]),
        (["1.234,50", "980,00"], ";", [1234.5, 980]),
        (["1.234,5", "980"], ",", [1234.5, 980]),  # both marks in a cell count for more than the separator
        (["1.234.567", "980"], "", [1234567, 980]),  # a mark twice is thousands
        (["1,5", "2,25"], ",", [1.5, 2.25]),
        (["0,125", "12,250"], "", [0.125, 12.25]),  # 0 begins no group of thousands
        (["1234.567"], ";", [1234.567]),  # nor does 1234
        (["135.2800", "130.7800"], ";", [135.28, 130.78]),
        (["1 234,50", "1\u00a0234", "1\u202f234", "1'234", "1\u2019234"], ";",
         [1234.5, 1234, 1234, 1234, 1234]),
        (["12,34,567.80"], ",", [1234567.8]),  # India
        (["82,598", "980"], ",", [82598, 980]),
        (["1.020", "980", "1.015"], "", [1020, 980, 1015]),  # else a fall by 99.9 %
        (["1.020", "980", "1.015"], ";", [1020, 980, 1015]),
        (["1.020", "1.980", "1.015"], "", [1.02, 1.98, 1.015]),  # the same returns either way
        (["288.29M", "5.5K", "2B", "1t"], "", [288.29e6, 5500, 2e9, 1e12]),
        (["1,23M", "5,5k"], ";", [1.23e6, 5500]),
        (["$211.14", "-$1.50", "\u20ac 3", "3 EUR", "US$2", "100\uc6d0"], "", [211.14, -1.5, 3, 3, 2, 100]),
        (["(1.5)", "\u22121", "+0.5", "-.25", "1.2E+03", "1.2e\u22123"], "",
         [-1.5, -1, 0.5, -0.25, 1200, 0.0012]),
        (["1,2E+03"], ";", [1200]),
        ([" 5 ", "6\t"], "", [5, 6]),
        (["$1,234", "$980", "$1,020"], ",", [1234, 980, 1020]),
    ],
)  # fmt: skip
def test_written_numbers(cells: list[str], separator: str, figures: list[float]) -> None:
    np.testing.assert_array_equal(read(cells, separator).values, figures)


def test_the_mark_is_decided_by_the_other_columns_too() -> None:
    table = table_of(["1.234", "1.100"], ["5,25", "7"], separator="|")
    np.testing.assert_array_equal(figures_of(table, 0, PLAIN).values, [1234, 1100])
    table = table_of(["1.234", "1.100"], ["5.25", "7"], ["07.05.2024", "08.05.2024"], separator=";")
    np.testing.assert_array_equal(figures_of(table, 0, PLAIN).values, [1.234, 1.1])  # dates prove nothing


@pytest.mark.parametrize("code", [*MISSING, "NaN", "NULL", "n.a.", "k.A.", "#N/A N/A", "@NA", ".C", " NA "])
def test_missing_codes_are_missing(code: str) -> None:
    np.testing.assert_array_equal(read(["1.5", code, "1,234.5"]).values, [1.5, NAN, 1234.5])


def test_codes_of_a_layout_are_missing_there_alone() -> None:
    np.testing.assert_array_equal(read(["-99.99", "1.5"], missing=("-99.99", "-999")).values, [NAN, 1.5])
    np.testing.assert_array_equal(read([-999.0, 1.5], missing=("-999",)).values, [NAN, 1.5])
    np.testing.assert_array_equal(read(["-99.99", "1.5"]).values, [-99.99, 1.5])
    with pytest.raises(FileContentError, match=r"a.csv:2: x is '#NAME\?', not a number"):
        read(["#NAME?"])
    assert np.isnan(read(["#NAME?"], missing=("#NAME?",)).values).all()


def test_percent_signs_are_counted_once() -> None:
    found = read(["1.23%", "-0.5 %", "", "0"])
    assert found.percent
    np.testing.assert_allclose(found.values, [0.0123, -0.005, NAN, 0], rtol=1e-15)  # one rounding
    with pytest.raises(FileContentError, match=r"a.csv:3: x is 2 without a percent sign"):
        read(["1.23%", "2"])


@pytest.mark.parametrize(
    ("cells", "options", "words"),
    [
        (["1", "ten"], {}, "a.csv:3: x is 'ten', not a number; correct or empty it"),
        (["1", "#N/A Requesting Data..."], {}, "a.csv:3: .* the export was not finished"),
        (["#GETTING_DATA"], {}, "the export was not finished"),
        (["1,5", "2.25"], {}, r"decimal point in '2.25' \(line 3\) and a decimal comma in '1,5' \(line 2\)"),
        (["1.5", "2"], {"decimal": "comma"}, "a.csv:2: x is '1.5', .* not a comma; say --decimal point"),
        (["2", "1,5"], {"decimal": "point"}, "a.csv:3: x is '1,5', .* not a point; say --decimal comma"),
        (["(2", "1"], {}, "a.csv:2: x is '\\(2', not a number"),
        (["1,23.5"], {}, "not a number"),
        (["1e400"], {}, "larger than any number"),
        (["inf"], {}, "x is 'inf', not a number"),
        ([1e31], {}, "a.csv:2: x is 1e\\+31, more than any price"),
        ([True, False], {}, "x must hold numbers, not truth values"),
        ([["a"]], {}, "x must hold numbers, not list"),
        (["3.5.24"], {}, "'3.5.24', not a number"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_an_error(cells: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(FileContentError, match=words) as raised:
        read(cells, options=ReadingOptions(**options))
    assert "\n" not in str(raised.value)


def test_marks_that_could_be_either_are_asked_about() -> None:
    with pytest.raises(FileContentError) as asked:
        read(["1.020", "7", "1.015", "99"], "|")
    assert str(asked.value) == (
        "a.csv:2: x: '1.020' is 1.02 (decimal point) or 1020 (decimal comma), and no row settles it; "
        "say --decimal point or comma (data: {decimal: point})"
    )
    stated = ReadingOptions(decimal="comma")
    np.testing.assert_array_equal(read(["1.020", "7", "1.015"], "|", stated).values, [1020, 7, 1015])


def test_typed_columns() -> None:
    exact = pa.array([decimal.Decimal("1.25"), None])
    for cells in ([1, 2], [1.5, None], exact, pa.array([1.5], pa.float32()), pa.array([1.5], pa.float16())):
        found = read(cells).values
        assert found.dtype == np.float64 and found[0] in (1, 1.25, 1.5)
    assert np.isnan(read(pa.nulls(3)).values).all()
    large = pa.array(["1,234.5"], pa.large_string())
    for text in (large, large.cast(pa.string_view()), large.cast(pa.string()).dictionary_encode()):
        assert read(text).values.tolist() == [1234.5]


@given(
    st.lists(st.decimals(-9_999_999, 9_999_999, places=2), min_size=1, max_size=30),
    st.sampled_from(
        [("{:,.2f}", "", ","), ("{:,.2f}", ".,", ";"), ("{:,.2f}", "\u00a0,", "\t"), ("${:,.2f}", "", "|")]
    ),
)  # fmt: skip
def test_any_number_is_read_in_any_style(numbers: list[decimal.Decimal], style: tuple[str, str, str]) -> None:
    pattern, marks, separator = style
    cells = [pattern.format(number) for number in numbers]
    if marks:
        cells = [cell.translate(str.maketrans(",.", marks)) for cell in cells]
    np.testing.assert_array_equal(read(cells, separator).values, [float(number) for number in numbers])


def test_texts_are_names_as_they_stand() -> None:
    table = table_of([10107.0, NAN, 93436.0], [" AAA", "", "AAA "], ["005930", "000660", None])
    numbers, blanks, codes = (texts_of(table, place) for place in range(3))
    assert (numbers.codes.tolist(), numbers.names) == ([0, -1, 1], ["10107", "93436"])
    assert (blanks.codes.tolist(), blanks.names) == ([0, -1, 0], ["AAA"])
    assert codes.names == ["005930", "000660"]
