"""The constant-mean-return model: the expected return is the mean of the estimation window.

References
----------
Brown & Warner 1980, Journal of Financial Economics 8, 205-258, doi:10.1016/0304-405X(80)90002-1.
"""

from __future__ import annotations

from eventstudy.models.model import NormalReturnModel
from eventstudy.models.ols import estimate_ols

MEAN = NormalReturnModel("mean", "mu_i", "Brown & Warner 1980", estimate_ols, weighs_spans=True)
