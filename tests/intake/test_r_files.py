"""Files of R become tables: data frames, factors as text, zoo and xts with their index."""

from __future__ import annotations

import gzip
from datetime import date, datetime

import pytest
import rdata
from containers import R, data_frame, integers, listed, rds, reals, strings
from containers import rdata as workspace

from eventstudy.errors import FileContentError
from eventstudy.intake.opening import tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table

PLAIN = ReadingOptions()
NA = float("nan")
DAYS = [18974.0, 18975.0, NA]  #: from 13 December 2021
DATES = [date(2021, 12, 13), date(2021, 12, 14), None]
NULL = R(254, b"")


def only(raw: bytes, options: ReadingOptions = PLAIN) -> Table:
    (table,) = tables_of("r.rds", raw, options)
    return table


def prices() -> R:
    columns = {
        "date": reals(DAYS, **{"class": strings(["Date"])}),
        "id": integers([2, 1, -(2**31)], levels=strings(["IBM", "NVDA"]), **{"class": strings(["factor"])}),
        "name": strings(["a ", None, "c"]),
        "ret": reals([0.1, NA, -0.2]),
        "n": integers([1, -(2**31), 3]),
    }
    return data_frame(columns, ["1", "2", "3"])


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_data_frame(pack: object) -> None:
    table = only(pack(rds(prices())))
    assert table.titles == ("date", "id", "name", "ret", "n")
    cells = [column.to_pylist() for column in table.columns]
    assert cells == [DATES, ["NVDA", "IBM", None], ["a", None, "c"], [0.1, None, -0.2], [1, None, 3]]


def series(kind: list[str], index: R, **more: R) -> R:
    names = listed([NULL, strings(["NVDA", "MKT"])])
    attributes = {"dim": integers([3, 2]), "dimnames": names, "index": index, **more}
    return reals([1.0, 2.0, 3.0, 4.0, 5.0, NA], **attributes, **{"class": strings(kind)})


def test_zoo_and_xts_have_their_index_first() -> None:
    days = reals([18974.0, 18975.0, 18976.0], **{"class": strings(["Date"])})
    seconds = reals([day * 86_400 for day in (18974.0, 18975.0, 18976.0)], tclass=strings(["Date"]))
    for table in (only(rds(series(["zoo"], days))), only(rds(series(["xts", "zoo"], seconds)))):
        assert table.titles == ("", "NVDA", "MKT")
        assert table.columns[0].to_pylist() == [*DATES[:2], date(2021, 12, 15)]
        assert table.columns[2].to_pylist() == [4.0, 5.0, None]


def test_stamps_keep_their_zone() -> None:
    stamps = reals(
        [1639432800.0], tzone=strings(["America/New_York"]), **{"class": strings(["POSIXct", "POSIXt"])}
    )
    column = only(rds(data_frame({"when": stamps, "x": reals([1.0])}, ["1"]))).columns[0]
    assert str(column.type) == "timestamp[us, tz=America/New_York]"
    assert column[0].as_py().replace(tzinfo=None) == datetime(2021, 12, 13, 17)


def test_row_names_that_are_dates_come_first() -> None:
    table = only(rds(data_frame({"NVDA": reals([1.0, 2.0])}, ["2021-12-13", "2021-12-14"])))
    assert table.titles == ("", "NVDA")
    assert table.columns[0].to_pylist() == ["2021-12-13", "2021-12-14"]


def test_a_workspace_has_the_only_frame_or_asks() -> None:
    assert only(workspace({"n": reals([1.0]), "prices": prices()})).titles[0] == "date"
    raw = workspace({"old": prices(), "new": prices()})
    with pytest.raises(FileContentError, match=r"'old'.*'new'.*--sheet"):
        tables_of("w.RData", raw, PLAIN)
    assert only(raw, ReadingOptions(sheet="new")).name == "r.rds[new]"


def test_functions_and_plain_vectors_are_no_tables() -> None:
    with pytest.raises(FileContentError, match="no data frame and no zoo or xts"):
        tables_of("r.rds", rds(reals([1.0, 2.0])), PLAIN)


def test_files_that_r_wrote() -> None:
    """The package rdata carries files of R itself, of both serialisations."""
    for name in ("test_dataframe.rds", "test_dataframe.rda"):
        (table,) = tables_of(name, (rdata.TESTDATA_PATH / name).read_bytes(), PLAIN)
        assert table.titles == ("class", "value")
        assert [column.to_pylist() for column in table.columns] == [["a", "b", "b"], [1, 2, 3]]
