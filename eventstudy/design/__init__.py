"""What is requested of a study: windows, benchmark, model, tests and their options."""

from eventstudy.design.benchmark import OTHER_TICKERS, Benchmark, read_benchmark, read_benchmarks
from eventstudy.design.design import DESIGN_FIELDS, LOOK_AHEAD, MIN_ESTIMATION_SHARE, Design
from eventstudy.design.field import DesignField
from eventstudy.design.mask_dates import MaskDates
from eventstudy.design.window import Window, Windows

__all__ = [
    "DESIGN_FIELDS",
    "LOOK_AHEAD",
    "MIN_ESTIMATION_SHARE",
    "OTHER_TICKERS",
    "Benchmark",
    "Design",
    "DesignField",
    "MaskDates",
    "Window",
    "Windows",
    "read_benchmark",
    "read_benchmarks",
]
