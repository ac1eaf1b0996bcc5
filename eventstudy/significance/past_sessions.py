"""`PastSessions`: in what estimation sessions differ from independent returns of one session each."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray

EVENT, IN_NO_BLOCK = 1_000_000, 1_000_001  #: parts of the event window's sessions, and of those in no block


@dataclass(frozen=True)
class PastSessions:
    """The estimation sessions of n firm-events, as fits without a block of them need to know them.

    Attributes
    ----------
    parts
        Number of the part to which each session belongs, shape (n, L1): its estimation window, and its fold
        in a model that is fitted without each fold in turn. They ascend from the event window on and round to
        it again. No block holds sessions of two parts. None = one part.
    apart
        Whether the event window is a part of its own too, rather than the neighbour of those beside it.
    span
        Sessions that the return behind each residual covers, shape (n, L1), where the residuals and ``Q`` are
        those of returns over its root. A block is one whose sessions returns cover that lie inside it. None =
        one session each.
    regressors, noise
        `ModelFit.estimation_regressors` and `changing_noise`, shapes (n, L1, r) and (n, L1): ``P`` of a fit
        that is not least squares, and the diagonal of ``D`` where the variance changes.
    rho
        First-order autocorrelation of the noise, shape (n,); then ``Q`` and the blocks are those of
        `left_out_ar1`. None: the sessions are independent.
    """

    parts: IntArray | None = None
    apart: bool = False
    span: FloatArray | None = None
    regressors: FloatArray | None = None
    noise: FloatArray | None = None
    rho: FloatArray | None = None

    def rows(self, rows: slice) -> PastSessions:
        """Return those of some firm-events."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        some: dict[str, Any] = {
            name: part[rows] for name, part in own.items() if isinstance(part, np.ndarray)
        }
        return replace(self, **some)

    def conformal_parts(self) -> IntArray | None:
        """Return the parts with returns of several sessions in no block; None for one part."""
        if self.span is None:
            return self.parts
        return np.where(self.span > 1, IN_NO_BLOCK, 0 if self.parts is None else self.parts)


PLAIN = PastSessions()
