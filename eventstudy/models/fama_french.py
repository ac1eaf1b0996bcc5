"""Regressions on Fama & French's factors, with and without momentum, over the risk-free return.

References
----------
Fama & French 1993, Journal of Financial Economics 33, 3-56, doi:10.1016/0304-405X(93)90023-5.
Carhart 1997, Journal of Finance 52, 57-82, doi:10.1111/j.1540-6261.1997.tb03808.x.
Fama & French 2015, Journal of Financial Economics 116, 1-22, doi:10.1016/j.jfineco.2014.10.010.
Fama & French 2018, Journal of Financial Economics 128, 234-252, doi:10.1016/j.jfineco.2018.02.012.
"""

from __future__ import annotations

from eventstudy.models.model import NormalReturnModel
from eventstudy.models.ols import estimate_ols
from eventstudy.panel.requirements import Requires

_THREE = Requires(factors=("Mkt-RF", "SMB", "HML"), excess=True)
_FOUR = Requires(factors=("Mkt-RF", "SMB", "HML", "Mom"), excess=True)
_FIVE = Requires(factors=("Mkt-RF", "SMB", "HML", "RMW", "CMA"), excess=True)
_SIX = Requires(factors=("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom"), excess=True)

FF3 = NormalReturnModel("ff3", "three factors", "Fama & French 1993", estimate_ols, _THREE, weighs_spans=True)
CARHART = NormalReturnModel("carhart", "ff3 and Mom", "Carhart 1997", estimate_ols, _FOUR, weighs_spans=True)
FF5 = NormalReturnModel("ff5", "five factors", "Fama & French 2015", estimate_ols, _FIVE, weighs_spans=True)
FF5_MOM = NormalReturnModel(
    "ff5+mom", "ff5 and Mom", "Fama & French 2018", estimate_ols, _SIX, weighs_spans=True
)
