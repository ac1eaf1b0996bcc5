"""What a large result reads is right until the program has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import eventstudy as es


def test_bytes_of_a_part_are_memory_of_arrow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that lets go of bytes of Python while the program ends aborts it, with exit code 134."""
    result = es.load_large(folder / "whole")
    (file,) = result.files("tests")
    before, held = pa.total_allocated_bytes(), []
    opened = pq.ParquetFile

    def noted(source: Any, **given: Any) -> Any:
        held.append(pa.total_allocated_bytes() - before)
        return opened(source, **given)

    monkeypatch.setattr(pq, "ParquetFile", noted)
    result.table("tests")
    assert held[0] >= Path(file).stat().st_size
