"""A large study on disk whose tests look at firm-events of other shards: the figures of memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from large_studies import DESIGN, in_memory, run_large, same_rows, write_files

from eventstudy.engine import grid_study
from eventstudy.engine.grid_measured import measure
from eventstudy.engine.study_folder import open_folder


@pytest.mark.parametrize("many", [1, 64])
def test_firm_events_in_other_shards(tmp_path: Path, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs and portfolios of several shards, and levels that memory has some groups after the other."""
    write_files(tmp_path)
    monkeypatch.setattr(grid_study, "MANY", many)
    names = ["patell_adj_z", "bmp_adj_t", "calendar_time", "grank_t"]
    design = DESIGN.replace(tests=names)
    found, expected = run_large(tmp_path, "near", design=design, shard_size=3), in_memory(design)
    there = open_folder(found.path)
    shards = [there.shard(number) for number in range(there.shards)]
    assert sum(len(shard.rows) > shard.own for shard in shards) > 3
    assert all(
        len(shard.rows) == shard.own for shard in (there.shard(0, alone=True), there.shard(1, alone=True))
    )
    for name in ("averages", "tests"):
        same_rows(found.table(name), expected[name])
    tests = found.table("tests").to_pandas()
    assert set(tests["level"]) == {"all", "kind"}
    assert set(tests["test"][np.isfinite(tests["statistic"])]) == set(names)


def test_masks_of_neighbours_reach_beyond_those_of_the_shard(tmp_path: Path) -> None:
    """The estimation window of a later neighbour lies around events that no firm-event of the shard meets."""
    write_files(tmp_path)
    windows = {"estimation": (12, 60), "window": (-9, 9), "car_windows": [(0, 0), (-9, 9)]}
    design = DESIGN.replace(**windows, mask_events=True, tests=["patell_adj_z", "bmp_adj_t"])
    parts, whole = (
        open_folder(run_large(tmp_path, f"masked-{size}", design=design, shard_size=size).path)
        for size in (3, 10_000)
    )
    one = whole.shard(0)
    residuals = measure(one).near.past.residuals
    place = {(ticker, date): row for row, (ticker, date) in enumerate(zip(one.ticker, one.date, strict=True))}
    met = 0
    for number in range(parts.shards - 1):  # those without a place come last
        shard = parts.shard(number)
        rows = [place[each] for each in zip(shard.ticker, shard.date, strict=True)]
        np.testing.assert_array_equal(measure(shard).near.past.residuals, residuals[rows])
        met += len(shard.rows) - shard.own
    assert met > 10
