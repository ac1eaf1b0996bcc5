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
            "ar_t", forecast_t, "firm-event", "firm-event", "t", True, False,
            (), "Campbell, Lo & MacKinlay 1997",
        ),
        SignificanceTest(
            "car_t", forecast_t, "firm-event", "firm-event", "t", True, False,
            (), "Campbell, Lo & MacKinlay 1997",
        ),
        SignificanceTest(
            "placebo", placebo, "firm-event", "firm-event", "rank", False, False,
            (_TAILS,), "Gelbach, Helland & Klick 2013",
        ),
        SignificanceTest(
            "variance_ratio", variance_ratio, "firm-event", "firm-event", "F", True, False,
            (), "Beaver 1968",
        ),
        SignificanceTest(
            "cross_section_t", cross_section_t, "cross-section", "firm-event", "t", True, True,
            (_VARIANCE,), "Brown & Warner 1980", over_dates=True, headline=True,
        ),
        SignificanceTest(
            "patell_z", patell_z, "cross-section", "firm-event", "normal", True, True, (), "Patell 1976",
        ),
        SignificanceTest(
            "patell_adj_z", patell_adj_z, "cross-section", "firm-event", "normal", True, False,
            (_CORRELATION,), "Kolari & Pynnonen 2010",
        ),
        SignificanceTest(
            "bmp_t", bmp_t, "cross-section", "firm-event", "t", True, True,
            (_VARIANCE,), "Boehmer, Musumeci & Poulsen 1991",
        ),
        SignificanceTest(
            "bmp_adj_t", bmp_adj_t, "cross-section", "firm-event", "t", True, False,
            (_VARIANCE, _CORRELATION), "Kolari & Pynnonen 2010", headline=True,
        ),
        SignificanceTest(
            "joint_f", joint_f, "one date", "tickers", "F", True, False,
            (_CORRELATION,), "Schipper & Thompson 1983; Binder 1985", headline=True,
        ),
        SignificanceTest(
            "joint_placebo", joint_placebo, "one date", "tickers", "rank", False, False,
            (_CORRELATION, _TAILS), "Gelbach, Helland & Klick 2013", headline=True,
        ),
        SignificanceTest(
            "equality_f", equality_f, "one date", "tickers", "F", True, False,
            (_CORRELATION,), "Schipper & Thompson 1983; Binder 1985",
        ),
        SignificanceTest(
            "portfolio_t", portfolio_t, "one date", "portfolio", "t", True, False,
            (_CORRELATION,), "Brown & Warner 1980; Jaffe 1974", headline=True,
        ),
        SignificanceTest(
            "portfolio_placebo", portfolio_placebo, "one date", "portfolio", "rank", False, False,
            (_CORRELATION, _TAILS), "Gelbach, Helland & Klick 2013", headline=True,
        ),
    )
}  # fmt: skip
