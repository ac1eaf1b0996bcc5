"""Event lists as tables: what stays text, what becomes a date, and which line is wrong."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from effort import calls
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.errors import EventsFileError, UsageError
from eventstudy.events.event_list import read_event_table
from eventstudy.events.frame import MAX_SHOWN, check_event_frame

GOOD = (
    "event_id,ticker,when,kind\n001,NVDA,2025-01-27,selloff\n002,AMD,2025-10-06 07:00 America/New_York,deal\n"
)
FIXED = ["event_id", "ticker", "when", "timing", "kind", "benchmark", "title", "expect"]


def read(folder: Path, content: str | bytes, name: str = "list.csv") -> pd.DataFrame:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_event_table(path)


def refused(folder: Path, content: str | bytes, name: str = "list.csv") -> list[str]:
    """Return the lines of a refused table, from the line number on."""
    with pytest.raises(EventsFileError) as caught:
        read(folder, content, name)
    return [problem.removeprefix(f"{folder / name}:").strip() for problem in caught.value.problems]


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"event_id": ["a", "b"], "ticker": ["NVDA", "AMD"], "when": "2025-01-27"} | columns)


def frame_refused(table: pd.DataFrame) -> list[str]:
    with pytest.raises(EventsFileError) as caught:
        check_event_frame(table)
    return list(caught.value.problems)


class TestForm:
    def test_the_columns_are_fixed_and_the_rest_travels_along(self, tmp_path: Path) -> None:
        table = read(
            tmp_path, "size,event_id,ticker,when,note\n1.5,a,NVDA,2025-01-27,x\n,b,AMD,2025-01-28,\n"
        )
        assert list(table.columns) == [*FIXED, "size", "note"]
        assert list(table.index) == [0, 1]
        assert table["size"].dtype == np.float64
        assert np.isnan(table["size"][1])
        assert table["note"].tolist() == ["x", None]
        assert table[["timing", "kind", "expect"]].eq("").all(axis=None)
        assert table["when"].tolist() == [date(2025, 1, 27), date(2025, 1, 28)]

    def test_every_column_that_is_known(self, tmp_path: Path) -> None:
        table = read(
            tmp_path,
            "event_id,ticker,when,timing,kind,benchmark,title,expect\n"
            'a,NVDA,2025-01-27,post,deal,QQQ+SMH,"one, two",up\na,AMD,2025-01-27,,,SPY,,\n',
        )
        first = ["a", "NVDA", date(2025, 1, 27), "post", "deal", "QQQ+SMH", "one, two", "up"]
        assert table.iloc[0].tolist() == first
        assert table.iloc[1].tolist() == ["a", "AMD", date(2025, 1, 27), "", "", "SPY", "", ""]

    def test_sessions_stand_in_a_column_of_their_own(self, tmp_path: Path) -> None:
        table = read(tmp_path, "event_id,ticker,session\na,NVDA,2025-01-27\n")
        assert "when" not in table
        assert table["session"].dtype == "datetime64[s]"
        assert table["session"][0] == pd.Timestamp("2025-01-27")

    def test_timing_session_says_that_the_dates_are_day_0(self, tmp_path: Path) -> None:
        table = read(tmp_path, "event_id,ticker,when,timing\na,NVDA,2025-01-27,session\n")
        assert table["session"][0] == pd.Timestamp("2025-01-27")
        assert table["timing"][0] == ""

    def test_when_may_be_missing_beside_session(self) -> None:
        table = check_event_frame(frame(when=["2025-01-26", None], session=["2025-01-27", "2025-01-28"]))
        assert table["when"].tolist() == [date(2025, 1, 26), None]

    def test_the_caller_s_frame_is_left_alone(self) -> None:
        given_frame = frame().set_index(pd.Index([7, 3]))
        before = given_frame.copy()
        table = check_event_frame(given_frame)
        table.loc[0, "ticker"] = "changed"
        pd.testing.assert_frame_equal(given_frame, before)

    def test_checking_twice_changes_nothing(self) -> None:
        once = check_event_frame(frame(when=["2025-01-27", "2025-01-28T09:00Z"], size=[1, 2]))
        pd.testing.assert_frame_equal(check_event_frame(once), once)

    def test_parquet_and_csv_give_the_same(self, tmp_path: Path) -> None:
        from_csv = read(tmp_path, GOOD + "003,700,2025-01-27T09:00-05:00,\n")
        pd.read_csv(tmp_path / "list.csv", dtype=str, keep_default_na=False).to_parquet(
            tmp_path / "list.parquet"
        )
        pd.testing.assert_frame_equal(read_event_table(tmp_path / "list.parquet"), from_csv)

    def test_an_index_that_was_saved_along_is_no_characteristic(self, tmp_path: Path) -> None:
        table = frame().set_index(pd.Index([7, 3]))
        table.to_parquet(tmp_path / "list.parquet")
        table.to_csv(tmp_path / "list.csv")
        assert list(read_event_table(tmp_path / "list.parquet").columns) == FIXED
        assert list(read_event_table(tmp_path / "list.csv").columns) == FIXED

    def test_a_parquet_folder_name_adds_no_column(self, tmp_path: Path) -> None:
        folder = tmp_path / "ticker=ORCL"
        folder.mkdir()
        frame().to_parquet(folder / "list.parquet")
        assert read_event_table(folder / "list.parquet")["ticker"].tolist() == ["NVDA", "AMD"]


NAMES = "NA,NO,ON,TRUE,False,null,NaN,nan,None,700,007,1e5,0x1F,1.50,2025-01-02"
TICKERS = st.from_regex(r"[A-Za-z0-9^][A-Za-z0-9.^=_&-]{0,31}", fullmatch=True).filter(
    lambda t: ".." not in t
)


class TestTextStaysText:
    def test_names_that_readers_take_for_something_else(self, tmp_path: Path) -> None:
        names = NAMES.split(",")
        table = read(tmp_path, "event_id,ticker,when\n" + "".join(f"{n},{n},2025-01-27\n" for n in names))
        assert table["event_id"].tolist() == names
        assert table["ticker"].tolist() == names

    @given(tickers=st.lists(TICKERS, min_size=1, max_size=10, unique=True))
    def test_any_ticker_comes_back_as_written(
        self, tmp_path_factory: pytest.TempPathFactory, tickers: list[str]
    ) -> None:
        folder = tmp_path_factory.mktemp("table")
        rows = "".join(f"{ticker},{ticker},2025-01-27\n" for ticker in tickers)
        table = read(folder, "event_id,ticker,when\n" + rows)
        assert table["ticker"].tolist() == table["event_id"].tolist() == tickers
        table[["event_id", "ticker"]].assign(when="2025-01-27").to_parquet(folder / "list.parquet")
        assert read_event_table(folder / "list.parquet")["ticker"].tolist() == tickers

    def test_codes_with_leading_zeros_stay_codes(self, tmp_path: Path) -> None:
        table = read(tmp_path, "event_id,ticker,when,sector,n\na,X,2025-01-27,0700,7\nb,X,2025-01-27,12,8\n")
        assert table["sector"].tolist() == ["0700", "12"]
        assert table["n"].tolist() == [7, 8]

    def test_whole_numbers_in_a_frame_become_names(self) -> None:
        assert check_event_frame(frame(event_id=[1, 2]))["event_id"].tolist() == ["1", "2"]
        assert check_event_frame(frame(ticker=pd.Categorical(["A", "B"])))["ticker"].tolist() == ["A", "B"]


NEW_YORK = ZoneInfo("America/New_York")


class TestDays:
    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            (["2025-01-27", "2025-01-28"], [date(2025, 1, 27), date(2025, 1, 28)]),
            (pd.to_datetime(["2025-01-27", "2025-01-28"]), [date(2025, 1, 27), date(2025, 1, 28)]),
            (np.array(["2025-01-27", "2025-01-28"], "datetime64[D]"), [date(2025, 1, 27), date(2025, 1, 28)]),
            ([date(2025, 1, 27), datetime(2025, 1, 28)], [date(2025, 1, 27), date(2025, 1, 28)]),
            (
                [pd.Timestamp("2025-01-27 09:00", tz=NEW_YORK), "2025-01-27 09:00 America/New_York"],
                [datetime(2025, 1, 27, 9, tzinfo=NEW_YORK)] * 2,
            ),
            (
                pd.DatetimeIndex(["2025-01-27 09:00", "2025-01-28 00:00"]).tz_localize("UTC"),
                [datetime(2025, 1, 27, 9, tzinfo=UTC), datetime(2025, 1, 28, tzinfo=UTC)],
            ),
        ],
    )
    def test_every_way_to_write_them(self, when: Any, expected: list[date]) -> None:
        found = check_event_frame(frame(when=when))["when"].tolist()
        assert found == expected
        assert all(type(day) in (date, datetime) for day in found)

    def test_equal_instants_keep_their_own_zones(self) -> None:
        stamps = ["2025-01-27 21:00 America/New_York", "2025-01-28T02:00Z"]
        by_text = check_event_frame(frame(when=stamps))["when"]
        by_stamp = check_event_frame(frame(when=by_text.tolist()))["when"]
        assert [day.date() for day in by_text] == [date(2025, 1, 27), date(2025, 1, 28)]
        assert [day.date() for day in by_stamp] == [date(2025, 1, 27), date(2025, 1, 28)]

    @pytest.mark.parametrize(
        ("column", "values", "words"),
        [
            (
                "when",
                pd.to_datetime(["2025-01-27 00:00", "2025-01-28 09:30"]),
                ["row 1", "no time zone", "tz_localize"],
            ),
            ("when", ["2025-01-27", datetime(2025, 1, 28, 9, 30)], ["row 1", "no time zone"]),
            ("when", ["2025-01-27", "2025-01-28 09:30"], ["row 1", "no time zone"]),
            ("when", [20250127, 20250128], ["row 0", "20250127 is not a date"]),
            ("when", [1.5, 2.5], ["1.5 is not a date"]),
            ("when", np.array(["2025-01-27", "20250-01-27"], "datetime64[s]"), ["row 1", "'20250-01-27'"]),
            ("when", ["2025-01-27", pd.NaT], ["row 1", "when is empty"]),
            ("when", ["2025-01-27", " "], ["row 1", "when is empty"]),
            ("session", ["2025-01-27", "2025-01-28T09:00Z"], ["row 1", "time of day"]),
            (
                "session",
                pd.to_datetime(["2025-01-27 00:00", "2025-01-28 09:30"]),
                ["row 1", "day 0 is a date"],
            ),
            ("session", ["2025-01-27", None], ["row 1", "session is empty"]),
        ],
    )
    def test_what_is_no_day_is_refused(self, column: str, values: Any, words: list[str]) -> None:
        (first, *_) = frame_refused(frame(**{column: values}))
        assert all(word in first for word in words), first

    def test_a_row_that_cannot_be_read_is_not_called_empty_too(self) -> None:
        assert len(frame_refused(frame(when=["2025-01-27", "soon"]))) == 1


#: the file, the line of the mistake, words that must be said
MISTAKES: list[tuple[str | bytes, str, list[str]]] = [
    ("", "", ["is empty", "header"]),
    ("\nevent_id,ticker,when\n", "", ["a header and no row"]),
    ("event_id,ticker,when\n", "", ["a header and no row"]),
    ("event_id,ticker\na,NVDA\n", "1:", ["the day of the event", "event_id, ticker", "when=HEADER"]),
    ("event_id,company,when\na,NVDA,2025-01-27\n", "1:", ["names the security", "ticker=HEADER"]),
    ("event_id,ticker,when,when\na,NVDA,2025-01-27,x\n", "1:", ["'when' is there twice"]),
    (GOOD + "a,NVDA\n", "4:", ["when is empty", "NVDA"]),
    (GOOD + "a,NVDA,2025-01-27,x,y\n", "4:", ["5 cells", "other rows have 4", "quotes"]),
    (GOOD + 'a,"NVDA,2025-01-27\n', "4:", ["quotation mark", "not closed"]),
    (GOOD + ",NVDA,2025-01-27,\n", "4:", ["event id", "empty"]),
    (GOOD + "a,,2025-01-27,\n", "4:", ["ticker is empty"]),
    (GOOD + "a,NVDA,,\n", "4:", ["when is empty"]),
    (GOOD + "\n\na,NVDA,2025-02-30,\n", "6:", ["day 30"]),
    (GOOD.replace("deal", '"a\ndeal"') + "a,NVDA,soon,\n", "5:", ["'soon'"]),
    (GOOD + "a,NVDA,2025-13-01,\n", "4:", ["month 13"]),
    (GOOD + "a,NVDA,01/02/2025,\n", "", ["01/02/2025", "2025-01-27"]),
    (GOOD + "a,NVDA,2025-01-27 09:00,\n", "4:", ["has no zone", "04:00:00", "--event-timezone"]),
    (GOOD + "a,NVDA,2025-03-09 02:30 America/New_York,\n", "4:", ["does not exist"]),
    (GOOD + "a/b,NVDA,2025-01-27,\n", "4:", ["'a/b'", "file names"]),
    (GOOD + "a,../B,2025-01-27,\n", "4:", ["'../B'", "NVDA"]),
    (GOOD + "001,NVDA,2025-01-28,\n", "4:", ["'001'", "already", "'NVDA'"]),
    ("event_id,ticker,when,timing\na,NVDA,2025-01-27,noon\n", "2:", ["unknown timing 'noon'", "regular"]),
    ("event_id,ticker,when,timing\na,X,2025-01-27,session\nb,X,2025-01-27,pre\n", "3:", ["of every row"]),
    ("event_id,ticker,when,timing\na,X,2025-01-27T09:00Z,session\n", "2:", ["without a time"]),
    ("event_id,ticker,when,expect\na,NVDA,2025-01-27,higher\n", "2:", ["direction 'higher'", "up, down"]),
    ("event_id,ticker,when,benchmark\na,NVDA,2025-01-27,SPY+SPY\n", "2:", ["twice"]),
    ("event_id,ticker,when,benchmark\na,NVDA,2025-01-27,/SPY\n", "2:", ["'/SPY'"]),
    ("event_id,ticker,when\n삼성,삼성,2025-01-27\n".encode("euc-kr"), "", ["in cp949", "encoding: cp949}"]),
    (b"\x7fELF\x00\x01\x02", "", ["is no text file"]),
    (b"PAR1 and so on", "", ["is damaged", "Parquet"]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "line", "words"), MISTAKES, ids=lambda value: str(value)[-40:])
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, content: str | bytes, line: str, words: list[str]
) -> None:
    problem = refused(tmp_path, content)[0]
    assert problem.startswith(line), problem
    assert all(word in problem for word in words), problem


class TestFiles:
    @pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"event_id,ticker\n"])
    def test_a_parquet_file_that_is_none(self, tmp_path: Path, content: bytes) -> None:
        (problem,) = refused(tmp_path, content, "list.parquet")
        assert re.match("is empty|is damaged|holds a header and no row", problem)
        assert "\n" not in problem

    def test_a_parquet_file_cut_short(self, tmp_path: Path) -> None:
        frame().to_parquet(tmp_path / "whole.parquet")
        whole = (tmp_path / "whole.parquet").read_bytes()
        for size in (len(whole) // 2, len(whole) - 4, len(whole) - 1):
            assert refused(tmp_path, whole[:size], "list.parquet")[0].startswith("is damaged")

    def test_a_parquet_file_with_text_that_is_none(self, tmp_path: Path) -> None:
        names = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
        table = pa.table({"event_id": names, "ticker": ["NVDA"], "when": ["2025-01-27"]})
        pq.write_table(table, tmp_path / "list.parquet")
        with pytest.raises(EventsFileError, match="is damaged"):
            read_event_table(tmp_path / "list.parquet")

    def test_what_pandas_noted_in_a_parquet_file_does_not_matter(self, tmp_path: Path) -> None:
        table = pa.table({"event_id": ["a"], "ticker": ["NVDA"], "when": ["2025-01-27"]})
        pq.write_table(table.replace_schema_metadata({"pandas": "{not json"}), tmp_path / "list.parquet")
        assert len(read_event_table(tmp_path / "list.parquet")) == 1

    @pytest.mark.parametrize("name", ["list.yaml", "list"])
    def test_another_ending(self, tmp_path: Path, name: str) -> None:
        assert "tables end in .csv, .xlsx, .parquet" in refused(tmp_path, GOOD, name)[0]

    def test_the_ending_may_be_in_capitals(self, tmp_path: Path) -> None:
        assert len(read(tmp_path, GOOD, "LIST.CSV")) == 2

    def test_no_file_and_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(EventsFileError, match="there is no such file"):
            read_event_table(tmp_path / "list.csv")
        (tmp_path / "folder.csv").mkdir()
        with pytest.raises(EventsFileError, match="is a folder"):
            read_event_table(tmp_path / "folder.csv")

    def test_a_byte_order_mark_blanks_and_blank_lines(self, tmp_path: Path) -> None:
        table = read(tmp_path, b"\xef\xbb\xbfevent_id, ticker, when\r\n\r\na, NVDA, 2025-01-27\r\n\r\n")
        assert table.iloc[0, :3].tolist() == ["a", "NVDA", date(2025, 1, 27)]
        assert len(table) == 1

    def test_every_mistake_is_listed(self, tmp_path: Path) -> None:
        problems = refused(tmp_path, GOOD + "a,../B,2025-13-01,\nb,..,2025-01-02,\n")
        assert [problem[:2] for problem in problems] == ["4:", "4:", "5:"]


class TestFrames:
    def test_anything_else_is_refused(self) -> None:
        with pytest.raises(UsageError, match="must be a DataFrame, not dict"):
            check_event_frame({"event_id": ["a"]})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"ticker": [True, False]}, ["row 0", "ticker True is not text", "dtype=str"]),
            ({"ticker": [700.0, np.nan]}, ["row 0", "700.0 is not text"]),
            ({"event_id": [["a"], "b"]}, ["row 0", "is not text"]),
            ({"ticker": ["NVDA", None]}, ["row 1", "ticker is empty"]),
        ],
    )
    def test_what_is_no_name(self, columns: dict[str, Any], words: list[str]) -> None:
        first = frame_refused(frame(**columns))[0]
        assert all(word in first for word in words), first

    def test_rows_go_by_their_labels_and_the_path(self) -> None:
        table = frame(when=["2025-01-27", "soon"]).set_index(pd.Index(["x", "y"]))
        with pytest.raises(EventsFileError, match=r"^mine\.parquet: row y: when: 'soon' is not a date"):
            check_event_frame(table, "mine.parquet")

    def test_many_mistakes_of_one_sort_are_counted(self) -> None:
        table = pd.DataFrame(
            {"event_id": [f"e{i}" for i in range(100)], "ticker": " A", "when": "2025-01-27"}
        )
        problems = frame_refused(table)
        assert len(problems) == MAX_SHOWN + 1
        assert "row 20: this and 79 further rows" in problems[-1]


def test_many_rows_are_no_more_work_each_than_few(rng: np.random.Generator) -> None:
    n = 20_000
    days = np.datetime64("2000-01-01") + rng.integers(0, 9_000, n)
    table = pd.DataFrame(
        {"event_id": [f"e{i}" for i in range(n)], "ticker": "NVDA", "when": days.astype(str)}
    )
    few = calls(lambda: check_event_frame(table[: n // 10]))
    assert calls(lambda: check_event_frame(table)) < 12 * few
    assert check_event_frame(table)["when"][n - 1] == days[-1].item()
