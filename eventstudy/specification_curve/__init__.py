"""Specification curves: firm-events under many specifications, and their joint inference."""

from __future__ import annotations

from eventstudy.specification_curve.running import robustness, run_robustness

__all__ = ["robustness", "run_robustness"]
