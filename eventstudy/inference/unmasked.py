"""What a study names where the dates that it masks stay in its reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.inference.study_inference import study_inference
from eventstudy.models.estimation import Specification, estimate
from eventstudy.numerics.multiplicity import NAMED
from eventstudy.panel.masking import without_dates

MOST_AGAIN = 2_000  #: firm-events up to which a study is estimated a second time


def named_without_mask(spec: Specification) -> dict[str, int] | None:
    """Estimate a study again without ``mask_dates`` and count what is named in the first window.

    Returns
    -------
    dict or None
        ``firm_days``, ``named`` and ``beyond_doubt``: firm-days, those of them whose Benjamini-Hochberg and
        Holm p-value is at most `NAMED`. Empty for more than `MOST_AGAIN` firm-events; None where the design
        masks no date.
    """
    if not spec.design.mask_dates:
        return None
    if len(spec.panel) > MOST_AGAIN:
        return {}
    panel = without_dates(spec.panel, spec.design, spec.required_observations)
    again = replace(spec, panel=panel, design=spec.design.replace(mask_dates=None))
    found = study_inference(again, estimate(again, rankings=()), again.design.car_windows[:1])
    measured = np.flatnonzero(np.isfinite(found.pvalue[:, 0]))
    days = np.column_stack([panel.security, panel.day0])[measured]
    first = measured[np.unique(days, axis=0, return_index=True)[1]]
    return {
        "firm_days": len(first),
        "named": int((found.pvalue_bh[first, 0] <= NAMED).sum()),
        "beyond_doubt": int((found.pvalue_holm[first, 0] <= NAMED).sum()),
    }
