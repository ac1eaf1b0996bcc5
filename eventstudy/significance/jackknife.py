"""The jackknife: the standardised t with one firm left out at a time."""

from __future__ import annotations

import numpy as np

from eventstudy.numerics.distributions import t_pvalue
from eventstudy.significance.clusters import clusters
from eventstudy.significance.result import SignificanceResult
from eventstudy.significance.sample import ROUNDING, CrossSection, totals


def jackknife(sample: CrossSection) -> SignificanceResult:
    r"""Test the mean standardised abnormal return, its error from leaving out one firm at a time.

    Notes
    -----
    .. math:: t = \overline{SCAR} \Big/
        \sqrt{\tfrac{F-1}{F} \sum_j \left(\overline{SCAR}_{(-j)} - \overline{SCAR}_{(\cdot)}\right)^2}
        \sim t(F-1)

    The mean without firm ``j`` leaves out all its firm-events, of ``F`` firms; ``(.)`` marks the average of
    those means. H0: no abnormal return. With one event a firm it is `bmp_t` exactly, and like it robust to
    event-induced variance; with several it also lets the events of one firm depend on each other, as those
    whose windows overlap do. Assumes that firms do not move together. NaN is left out; needs two firms.

    This is Tukey's estimator on the mean that `bmp_t` tests. Giaccotto & Sfiridis (1996, Journal of Economics
    and Business 48, 349-370) brought the jackknife to event studies with an estimator of their own, which
    this is not.

    References
    ----------
    Tukey 1958, Annals of Mathematical Statistics 29, 614; Efron & Stein 1981, Annals of Statistics 9,
    586-596, doi:10.1214/aos/1176345462, eq. 1.3; Boehmer, Musumeci & Poulsen 1991, Journal of Financial
    Economics 30, 253-272, doi:10.1016/0304-405X(91)90032-F.
    """
    there = np.isfinite(sample.scar)
    n = sample.total(there.astype(np.int64))
    total = sample.total(np.where(there, sample.scar, 0.0))
    firm = clusters(sample, sample.ticker, sample.scar)
    present = firm.size > 0
    firms = totals(present.astype(np.int64), firm.group, sample.groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (total[firm.group] - firm.total) / (n[firm.group] - firm.size)
        centre = totals(np.where(present, without, 0.0), firm.group, sample.groups) / firms
        squares = np.where(present, (without - centre[firm.group]) ** 2, 0.0)
        se = np.sqrt(totals(squares, firm.group, sample.groups) * (firms - 1) / firms)
        t = total / n / np.where(se > ROUNDING * np.abs(centre), se, np.nan)
    return SignificanceResult(t, t_pvalue(t, firms - 1, sample.alternative), n, df=firms - 1)
