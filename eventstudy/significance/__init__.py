"""Tests of significance, one small file per author, and the `TESTS` registry."""

from __future__ import annotations

from eventstudy.significance.bmp import bmp_t
from eventstudy.significance.cross_section import cross_section_t
from eventstudy.significance.kolari_pynnonen import bmp_adj_t, patell_adj_z
from eventstudy.significance.multivariate import (
    equality_f,
    joint_f,
    joint_placebo,
    portfolio_placebo,
    portfolio_t,
)
from eventstudy.significance.patell import patell_z
from eventstudy.significance.placebo import placebo
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.single import forecast_t, variance_ratio

__all__ = ["TESTS", "SignificanceResult", "SignificanceTest"]

_VARIANCE, _CORRELATION, _TAILS = "event-induced variance", "cross-correlation", "fat tails"

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
            name="variance_ratio", function=variance_ratio, scope="firm-event", distribution="F",
            parametric=True, independent_firms=False, reference="Beaver 1968",
        ),
        SignificanceTest(
            name="cross_section_t", function=cross_section_t, scope="cross-section", distribution="t",
            parametric=True, independent_firms=True, robust_to=(_VARIANCE,), reference="Brown & Warner 1980",
            measures=("CAR", "BHAR"), over_dates=True, headline=True,
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
