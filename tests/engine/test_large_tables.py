"""What a large study keeps on request, and its masks and weights: the rows of `run`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from large_studies import DESIGN, SIZE, in_memory, market, run_large, same_rows, write_files

import eventstudy as es
from eventstudy.engine import shard_tables
from eventstudy.engine.study_folder import open_folder
from eventstudy.errors import DesignError
from eventstudy.panel.confounding import MAX_NAMED
from eventstudy.panel.masking import NOTES

FURTHER = ("coefficients", "abnormal_returns", "residuals", "diagnostics")
#: `run` estimates by the same least squares and sums in another order.
RTOL, ATOL = 1e-9, 1e-12
SPELL = "C"  #: of this security a week of sessions has an event each


@cache
def crowded() -> pd.DataFrame:
    """The firm-events of the small study on the matrix, a week of one security, and one listed again.

    One of B reaches past the last return and is not measured, but overlaps what is.
    """
    returns, events = market()
    week = pd.DataFrame({"date": returns.index[300:309], "ticker": SPELL})
    late = pd.DataFrame({"date": returns.index[[396, 398]], "ticker": "B"})
    listed = pd.concat([events[events["ticker"] != "X"], week, late])[["date", "ticker"]].drop_duplicates()
    again = listed[listed["ticker"] == SPELL].iloc[[3]]
    listed = pd.concat([listed.sample(frac=1.0, random_state=2), again], ignore_index=True)
    identity = listed["ticker"] + "-" + listed["date"].dt.strftime("%Y-%m-%d")
    return listed.assign(event_id=identity + np.where(listed.index == len(listed) - 1, "-again", ""))


def by_run(design: es.Design) -> es.EventStudyResult:
    listed = crowded().rename(columns={"date": "session"})
    return es.run(listed, returns=market()[0], design=design.replace(by=(), max_loss=0.9))


def on_disk(folder: Path, design: es.Design, **given: Any) -> es.LargeResult:
    listed = crowded().rename(columns={"date": "session"})
    options = {"keep": ["events", "cars", *FURTHER], "shard_size": SIZE, **given}
    return es.run_large(listed, market()[0], folder / "kept", design=design.replace(by=()), **options)


def assert_rows_of_run(large: es.LargeResult, result: es.EventStudyResult, name: str) -> None:
    """Hold a table of the firm-events on the matrix against `run`, firm-event by firm-event."""
    events = large.table("events").to_pandas()
    there = events[events["reason"].isna() | events["reason"].str.contains("estimation returns")]["event_id"]
    assert len(there) > len(events) - 6
    mine, theirs = (
        plain(each)[lambda rows: rows["event_id"].isin(there)].reset_index(drop=True)
        for each in (large.table(name), result.tables[name])
    )
    keys = ["event_id", *(key for key in ("start", "end", "tau", "term", "check") if key in mine)]
    mine, theirs = (each.sort_values(keys).reset_index(drop=True) for each in (mine, theirs))
    assert len(mine) == len(theirs) > 50
    for column in theirs.columns:
        own, other = mine[column], theirs[column]
        if column == "reason" or (own.isna().all() and name in ("events", "cars")):
            continue  # not told of many
        if name == "abnormal_returns" and column == "normal_ret":
            own, other = own[theirs["ret"].notna()], other[theirs["ret"].notna()]
        if own.dtype.kind == "f":
            np.testing.assert_allclose(own, other, rtol=RTOL, atol=ATOL, err_msg=f"{name}.{column}")
        else:
            assert (own.astype(object).fillna("") == other.astype(object).fillna("")).all(), (name, column)


def plain(table: pa.Table) -> pd.DataFrame:
    """Return a table as a frame whose texts are plain, so that they sort by their letters."""
    frame = table.to_pandas()
    return frame.astype({name: object for name, kind in frame.dtypes.items() if kind == "category"})


MASKED = DESIGN.replace(mask_events=True, min_estimation=58, tests=["bmp_t"])


@pytest.mark.parametrize("design", [DESIGN.replace(tests=["bmp_t"]), MASKED], ids=["plain", "masked"])
def test_the_rows_of_run(tmp_path: Path, design: es.Design) -> None:
    """Every table of firm-events, with neighbours in other shards, overlaps by the dozen, and no returns."""
    large, result = on_disk(tmp_path, design), by_run(design)
    for name in ("events", "cars", *FURTHER):
        assert_rows_of_run(large, result, name)
    checks = plain(large.table("diagnostics")).set_index("check")
    crowd = checks.loc["overlap_window"]
    assert crowd["note"].str.endswith("; and 1 more listed events").sum() == 3
    assert crowd["value"].max() == MAX_NAMED + 1
    assert crowd["note"].str.contains("-again at tau").any()
    unmeasured = f"B-{market()[0].index[398].date()} at tau +2"
    assert crowd["note"].fillna("").str.contains(unmeasured, regex=False).any()
    assert (
        crowd["value"].isna().sum() == (large.table("events").to_pandas()["reason"].str.len() > 0).sum() - 2
    )
    assert (checks.loc["masked_sessions"]["value"].max() > 0) == design.mask_events
    if design.mask_events:
        assert set(plain(large.table("events"))["mask_note"].dropna()) == set(NOTES.values())


def test_shards_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = on_disk(tmp_path / "whole", MASKED, shard_size=1_000)
    monkeypatch.setattr(shard_tables, "AT_ONCE", 3)
    found = on_disk(tmp_path / "parts", MASKED, shard_size=2)
    assert open_folder(found.path).shards > 10 > open_folder(whole.path).shards
    for name in ("events", "cars", *FURTHER):
        one, other = (plain(each.table(name)) for each in (whole, found))
        one, other = (each.sort_values([*one.columns], ignore_index=True) for each in (one, other))
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("masked", [False, True])
def test_weights_and_masks_have_the_bits_of_memory(tmp_path: Path, masked: bool) -> None:
    write_files(tmp_path)
    design = DESIGN.replace(weights="size", mask_events=masked, min_estimation=58, tests=())
    found, expected = run_large(tmp_path, "weighted", design=design), in_memory(design)
    for name in ("averages", "tests"):
        same_rows(found.table(name), expected[name])
    count = len(expected["events"])
    for column in ("ticker", "session", "status", "reason", "n_estimation", "sigma", "masked", "mask_note"):
        same_rows(found.table("events", [column]).slice(0, count), expected["events"].select([column]))
    assert "value_weighted_t" in set(found.table("tests")["test"].to_pylist())
    assert (found.table("events").to_pandas()["masked"].max() > 0) == masked


def test_wrong_weights_are_named(tmp_path: Path) -> None:
    returns, events = market()
    for size, error, message in ((-1.0, DesignError, "a weight below 0"), ("big", es.EventStudyError, "big")):
        wrong = events.assign(size=events["size"].astype(object).where(events.index != 7, size))
        wrong.to_csv(tmp_path / "wrong.csv", index=False)
        with pytest.raises(error, match=message):
            es.run_large(
                tmp_path / "wrong.csv", returns, tmp_path / "out", design=DESIGN.replace(weights="size")
            )
