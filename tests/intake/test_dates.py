"""Cells to dates: one reading, decided over all rows, or a question that names both."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from eventstudy.errors import FileContentError, PriceDataError
from eventstudy.intake.column import DateColumn, Days
from eventstudy.intake.dates import days_of, has_zones, session_dates
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.intake.written import taken_apart


def table_of(cells: Any, formats: dict[int, str] | None = None) -> Table:
    array = cells if isinstance(cells, pa.Array) else pa.array(cells)
    return Table("a.csv", (pa.chunked_array([array]),), (("when",),), formats=formats or {})


def read(cells: Any, order: Any = None, *, formats: dict[int, str] | None = None, **more: Any) -> Days:
    return days_of(table_of(cells, formats), 0, ReadingOptions(date_order=order), **more)


def days(cells: Any, order: Any = None, **more: Any) -> list[str]:
    return [str(day) for day in read(cells, order, **more).days]


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-07", "2024/05/07", "2024.05.07", "2024/5/7", "20240507", "2024\ub144 5\uc6d4 7\uc77c",
        "2024\u5e745\u67087\u65e5", "2024. 5. 7.", "2024- 05- 07", "07-May-24", "May 7, 2024", "May-07-2024",
        "07MAY2024", "7. Mai 2024", "7 mai 2024", "7 de mayo de 2024", "7 maggio 2024", "07-5\u6708-24",
        "Tue, May 7, 2024", "7th May 2024", "2024-May-07", "2024-05-07 00:00:00", "2024-05-07T00:00:00.000Z",
        "2024-05-07 00:00:00-04:00", "2024-05-07 00:00:00+09:00", "07MAY2024:00:00:00", "2024-05-07 16:00",
        "May 7, 2024 4:00 PM", "2024-05-07T16:00:00-04:00",
    ],
)  # fmt: skip
def test_forms_that_say_which_number_is_which(text: str) -> None:
    assert days([text, None, "2024-05-08" if ":" not in text else text])[:2] == ["2024-05-07", "NaT"]


@pytest.mark.parametrize(
    ("name", "month"),
    [("Januar", 1), ("Jänner", 1), ("févr", 2), ("März", 3), ("avr", 4), ("abril", 4), ("juin", 6),
     ("giugno", 6), ("août", 8), ("Sept", 9), ("settembre", 9), ("Okt", 10), ("ottobre", 10), ("déc", 12),
     ("Dez", 12), ("dic", 12)],
)  # fmt: skip
def test_months_in_other_languages(name: str, month: int) -> None:
    assert days([f"3 {name} 2024", f"3. {name.upper()}. 2023"]) == [
        f"2024-{month:02}-03",
        f"2023-{month:02}-03",
    ]


@pytest.mark.parametrize(
    ("cells", "order", "expected", "form"),
    [
        (["07/05/2024", "13/05/2024"], None, ["2024-05-07", "2024-05-13"], "day first"),
        (["07/05/2024", "05/13/2024"], None, ["2024-07-05", "2024-05-13"], "month first"),
        (["7.5.24", "8.5.24"], None, ["2024-05-07", "2024-05-08"], "day first"),
        (["05.13.2024", "05.07.2024"], None, ["2024-05-13", "2024-05-07"], "month first"),
        (["24/05/27", "24/05/28"], None, ["2024-05-27", "2024-05-28"], "year first"),
        (["3-1-71", "25-1-70"], None, ["1971-01-03", "1970-01-25"], "day first"),
        (["07/05/2024", "08/05/2024"], "mdy", ["2024-07-05", "2024-08-05"], "month first"),
        (["07/07/2024", "08/08/2024"], None, ["2024-07-07", "2024-08-08"], "day first"),
        (["3/1/2024", "13/1/2024"], None, ["2024-01-03", "2024-01-13"], "day first"),
        (["3/1/71", "04/01/71", "13/01/71"], None, ["1971-01-03", "1971-01-04", "1971-01-13"], "day first"),
        (["3/1/2024", "13.01.2024"], "dmy", ["2024-01-03", "2024-01-13"], "day first"),
    ],
)  # fmt: skip
def test_orders(cells: list[str], order: Any, expected: list[str], form: str) -> None:
    found = read(cells, order)
    assert ([str(day) for day in found.days], found.form) == (expected, form)


def test_nothing_settles_it_so_both_readings_are_named() -> None:
    with pytest.raises(FileContentError) as asked:
        read(["07/07/2022", "04/03/2022", "05/03/2022"])
    assert str(asked.value) == (
        "a.csv:3: when is '04/03/2022', 4 March 2022 (day first) or 3 April 2022 (month first), and no row "
        "settles it; say --date-order dmy or mdy (data: {date_order: dmy})"
    )
    with pytest.raises(FileContentError, match=r"--event-date-order dmy or mdy \(events_file: "):
        read(["04/03/2022"], of_events=True)


def test_a_price_of_the_future_is_impossible_and_an_event_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """On 30 June 2024 a price of 5 August is not known; only that reading is dropped."""
    today = np.datetime64("2024-06-30")
    monkeypatch.setattr(
        DateColumn, "latest", property(lambda column: today + np.timedelta64(10_000 * column.of_events, "D"))
    )
    assert days(["05/08/2024", "05/07/2024"]) == ["2024-05-08", "2024-05-07"]
    with pytest.raises(FileContentError, match="no row settles it"):
        days(["05/08/2024"], of_events=True)


@pytest.mark.parametrize(
    ("cells", "order", "words"),
    [
        (["2024-03-01", "13/01/2024"], None, "'2024-03-01' in one row and '13/01/2024' in another"),
        (["3/1/2024", "13.01.2024"], None, "'3/1/2024' in one row and '13.01.2024' in another"),
        (["3/1/2024", "4/1/2024", "13/01/2024"], None, "exchanged .* say --date-order dmy or mdy"),
        (["13/05/2024", "05/14/2024"], None, "13 May 2024 .day first. and '05/14/2024' 14 May 2024"),
        (["27/01/2024"], "mdy", "'27/01/2024', which is no date as mdy; say --date-order dmy"),
        (["01/27/2024"], "excel", "no date as excel; say --date-order mdy"),
        (["2024-05-07", "yesterday"], None, "a.csv:3: when is 'yesterday', not a date; write dates as YYYY"),
        (["2024-02-30"], None, "'2024-02-30', and there is no such day"),
        (["20241301"], None, "'20241301', and there is no such day"),
        (["32/13/2024"], None, "'32/13/2024', not a date"),
        (["202405", "202406"], None, "months, not days"),
        (["1500-01-01"], None, "year 1500"),
        ([20240102.5], None, "20240102.5, not a date"),
        ([True], None, "must hold dates, not bool"),
        ([20241301], None, "no date YYYYMMDD"),
        (["2024-05-07T14:30:00Z", "2024-05-08 14:30:00"], None, "has no zone, and other rows have one"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_an_error(cells: Any, order: Any, words: str) -> None:
    with pytest.raises(FileContentError, match=words) as raised:
        read(cells, order)
    assert raised.value.remedy and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "number"), [("excel", 45419), ("sas", 23503), ("stata", 23503), ("unix", 19850)]
)
def test_serial_numbers(name: str, number: int) -> None:
    """The numbers of 2024-05-07, by the format of the column, or as stated."""
    assert days([number], formats={0: name}) == ["2024-05-07"]
    assert days([str(number)], name) == ["2024-05-07"]
    assert days([float(number), None], name) == ["2024-05-07", "NaT"]
    if name == "excel":
        assert read([number]).form == "Excel days"  # by all other epochs it lies ahead
    else:
        with pytest.raises(FileContentError, match=r"days of Excel\) or .*--date-order excel or sas"):
            read([number])
    with pytest.raises(FileContentError, match="counted as"):
        read([45419], "unix")
    assert days([45419 - 1462], formats={0: "excel-1904"}) == ["2024-05-07"]


def test_counts_of_seconds() -> None:
    midnight = [datetime(2020, 8, 17, 4, tzinfo=UTC), datetime(2020, 11, 12, 5, tzinfo=UTC)]  # of New York
    for per_second, unit in ((1, "seconds"), (10**3, "milli"), (10**6, "micro"), (10**9, "nano")):
        counts = [int(stamp.timestamp()) * per_second for stamp in midnight]
        for cells in (counts, [str(count) for count in counts]):
            found = read(cells)
            assert [str(day) for day in found.days] == ["2020-08-17", "2020-11-12"]
            assert unit in found.form and found.stamps is not None
            np.testing.assert_array_equal(found.stamps.clock, [4 * 3600, 5 * 3600])
            local = read(cells, zone="America/New_York")
            assert [str(day) for day in local.days] == ["2020-08-17", "2020-11-12"] and local.stamps is None


def test_clocks_are_kept_with_the_dates_as_written() -> None:
    """Which session a moment is of depends on the exchange of a security, not on its column."""
    utc = ["2022-06-01 15:00:00+00:00", None, "2022-06-05 15:00:00+00:00", "2022-06-01T15:00Z"]
    found = read(utc)
    assert [str(day) for day in found.days] == ["2022-06-01", "NaT", "2022-06-05", "2022-06-01"]
    assert found.stamps is not None
    np.testing.assert_array_equal(found.stamps.days, found.days)
    np.testing.assert_array_equal(found.stamps.clock, [54_000, 0, 54_000, 54_000])
    np.testing.assert_array_equal(found.stamps.offset, [0, np.nan, 0, 0])
    part = found.at(np.array([2, 3]))
    assert part.stamps is not None and str(part.stamps.days[0]) == "2022-06-05"
    seoul = read(utc, zone="Asia/Seoul")
    assert [str(day) for day in seoul.days] == ["2022-06-02", "NaT", "2022-06-06", "2022-06-02"]
    assert seoul.stamps is None  # midnights of the zone are its dates
    sheets = read(["1/2/2024 16:00:00", "1/13/2024 13:00:00"])
    assert sheets.stamps is not None and np.isnan(sheets.stamps.offset).all()
    assert [str(day) for day in sheets.days] == ["2024-01-02", "2024-01-13"]


def test_rows_of_one_exchange_are_dated_on_it() -> None:
    days_ = np.arange(np.datetime64("2022-06-01"), np.datetime64("2022-07-30"))
    days_ = days_[np.is_busday(days_)]
    seoul = table_of([f"{day}T15:00:00Z" for day in days_ - np.timedelta64(1, "D")])
    found = session_dates(seoul, 0, ReadingOptions(exchange="XKRX"))
    np.testing.assert_array_equal(found.days, days_)
    assert found.stamps is None and "midnights of Asia/Seoul" in found.form
    for exchange in (None, "XNYS"):
        with pytest.raises(PriceDataError, match="converted to another time zone"):
            session_dates(seoul, 0, ReadingOptions(exchange=exchange))


def test_typed_columns() -> None:
    stamp = datetime(2024, 5, 7, 4)
    zoned = pa.array([stamp, None], pa.timestamp("us", "America/New_York"))  # 04:00 UTC
    assert days(zoned) == ["2024-05-07", "NaT"]
    assert days(pa.array([datetime(2024, 5, 7)], pa.timestamp("ns"))) == ["2024-05-07"]
    assert days(pa.array([datetime(2024, 5, 7)], pa.timestamp("s", "UTC"))) == ["2024-05-07"]
    assert days(pa.array([date(2024, 5, 7), None])) == ["2024-05-07", "NaT"]
    assert days(pa.array([date(2024, 5, 7)], pa.date64())) == ["2024-05-07"]
    assert days(pa.nulls(2)) == ["NaT", "NaT"]
    assert days(pa.array(["2024-05-07", "NA"]).dictionary_encode()) == ["2024-05-07", "NaT"]
    assert not has_zones(table_of(["2024-05-07"]), 0) and has_zones(table_of(zoned), 0)


def test_every_distinct_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a million rows of 500 dates take as many looks as there are dates."""
    from eventstudy.intake import dates

    seen: list[str] = []
    monkeypatch.setattr(dates, "taken_apart", lambda text: seen.append(text) or taken_apart(text))
    distinct = (np.datetime64("2020-01-01") + np.arange(500)).astype(str)
    assert len(read(np.tile(distinct, 1000).tolist()).days) == 500_000
    assert len(seen) == 500
