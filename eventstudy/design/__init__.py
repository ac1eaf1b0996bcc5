"""What is requested of a study: windows, benchmark, model, tests and their options."""

from eventstudy.design.benchmark import OTHER_TICKERS, Benchmark, read_benchmark, read_benchmarks
from eventstudy.design.design import DESIGN_FIELDS, LOOK_AHEAD, Design
from eventstudy.design.field import DesignField
from eventstudy.design.grid import Grid, ModelChoice
from eventstudy.design.mask_dates import MaskDates
from eventstudy.design.observations import MIN_ESTIMATION_SHARE
from eventstudy.design.regression import Regression, read_regressions
from eventstudy.design.window import Window, Windows

__all__ = [
    "DESIGN_FIELDS",
    "LOOK_AHEAD",
    "MIN_ESTIMATION_SHARE",
    "OTHER_TICKERS",
    "Benchmark",
    "Design",
    "DesignField",
    "Grid",
    "MaskDates",
    "ModelChoice",
    "Regression",
    "Window",
    "Windows",
    "read_benchmark",
    "read_benchmarks",
    "read_regressions",
]
