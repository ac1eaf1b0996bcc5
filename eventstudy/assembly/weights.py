"""The table of what each peer or donor weighs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from eventstudy.assembly.building import Labels, make_table
from eventstudy.models.estimation import Estimates, Specification
from eventstudy.numerics.arrow import coded_array


def weights_table(spec: Specification, estimates: Estimates, labels: Labels) -> pa.Table:
    """Return one row per firm-event and peer or donor; empty for a model without them."""
    pool, weights = spec.panel.pool, estimates.weights
    if pool is None or weights is None:
        return make_table("weights", {})
    return make_table(
        "weights",
        {
            **labels.columns(weights.event),
            "role": np.full(len(weights.event), pool.role.removesuffix("s"), dtype=object),
            "security": coded_array(weights.member.astype(np.int32), pool.names),
            "weight": np.where(estimates.ok[weights.event], weights.weight, np.nan),
            "reason": weights.reason,
        },
    )
