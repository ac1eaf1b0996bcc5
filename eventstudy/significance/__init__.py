"""Tests of significance, one small file each, and their registry."""

from __future__ import annotations

from eventstudy.significance.beaver import mean_variance_ratio
from eventstudy.significance.bmp import bmp_t
from eventstudy.significance.calendar_time import calendar_time
from eventstudy.significance.corrado import corrado_rank, corrado_sign
from eventstudy.significance.corrado_single import rank_single
from eventstudy.significance.cross_section import cross_section_t
from eventstudy.significance.crude_dependence import crude_dependence_t
from eventstudy.significance.hall import skew_adjusted_t
from eventstudy.significance.jackknife import jackknife
from eventstudy.significance.joint_placebo import joint_placebo
from eventstudy.significance.kolari_pynnonen import bmp_adj_t, patell_adj_z
from eventstudy.significance.kolari_pynnonen_ranks import grank_t, grank_z
from eventstudy.significance.lyon_barber_tsai import bhar_skew_t
from eventstudy.significance.multivariate import (
    equality_f,
    joint_f,
    portfolio_placebo,
    portfolio_t,
)
from eventstudy.significance.patell import patell_z
from eventstudy.significance.placebo import placebo
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.signs import generalized_sign, sign
from eventstudy.significance.single import bhar_t, forecast_t
from eventstudy.significance.wilcoxon import wilcoxon
from eventstudy.significance.wild_bootstrap import wild_bootstrap

__all__ = ["TESTS", "SignificanceResult", "SignificanceTest"]

_VARIANCE, _CORRELATION = "event-induced variance", "cross-correlation"
_TAILS, _SKEWNESS = "fat tails", "skewness"

TESTS: dict[str, SignificanceTest] = {
    test.name: test
    for test in (
        SignificanceTest(
            name="ar_t", function=forecast_t, scope="firm-event", distribution="t", parametric=True,
            independent_firms=False, reference="Campbell, Lo & MacKinlay 1997",
        ),
        SignificanceTest(
            name="car_t", function=forecast_t, scope="firm-event", distribution="t", parametric=True,
            independent_firms=False, reference="Campbell, Lo & MacKinlay 1997",
        ),
        SignificanceTest(
            name="placebo", function=placebo, scope="firm-event", distribution="rank", parametric=False,
            independent_firms=False, robust_to=(_TAILS,), reference="Gelbach, Helland & Klick 2013",
        ),
        SignificanceTest(
            name="rank_single", function=rank_single, scope="firm-event", distribution="rank",
            parametric=False, independent_firms=False, robust_to=(_TAILS,), reference="Corrado 1989",
        ),
        SignificanceTest(
            name="bhar_t", function=bhar_t, scope="firm-event", distribution="t", parametric=True,
            independent_firms=False, reference="Barber & Lyon 1997", measures=("BHAR",),
        ),
        SignificanceTest(
            name="variance_ratio", function=mean_variance_ratio, scope="cross-section",
            distribution="normal", parametric=True, independent_firms=True, reference="Beaver 1968",
            measures=("volatility",),
        ),
        SignificanceTest(
            name="cross_section_t", function=cross_section_t, scope="cross-section", distribution="t",
            parametric=True, independent_firms=True, robust_to=(_VARIANCE,), reference="Brown & Warner 1980",
            measures=("CAR", "BHAR"), over_dates=True, headline=True,
        ),
        SignificanceTest(
            name="skew_adjusted_t", function=skew_adjusted_t, scope="cross-section", distribution="normal",
            parametric=True, independent_firms=True, robust_to=(_VARIANCE, _SKEWNESS),
            reference="Hall 1992", measures=("CAR", "BHAR"), over_dates=True,
        ),
        SignificanceTest(
            name="crude_dependence_t", function=crude_dependence_t, scope="cross-section", distribution="t",
            parametric=True, independent_firms=False, robust_to=(_CORRELATION,),
            reference="Brown & Warner 1980, 1985",
        ),
        SignificanceTest(
            name="patell_z", function=patell_z, scope="cross-section", distribution="normal", parametric=True,
            independent_firms=True, reference="Patell 1976",
        ),
        SignificanceTest(
            name="patell_adj_z", function=patell_adj_z, scope="cross-section", distribution="normal",
            parametric=True, independent_firms=False, robust_to=(_CORRELATION,),
            reference="Kolari & Pynnönen 2010",
        ),
        SignificanceTest(
            name="bmp_t", function=bmp_t, scope="cross-section", distribution="t", parametric=True,
            independent_firms=True, robust_to=(_VARIANCE,), reference="Boehmer, Musumeci & Poulsen 1991",
        ),
        SignificanceTest(
            name="bmp_adj_t", function=bmp_adj_t, scope="cross-section", distribution="t", parametric=True,
            independent_firms=False, robust_to=(_VARIANCE, _CORRELATION), reference="Kolari & Pynnönen 2010",
            headline=True,
        ),
        SignificanceTest(
            name="jackknife", function=jackknife, scope="cross-section", distribution="t", parametric=True,
            independent_firms=True, robust_to=(_VARIANCE,), reference="Tukey 1958",
        ),
        SignificanceTest(
            name="wild_bootstrap", function=wild_bootstrap, scope="cross-section",
            distribution="bootstrap", parametric=False, independent_firms=False,
            robust_to=(_VARIANCE, _CORRELATION, _TAILS), reference="Cameron, Gelbach & Miller 2008",
            resampled=True,
        ),
        SignificanceTest(
            name="sign", function=sign, scope="cross-section", distribution="binomial", parametric=False,
            independent_firms=True, robust_to=(_VARIANCE, _TAILS), reference="Brown & Warner 1980",
            measures=("CAR", "BHAR"), over_dates=True, exact=True,
        ),
        SignificanceTest(
            name="generalized_sign", function=generalized_sign, scope="cross-section",
            distribution="normal", parametric=False, independent_firms=True,
            robust_to=(_VARIANCE, _SKEWNESS, _TAILS), reference="Cowan 1992",
        ),
        SignificanceTest(
            name="wilcoxon", function=wilcoxon, scope="cross-section", distribution="exact",
            parametric=False, independent_firms=True, robust_to=(_VARIANCE, _TAILS),
            reference="Wilcoxon 1945", measures=("CAR", "BHAR"), over_dates=True, exact=True,
        ),
        SignificanceTest(
            name="bhar_skew_t", function=bhar_skew_t, scope="cross-section", distribution="bootstrap",
            parametric=False, independent_firms=True, robust_to=(_VARIANCE, _SKEWNESS),
            reference="Lyon, Barber & Tsai 1999", measures=("BHAR",), resampled=True,
        ),
        SignificanceTest(
            name="calendar_time", function=calendar_time, scope="cross-section", distribution="t",
            parametric=True, independent_firms=False, robust_to=(_VARIANCE, _CORRELATION),
            reference="Jaffe 1974; Fama 1998",
        ),
        SignificanceTest(
            name="corrado_rank", function=corrado_rank, scope="cross-section", distribution="normal",
            parametric=False, independent_firms=False, robust_to=(_CORRELATION, _SKEWNESS, _TAILS),
            reference="Corrado 1989; Corrado & Zivney 1992; Cowan 1992",
        ),
        SignificanceTest(
            name="corrado_sign", function=corrado_sign, scope="cross-section", distribution="normal",
            parametric=False, independent_firms=False,
            robust_to=(_VARIANCE, _CORRELATION, _SKEWNESS, _TAILS), reference="Corrado & Zivney 1992",
        ),
        SignificanceTest(
            name="grank_t", function=grank_t, scope="cross-section", distribution="t", parametric=False,
            independent_firms=False, robust_to=(_VARIANCE, _CORRELATION, _TAILS),
            reference="Kolari & Pynnönen 2011",
        ),
        SignificanceTest(
            name="grank_z", function=grank_z, scope="cross-section", distribution="normal",
            parametric=False, independent_firms=True, robust_to=(_VARIANCE, _TAILS),
            reference="Kolari & Pynnönen 2011",
        ),
        SignificanceTest(
            name="joint_f", function=joint_f, scope="one date", unit="tickers", distribution="F",
            parametric=True, independent_firms=False, robust_to=(_CORRELATION,),
            reference="Schipper & Thompson 1983; Binder 1985", headline=True,
        ),
        SignificanceTest(
            name="joint_placebo", function=joint_placebo, scope="one date", unit="tickers",
            distribution="rank", parametric=False, independent_firms=False,
            robust_to=(_CORRELATION, _TAILS), reference="Gelbach, Helland & Klick 2013", headline=True,
        ),
        SignificanceTest(
            name="equality_f", function=equality_f, scope="one date", unit="tickers", distribution="F",
            parametric=True, independent_firms=False, robust_to=(_CORRELATION,),
            reference="Schipper & Thompson 1983; Binder 1985",
        ),
        SignificanceTest(
            name="portfolio_t", function=portfolio_t, scope="one date", unit="portfolio", distribution="t",
            parametric=True, independent_firms=False, robust_to=(_CORRELATION,),
            reference="Brown & Warner 1980; Jaffe 1974", headline=True,
        ),
        SignificanceTest(
            name="portfolio_placebo", function=portfolio_placebo, scope="one date", unit="portfolio",
            distribution="rank", parametric=False, independent_firms=False,
            robust_to=(_CORRELATION, _TAILS), reference="Gelbach, Helland & Klick 2013", headline=True,
        ),
    )
}  # fmt: skip
