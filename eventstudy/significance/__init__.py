"""Tests of significance, one small file each, and their registry."""

from __future__ import annotations

from eventstudy.significance.barber_lyon import BHAR_T
from eventstudy.significance.beaver import VARIANCE_RATIO
from eventstudy.significance.bmp import BMP_T
from eventstudy.significance.calendar_time import CALENDAR_TIME
from eventstudy.significance.conformal import CONFORMAL
from eventstudy.significance.corrado import CORRADO_RANK, CORRADO_SIGN
from eventstudy.significance.corrado_single import RANK_SINGLE
from eventstudy.significance.cross_section import CROSS_SECTION_T
from eventstudy.significance.crude_dependence import CRUDE_DEPENDENCE_T
from eventstudy.significance.forecast_error import AR_T, CAR_T
from eventstudy.significance.hall import SKEW_ADJUSTED_T
from eventstudy.significance.jackknife import JACKKNIFE
from eventstudy.significance.joint_placebo import JOINT_PLACEBO
from eventstudy.significance.joint_study import JOINT_STUDY
from eventstudy.significance.kolari_pynnonen import BMP_ADJ_T, PATELL_ADJ_Z
from eventstudy.significance.kolari_pynnonen_ranks import GRANK_T, GRANK_Z
from eventstudy.significance.lyon_barber_tsai import BHAR_SKEW_T
from eventstudy.significance.patell import PATELL_Z
from eventstudy.significance.placebo import PLACEBO
from eventstudy.significance.portfolio import PORTFOLIO_PLACEBO, PORTFOLIO_T
from eventstudy.significance.prologue import PROLOGUE_GLS, PROLOGUE_OLS
from eventstudy.significance.result import SignificanceResult, SignificanceTest
from eventstudy.significance.sample_quantiles import SQ
from eventstudy.significance.schipper_thompson import EQUALITY_F, JOINT_F
from eventstudy.significance.signs import GENERALIZED_SIGN, SIGN
from eventstudy.significance.study_count import STUDY_COUNT
from eventstudy.significance.synthetic_phi import SYNTHETIC_PHI
from eventstudy.significance.value_weighted import VALUE_WEIGHTED_T
from eventstudy.significance.wilcoxon import WILCOXON
from eventstudy.significance.wild_bootstrap import WILD_BOOTSTRAP

__all__ = ["TESTS", "SignificanceResult", "SignificanceTest"]

#: In the order of the tables: of one firm-event, a cross-section, the tickers of one date, the study, donors.
_ALL = (
    AR_T, CAR_T, CONFORMAL, PLACEBO, SQ, RANK_SINGLE, BHAR_T,
    VARIANCE_RATIO, CROSS_SECTION_T, SKEW_ADJUSTED_T, VALUE_WEIGHTED_T,
    CRUDE_DEPENDENCE_T, PATELL_Z, PATELL_ADJ_Z, BMP_T,
    BMP_ADJ_T, JACKKNIFE, WILD_BOOTSTRAP, SIGN, GENERALIZED_SIGN, WILCOXON, BHAR_SKEW_T, CALENDAR_TIME,
    CORRADO_RANK, CORRADO_SIGN, GRANK_T, GRANK_Z,
    JOINT_F, JOINT_PLACEBO, JOINT_STUDY, EQUALITY_F, PORTFOLIO_T, PORTFOLIO_PLACEBO,
    PROLOGUE_OLS, PROLOGUE_GLS,
    STUDY_COUNT, SYNTHETIC_PHI,
)  # fmt: skip
TESTS: dict[str, SignificanceTest] = {test.name: test for test in _ALL}
