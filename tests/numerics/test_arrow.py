"""Arrow arrays made of buffers: the same as pyarrow's own, with nulls where values are missing."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.numerics.arrow import (
    coded_array,
    encoded,
    encoded_afresh,
    from_arrow,
    rows_at,
    rows_of,
    to_arrow,
)

KEY = pa.dictionary(pa.int32(), pa.string())
texts = st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=40)
floats = st.lists(st.one_of(st.just(float("nan")), st.floats(allow_infinity=False)), max_size=40)


@given(texts)
def test_texts_are_what_pyarrow_makes_of_them(values: list[str | None]) -> None:
    expected = pa.array([value or None for value in values], pa.string())
    assert to_arrow(values, pa.string()).equals(expected)
    assert to_arrow(values, KEY).to_pylist() == expected.to_pylist()


@given(floats)
def test_numbers_there_and_back(values: list[float]) -> None:
    array = to_arrow(np.array(values, dtype=float), pa.float64())
    array.validate(full=True)
    assert array.equals(pa.array(values, pa.float64(), from_pandas=True))
    np.testing.assert_array_equal(from_arrow(array), np.array(values, dtype=float))
    np.testing.assert_array_equal(from_arrow(array[1:]), np.array(values[1:], dtype=float))


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64()])
def test_whole_numbers_keep_their_width(kind: pa.DataType) -> None:
    values = np.array([-260, 0, 5])
    assert to_arrow(values, kind).equals(pa.array(values, kind))
    chunked = pa.chunked_array([pa.array([1, None], kind), pa.array([3], kind)])
    np.testing.assert_array_equal(from_arrow(chunked), [1.0, np.nan, 3.0])


def test_a_list_with_none_is_a_column_with_nulls() -> None:
    assert to_arrow([0.5, None], pa.float64()).equals(pa.array([0.5, None], pa.float64()))


def test_flags_and_dates_have_nulls_too() -> None:
    flags = np.array([True, None, False], dtype=object)
    assert to_arrow(flags, pa.bool_()).equals(pa.array([True, None, False], pa.bool_()))
    days = np.array(["2024-02-12", "NaT"], dtype="datetime64[D]")
    expected = pa.array([date(2024, 2, 12), None], pa.date32())
    assert to_arrow(days, pa.date32()).equals(expected)
    assert to_arrow([date(2024, 2, 12), None], pa.date32()).equals(expected)
    np.testing.assert_array_equal(from_arrow(expected), days)


def test_codes_stand_for_names() -> None:
    codes, names = encoded(np.array(["NVDA", "", "AMD", "NVDA"], dtype=object))
    assert codes.tolist() == [0, -1, 1, 0]
    assert coded_array(codes[[3, 1]], names).to_pylist() == ["NVDA", None]


def test_rows_are_taken_in_the_order_asked_for() -> None:
    table = pa.table({"ticker": ["NVDA", "AMD"], "tau": [0, 1]})
    assert rows_at(table, [1, 0]) == [{"ticker": "AMD", "tau": 1}, {"ticker": "NVDA", "tau": 0}]


def test_rows_are_those_of_arrow_whatever_the_columns_hold() -> None:
    table = pa.table(
        {
            "ticker": pa.chunked_array([["NVDA", None], ["AMD", "NVDA"]]).dictionary_encode(),
            "day": pa.array([date(2025, 1, 27), None, None, date(2025, 1, 28)]),
            "car": [0.1, None, -0.2, 0.0],
            "named": [True, None, False, True],
        }
    )
    for part in (table, table.slice(1, 2), table.slice(0, 0)):
        assert rows_of(part) == part.to_pylist()
    assert rows_at(table, [3, 1, 1]) == table.take([3, 1, 1]).to_pylist()
    with pytest.raises(IndexError):
        rows_at(table, [len(table)])


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=9),
    st.sampled_from(["abcd", "abca"]).flatmap(st.permutations),
)
def test_texts_encoded_afresh_are_what_pyarrow_makes_of_them(
    codes: list[int | None], names: list[str]
) -> None:
    array = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names))
    for part in (array, array[1:]):
        expected = part.dictionary_decode().dictionary_encode()
        assert encoded_afresh(part).equals(expected)
        assert encoded_afresh(expected) is expected


def test_no_pandas_is_loaded() -> None:
    code = """
import sys
import numpy as np, pyarrow as pa
from eventstudy.numerics.arrow import from_arrow, rows_at, to_arrow
number, text = to_arrow(np.array([1.0, np.nan]), pa.float64()), to_arrow(["a", ""], pa.string())
coded = to_arrow(["a", ""], pa.dictionary(pa.int32(), pa.string()))
rows_at(pa.Table.from_arrays([number, text, coded], ["n", "t", "c"]), [1])
from_arrow(number)
print("pandas" in sys.modules)
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
