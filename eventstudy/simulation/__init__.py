"""Size and power: placebo events, and how often each test rejects."""

from __future__ import annotations

from eventstudy.simulation.headline import (
    HEADLINE_DESIGN,
    HeadlineRates,
    StudyCalendar,
    simulate_headline,
)
from eventstudy.simulation.result import SimulationResult
from eventstudy.simulation.simulating import SYNTHETIC_DESIGN, simulate
from eventstudy.simulation.situation import Situation

__all__ = [
    "HEADLINE_DESIGN",
    "SYNTHETIC_DESIGN",
    "HeadlineRates",
    "SimulationResult",
    "Situation",
    "StudyCalendar",
    "simulate",
    "simulate_headline",
]
