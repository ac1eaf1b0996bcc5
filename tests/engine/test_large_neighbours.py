"""A large study on disk whose tests look at firm-events of other shards: the figures of memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from large_studies import DESIGN, in_memory, run_large, same_rows, write_files

from eventstudy.engine import grid_study
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
