"""Columns of a table as arrays, before they become Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Columns = Mapping[str, Any]  #: arrays or lists of one length by column name


def stacked(parts: Sequence[Columns]) -> dict[str, Any]:
    """Concatenate parts of a table that have the same columns; no parts give no columns."""
    if not parts:
        return {}
    return {name: np.concatenate([_column(part[name]) for part in parts]) for name in parts[0]}


def _column(values: Any) -> Any:
    return np.array(values, dtype=object) if isinstance(values, list) else np.asarray(values)
