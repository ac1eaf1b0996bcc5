"""A regression on the factors that the design names.

References
----------
Campbell, Lo & MacKinlay 1997, The Econometrics of Financial Markets, sec. 4.3, Princeton University Press.
"""

from __future__ import annotations

from eventstudy.models.model import NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires

FACTORS = NormalReturnModel(
    "factors",
    "any columns",
    "Campbell, Lo & MacKinlay 1997",
    estimate_ols,
    Requires(factors=None),
    weighs_spans=True,
)
