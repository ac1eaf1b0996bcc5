"""The jackknife over firms of the mean standardised abnormal return."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample import totals
from eventstudy.significance.sums import Summed, scar_by_firm
from eventstudy.significance.totals import ROUNDING


def jackknife(sample: Summed) -> SignificanceResult:
    """Return the jackknife t, firm by firm, of each group and window."""
    firm = sample.sums(scar_by_firm)
    n, total = firm.over_groups(sample.groups)
    present = firm.size > 0
    firms = totals(present.astype(np.int64), firm.group, sample.groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (total[firm.group] - firm.total) / (n[firm.group] - firm.size)
        centre = totals(np.where(present, without, 0.0), firm.group, sample.groups) / firms
        squares = np.where(present, (without - centre[firm.group]) ** 2, 0.0)
        se = np.sqrt(totals(squares, firm.group, sample.groups) * (firms - 1) / firms)
        t = total / n / np.where(se > ROUNDING * np.abs(centre), se, np.nan)
    return SignificanceResult(t, t_pvalue(t, firms - 1, sample.alternative), n, df=firms - 1)


JACKKNIFE = SignificanceTest(
    function=jackknife,
    sums=(scar_by_firm,),
    distribution="t",
    robust_to=("event-induced variance",),
    summary="Mean standardised abnormal return over its jackknife error, one firm left out at a time.",
    null="the mean standardised abnormal return is zero",
    formulas=(
        r"t = \overline{SCAR} \Big/ \sqrt{\tfrac{F-1}{F} "
        r"\sum_j \left(\overline{SCAR}_{(-j)} - \overline{SCAR}_{(\cdot)}\right)^2} \sim t(F-1)",
    ),
    notes="""The mean without firm `j` leaves out all its firm-events, of `F` firms; `(.)` is the average of
    those means. With one event per firm this is exactly `bmp_t`. With several, the events of one firm may
    depend on each other, as those with overlapping windows do. Robust to event-induced variance; assumes
    independent firms. NaN is left out; needs two firms.

    This is Tukey's estimator on the mean that `bmp_t` tests. Giaccotto & Sfiridis (1996, Journal of Economics
    and Business 48, 349-370) use a different jackknife estimator.""",
    references="""Tukey 1958, Annals of Mathematical Statistics 29, 614; Efron & Stein 1981, Annals of
    Statistics 9, 586-596, doi:10.1214/aos/1176345462, eq. 1.3; Boehmer, Musumeci & Poulsen 1991, Journal of
    Financial Economics 30, 253-272, doi:10.1016/0304-405X(91)90032-F""",
)
