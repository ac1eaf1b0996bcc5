"""The CAPM as a regression: the market model in returns over the risk-free return.

References
----------
Sharpe 1964, Journal of Finance 19, 425-442, doi:10.1111/j.1540-6261.1964.tb02865.x.
Campbell, Lo & MacKinlay 1997, The Econometrics of Financial Markets, ch. 4, Princeton University Press.
"""

from __future__ import annotations

from eventstudy.models.model import NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires

CAPM = NormalReturnModel(
    "capm",
    "R_f + alpha_i + beta_i (R_m - R_f)",
    "Sharpe 1964; Campbell, Lo & MacKinlay 1997",
    estimate_ols,
    Requires(benchmark=True, excess=True),
    weighs_spans=True,
)
