"""Layouts of factor files: the registry."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.series import FactorReading

FACTOR_LAYOUTS: tuple[Layout[FactorReading], ...] = ()
