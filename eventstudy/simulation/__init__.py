"""Size and power: placebo events, and how often each test rejects."""

from __future__ import annotations

from eventstudy.simulation.result import SimulationResult
from eventstudy.simulation.simulating import SYNTHETIC_DESIGN, simulate
from eventstudy.simulation.situation import Situation

__all__ = ["SYNTHETIC_DESIGN", "SimulationResult", "Situation", "simulate"]
