"""The market model: the expected return is linear in the benchmark's.

References
----------
Fama, Fisher, Jensen & Roll 1969, International Economic Review 10, 1-21, doi:10.2307/2525569.
MacKinlay 1997, Journal of Economic Literature 35, 13-39, eqs. 3-8.
"""

from __future__ import annotations

from eventstudy.models.model import NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires

MARKET = NormalReturnModel(
    "market",
    "alpha_i + beta_i R_m",
    "Fama et al. 1969; MacKinlay 1997",
    estimate_ols,
    Requires(benchmark=True),
    weighs_spans=True,
)
